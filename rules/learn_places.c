/* SPDX-License-Identifier: MIT */
/* The rules in force in a project, and what of them a learned rule must not overrule. */
#include "base/error.h"
#include "base/xalloc.h"
#include "rules/danger.h"
#include "rules/learn_internal.h"
#include "rules/parser.h"
#include "rules/pattern_overlap.h"
#include "rules/profiles.h"

#include <stdlib.h>

/* What these ask about stays a question, also where they are not in force. */
static const char *const sensitive_profiles[] = {
	"secrets", "persistence", "memory", "escape"};

static void read_profiles(struct rule_list *list)
{
	for (size_t i = 0;
		i < sizeof(sensitive_profiles) / sizeof(sensitive_profiles[0]); i++) {
		const char *name = sensitive_profiles[i];
		const char *text = profile_text(name);
		struct rule_errors errors = {0};

		invariant(text != NULL);
		bool is_good = rule_parse_file_text(
			text_of(text), name, ORIGIN_PROFILE, list, &errors);
		invariant(is_good);
		rule_errors_finish(&errors);
	}
}

/* Rules about everything are the ones that learning is there to make exceptions to. */
static bool is_guard(const struct rule *rule)
{
	return rule->kind == RULE_JUDGE && strcmp(rule->pattern, "*") != 0 &&
	       (rule->verdict == VERDICT_ASK || rule->verdict == VERDICT_DENY);
}

static void add_guards(struct place *place, const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		struct guard_rule guard;

		if (is_guard(rule) &&
			pattern_compile(rule, place->variables, &guard.pattern)) {
			precedence_of(rule, &guard.pattern, &guard.precedence);
			place->guards = xreallocarray(place->guards,
				place->guard_count + 1, sizeof(*place->guards));
			place->guards[place->guard_count++] = guard;
		}
	}
}

void place_init(struct place *place)
{
	struct rule_list sensitive = {0};

	read_profiles(&sensitive);
	place->index = rule_index_create(place->rules, place->variables);
	place->sensitive = rule_index_create(&sensitive, place->variables);
	add_guards(place, place->rules);
	add_guards(place, &sensitive);
	rule_list_finish(&sensitive);
}

void place_finish(struct place *place)
{
	for (size_t i = 0; i < place->guard_count; i++) {
		pattern_finish(&place->guards[i].pattern);
	}
	free(place->guards);
	rule_index_destroy(place->index);
	rule_index_destroy(place->sensitive);
	rule_index_destroy(place->combined);
	rule_index_destroy(place->learned);
}

bool place_is_guarded(
	const struct place *place, const struct rule *rule, bool keeps_hidden)
{
	struct pattern pattern;
	struct precedence precedence;
	bool is_guarded = false;

	if (!pattern_compile(rule, place->variables, &pattern)) {
		return false; /* it matches nothing here */
	}
	precedence_of(rule, &pattern, &precedence);
	for (size_t i = 0; i < place->guard_count && !is_guarded; i++) {
		const struct guard_rule *guard = &place->guards[i];

		is_guarded =
			precedence_compare(&precedence, &guard->precedence) < 0 &&
			(keeps_hidden ? pattern_overlaps_visibly(
						&pattern, &guard->pattern)
				      : pattern_overlaps(&pattern, &guard->pattern));
	}
	pattern_finish(&pattern);
	return is_guarded;
}

static bool asks(const struct judgement *judgement)
{
	return judgement->rule && judgement->verdict == VERDICT_ASK &&
	       strcmp(judgement->rule->pattern, "*") != 0;
}

bool place_is_sensitive(const struct place *place, const struct record *record,
	const struct judgement *judgement)
{
	const struct recorded_action *recorded = &record->recorded;

	if (asks(judgement)) {
		return true;
	}
	struct judgement profile = rule_index_judge(
		place->sensitive, &recorded->action, recorded->subject, 0);
	return asks(&profile) ||
	       danger_note(&recorded->action, place->variables) != NULL;
}
