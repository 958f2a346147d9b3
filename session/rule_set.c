/* SPDX-License-Identifier: MIT */
#include "session/rule_set.h"

#include "base/xalloc.h"
#include "rules/printer.h"

#include <stdlib.h>

struct rule_text {
	const struct rule *rule;
	char *text;
	size_t length;
};

static int id_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

void rule_list_copy(struct rule_list *list, const struct rule *rule)
{
	if (rule != NULL) {
		struct rule copy;
		rule_copy(&copy, rule);
		rule_list_take(list, &copy);
	}
}

struct rule_set *rule_set_create(
	struct rule_list *list, const struct rule_variables *variables)
{
	struct rule_set *set = xcalloc(1, sizeof(*set));
	set->references = 1;
	set->stored = xcalloc(list->count + 1, sizeof(*set->stored));
	for (size_t i = 0; i < list->count; i++) {
		if (list->rules[i].id > 0) {
			set->stored[set->stored_count++] = list->rules[i].id;
		}
	}
	qsort(set->stored, set->stored_count, sizeof(*set->stored), id_compare);
	set->index = rule_index_create(list, variables);
	rule_list_finish(list);
	*list = (struct rule_list){0};
	return set;
}

struct rule_set *rule_set_reference(struct rule_set *set)
{
	set->references++;
	return set;
}

void rule_set_release(struct rule_set *set)
{
	if (set == NULL || --set->references > 0) {
		return;
	}
	for (size_t i = 0; i < set->text_capacity; i++) {
		free(set->texts[i].text);
	}
	free(set->texts);
	free(set->stored);
	rule_index_destroy(set->index);
	free(set);
}

bool rule_set_has_stored(const struct rule_set *set, int64_t id)
{
	return bsearch(&id, set->stored, set->stored_count, sizeof(*set->stored),
		       id_compare) != NULL;
}

/* The place of a rule in an open-addressed table that is never full. */
static struct rule_text *text_slot(
	struct rule_text *texts, size_t capacity, const struct rule *rule)
{
	size_t at = ((uintptr_t)rule >> 4) * 0x9E3779B97F4A7C15u;
	for (;; at++) {
		struct rule_text *slot = &texts[at & (capacity - 1)];
		if (slot->rule == rule || slot->rule == NULL) {
			return slot;
		}
	}
}

static void texts_grow(struct rule_set *set)
{
	enum { FIRST_CAPACITY = 64 };
	size_t capacity =
		set->text_capacity == 0 ? FIRST_CAPACITY : set->text_capacity * 2;
	struct rule_text *texts = xcalloc(capacity, sizeof(*texts));
	for (size_t i = 0; i < set->text_capacity; i++) {
		if (set->texts[i].rule != NULL) {
			*text_slot(texts, capacity, set->texts[i].rule) = set->texts[i];
		}
	}
	free(set->texts);
	set->texts = texts;
	set->text_capacity = capacity;
}

struct text rule_set_text(struct rule_set *set, const struct rule *rule)
{
	if (set->text_count * 2 >= set->text_capacity) {
		texts_grow(set);
	}
	struct rule_text *slot = text_slot(set->texts, set->text_capacity, rule);
	if (slot->rule == NULL) {
		slot->rule = rule;
		slot->text = rule_print(rule);
		slot->length = strlen(slot->text);
		set->text_count++;
	}
	return (struct text){slot->text, slot->length};
}
