/* SPDX-License-Identifier: MIT */
/* What a person is shown of a question, and the rules that an answer could store. */
#include "base/xalloc.h"
#include "rules/danger.h"
#include "rules/ladder.h"
#include "rules/printer.h"
#include "rules/vector.h"
#include "session/protocol_fields.h"
#include "session/stack_chain.h"
#include "session/supervisor.h"

#include <stdlib.h>

/*
 * A message must stay below a line's limit however long argument lists are, and many of
 * them below what a client may be behind.
 */
enum {
	CHAIN_MAX = 32,
	CALLER_BYTES_MAX = 32 << 10, /* arguments of a program, or a rule with these */
	ANCESTOR_BYTES_MAX = 2 << 10,
	QUESTION_BYTES_MAX = 256 << 10,
};

static size_t chain_fill(const struct process *process, struct protocol_program *chain)
{
	size_t count = 0;
	for (; process != NULL && count < CHAIN_MAX; process = process->parent) {
		size_t room = count == 0 ? CALLER_BYTES_MAX : ANCESTOR_BYTES_MAX;
		chain[count] = (struct protocol_program){
			.pid = process->pid,
			.program = text_of(process->program),
			.script = text_of(process->script),
			.argv = process->argv,
			.argc = protocol_arguments_fit(
				process->argv, process->argc, &room),
		};
		count++;
	}
	return count;
}

static struct text text_own(struct text text)
{
	return (struct text){text_copy(text), text.length};
}

/*
 * The arguments as far as there is room for them. Nobody shall take what is shown for
 * all: what is left out is counted.
 */
static void arguments_fill(const struct action *action, struct protocol_action *shown)
{
	size_t room = CALLER_BYTES_MAX;
	const size_t fitting =
		protocol_arguments_fit(action->argv, action->argc, &room);
	shown->argv = xcalloc(fitting + 3, sizeof(*shown->argv));
	for (size_t i = 0; i < fitting; i++) {
		shown->argv[shown->argc++] = text_own(action->argv[i]);
	}
	if (fitting == action->argc) {
		return;
	}
	size_t left_out = 0;
	for (size_t i = fitting; i < action->argc; i++) {
		left_out += action->argv[i].length;
	}
	struct text part = action->argv[fitting];
	part.length = protocol_text_fit(part, room);
	shown->argv[shown->argc++] = text_own(part);
	shown->argv[shown->argc++] =
		text_of(xasprintf("… (%zu bytes more)", left_out - part.length));
}

/* Also of what the object is by a name that leads there by links; NULL: none. */
static const char *danger_of(const struct supervisor *supervisor,
	const struct action *action, const struct rule_variables *variables)
{
	const struct link_names *links = supervisor->judge.links;
	const char *note = danger_note(action, variables);
	for (size_t i = 0; note == NULL && links != NULL && i < links->count; i++) {
		char name[LINK_NAME_SIZE];
		struct action renamed = *action;
		if (link_name_apply(
			    &links->list[i], action, false, name, &renamed.object)) {
			note = danger_note(&renamed, variables);
		}
	}
	return note;
}

static void actions_fill(struct supervisor *supervisor, const struct request *request,
	struct protocol_action *actions)
{
	const struct judged *judged = request_judged(request);
	struct rule_variables variables = places_variables(&supervisor->places);
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *action = &request->actions[i];
		const struct judged_action *outcome = &judged->actions[i];
		actions[i] = (struct protocol_action){
			.verb = action->verb,
			.object = action->object,
			.asked_as = action->asked_as,
			.danger = text_of(danger_of(supervisor, action, &variables)),
		};
		arguments_fill(action, &actions[i]);
		if (outcome->rule != NULL) {
			actions[i].rule = rule_set_text(outcome->set, outcome->rule);
			actions[i].source = text_of(outcome->rule->source);
		}
	}
}

/* Two actions on one object, such as reading and writing it, are one rule. */
static void rung_add(struct rule_list *list, const struct rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		struct rule same = list->rules[i];
		same.verbs = rule->verbs;
		if (rule_equal(&same, rule)) {
			list->rules[i].verbs |= rule->verbs;
			return;
		}
	}
	struct rule copy;
	rule_copy(&copy, rule);
	rule_list_take(list, &copy);
}

