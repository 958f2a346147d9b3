/* SPDX-License-Identifier: MIT */
#include "rules/review.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "rules/pattern_overlap.h"

#include <stdlib.h>

enum { EXPIRING_SECONDS = 7 * 24 * 3600 };

static const struct {
	const char *name, *words;
} findings_table[FINDING_COUNT] = {
	[FINDING_OVER] = {"over", "its time is over"},
	[FINDING_EXPIRING] = {"expiring", "it ends within a week"},
	[FINDING_NEVER_HIT] = {"never_hit", "it never decided anything"},
	[FINDING_SHADOWED] = {"shadowed", "another rule says the same of more"},
	[FINDING_CONTRADICTING] = {"contradicting",
		"another rule says otherwise of the same"},
	[FINDING_WIDE] = {"wide", "it only ever decided about one thing"},
	[FINDING_NO_PROGRAM] = {"no_program", "it names a program that is not there"},
};

const char *finding_name(enum finding_kind kind)
{
	invariant((unsigned)kind < FINDING_COUNT);
	return findings_table[kind].name;
}

const char *finding_words(enum finding_kind kind)
{
	invariant((unsigned)kind < FINDING_COUNT);
	return findings_table[kind].words;
}

struct review {
	const struct reviewed_rule *rules;
	size_t count;
	struct pattern *patterns;
	bool *is_compiled;
	struct finding *findings;
	size_t finding_count;
};

static void find(
	struct review *review, enum finding_kind kind, size_t rule, size_t other)
{
	review->findings = xreallocarray(
		review->findings, review->finding_count + 1, sizeof(*review->findings));
	review->findings[review->finding_count++] = (struct finding){kind, rule, other};
}

static bool text_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool qualifiers_same(const struct rule *a, const struct rule *b)
{
	return text_same(a->by, b->by) && text_same(a->under, b->under) &&
	       text_same(a->via, b->via) && text_same(a->code, b->code) &&
	       text_same(a->after, b->after);
}

static bool has_qualifiers(const struct rule *rule)
{
	return rule->by || rule->under || rule->via || rule->code || rule->after;
}

/* Wherever and whenever inner holds, outer does. */
static bool holds_wherever(
	const struct reviewed_rule *outer, const struct reviewed_rule *inner)
{
	bool is_place = !outer->project || text_same(outer->project, inner->project);
	bool is_time = !outer->rule->until ||
		       (inner->rule->until && inner->rule->until <= outer->rule->until);

	return is_place && is_time && outer->rule->scope >= inner->rule->scope;
}

static bool shadows(const struct review *review, size_t outer, size_t inner)
{
	const struct reviewed_rule *a = &review->rules[outer];
	const struct reviewed_rule *b = &review->rules[inner];
	bool is_limited = has_qualifiers(a->rule) && !qualifiers_same(a->rule, b->rule);

	if (!review->is_compiled[outer] || !review->is_compiled[inner] || is_limited ||
		a->rule->verdict != b->rule->verdict || !holds_wherever(a, b) ||
		!pattern_covers(&review->patterns[outer], &review->patterns[inner])) {
		return false;
	}
	/* Of two that cover each other the earlier is kept. */
	return !(pattern_covers(&review->patterns[inner], &review->patterns[outer]) &&
		 holds_wherever(b, a) && qualifiers_same(a->rule, b->rule) &&
		 outer > inner);
}

static bool contradicts(const struct review *review, size_t at, size_t other)
{
	const struct rule *a = review->rules[at].rule;
	const struct rule *b = review->rules[other].rule;
	struct rule same = *a; /* borrows everything */

	same.verdict = b->verdict;
	same.verbs = b->verbs;
	same.until = b->until;
	same.note = b->note;
	return a->verdict != b->verdict && (a->verbs & b->verbs) != 0 &&
	       rule_equal(&same, b) &&
	       (!review->rules[at].project || !review->rules[other].project ||
		       text_same(review->rules[at].project,
			       review->rules[other].project));
}

static void compare(struct review *review, size_t at)
{
	for (size_t other = 0; other < review->count; other++) {
		if (other == at || review->rules[other].rule->kind != RULE_JUDGE) {
			continue;
		}
		if (shadows(review, other, at)) {
			find(review, FINDING_SHADOWED, at, other);
			return;
		}
		if (other > at && contradicts(review, at, other)) {
			find(review, FINDING_CONTRADICTING, at, other);
		}
	}
}

static void look_at(struct review *review, size_t at, time_t now)
{
	const struct reviewed_rule *reviewed = &review->rules[at];
	const struct rule *rule = reviewed->rule;

	if (rule->until && rule->until <= now) {
		find(review, FINDING_OVER, at, 0);
		return;
	}
	if (rule->until && rule->until - now <= EXPIRING_SECONDS) {
		find(review, FINDING_EXPIRING, at, 0);
	}
	if (rule->kind != RULE_JUDGE) {
		return;
	}
	if (reviewed->hits == 0 && reviewed->sessions >= REVIEW_SESSIONS_MIN) {
		find(review, FINDING_NEVER_HIT, at, 0);
	}
	if (reviewed->has_missing_program) {
		find(review, FINDING_NO_PROGRAM, at, 0);
	}
	if (rule->verdict == VERDICT_ALLOW && reviewed->objects == 1 &&
		reviewed->only && !text_same(reviewed->only->pattern, rule->pattern)) {
		find(review, FINDING_WIDE, at, 0);
	}
	compare(review, at);
}

size_t rules_review(const struct reviewed_rule *rules, size_t count,
	const struct rule_variables *variables, time_t now, struct finding **findings)
{
	struct review all = {
		.rules = rules,
		.count = count,
		.patterns = xcalloc(count + 1, sizeof(struct pattern)),
		.is_compiled = xcalloc(count + 1, sizeof(bool)),
	};

	for (size_t i = 0; i < count; i++) {
		all.is_compiled[i] =
			pattern_compile(rules[i].rule, variables, &all.patterns[i]);
	}
	for (size_t i = 0; i < count; i++) {
		look_at(&all, i, now);
	}
	for (size_t i = 0; i < count; i++) {
		if (all.is_compiled[i]) {
			pattern_finish(&all.patterns[i]);
		}
	}
	free(all.patterns);
	free(all.is_compiled);
	*findings = all.findings;
	return all.finding_count;
}
