/* SPDX-License-Identifier: MIT */
/*
 * One rule as a value: verdict, verbs, object pattern, qualifiers, and where it comes
 * from. Parsing is rules/parser.h, printing rules/printer.h, deciding
 * rules/rule_index.h.
 */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "rules/action.h"

#include <stdint.h>
#include <time.h>

/* Who wrote a rule; the later constant wins where nothing else decides. */
enum rule_origin {
	ORIGIN_PROFILE,	   /* shipped */
	ORIGIN_FILE,	   /* --rules, duenna rules load */
	ORIGIN_PERSON,	   /* an answer, or duenna rules add */
	ORIGIN_REPOSITORY, /* found in the project: may only tighten */
	ORIGIN_BUILT_IN,   /* Duenna protecting itself */
	ORIGIN_COUNT
};

enum scope {
	SCOPE_ONCE,
	SCOPE_PROCESS,
	SCOPE_PROGRAM,
	SCOPE_SESSION,
	SCOPE_PROJECT,
	SCOPE_ALWAYS,
	SCOPE_COUNT
};

enum rule_kind { RULE_JUDGE, RULE_LABEL, RULE_EXPECT };

struct rule {
	enum rule_kind kind;
	enum verdict verdict; /* judge and expect */
	uint32_t verbs;	      /* bits 1u << VERB_…; `any` sets all */
	char *pattern;	      /* object pattern as written, variables not expanded */
	char **argv_patterns; /* exec: patterns of argv[1..]; docs/duenna-rules.5.scd */
	size_t argv_pattern_count;
	bool has_argv;			       /* false: any argv */
	char *by, *under, *via, *code, *after; /* qualifiers; NULL if absent */
	time_t until; /* 0: no end; the first second in which it no longer holds */
	char *note;
	char *label; /* RULE_LABEL: its name */

	/* Not part of the text: */
	int64_t id; /* row in the database; negative for rules of files and profiles */
	enum rule_origin origin;
	enum scope scope;
	int64_t pid; /* SCOPE_PROCESS and SCOPE_ONCE: process or thread it holds for */
	char *program,
		*script; /* SCOPE_PROGRAM: canonical paths it holds for; or NULL */
	char *source; /* "profile base:12", "answer 2026-01-02", "file.rules:3"; or NULL */
};

void rule_finish(struct rule *rule);
void rule_copy(struct rule *to, const struct rule *from);
/* Same text (kind, verdict, verbs, patterns, qualifiers). */
bool rule_equal(const struct rule *a, const struct rule *b);

const char *rule_origin_name(enum rule_origin origin);
const char *scope_name(enum scope scope);
bool scope_from_name(struct text name, enum scope *scope);

/* A growing list that owns its rules. */
struct rule_list {
	struct rule *rules;
	size_t count, capacity;
};
/* Takes what rule owns and zeroes it. */
void rule_list_take(struct rule_list *list, struct rule *rule);
void rule_list_finish(struct rule_list *list);

#endif
