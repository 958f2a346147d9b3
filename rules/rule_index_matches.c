/* SPDX-License-Identifier: MIT */
/* All rules that match, and the labels of an object: off the hot path, one by one. */
#include "base/xalloc.h"
#include "rules/index_internal.h"
#include "rules/pattern_overlap.h"

#include <stdlib.h>

static bool entry_may_match(const struct rule_index *index, size_t rank,
	const struct action *action, const struct subject *subject, time_t now)
{
	const struct entry *entry = &index->entries[rank];
	const struct endpoint *endpoint = &action->endpoint;
	unsigned facts;
	bool matches = false;

	for (size_t i = 0; i < endpoint->name_count && !matches; i++) {
		matches = pattern_matches(&entry->pattern, action, endpoint->names[i]);
	}
	if (!matches) {
		matches = pattern_matches(
			&entry->pattern, action, (struct text){NULL, 0});
	}
	return matches &&
	       qualifiers_hold(&entry->qualifiers, subject, now, &facts) != HOLDS_NO;
}

size_t rule_index_matches(const struct rule_index *index, const struct action *action,
	const struct subject *subject, time_t now, const struct rule **rules,
	size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < index->count && count < max; i++) {
		if (entry_may_match(index, i, action, subject, now)) {
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

static bool label_matches(const struct pattern *pattern, const struct action *action)
{
	const struct endpoint *endpoint = &action->endpoint;

	for (size_t i = 0; i < endpoint->name_count; i++) {
		if (pattern_matches(pattern, action, endpoint->names[i])) {
			return true;
		}
	}
	return pattern_matches(pattern, action, (struct text){NULL, 0});
}

size_t rule_index_labels(const struct rule_index *index, const struct action *action,
	const char **labels, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < index->label_count && count < max; i++) {
		const struct entry *entry = &index->labels[i];
		if (label_matches(&entry->pattern, action) &&
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

size_t rule_index_labels_below(const struct rule_index *index, struct text from,
	struct text to, const char **labels, size_t max)
{
	struct pattern below_from;
	struct pattern below_to;
	size_t count = 0;

	if (index->label_count == 0 || !compile_below(from, &below_from)) {
		return 0;
	}
	const bool has_to = compile_below(to, &below_to);
	for (size_t i = 0; i < index->label_count && count < max; i++) {
		const struct entry *entry = &index->labels[i];
		if (pattern_overlaps(&below_from, &entry->pattern) &&
			!(has_to && pattern_overlaps(&below_to, &entry->pattern)) &&
			!has_label(labels, count, entry->rule.label)) {
			labels[count++] = entry->rule.label;
		}
	}
	pattern_finish(&below_from);
	if (has_to) {
		pattern_finish(&below_to);
	}
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
