/* SPDX-License-Identifier: MIT */
/* Which recorded actions are examples, and of what each could be one. */
#include "base/xalloc.h"
#include "rules/learn_internal.h"
#include "rules/parser.h"
#include "rules/printer.h"

#include <stdio.h>
#include <stdlib.h>

/* What the approval was limited to; owned strings or NULL. */
struct limits {
	char *by, *under;
};

/* ---- Candidates ---- */

struct finder {
	struct learner *learner;
	uint32_t number; /* of the example, from 1; 0: being found by its exact rule */
	const struct record *record;
	struct limits limits;
	bool is_unreviewed;
	bool is_new;
};

static char *candidate_key(const struct rule *rule, bool is_unreviewed)
{
	char *text = rule_print(rule);
	char *key = xasprintf("%c%s", is_unreviewed ? 'u' : 'r', text);

	free(text);
	return key;
}

struct key_context {
	const struct learner *learner;
	const char *key;
};

static bool candidate_equal(const void *context, uint32_t number)
{
	const struct key_context *wanted = context;

	return strcmp(wanted->learner->candidates[number - 1]->key, wanted->key) == 0;
}

static struct candidate *candidate_create(
	struct learner *learner, struct widened *widened, char *key)
{
	struct candidate *candidate = learn_allocate(learner, sizeof(*candidate));

	*candidate = (struct candidate){
		.rule = widened->rule,
		.key = key,
		.width = widened->width,
		.has_hidden = widened->has_hidden,
		.balances_parts = widened->balances_parts,
		.min_examples = widened->min_examples,
		.min_parts = widened->min_parts,
		.is_unreviewed = key[0] == 'u',
	};
	learner->candidates = learn_grow(learner->candidates, learner->candidate_count,
		&learner->candidate_capacity, sizeof(struct candidate *));
	learner->candidates[learner->candidate_count++] = candidate;
	return candidate;
}

/* Takes the rule of widened. */
static struct candidate *candidate_find(struct finder *finder, struct widened *widened)
{
	struct learner *learner = finder->learner;
	char *key = candidate_key(&widened->rule, finder->is_unreviewed);
	struct key_context context = {learner, key};
	uint32_t next = (uint32_t)learner->candidate_count + 1;
	uint32_t number = number_table_find(&learner->candidate_table,
		learn_hash(0, key, strlen(key)), next, candidate_equal, &context);

	if (number == next) {
		return candidate_create(learner, widened, key);
	}
	free(key);
	rule_finish(&widened->rule);
	return learner->candidates[number - 1];
}

static void candidate_add_part(struct candidate *candidate, struct text part)
{
	uint64_t hash = learn_hash(1, part.bytes, part.length);

	for (size_t i = 0; i < candidate->part_count; i++) {
		if (candidate->parts[i] == hash) {
			candidate->part_examples[i]++;
			return;
		}
	}
	if (candidate->part_count < PARTS_MAX) {
		candidate->parts[candidate->part_count] = hash;
		candidate->part_examples[candidate->part_count++] = 1;
	}
}

static void receive(void *context, struct widened *widened)
{
	struct finder *finder = context;
	struct text part = widened->part;

	if (finder->limits.by && !widened->rule.by) {
		widened->rule.by = xstrdup(finder->limits.by);
	}
	if (finder->limits.under && !widened->rule.under) {
		widened->rule.under = xstrdup(finder->limits.under);
	}
	struct candidate *candidate = candidate_find(finder, widened);
	if (candidate->count > 0 &&
		candidate->examples[candidate->count - 1] == finder->number) {
		return; /* the same pattern by another way */
	}
	candidate->examples = learn_grow(candidate->examples, candidate->count,
		&candidate->capacity, sizeof(uint32_t));
	candidate->examples[candidate->count++] = finder->number;
	candidate_add_part(candidate, part);
}

/* ---- Examples ---- */

static bool example_equal(const void *context, uint32_t number)
{
	const struct key_context *wanted = context;
	const struct learn_example *example = wanted->learner->examples[number - 1];
	char *key = candidate_key(&example->example.exact, example->is_unreviewed);
	bool is_equal = strcmp(key, wanted->key) == 0;

	free(key);
	return is_equal;
}

static struct learn_example *example_create(
	struct learner *learner, const struct rule *exact, const struct finder *finder)
{
	struct learn_example *example = learn_allocate(learner, sizeof(*example));

	*example = (struct learn_example){
		.place = finder->record->place, .is_unreviewed = finder->is_unreviewed};
	rule_copy(&example->example.exact, exact);
	learner->examples = learn_grow(learner->examples, learner->example_count,
		&learner->example_capacity, sizeof(struct learn_example *));
	learner->examples[learner->example_count++] = example;
	return example;
}

