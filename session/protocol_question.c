/* SPDX-License-Identifier: MIT */
/* Questions on the wire. */
#include "base/xalloc.h"
#include "session/protocol_fields.h"

#include <stdlib.h>

static json_t *action_write(const struct protocol_action *action)
{
	json_t *body = json_object();
	field_set_string(body, "verb", verb_name(action->verb));
	field_set_text(body, "object", action->object);
	field_set_text(body, "asked_as", action->asked_as);
	json_object_set_new(body, "argv", field_texts(action->argv, action->argc));
	field_set_text(body, "danger", action->danger);
	field_set_text(body, "rule", action->rule);
	field_set_text(body, "source", action->source);
	return body;
}

static json_t *program_write(const struct protocol_program *program)
{
	json_t *body = json_object();
	field_set_integer(body, "pid", program->pid);
	field_set_text(body, "program", program->program);
	field_set_text(body, "script", program->script);
	json_object_set_new(body, "argv", field_texts(program->argv, program->argc));
	return body;
}

static json_t *rung_write(const struct protocol_rung *rung)
{
	json_t *body = json_object();
	field_set_text(body, "label", rung->label);
	json_object_set_new(body, "rules", field_texts(rung->rules, rung->rule_count));
	field_set_integer(body, "events", rung->events);
	field_set_integer(body, "files", rung->files);
	json_object_set_new(body, "files_more", json_boolean(rung->has_more_files));
	field_set_integer(body, "sensitive", rung->sensitive);
	json_object_set_new(body, "sensitive_names",
		field_texts(rung->sensitive_names, rung->sensitive_name_count));
	return body;
}

json_t *protocol_question_write(
	const struct protocol_question *question, const char *type)
{
	json_t *body = protocol_new(type);
	field_set_integer(body, "id", question->id);
	json_t *actions = json_array();
	for (size_t i = 0; i < question->action_count; i++) {
		json_array_append_new(actions, action_write(&question->actions[i]));
	}
	json_object_set_new(body, "actions", actions);
	json_t *chain = json_array();
	for (size_t i = 0; i < question->chain_count; i++) {
		json_array_append_new(chain, program_write(&question->chain[i]));
	}
	json_object_set_new(body, "chain", chain);
	field_set_integer(body, "tid", question->tid);
	field_set_text(body, "folder", question->folder);
	field_set_integer(body, "opened", question->opened);
	field_set_integer(body, "waiting", question->waiting);
	field_set_integer(body, "asked", question->asked);
	field_set_integer(body, "decided", question->decided);
	json_object_set_new(
		body, "code", field_texts(question->code, question->code_count));
	json_object_set_new(
		body, "python", field_texts(question->python, question->python_count));
	json_object_set_new(
		body, "native", field_texts(question->native, question->native_count));
	json_object_set_new(
		body, "stack", field_texts(question->stack, question->stack_count));
	json_object_set_new(
		body, "labels", field_texts(question->labels, question->label_count));
	field_set_text(body, "mcp", question->mcp);
	json_object_set_new(body, "vectors",
		field_texts(question->vectors, question->vector_count));
	json_t *rungs = json_array();
	for (size_t i = 0; i < question->rung_count; i++) {
		json_array_append_new(rungs, rung_write(&question->rungs[i]));
	}
	json_object_set_new(body, "rungs", rungs);
	field_set_text(body, "offer", question->offer);
	field_set_integer(body, "offer_asked", question->offer_asked);
	return body;
}

static bool action_read(const json_t *body, struct protocol_action *action)
{
	return field_get_verb(body, &action->verb) &&
	       field_get_text(body, "object", &action->object) &&
	       field_get_text(body, "asked_as", &action->asked_as) &&
	       field_get_texts(body, "argv", &action->argv, &action->argc) &&
	       field_get_text(body, "danger", &action->danger) &&
	       field_get_text(body, "rule", &action->rule) &&
	       field_get_text(body, "source", &action->source);
}

