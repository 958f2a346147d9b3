/* SPDX-License-Identifier: MIT */
/* Rule texts to indexes and actions, for the tests of rules/. */
#ifndef TESTS_RULES_SUPPORT_RULES_H
#define TESTS_RULES_SUPPORT_RULES_H

#include "rules/learn.h"
#include "rules/parser.h"
#include "rules/rule_index.h"

/* home /home/u, project /home/u/src/p, temporary /tmp/duenna-1 */
extern const struct rule_variables test_variables;

enum { TEST_NOW = 1800000000 }; /* 2027-01-15 08:00:00 UTC */

/* Adds the rules of a text; aborts the test if it is not valid. */
void add_rules(struct rule_list *list, enum rule_origin origin, const char *text);

/* An index of one text, all of it from a rule file. */
struct rule_index *index_of(const char *text);

enum { TEST_WORDS_MAX = 32 };

/* An action and what it borrows. */
struct test_action {
	struct action action;
	struct text words[TEST_WORDS_MAX];
	struct text name;
};
void set_action(struct test_action *test, const char *text);

/*
 * The verdict on an action as text, "read /etc/passwd" or "exec /bin/ls -l": words are
 * parted by one space. connect to a name is judged as that name.
 */
enum verdict judge_text(const struct rule_index *index, const char *action);
struct judgement judge_as(const struct rule_index *index, const char *action,
	const struct subject *subject, time_t now);
size_t matches_as(const struct rule_index *index, const char *action,
	const struct subject *subject, const struct rule **rules, size_t max);

/* The rules of all proposals, a line each; owned. */
char *learned_text(const struct learned *learned);

#endif
