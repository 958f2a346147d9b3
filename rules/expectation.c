/* SPDX-License-Identifier: MIT */
/* Expect lines: each becomes an action, which is judged by all the rules. */
#include "rules/expectation.h"

#include "base/xalloc.h"
#include "rules/pattern.h"
#include "rules/printer.h"

#include <stdlib.h>

/* The action that an expectation is about, and the strings it borrows from. */
struct expected {
	struct action action;
	struct subject subject;
	char *object, *by, *under, *via, *code, *after;
	char **arguments;
	struct text *argv;
	size_t argc;
	struct text name, ancestor, call, file, label;
};

/* The text of a literal pattern with its variables put in; NULL if one has no value. */
static char *literal_text(const char *pattern, const struct rule_variables *variables)
{
	struct glob glob;

	if (!glob_compile(text_of(pattern), variables, &glob)) {
		return NULL;
	}
	char *text = xmalloc(glob.count + 1);
	for (size_t i = 0; i < glob.count; i++) {
		text[i] = (char)glob.units[i];
	}
	text[glob.count] = '\0';
	glob_finish(&glob);
	return text;
}

static void expected_finish(struct expected *expected)
{
	free(expected->object);
	free(expected->by);
	free(expected->under);
	free(expected->via);
	free(expected->code);
	free(expected->after);
	for (size_t i = 0; i < expected->argc; i++) {
		free(expected->arguments[i]);
	}
	free(expected->arguments);
	free(expected->argv);
}

static bool set_qualifier(const char *pattern, const struct rule_variables *variables,
	char **owned, struct text *text)
{
	if (!pattern) {
		return true;
	}
	*owned = literal_text(pattern, variables);
	*text = text_of(*owned);
	return *owned != NULL;
}

static bool set_subject(struct expected *expected, const struct rule *rule,
	const struct rule_variables *variables)
{
	struct subject *subject = &expected->subject;
	const char *via = rule->via ? strchr(rule->via, ':') + 1 : NULL;
	bool is_generated = rule->code && strcmp(rule->code, "generated") == 0;

	subject->facts_known = FACT_CODE | FACT_MCP | FACT_LABELS;
	subject->code = is_generated ? CODE_GENERATED
			: rule->code ? CODE_FILES
				     : CODE_NONE;
	subject->ancestors = &expected->ancestor;
	subject->ancestor_count = rule->under != NULL;
	subject->mcp_calls = &expected->call;
	subject->mcp_call_count = via != NULL;
	subject->code_files = &expected->file;
	subject->code_file_count = rule->code && !is_generated;
	subject->labels = &expected->label;
	subject->label_count = rule->after != NULL;
	return set_qualifier(rule->by, variables, &expected->by, &subject->program) &&
	       set_qualifier(
		       rule->under, variables, &expected->under, &expected->ancestor) &&
	       set_qualifier(via, variables, &expected->via, &expected->call) &&
	       set_qualifier(is_generated ? NULL : rule->code, variables,
		       &expected->code, &expected->file) &&
	       set_qualifier(
		       rule->after, variables, &expected->after, &expected->label);
}

static bool set_arguments(struct expected *expected, const struct rule *rule,
	const struct rule_variables *variables)
{
	size_t count = rule->argv_pattern_count;

	expected->argv = xcalloc(count + 1, sizeof(*expected->argv));
	expected->arguments = xcalloc(count + 1, sizeof(char *));
	expected->argv[0] = expected->action.object;
	for (size_t i = 0; i < count; i++) {
		char *argument = literal_text(rule->argv_patterns[i], variables);
		if (!argument) {
			return false;
		}
		expected->arguments[expected->argc++] = argument;
		expected->argv[i + 1] = text_of(argument);
	}
	expected->action.argv = expected->argv;
	expected->action.argc = count + 1;
	return true;
}

/* "unix:" and the like keep their prefix; only what follows may hold a variable. */
static char *object_text(const char *pattern, const struct rule_variables *variables)
{
	size_t skip = strncmp(pattern, "unix:", 5) == 0 ? 5 : 0;
	char *rest = literal_text(pattern + skip, variables);

	if (!rest || skip == 0) {
		return rest;
	}
	char *whole = xasprintf("unix:%s", rest);
	free(rest);
	return whole;
}

