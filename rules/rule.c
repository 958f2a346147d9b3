/* SPDX-License-Identifier: MIT */
/* Rules as values: copies, equality, names of origins and scopes, lists. */
#include "rules/rule.h"

#include "base/error.h"
#include "base/xalloc.h"

#include <stdlib.h>

static const char *const origin_names[ORIGIN_COUNT] = {
	[ORIGIN_PROFILE] = "profile",
	[ORIGIN_FILE] = "rule file",
	[ORIGIN_PERSON] = "person",
	[ORIGIN_REPOSITORY] = "repository",
	[ORIGIN_BUILT_IN] = "built in",
};

static const char *const scope_names[SCOPE_COUNT] = {
	[SCOPE_ONCE] = "once",
	[SCOPE_PROCESS] = "process",
	[SCOPE_PROGRAM] = "program",
	[SCOPE_SESSION] = "session",
	[SCOPE_PROJECT] = "project",
	[SCOPE_ALWAYS] = "always",
};

enum { OWNED_STRING_COUNT = 11 };

/* Every owned string but the argv patterns. */
static void owned_strings(struct rule *rule, char **strings[OWNED_STRING_COUNT])
{
	char **all[OWNED_STRING_COUNT] = {&rule->pattern, &rule->by, &rule->under,
		&rule->via, &rule->code, &rule->after, &rule->note, &rule->label,
		&rule->program, &rule->script, &rule->source};

	memcpy(strings, all, sizeof(all));
}

void rule_finish(struct rule *rule)
{
	char **strings[OWNED_STRING_COUNT];

	if (!rule) {
		return;
	}
	owned_strings(rule, strings);
	for (size_t i = 0; i < OWNED_STRING_COUNT; i++) {
		free(*strings[i]);
	}
	for (size_t i = 0; i < rule->argv_pattern_count; i++) {
		free(rule->argv_patterns[i]);
	}
	free(rule->argv_patterns);
	memset(rule, 0, sizeof(*rule));
}

void rule_copy(struct rule *to, const struct rule *from)
{
	char **strings[OWNED_STRING_COUNT];

	*to = *from;
	owned_strings(to, strings);
	for (size_t i = 0; i < OWNED_STRING_COUNT; i++) {
		if (*strings[i]) {
			*strings[i] = xstrdup(*strings[i]);
		}
	}
	to->argv_patterns = NULL;
	if (from->argv_pattern_count > 0) {
		to->argv_patterns = xcalloc(from->argv_pattern_count, sizeof(char *));
	}
	for (size_t i = 0; i < from->argv_pattern_count; i++) {
		to->argv_patterns[i] = xstrdup(from->argv_patterns[i]);
	}
}

static bool string_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	if (a->kind != b->kind || a->verdict != b->verdict || a->verbs != b->verbs ||
		a->until != b->until || a->has_argv != b->has_argv ||
		a->argv_pattern_count != b->argv_pattern_count) {
		return false;
	}
	for (size_t i = 0; i < a->argv_pattern_count; i++) {
		if (strcmp(a->argv_patterns[i], b->argv_patterns[i]) != 0) {
			return false;
		}
	}
	return string_equal(a->pattern, b->pattern) && string_equal(a->by, b->by) &&
	       string_equal(a->under, b->under) && string_equal(a->via, b->via) &&
	       string_equal(a->code, b->code) && string_equal(a->after, b->after) &&
	       string_equal(a->note, b->note) && string_equal(a->label, b->label);
}

const char *rule_origin_name(enum rule_origin origin)
{
	invariant((unsigned)origin < ORIGIN_COUNT);
	return origin_names[origin];
}

const char *scope_name(enum scope scope)
{
	invariant((unsigned)scope < SCOPE_COUNT);
	return scope_names[scope];
}

bool scope_from_name(struct text name, enum scope *scope)
{
	for (unsigned i = 0; i < SCOPE_COUNT; i++) {
		if (text_equal_string(name, scope_names[i])) {
			*scope = (enum scope)i;
			return true;
		}
	}
	return false;
}

void rule_list_take(struct rule_list *list, struct rule *rule)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 16;
		list->rules = xreallocarray(
			list->rules, list->capacity, sizeof(*list->rules));
	}
	list->rules[list->count++] = *rule;
	memset(rule, 0, sizeof(*rule));
}

void rule_list_finish(struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		rule_finish(&list->rules[i]);
	}
	free(list->rules);
	memset(list, 0, sizeof(*list));
}
