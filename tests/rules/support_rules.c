/* SPDX-License-Identifier: MIT */
#include "tests/rules/support_rules.h"

#include "base/text_buffer.h"
#include "rules/printer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

const struct rule_variables test_variables = {
	"/home/u", "/home/u/src/p", "/tmp/duenna-1"};

void add_rules(struct rule_list *list, enum rule_origin origin, const char *text)
{
	struct rule_errors errors = {0};

	if (!rule_parse_file_text(text_of(text), "test", origin, list, &errors)) {
		char *message = rule_error_format(&errors.errors[0]);
		cr_assert(false, "%s: %s", text, message);
	}
	rule_errors_finish(&errors);
}

struct rule_index *index_of(const char *text)
{
	struct rule_list list = {0};

	add_rules(&list, ORIGIN_FILE, text);
	struct rule_index *index = rule_index_create(&list, &test_variables);
	rule_list_finish(&list);
	return index;
}

static void set_endpoint(struct test_action *test, const char *text)
{
	struct action *action = &test->action;
	struct text object = action->object;

	bool is_endpoint = endpoint_parse(object, &action->endpoint);
	cr_assert(is_endpoint, "%s", text);
	const char *colon = memrchr(object.bytes, ':', object.length);
	if (action->endpoint.family == ENDPOINT_NONE && colon) {
		test->name =
			(struct text){object.bytes, (size_t)(colon - object.bytes)};
		action->endpoint.names = &test->name;
		action->endpoint.name_count = 1;
	}
}

void set_action(struct test_action *test, const char *text)
{
	struct action *action = &test->action;
	size_t count = 0;

	memset(test, 0, sizeof(*test));
	for (const char *at = text; at && count < TEST_WORDS_MAX;) {
		const char *space = strchr(at, ' ');
		test->words[count++] =
			(struct text){at, space ? (size_t)(space - at) : strlen(at)};
		at = space ? space + 1 : NULL;
	}
	bool is_action = count >= 2 && verb_from_name(test->words[0], &action->verb);
	cr_assert(is_action, "%s", text);
	action->object = test->words[1];
	if (action->verb == VERB_EXEC) {
		action->argv = test->words + 1;
		action->argc = count - 1;
	}
	if (verb_object_kind(action->verb) == OBJECT_HOST) {
		set_endpoint(test, text);
	}
}

struct judgement judge_as(const struct rule_index *index, const char *action,
	const struct subject *subject, time_t now)
{
	struct test_action test;

	set_action(&test, action);
	return rule_index_judge(index, &test.action, subject, now);
}

size_t matches_as(const struct rule_index *index, const char *action,
	const struct subject *subject, const struct rule **rules, size_t max)
{
	struct test_action test;

	set_action(&test, action);
	return rule_index_matches(index, &test.action, subject, TEST_NOW, rules, max);
}

enum verdict judge_text(const struct rule_index *index, const char *action)
{
	static const struct subject nobody = {.program = {"/usr/bin/agent", 14},
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS,
		.code = CODE_NONE};

	return judge_as(index, action, &nobody, TEST_NOW).verdict;
}

char *learned_text(const struct learned *learned)
{
	struct text_buffer all = {0};

	text_buffer_add_string(&all, "");
	for (size_t i = 0; i < learned->count; i++) {
		const struct rule_list *rules = &learned->proposals[i].rules;

		for (size_t j = 0; j < rules->count; j++) {
			char *text = rule_print(&rules->rules[j]);

			text_buffer_add_string(&all, text);
			text_buffer_add_string(&all, "\n");
			free(text);
		}
	}
	return all.bytes;
}
