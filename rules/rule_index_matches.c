/* SPDX-License-Identifier: MIT */
/* All rules that match, and the labels of an object: off the hot path, one by one. */
#include "base/xalloc.h"
#include "rules/index_internal.h"
#include "rules/pattern_overlap.h"

#include <stdlib.h>

/* By any of the names that an address was looked up by, or by none. */
static bool matches_as_named(const struct pattern *pattern, const struct action *action)
{
	const struct endpoint *endpoint = &action->endpoint;

	for (size_t i = 0; i < endpoint->name_count; i++) {
		if (pattern_matches(pattern, action, endpoint->names[i])) {
			return true;
		}
	}
	return pattern_matches(pattern, action, (struct text){NULL, 0});
}

/* An action, and where it ignores case once more with its name folded. */
struct spelling {
	const struct action *action;
	const struct folded_rules *rules; /* NULL: case matters */
	struct action folded;
	char buffer[NAME_FOLDED_SIZE];
};

static void spelling_init(struct spelling *spelling, const struct rule_index *index,
	const struct action *action)
{
	spelling->action = action;
	spelling->rules = NULL;
	spelling->folded = *action;
	if (action->ignores_case &&
		name_fold(action->object, spelling->buffer, &spelling->folded.object)) {
		spelling->rules = rule_index_folded(index);
	}
}

static bool entry_may_match(const struct rule_index *index, size_t rank,
	const struct spelling *spelling, const struct subject *subject, time_t now)
{
	const struct entry *entry = &index->entries[rank];
	unsigned facts;
	bool matches =
		matches_as_named(&entry->pattern, spelling->action) ||
		(spelling->rules && matches_as_named(&spelling->rules->patterns[rank],
					    &spelling->folded));

	return matches &&
	       qualifiers_hold(&entry->qualifiers, subject, now, &facts) != HOLDS_NO;
}

size_t rule_index_matches(const struct rule_index *index, const struct action *action,
	const struct subject *subject, time_t now, const struct rule **rules,
	size_t max)
{
	struct spelling spelling;
	size_t count = 0;

	spelling_init(&spelling, index, action);
	for (size_t i = 0; i < index->count && count < max; i++) {
		if (entry_may_match(index, i, &spelling, subject, now)) {
			rules[count++] = &index->entries[i].rule;
		}
	}
	return count;
}

static bool has_label(const char **labels, size_t count, const char *label)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(labels[i], label) == 0) {
			return true;
		}
	}
	return false;
}

static bool label_matches(
	const struct rule_index *index, size_t label, const struct spelling *spelling)
{
	return matches_as_named(&index->labels[label].pattern, spelling->action) ||
	       (spelling->rules && matches_as_named(&spelling->rules->labels[label],
					   &spelling->folded));
}

size_t rule_index_labels(const struct rule_index *index, const struct action *action,
	const char **labels, size_t max)
{
	struct spelling spelling;
	size_t count = 0;

	if (index->label_count == 0) {
		return 0;
	}
	spelling_init(&spelling, index, action);
	for (size_t i = 0; i < index->label_count && count < max; i++) {
		const struct entry *entry = &index->labels[i];
		if (label_matches(index, i, &spelling) &&
			!has_label(labels, count, entry->rule.label)) {
			labels[count++] = entry->rule.label;
		}
	}
	return count;
}

/* Everything below a folder, as a pattern. */
static bool compile_below(struct text folder, struct pattern *pattern)
{
	const struct rule_variables none = {0};
	char *quoted = glob_quote(folder);
	char *text = xasprintf("%s/**", quoted);
	const struct rule rule = {.verbs = VERBS_ALL, .pattern = text};
	bool is_compiled = pattern_compile(&rule, &none, pattern);

	free(text);
	free(quoted);
	return is_compiled;
}

/* A move of a folder as labels see it. */
struct move {
	struct text from, to;
	struct pattern below; /* everything below from */
	bool is_compiled;
};

static void move_init(struct move *move, struct text from, struct text to)
{
	move->from = from;
	move->to = to;
	move->is_compiled = compile_below(from, &move->below);
}

static void move_finish(struct move *move)
{
	if (move->is_compiled) {
		pattern_finish(&move->below);
	}
}

/* The label is given to something below the old name that loses it by the new one. */
static bool move_takes(const struct move *move, const struct pattern *label)
{
	return move->is_compiled && label->kind == PATTERN_PATH &&
	       pattern_overlaps(&move->below, label) &&
	       !glob_goes_along(&label->glob, move->from, move->to);
}

size_t rule_index_labels_below(const struct rule_index *index, struct folder from,
	struct folder to, const char **labels, size_t max)
{
	char buffers[2][NAME_FOLDED_SIZE];
	const struct folded_rules *folded = NULL;
	struct move move;
	struct move folded_move = {0};
	size_t count = 0;

	if (index->label_count == 0) {
		return 0;
	}
	move_init(&move, from.name, to.name);
	if (from.ignores_case && name_fold(from.name, buffers[0], &from.name) &&
		name_fold(to.name, buffers[1], &to.name)) {
		folded = rule_index_folded(index);
		move_init(&folded_move, from.name, to.name);
	}
	for (size_t i = 0; i < index->label_count && count < max; i++) {
		const struct entry *entry = &index->labels[i];
		const bool is_taken =
			move_takes(&move, &entry->pattern) ||
			(folded && move_takes(&folded_move, &folded->labels[i]));
		if (is_taken && !has_label(labels, count, entry->rule.label)) {
			labels[count++] = entry->rule.label;
		}
	}
	move_finish(&move);
	move_finish(&folded_move);
	return count;
}

const struct entry *rule_index_entry(
	const struct rule_index *index, const struct rule *rule)
{
	for (size_t i = 0; i < index->count; i++) {
		if (&index->entries[i].rule == rule) {
			return &index->entries[i];
		}
	}
	return NULL;
}