static void example_add_record(
	struct learn_example *example, const struct record *record)
{
	example->example.records =
		learn_grow(example->example.records, example->example.count,
			&example->capacity, sizeof(struct recorded_action *));
	example->example.records[example->example.count++] = &record->recorded;
}

/* The first rule that is given is the exact one: it says which example this is. */
static void receive_first(void *context, struct widened *widened)
{
	struct finder *finder = context;
	struct learner *learner = finder->learner;

	if (finder->number == 0) {
		uint32_t next = (uint32_t)learner->example_count + 1;

		if (finder->limits.by) {
			widened->rule.by = xstrdup(finder->limits.by);
		}
		if (finder->limits.under) {
			widened->rule.under = xstrdup(finder->limits.under);
		}
		char *key = candidate_key(&widened->rule, finder->is_unreviewed);
		struct key_context wanted = {learner, key};
		finder->number = number_table_find(&learner->example_table,
			learn_hash(2, key, strlen(key)), next, example_equal, &wanted);
		finder->is_new = finder->number == next;
		free(key);
		if (finder->is_new) {
			example_create(learner, &widened->rule, finder);
		}
	}
	if (finder->is_new) {
		receive(context, widened);
	} else {
		rule_finish(&widened->rule);
	}
}

static struct learn_example *add_example(struct learner *learner,
	const struct record *record, struct limits limits, bool is_unreviewed)
{
	struct finder finder = {.learner = learner,
		.record = record,
		.limits = limits,
		.is_unreviewed = is_unreviewed};

	generalise(&record->recorded.action, learner->places[record->place].variables,
		receive_first, &finder);
	struct learn_example *example = learner->examples[finder.number - 1];
	example_add_record(example, record);
	free(limits.by);
	free(limits.under);
	return example;
}

/* ---- Approvals ---- */

static bool is_approval(const struct record *record, bool unreviewed)
{
	const struct recorded_action *recorded = &record->recorded;
	bool is_of_group =
		unreviewed ? recorded->by == RECORDED_BY_NOBODY : recorded->is_persons;

	return record->is_source && is_of_group && recorded->verdict == VERDICT_ALLOW &&
	       !recorded->is_partial && !recorded->is_taken_back;
}

/*
 * The limits of the answer that allowed it. False if it held only for some code or tool
 * call, or before a label: what is known of the action does not say as much.
 */
static bool read_limits(const struct record *record, struct limits *limits)
{
	struct text text = record->recorded.rule_text;
	struct rule rule;

	*limits = (struct limits){0};
	if (text.length == 0) {
		return true;
	}
	if (!rule_parse_line(text, &rule, NULL)) {
		return false;
	}
	bool is_known = true;
	if (rule.verdict == VERDICT_ALLOW) { /* else it only made somebody ask */
		is_known = !rule.via && !rule.code && !rule.after;
	}
	if (is_known && rule.verdict == VERDICT_ALLOW) {
		*limits = (struct limits){rule.by, rule.under};
		rule.by = NULL;
		rule.under = NULL;
	}
	rule_finish(&rule);
	return is_known;
}

static bool has_wildcard(const struct rule *rule)
{
	bool is_program = rule->verbs & 1U << VERB_EXEC;
	char *object = rule_print_object(rule);
	bool is_open =
		strpbrk(object, "*?[") != NULL || (is_program && !rule->has_argv);

	free(object);
	return is_open;
}

/* What may be learned from an approval under the rules in force. */
enum use { USE_NOTHING, USE_EXAMPLE, USE_ALLOWED_EXAMPLE, USE_KEEP_ASKING };

static enum use use_of(const struct learner *learner, const struct record *record)
{
	const struct place *place = &learner->places[record->place];
	const struct recorded_action *recorded = &record->recorded;
	struct judgement now = rule_index_judge(
		place->index, &recorded->action, recorded->subject, learner->now);

	switch (now.verdict) {
	case VERDICT_ALLOW:
		if (now.rule && now.rule->origin == ORIGIN_PERSON &&
			!has_wildcard(now.rule)) {
			break;
		}
		return USE_NOTHING;
	case VERDICT_DENY:
	case VERDICT_FORBID:
	case VERDICT_COUNT:
		return USE_NOTHING;
	case VERDICT_ASK:
		break;
	}
	if (place_is_sensitive(place, record, &now)) {
		return now.verdict == VERDICT_ASK ? USE_KEEP_ASKING : USE_NOTHING;
	}
	return now.verdict == VERDICT_ASK ? USE_EXAMPLE : USE_ALLOWED_EXAMPLE;
}