/* A rule that has no room here is none that a person could look at before it is kept. */
static json_t *rung_describe(const struct rule_list *list, const char *label)
{
	json_t *rung = json_object();
	json_t *rules = json_array();
	size_t room = CALLER_BYTES_MAX;
	for (size_t i = 0; i < list->count; i++) {
		char *text = rule_print(&list->rules[i]);
		struct text rest = text_of(text);
		const size_t verdict = strlen(verdict_name(list->rules[i].verdict));
		const size_t skip = verdict + strspn(text + verdict, " \t");
		rest = (struct text){rest.bytes + skip, rest.length - skip};
		if (protocol_arguments_fit(&rest, 1, &room) == 1) {
			json_array_append_new(rules, protocol_text(rest));
		}
		free(text);
	}
	if (json_array_size(rules) < list->count) {
		json_array_clear(rules);
		label = "too long to be kept";
	}
	field_set_string(rung, "label", label);
	json_object_set_new(rung, "rules", rules);
	field_set_integer(rung, "events", -1);
	field_set_integer(rung, "files", -1);
	return rung;
}

/* The ladders of all actions that are asked about, climbed together. */
static json_t *rungs_describe(
	struct supervisor *supervisor, const struct request *request)
{
	struct ladder *ladders = xcalloc(REQUEST_ACTIONS_MAX, sizeof(*ladders));
	struct rule_variables variables = places_variables(&supervisor->places);
	const struct judged *judged = request_judged(request);
	size_t count = 0;
	size_t longest = 0;
	for (size_t i = 0; i < request->action_count; i++) {
		if (judged->actions[i].verdict != VERDICT_ASK) {
			continue;
		}
		ladder_build(&ladders[count], &request->actions[i], VERDICT_ALLOW,
			&variables);
		if (ladders[count].count > ladders[longest].count) {
			longest = count;
		}
		count++;
	}
	json_t *rungs = json_array();
	for (size_t step = 0; count > 0 && step < ladders[longest].count; step++) {
		struct rule_list list = {0};
		for (size_t i = 0; i < count; i++) {
			size_t own =
				step < ladders[i].count ? step : ladders[i].count - 1;
			rung_add(&list, &ladders[i].rungs[own].rule);
		}
		json_array_append_new(rungs,
			rung_describe(&list, ladders[longest].rungs[step].label));
		rule_list_finish(&list);
	}
	for (size_t i = 0; i < count; i++) {
		ladder_finish(&ladders[i]);
	}
	free(ladders);
	return rungs;
}

/* Names of what the request has to do with; as many as VECTOR_COUNT at most. */
static size_t vectors_fill(const struct request *request, struct text *names)
{
	const struct judged *judged = request_judged(request);
	const struct mcp_facts *mcp = judged->mcp;
	struct subject subject = {0};
	unsigned vectors = 0;
	size_t count = 0;
	if (judged->stack != NULL) {
		call_stack_apply(judged->stack, &subject);
	}
	for (size_t i = 0; i < request->action_count; i++) {
		const struct vector_facts facts = {
			.verb = request->actions[i].verb,
			.object = request->actions[i].object,
			.asked_as = request->actions[i].asked_as,
			.code = subject.code,
			.mcp = text_of(mcp != NULL ? mcp->line : NULL),
		};
		vectors |= vectors_of(&facts);
	}
	for (unsigned i = 0; i < VECTOR_COUNT; i++) {
		if ((vectors >> i & 1u) != 0) {
			names[count++] = text_of(vector_name((enum vector)i));
		}
	}
	return count;
}

/* What is least needed goes first where there is too much; false: that is not enough. */
static bool question_fit(json_t *body)
{
	static const char *const details[] = {
		"stack", "native", "python", "code", "mcp"};
	static const char left_out[] = "(too long to be shown)";
	size_t size = json_dumpb(body, NULL, 0, JSON_COMPACT);
	for (size_t i = 0;
		size > QUESTION_BYTES_MAX && i < sizeof(details) / sizeof(details[0]);
		i++) {
		const bool is_list = json_is_array(json_object_get(body, details[i]));
		json_object_set_new(body, details[i],
			is_list ? json_pack("[s]", left_out) : json_string(left_out));
		size = json_dumpb(body, NULL, 0, JSON_COMPACT);
	}
	/* What is found out later has to fit as well. */
	return size < PROTOCOL_LINE_MAX / 2;
}