static bool actions_read(const json_t *body, struct protocol_question *question)
{
	size_t count;
	const json_t *array = field_get_array(body, "actions", &count);
	question->actions = xcalloc(count + 1, sizeof(*question->actions));
	while (question->action_count < count) {
		size_t at = question->action_count++;
		if (!action_read(json_array_get(array, at), &question->actions[at])) {
			return false;
		}
	}
	return count > 0;
}

static bool program_read(const json_t *body, struct protocol_program *program)
{
	return field_get_integer(body, "pid", 0, &program->pid) &&
	       field_get_text(body, "program", &program->program) &&
	       field_get_text(body, "script", &program->script) &&
	       field_get_texts(body, "argv", &program->argv, &program->argc);
}

static bool chain_read(const json_t *body, struct protocol_question *question)
{
	size_t count;
	const json_t *array = field_get_array(body, "chain", &count);
	question->chain = xcalloc(count + 1, sizeof(*question->chain));
	while (question->chain_count < count) {
		size_t at = question->chain_count++;
		if (!program_read(json_array_get(array, at), &question->chain[at])) {
			return false;
		}
	}
	return true;
}

static bool rung_read(const json_t *item, struct protocol_rung *rung)
{
	return field_get_text(item, "label", &rung->label) &&
	       field_get_texts(item, "rules", &rung->rules, &rung->rule_count) &&
	       field_get_integer(item, "events", -1, &rung->events) &&
	       field_get_integer(item, "files", -1, &rung->files) &&
	       field_get_boolean(item, "files_more", &rung->has_more_files) &&
	       field_get_integer(item, "sensitive", 0, &rung->sensitive) &&
	       field_get_texts(item, "sensitive_names", &rung->sensitive_names,
		       &rung->sensitive_name_count);
}

static bool rungs_read(const json_t *body, struct protocol_question *question)
{
	size_t count;
	const json_t *array = field_get_array(body, "rungs", &count);
	question->rungs = xcalloc(count + 1, sizeof(*question->rungs));
	while (question->rung_count < count) {
		size_t at = question->rung_count++;
		if (!rung_read(json_array_get(array, at), &question->rungs[at])) {
			return false;
		}
	}
	return true;
}

static bool counts_read(const json_t *body, struct protocol_question *question)
{
	int64_t waiting;
	int64_t asked;
	if (!field_get_integer(body, "waiting", 0, &waiting) ||
		!field_get_integer(body, "asked", 0, &asked) || waiting < 0 ||
		waiting > UINT32_MAX || asked < 0 || asked > UINT32_MAX) {
		return false;
	}
	question->waiting = (uint32_t)waiting;
	question->asked = (uint32_t)asked;
	return field_get_integer(body, "id", 0, &question->id) &&
	       field_get_integer(body, "tid", 0, &question->tid) &&
	       field_get_integer(body, "opened", 0, &question->opened) &&
	       field_get_integer(body, "decided", -1, &question->decided);
}

bool protocol_question_read(const json_t *body, struct protocol_question *question)
{
	*question = (struct protocol_question){0};
	if (!counts_read(body, question) || !actions_read(body, question) ||
		!chain_read(body, question) || !rungs_read(body, question) ||
		!field_get_text(body, "folder", &question->folder) ||
		!field_get_texts(
			body, "code", &question->code, &question->code_count) ||
		!field_get_texts(
			body, "python", &question->python, &question->python_count) ||
		!field_get_texts(
			body, "native", &question->native, &question->native_count) ||
		!field_get_texts(
			body, "stack", &question->stack, &question->stack_count) ||
		!field_get_texts(
			body, "labels", &question->labels, &question->label_count) ||
		!field_get_text(body, "mcp", &question->mcp) ||
		!field_get_texts(
			body, "vectors", &question->vectors, &question->vector_count) ||
		!field_get_text(body, "offer", &question->offer) ||
		!field_get_integer(body, "offer_asked", 0, &question->offer_asked)) {
		protocol_question_finish(question);
		return false;
	}
	return true;
}

