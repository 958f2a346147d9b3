/* SPDX-License-Identifier: MIT */
/* Qualifiers: compiled forms and three-valued checks. */
#include "rules/qualifier.h"

#include "rules/keyword.h"

static bool compile_path(const char *pattern, const struct rule_variables *variables,
	struct glob *glob, bool *has)
{
	*has = pattern != NULL;
	return !pattern || glob_compile(text_of(pattern), variables, glob);
}

bool qualifiers_compile(const struct rule *rule, const struct rule_variables *variables,
	struct qualifiers *qualifiers)
{
	memset(qualifiers, 0, sizeof(*qualifiers));
	qualifiers->after = rule->after;
	qualifiers->is_strict = rule->verdict != VERDICT_ALLOW;
	qualifiers->until = rule->until;
	qualifiers->scope = rule->scope;
	qualifiers->pid = rule->pid;
	qualifiers->program = rule->program;
	qualifiers->script = rule->script;
	qualifiers->is_code_generated =
		rule->code && strcmp(rule->code, CODE_WORD_GENERATED) == 0;
	const char *code_files = qualifiers->is_code_generated ? NULL : rule->code;
	const char *via = rule->via ? strchr(rule->via, ':') + 1 : NULL;
	bool is_valid =
		compile_path(
			rule->by, variables, &qualifiers->by, &qualifiers->has_by) &&
		compile_path(rule->under, variables, &qualifiers->under,
			&qualifiers->has_under) &&
		compile_path(via, variables, &qualifiers->via, &qualifiers->has_via) &&
		compile_path(code_files, variables, &qualifiers->code,
			&qualifiers->has_code);
	if (!is_valid) {
		qualifiers_finish(qualifiers);
	}
	return is_valid;
}

void qualifiers_finish(struct qualifiers *qualifiers)
{
	glob_finish(&qualifiers->by);
	glob_finish(&qualifiers->under);
	glob_finish(&qualifiers->via);
	glob_finish(&qualifiers->code);
	memset(qualifiers, 0, sizeof(*qualifiers));
}

bool qualifiers_are_empty(const struct qualifiers *qualifiers)
{
	return !qualifiers->has_by && !qualifiers->has_under && !qualifiers->until &&
	       !qualifiers->pid && !qualifiers->program && !qualifiers->script &&
	       qualifiers_facts(qualifiers) == 0;
}

unsigned qualifiers_facts(const struct qualifiers *qualifiers)
{
	unsigned facts = 0;

	if (qualifiers->has_via) {
		facts |= FACT_MCP;
	}
	if (qualifiers->has_code || qualifiers->is_code_generated) {
		facts |= FACT_CODE;
	}
	if (qualifiers->after) {
		facts |= FACT_LABELS;
	}
	return facts;
}

static bool any_path_matches(
	const struct glob *glob, const struct text *paths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (glob_match_path(glob, paths[i])) {
			return true;
		}
	}
	return false;
}

static bool scope_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	if (qualifiers->pid && qualifiers->pid != subject->pid &&
		(qualifiers->scope != SCOPE_ONCE || qualifiers->pid != subject->tid)) {
		return false;
	}
	if (qualifiers->program &&
		!text_equal_string(subject->program, qualifiers->program)) {
		return false;
	}
	return !qualifiers->script ||
	       text_equal_string(subject->script, qualifiers->script);
}

/* Who executes another program is not rid of what is denied to those below the first. */
static bool under_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	const struct glob *under = &qualifiers->under;

	if (subject->are_ancestors_unknown) {
		return qualifiers->is_strict;
	}
	return any_path_matches(under, subject->ancestors, subject->ancestor_count) ||
	       (qualifiers->is_strict && any_path_matches(under, subject->formers,
						 subject->former_count));
}

static bool program_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	if (qualifiers->has_by && !glob_match_path(&qualifiers->by, subject->program) &&
		!(subject->script.length > 0 &&
			glob_match_path(&qualifiers->by, subject->script))) {
		return false;
	}
	return !qualifiers->has_under || under_holds(qualifiers, subject);
}

/* "server" matches every tool of it. */
static bool call_matches(const struct glob *via, struct text call)
{
	const char *slash =
		call.length > 0 ? memchr(call.bytes, '/', call.length) : NULL;

	if (glob_match_path(via, call)) {
		return true;
	}
	if (!slash) {
		return false;
	}
	struct text server = {call.bytes, (size_t)(slash - call.bytes)};
	return glob_match_path(via, server);
}

/*
 * With several calls in flight allow needs all of them to match, the others any. What a
 * server does after it answered a call may still be that call's work, or anything else.
 */
static bool via_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	size_t matching = 0;

	for (size_t i = 0; i < subject->mcp_call_count; i++) {
		matching += call_matches(&qualifiers->via, subject->mcp_calls[i]);
	}
	return qualifiers->is_strict
		       ? matching > 0
		       : matching > 0 && matching == subject->mcp_call_count &&
				 !subject->are_mcp_calls_ended;
}

static bool code_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	switch (subject->code) {
	case CODE_UNKNOWN:
		return qualifiers->is_strict;
	case CODE_NONE:
		return false;
	case CODE_GENERATED:
		if (qualifiers->is_code_generated) {
			return true;
		}
		/* Generated code may call into a trusted file: no reason to allow. */
		return qualifiers->is_strict &&
		       any_path_matches(&qualifiers->code, subject->code_files,
			       subject->code_file_count);
	case CODE_FILES:
		return !qualifiers->is_code_generated &&
		       any_path_matches(&qualifiers->code, subject->code_files,
			       subject->code_file_count);
	}
	return false;
}

static bool after_holds(
	const struct qualifiers *qualifiers, const struct subject *subject)
{
	for (size_t i = 0; i < subject->label_count; i++) {
		if (text_equal_string(subject->labels[i], qualifiers->after)) {
			return true;
		}
	}
	return false;
}

enum holds qualifiers_hold(const struct qualifiers *qualifiers,
	const struct subject *subject, time_t now, unsigned *facts)
{
	unsigned used = qualifiers_facts(qualifiers);
	unsigned known = used & subject->facts_known;

	*facts = 0;
	if ((qualifiers->until && now >= qualifiers->until) ||
		!scope_holds(qualifiers, subject) ||
		!program_holds(qualifiers, subject)) {
		return HOLDS_NO;
	}
	if (((known & FACT_MCP) && !via_holds(qualifiers, subject)) ||
		((known & FACT_CODE) && !code_holds(qualifiers, subject)) ||
		((known & FACT_LABELS) && !after_holds(qualifiers, subject))) {
		return HOLDS_NO;
	}
	*facts = used & ~known;
	return *facts ? HOLDS_UNKNOWN : HOLDS_YES;
}
