/* SPDX-License-Identifier: MIT */
/*
 * Rule text: never crashes the parser; what parses prints, and parses again as an equal
 * rule; the compiled index agrees with looking at every rule.
 */
#include "base/error.h"
#include "rules/expectation.h"
#include "rules/ladder.h"
#include "rules/mask.h"
#include "rules/printer.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rule_variables variables = {"/home/u", "/home/u/src/p", "/tmp/d"};

static void check_print(const struct rule *rule)
{
	char *printed = rule_print(rule);
	struct rule again;
	struct error err = {0};

	invariant(rule_parse_line(text_of(printed), &again, &err));
	invariant(rule_equal(rule, &again));
	rule_finish(&again);
	free(printed);
}

/* The best match by the list of all matches must be what the index finds. */
static void check_judgement(
	const struct rule_index *index, const struct action *action, size_t rule_count)
{
	enum { RULES_MAX = 64 };
	const struct rule *rules[RULES_MAX];
	struct subject subject = {
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS, .code = CODE_NONE};

	if (rule_count > RULES_MAX) {
		return;
	}
	size_t count = rule_index_matches(index, action, &subject, 1, rules, RULES_MAX);
	struct judgement judgement = rule_index_judge(index, action, &subject, 1);
	bool is_single = action->endpoint.name_count < 2;
	if (is_single && count > 0) {
		invariant(judgement.verdict == rules[0]->verdict);
	} else if (is_single) {
		invariant(judgement.verdict == VERDICT_ASK);
	}
}

/* Objects are canonical: no empty segment, no dots, no slash at the end. */
static bool is_canonical(struct text path)
{
	size_t begin = 1;

	if (memchr(path.bytes, '\0', path.length)) {
		return false;
	}
	for (size_t i = 1; i <= path.length; i++) {
		if (i < path.length && path.bytes[i] != '/') {
			continue;
		}
		struct text segment = {path.bytes + begin, i - begin};
		if ((segment.length == 0 && path.length > 1) ||
			text_equal_string(segment, ".") ||
			text_equal_string(segment, "..")) {
			return false;
		}
		begin = i + 1;
	}
	return true;
}

/* Uses the input itself as an object, so that patterns and objects resemble each other. */
static void check_objects(
	const struct rule_index *index, struct text text, size_t rules)
{
	const char *slash =
		text.length > 0 ? memchr(text.bytes, '/', text.length) : NULL;
	struct action action = {.verb = VERB_READ};

	if (slash) {
		size_t left = text.length - (size_t)(slash - text.bytes);
		const char *end = memchr(slash, '\n', left);
		action.object =
			(struct text){slash, end ? (size_t)(end - slash) : left};
	}
	if (slash && is_canonical(action.object)) {
		check_judgement(index, &action, rules);
		struct ladder ladder;
		ladder_build(&ladder, &action, VERDICT_ALLOW, &variables);
		for (size_t i = 0; i < ladder.count; i++) {
			check_print(&ladder.rungs[i].rule);
		}
		ladder_finish(&ladder);
		struct subject subject = {0};
		(void)rule_index_judge_below(
			index, VERB_READ, action_folder(&action), &subject, 1);
		action.ignores_case = true;
		(void)rule_index_judge(index, &action, &subject, 1);
		(void)rule_index_judge_below(
			index, VERB_READ, action_folder(&action), &subject, 1);
	}
	action = (struct action){.verb = VERB_CONNECT, .object = text};
	if (endpoint_parse(text, &action.endpoint)) {
		check_judgement(index, &action, rules);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size};
	struct rule_list list = {0};
	struct rule_errors errors = {0};

	if (rule_parse_file_text(text, "fuzz", ORIGIN_FILE, &list, &errors)) {
		for (size_t i = 0; i < list.count; i++) {
			check_print(&list.rules[i]);
		}
	} else {
		invariant(list.count == 0 && errors.count > 0);
	}
	struct rule_index *index = rule_index_create(&list, &variables);
	check_objects(index, text, list.count);
	(void)rules_check_expectations(&list, &variables, 1, &errors);
	rule_index_destroy(index);
	rule_errors_finish(&errors);
	rule_list_finish(&list);
	/* A C string without zero bytes, as arguments are. */
	char *argument = text_copy(text);
	free(mask_argument(text_of("-u"), text_of(argument)));
	free(mask_environment(text_of(argument)));
	free(argument);
	return 0;
}