void protocol_question_finish(struct protocol_question *question)
{
	for (size_t i = 0; i < question->action_count; i++) {
		struct protocol_action *action = &question->actions[i];
		field_text_free(&action->object);
		field_text_free(&action->asked_as);
		field_texts_free(action->argv, action->argc);
		field_text_free(&action->danger);
		field_text_free(&action->rule);
		field_text_free(&action->source);
	}
	for (size_t i = 0; i < question->chain_count; i++) {
		field_text_free(&question->chain[i].program);
		field_text_free(&question->chain[i].script);
		field_texts_free(question->chain[i].argv, question->chain[i].argc);
	}
	for (size_t i = 0; i < question->rung_count; i++) {
		field_text_free(&question->rungs[i].label);
		field_texts_free(
			question->rungs[i].rules, question->rungs[i].rule_count);
		field_texts_free(question->rungs[i].sensitive_names,
			question->rungs[i].sensitive_name_count);
	}
	field_text_free(&question->offer);
	free(question->actions);
	free(question->chain);
	free(question->rungs);
	field_text_free(&question->folder);
	field_text_free(&question->mcp);
	field_texts_free(question->vectors, question->vector_count);
	field_texts_free(question->labels, question->label_count);
	field_texts_free(question->code, question->code_count);
	field_texts_free(question->python, question->python_count);
	field_texts_free(question->native, question->native_count);
	field_texts_free(question->stack, question->stack_count);
	*question = (struct protocol_question){0};
}

static const struct {
	const char *type;
	const char *reason;
} question_ends[] = {
	[QUESTION_WITHDRAWN] = {"question_withdrawn", ""},
	[QUESTION_ANSWERED] = {"question_answered", "person"},
	[QUESTION_RULED] = {"question_answered", "rule"},
	[QUESTION_HEADLESS] = {"question_answered", "headless"},
};

json_t *protocol_question_end_write(const struct protocol_question_end *end)
{
	json_t *body = protocol_new(question_ends[end->end].type);
	field_set_integer(body, "question", end->question);
	if (end->end != QUESTION_WITHDRAWN) {
		field_set_string(body, "reason", question_ends[end->end].reason);
		field_set_string(body, "verdict", verdict_name(end->verdict));
		field_set_string(body, "scope", scope_name(end->scope));
		field_set_text(body, "by", end->by);
	}
	return body;
}

static bool end_kind_read(const json_t *body, enum question_end *end)
{
	const char *type = json_string_value(json_object_get(body, "type"));
	const char *reason = json_string_value(json_object_get(body, "reason"));
	for (size_t i = 0; i < sizeof(question_ends) / sizeof(question_ends[0]); i++) {
		if (type != NULL && strcmp(type, question_ends[i].type) == 0 &&
			strcmp(reason != NULL ? reason : "", question_ends[i].reason) ==
				0) {
			*end = (enum question_end)i;
			return true;
		}
	}
	return false;
}

bool protocol_question_end_read(const json_t *body, struct protocol_question_end *end)
{
	*end = (struct protocol_question_end){0};
	if (!end_kind_read(body, &end->end) ||
		!field_get_integer(body, "question", 0, &end->question) ||
		!field_get_text(body, "by", &end->by)) {
		protocol_question_end_finish(end);
		return false;
	}
	if (end->end != QUESTION_WITHDRAWN &&
		(!field_get_verdict(body, &end->verdict) ||
			!field_get_scope(body, &end->scope))) {
		protocol_question_end_finish(end);
		return false;
	}
	return true;
}

void protocol_question_end_finish(struct protocol_question_end *end)
{
	field_text_free(&end->by);
	*end = (struct protocol_question_end){0};
}