static struct learn_example *find_kept(
	const struct learned *learned, const struct rule *exact)
{
	for (size_t i = 0; i < learned->kept_count; i++) {
		if (rule_equal(&learned->kept[i]->exact, exact)) {
			/* It begins with what was given out. */
			return (struct learn_example *)(uintptr_t)learned->kept[i];
		}
	}
	return NULL;
}

/* One that stays a question: known by its exact rule, but without candidates. */
static struct learn_example *keep_asking(
	struct learner *learner, const struct record *record, struct learned *learned)
{
	struct finder finder = {.learner = learner, .record = record};
	struct rule exact;

	generalise_exact(&record->recorded.action,
		learner->places[record->place].variables, &exact);
	struct learn_example *example = find_kept(learned, &exact);
	if (example) { /* another program did the same */
		rule_finish(&exact);
		example_add_record(example, record);
		return example;
	}
	example = example_create(learner, &exact, &finder);
	rule_finish(&exact);
	example->is_covered = true;
	example_add_record(example, record);
	learned->kept = xreallocarray(
		learned->kept, learned->kept_count + 1, sizeof(*learned->kept));
	learned->kept[learned->kept_count++] = &example->example;
	return example;
}

/* NULL: nothing is to be learned from it. */
static struct learn_example *find_example(struct learner *learner,
	const struct record *record, bool unreviewed, struct learned *learned)
{
	struct limits limits;
	struct learn_example *example;

	switch (use_of(learner, record)) {
	case USE_NOTHING:
		return NULL;
	case USE_KEEP_ASKING:
		return unreviewed ? NULL : keep_asking(learner, record, learned);
	case USE_ALLOWED_EXAMPLE:
		if (read_limits(record, &limits)) {
			example = add_example(learner, record, limits, unreviewed);
			example->is_allowed_already = true;
			return example;
		}
		return NULL;
	case USE_EXAMPLE:
		if (read_limits(record, &limits)) {
			return add_example(learner, record, limits, unreviewed);
		}
		return NULL;
	}
	return NULL;
}

struct approval_context {
	const struct learner *learner;
	const struct record *record;
	bool unreviewed;
};

static bool approval_equal(const void *context, uint32_t number)
{
	const struct approval_context *wanted = context;
	const struct record *first = wanted->learner->records[number - 1];

	return first->place == wanted->record->place &&
	       is_approval(first, wanted->unreviewed) &&
	       text_equal(
		       first->recorded.rule_text, wanted->record->recorded.rule_text) &&
	       record_same_action(&first->recorded, &wanted->record->recorded);
}

/* What was done before is looked at only once. */
static void add_approval(
	struct learner *learner, size_t at, bool unreviewed, struct learned *learned)
{
	struct record *record = learner->records[at];
	struct approval_context context = {learner, record, unreviewed};
	uint32_t number = (uint32_t)at + 1;
	uint32_t first = number_table_find(&learner->approval_table,
		record_action_hash(&record->recorded, record->place), number,
		approval_equal, &context);

	if (first == number) {
		record->example = find_example(learner, record, unreviewed, learned);
	} else if (learner->records[first - 1]->example) {
		record->example = learner->records[first - 1]->example;
		example_add_record(record->example, record);
	}
}

void learn_find_examples(
	struct learner *learner, bool unreviewed, struct learned *learned)
{
	for (size_t i = 0; i < learner->record_count; i++) {
		if (is_approval(learner->records[i], unreviewed)) {
			learner->totals.approvals +=
				unreviewed ? 0 : learner->records[i]->recorded.count;
			add_approval(learner, i, unreviewed, learned);
		}
	}
}

/* A script says more than its interpreter. */
static struct limits limits_to_program(const struct recorded_action *recorded)
{
	const struct subject *subject = recorded->subject;
	struct text program =
		subject->script.length > 0 ? subject->script : subject->program;

	return (struct limits){
		.by = program.length > 0 ? pattern_quote_literal(program) : NULL};
}

void learn_find_examples_by(struct learner *learner, bool unreviewed)
{
	size_t count = learner->example_count;

	for (size_t i = 0; i < count; i++) {
		struct learn_example *example = learner->examples[i];
		const struct rule *exact = &example->example.exact;

		if (example->is_covered || exact->by ||
			example->is_unreviewed != unreviewed) {
			continue;
		}
		example->is_covered = true; /* its parts take its place */
		for (size_t j = 0; j < example->example.count; j++) {
			const struct recorded_action *recorded =
				example->example.records[j];
			struct limits limits = limits_to_program(recorded);
			/* A record begins with what was recorded. */
			const struct record *record =
				(const struct record *)(const void *)recorded;

			if (exact->under) {
				limits.under = xstrdup(exact->under);
			}
			(void)add_example(learner, record, limits, unreviewed);
		}
	}
}
