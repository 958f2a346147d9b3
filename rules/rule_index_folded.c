/* SPDX-License-Identifier: MIT */
/*
 * The rules once more, folded. Most sessions never see a file system that takes no heed
 * of case, so this is made when the first name on one is judged.
 */
#include "base/xalloc.h"
#include "rules/index_internal.h"

#include <stdlib.h>

/* All but the glob is borrowed. */
static void fold_pattern(const struct pattern *pattern, struct pattern *folded)
{
	*folded = *pattern;
	if (pattern->kind == PATTERN_PATH) {
		glob_fold(&pattern->glob, &folded->glob);
	}
}

static struct pattern *fold_entries(const struct entry *entries, size_t count)
{
	struct pattern *patterns = xcalloc(count + 1, sizeof(*patterns));

	for (size_t i = 0; i < count; i++) {
		fold_pattern(&entries[i].pattern, &patterns[i]);
	}
	return patterns;
}

static void finish_patterns(struct pattern *patterns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (patterns[i].kind == PATTERN_PATH) {
			glob_finish(&patterns[i].glob);
		}
	}
	free(patterns);
}

static struct folded_rules *folded_rules_create(const struct rule_index *index)
{
	struct folded_rules *folded = xcalloc(1, sizeof(*folded));

	folded->patterns = fold_entries(index->entries, index->count);
	folded->labels = fold_entries(index->labels, index->label_count);
	folded->trie = rule_trie_create();
	for (size_t i = index->count; i > 0; i--) {
		rule_trie_add(
			folded->trie, &folded->patterns[i - 1], (uint32_t)(i - 1));
	}
	return folded;
}

void folded_rules_destroy(struct folded_rules *folded, const struct rule_index *index)
{
	if (!folded) {
		return;
	}
	finish_patterns(folded->patterns, index->count);
	finish_patterns(folded->labels, index->label_count);
	rule_trie_destroy(folded->trie);
	free(folded);
}

const struct folded_rules *rule_index_folded(const struct rule_index *index)
{
	struct folded_rules *folded = atomic_load(index->folded);

	if (folded != NULL) {
		return folded;
	}
	struct folded_rules *fresh = folded_rules_create(index);
	if (atomic_compare_exchange_strong(index->folded, &folded, fresh)) {
		return fresh;
	}
	/* Another thread was first. */
	folded_rules_destroy(fresh, index);
	return folded;
}