static json_t *describe(struct supervisor *supervisor, const struct request *request)
{
	struct protocol_action actions[REQUEST_ACTIONS_MAX];
	struct protocol_program chain[CHAIN_MAX];
	struct text vectors[VECTOR_COUNT];
	const struct call_stack *stack = request_judged(request)->stack;
	const struct mcp_facts *mcp = request_judged(request)->mcp;
	char *folder = tracer_read_folder(request);
	size_t line_count;
	size_t code_count = 0;
	size_t native_count;
	size_t merged_count;
	size_t label_count;
	struct text *labels = labels_lines(supervisor->labels,
		process_state_of(request->process), clock_monotonic(), &label_count);
	struct text *lines = call_stack_lines(stack, &line_count);
	struct text *code = stack ? stack_chain_lines(&stack->code, &code_count) : NULL;
	struct text *native = call_stack_native_lines(stack, &native_count);
	struct text *merged = call_stack_merged_lines(stack, &merged_count);
	actions_fill(supervisor, request, actions);
	const struct protocol_question question = {
		.actions = actions,
		.action_count = request->action_count,
		.chain = chain,
		.chain_count = chain_fill(request->process, chain),
		.tid = request->tid,
		.mcp = text_of(mcp != NULL ? mcp->line : NULL),
		.folder = text_of(folder),
		.opened = clock_wall(&supervisor->clock, clock_monotonic()) /
			  NANOSECONDS_PER_MS,
		.decided = -1,
		.code = code,
		.code_count = code_count,
		.python = lines,
		.python_count = line_count,
		.native = native,
		.native_count = native_count,
		.stack = merged,
		.stack_count = merged_count,
		.vectors = vectors,
		.vector_count = vectors_fill(request, vectors),
		.labels = labels,
		.label_count = label_count,
	};
	json_t *body = protocol_question_write(&question, "question_opened");
	json_object_set_new(body, "rungs", rungs_describe(supervisor, request));
	for (size_t i = 0; i < question.action_count; i++) {
		field_texts_free(actions[i].argv, actions[i].argc);
	}
	field_texts_free(code, code_count);
	field_texts_free(lines, line_count);
	field_texts_free(native, native_count);
	field_texts_free(merged, merged_count);
	field_texts_free(labels, label_count);
	free(folder);
	return body;
}

json_t *question_compose(struct supervisor *supervisor, const struct request *request)
{
	json_t *body = describe(supervisor, request);
	if (!question_fit(body)) {
		json_decref(body);
		return NULL;
	}
	return body;
}

char *question_recorded_details(const struct request *request, const json_t *shown)
{
	const struct mcp_facts *mcp = request_judged(request)->mcp;
	json_t *copy = json_deep_copy(shown);
	for (size_t i = 0; i < request->action_count; i++) {
		struct action action = request->actions[i];
		if (action.recorded_argv == NULL) {
			continue;
		}
		struct protocol_action masked = {0};
		action.argv = action.recorded_argv;
		arguments_fill(&action, &masked);
		json_object_set_new(json_array_get(json_object_get(copy, "actions"), i),
			"argv", field_texts(masked.argv, masked.argc));
		field_texts_free(masked.argv, masked.argc);
	}
	if (mcp != NULL) {
		field_set_text(copy, "mcp", text_of(mcp->recorded_line));
	}
	char *details = json_dumps(copy, JSON_COMPACT);
	json_decref(copy);
	return details;
}

void question_describe_counts(struct question *question, const char *type)
{
	field_set_string(question->shown, "type", type);
	field_set_integer(question->shown, "id", question->number);
	field_set_integer(question->shown, "waiting", question->waiting);
	field_set_integer(question->shown, "asked",
		question->asked > 0 ? question->asked - 1 : 0);
}