/* A host name is all that is known of such an endpoint, as if it had been looked up. */
static void set_name(struct expected *expected)
{
	struct endpoint *endpoint = &expected->action.endpoint;
	size_t skip = endpoint->transport == TRANSPORT_OTHER ? 0 : strlen("tcp/");
	struct text object = expected->action.object;
	const char *colon = memrchr(object.bytes, ':', object.length);

	if (endpoint->family == ENDPOINT_NONE && colon) {
		expected->name = (struct text){
			object.bytes + skip, (size_t)(colon - object.bytes) - skip};
		endpoint->names = &expected->name;
		endpoint->name_count = 1;
	}
}

static bool set_object(struct expected *expected, const struct rule *rule,
	enum verb verb, const struct rule_variables *variables)
{
	struct action *action = &expected->action;

	action->verb = verb;
	expected->object = object_text(rule->pattern, variables);
	if (!expected->object) {
		return false;
	}
	action->object = text_of(expected->object);
	if (verb_object_kind(verb) != OBJECT_HOST) {
		return true;
	}
	bool is_endpoint = endpoint_parse(action->object, &action->endpoint);
	set_name(expected);
	return is_endpoint;
}

/* "file:12" to its parts, for the place of the error. */
static void set_place(const char *source, struct rule_error *error)
{
	const char *colon = source ? strrchr(source, ':') : NULL;

	error->column = 1;
	error->line = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 1;
	error->file = colon ? xmemdup0(source, (size_t)(colon - source)) : xstrdup("");
}

static void report(const struct rule *expectation, const struct judgement *judgement,
	struct rule_errors *errors)
{
	struct rule_error error = {0};
	char *line = rule_print(expectation);

	set_place(expectation->source, &error);
	if (judgement->rule) {
		char *by = rule_print(judgement->rule);
		error.message = xasprintf("not met: %s: the verdict is %s", line,
			verdict_name(judgement->verdict));
		error.hint = xasprintf("decided by \"%s\"%s%s", by,
			judgement->rule->source ? " of " : "",
			judgement->rule->source ? judgement->rule->source : "");
		free(by);
	} else {
		error.message = xasprintf(
			"not met: %s: no rule matches, so the verdict is ask", line);
	}
	free(line);
	rule_errors_take(errors, &error);
}

static bool check_verb(const struct rule_index *index, const struct rule *expectation,
	enum verb verb, const struct rule_variables *variables, time_t now,
	struct judgement *judgement)
{
	struct expected expected = {0};
	bool is_valid = set_object(&expected, expectation, verb, variables) &&
			set_arguments(&expected, expectation, variables) &&
			set_subject(&expected, expectation, variables);

	*judgement = (struct judgement){.verdict = VERDICT_ASK};
	if (is_valid) {
		*judgement = rule_index_judge(
			index, &expected.action, &expected.subject, now);
	}
	expected_finish(&expected);
	return is_valid && judgement->verdict == expectation->verdict;
}

static bool check_expectation(const struct rule_index *index,
	const struct rule *expectation, const struct rule_variables *variables,
	time_t now, struct rule_errors *errors)
{
	struct pattern pattern;

	if (!pattern_compile(expectation, variables, &pattern)) {
		return true; /* about a variable that has no value here */
	}
	uint32_t verbs = pattern.verbs;
	pattern_finish(&pattern);
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		struct judgement judgement;
		if ((verbs & (1U << i)) && !check_verb(index, expectation, (enum verb)i,
						   variables, now, &judgement)) {
			report(expectation, &judgement, errors);
			return false;
		}
	}
	return true;
}

bool rules_check_expectations(const struct rule_list *rules,
	const struct rule_variables *variables, time_t now, struct rule_errors *errors)
{
	struct rule_index *index = rule_index_create(rules, variables);
	bool are_met = true;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		if (rule->kind == RULE_EXPECT) {
			are_met &=
				check_expectation(index, rule, variables, now, errors);
		}
	}
	rule_index_destroy(index);
	return are_met;
}
