/* SPDX-License-Identifier: MIT */
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>

#include <stdio.h>

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

enum { WORDS_MAX = 32 };

struct judgement judge_as(const struct rule_index *index, const char *text,
	const struct subject *subject, time_t now)
{
	struct text words[WORDS_MAX];
	size_t count = 0;
	struct action action = {0};
	struct text name = {0};

	for (const char *at = text; at && count < WORDS_MAX;) {
		const char *space = strchr(at, ' ');
		words[count++] =
			(struct text){at, space ? (size_t)(space - at) : strlen(at)};
		at = space ? space + 1 : NULL;
	}
	cr_assert(count >= 2 && verb_from_name(words[0], &action.verb), "%s", text);
	action.object = words[1];
	if (action.verb == VERB_EXEC) {
		action.argv = words + 1;
		action.argc = count - 1;
	}
	if (verb_object_kind(action.verb) == OBJECT_HOST) {
		bool is_endpoint = endpoint_parse(action.object, &action.endpoint);
		cr_assert(is_endpoint, "%s", text);
		const char *colon = memrchr(words[1].bytes, ':', words[1].length);
		name = (struct text){words[1].bytes, (size_t)(colon - words[1].bytes)};
		if (action.endpoint.family == ENDPOINT_NONE) {
			action.endpoint.names = &name;
			action.endpoint.name_count = 1;
		}
	}
	return rule_index_judge(index, &action, subject, now);
}

enum verdict judge_text(const struct rule_index *index, const char *action)
{
	static const struct subject nobody = {.program = {"/usr/bin/agent", 14},
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS,
		.code = CODE_NONE};

	return judge_as(index, action, &nobody, TEST_NOW).verdict;
}
