/* SPDX-License-Identifier: MIT */
/* What the parts of learning share; for rules/learn*.c only. */
#ifndef RULES_LEARN_INTERNAL_H
#define RULES_LEARN_INTERNAL_H

#include "rules/generalise.h"
#include "rules/learn.h"
#include "rules/pattern.h"
#include "rules/precedence.h"

/* A rule that asks or denies, which a learned one may not overrule. */
struct guard_rule {
	struct pattern pattern;
	struct precedence precedence;
};

struct place {
	const struct rule_variables *variables;
	const struct rule_list *rules;
	struct rule_index *index;
	struct rule_index *sensitive; /* the profiles that name what is dangerous */
	struct guard_rule *guards;
	size_t guard_count;
	struct rule_index *combined; /* with the proposals; while testing */
	struct rule_index *learned;  /* only the proposals */
};

struct learn_example;

struct record {
	struct recorded_action recorded;
	struct text name; /* the endpoint's only one */
	struct text *names;
	size_t place;
	uint64_t hash;
	bool is_source;
	struct learn_example *example; /* that it is a record of; NULL: of none */
};

struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

/* Open addressing over numbers, from 1, of something kept elsewhere. */
struct number_slot {
	uint64_t hash;
	uint32_t number; /* 0: free */
};
struct number_table {
	struct number_slot *slots;
	size_t capacity, count;
};

struct learn_example {
	struct example example;
	size_t place;
	bool is_unreviewed;
	bool is_covered;	 /* by a chosen candidate */
	bool is_allowed_already; /* by a person's rule for just this */
	bool is_left;		 /* while a proposal is split: in no part yet */
	size_t capacity;
};

enum { PARTS_MAX = 4 };

struct candidate {
	struct rule rule;
	char *key;
	enum width width;
	bool is_unreviewed, has_hidden, balances_parts;
	size_t min_examples, min_parts;
	uint64_t parts[PARTS_MAX];
	size_t part_examples[PARTS_MAX];
	size_t part_count;
	uint32_t *examples;
	size_t count, capacity;
	size_t uncovered; /* as last counted */
	bool is_chosen, is_dropped;
};

/* What was chosen before a person changed a proposal. */
struct past_choice {
	uint32_t *chosen; /* numbers of candidates */
	size_t count;
	size_t at; /* the proposal that was changed */
};

struct learner {
	time_t now;
	struct place *places;
	size_t place_count;
	struct block *blocks;
	struct record **records;
	size_t record_count, record_capacity;
	struct number_table record_table;
	struct number_table approval_table; /* the first record of each action */
	struct learn_example **examples;
	size_t example_count, example_capacity;
	struct number_table example_table;
	struct candidate **candidates;
	size_t candidate_count, candidate_capacity;
	struct number_table candidate_table;
	struct past_choice *past;
	size_t past_count, past_capacity;
	struct learn_totals totals;
};

/* learn_memory.c */
void *learn_allocate(struct learner *learner, size_t size);
struct text learn_keep(struct learner *learner, struct text text);
uint64_t learn_hash(uint64_t hash, const void *bytes, size_t length);
typedef bool number_equal_fn(const void *context, uint32_t number);
/* The number with this hash for which equal holds; else next, which is then put in. */
uint32_t number_table_find(struct number_table *table, uint64_t hash, uint32_t next,
	number_equal_fn *equal, const void *context);
void *learn_grow(void *items, size_t count, size_t *capacity, size_t size);

/* learn.c: what is done, by whom and where, whenever it was. */
uint64_t record_action_hash(const struct recorded_action *recorded, size_t place);
bool record_same_action(
	const struct recorded_action *a, const struct recorded_action *b);

/* learn_places.c */
void place_init(struct place *place);
void place_finish(struct place *place);
/*
 * True if the candidate would decide where a rule asks or denies. keeps_hidden: another
 * rule goes with it that asks about what is hidden below.
 */
bool place_is_guarded(
	const struct place *place, const struct rule *rule, bool keeps_hidden);
bool place_is_sensitive(const struct place *place, const struct record *record,
	const struct judgement *judgement);

/* learn_examples.c: all approvals become examples and candidates. */
void learn_find_examples(
	struct learner *learner, bool unreviewed, struct learned *learned);
/* The same examples once more, each only for the program that did it. */
void learn_find_examples_by(struct learner *learner, bool unreviewed);

/* learn_prune.c: no longer chosen are those that another chosen one covers. */
void learn_prune(struct learner *learner);

/* learn_choose.c: marks candidates as chosen. */
void learn_choose(struct learner *learner, bool unreviewed);
bool candidate_has_enough_examples(const struct candidate *candidate);
/* False with a sentence if it would overrule a rule, or let through what was denied. */
bool candidate_check(const struct learner *learner, const struct candidate *candidate,
	struct error *err);

/* learn_edit.c: about the same verb, program and kind of evidence, and not the same. */
bool candidates_are_comparable(const struct candidate *a, const struct candidate *b);
/* Every action that inner matches, outer does, too. */
bool candidate_covers(const struct learner *learner, const struct candidate *outer,
	const struct candidate *inner);
/* False, with a sentence about the denied action. */
bool candidate_refuse(const struct record *denied, struct error *err);

/* learn_undo.c: chosen is a flag for each candidate, as it was before the change. */
void learn_remember(struct learner *learner, const bool *chosen, size_t at);
void learn_free_past(struct learner *learner);

/* learn_test.c: drops what fails, and counts what is saved. */
void learn_test(struct learner *learner);
/* Tests what is chosen anew: NULL, or a record that it makes worse. Counts if NULL. */
const struct record *learn_test_again(struct learner *learner);

/* learn_proposals.c */
void learn_make_proposals(struct learner *learner, struct learned *learned);
void learn_free_proposals(struct learned *learned);

/* The rules of a chosen candidate, appended to list with its number as id. */
void candidate_rules(
	const struct candidate *candidate, size_t number, struct rule_list *list);

#endif
