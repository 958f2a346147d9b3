/* SPDX-License-Identifier: MIT */
/* The learner's records, and running it; the steps are in learn_*.c. */
#include "rules/learn.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "rules/learn_internal.h"

#include <stdlib.h>

struct learner *learner_create(time_t now)
{
	struct learner *learner = xcalloc(1, sizeof(*learner));

	learner->now = now;
	return learner;
}

static void free_examples(struct learner *learner)
{
	for (size_t i = 0; i < learner->example_count; i++) {
		rule_finish(&learner->examples[i]->example.exact);
		free(learner->examples[i]->example.records);
	}
	for (size_t i = 0; i < learner->candidate_count; i++) {
		rule_finish(&learner->candidates[i]->rule);
		free(learner->candidates[i]->key);
		free(learner->candidates[i]->examples);
	}
	free(learner->examples);
	free(learner->candidates);
	free(learner->example_table.slots);
	free(learner->candidate_table.slots);
	learn_free_past(learner);
}

void learner_destroy(struct learner *learner)
{
	if (!learner) {
		return;
	}
	free_examples(learner);
	for (size_t i = 0; i < learner->place_count; i++) {
		place_finish(&learner->places[i]);
	}
	free(learner->places);
	free(learner->records);
	free(learner->record_table.slots);
	free(learner->approval_table.slots);
	while (learner->blocks) {
		struct block *next = learner->blocks->next;

		free(learner->blocks);
		learner->blocks = next;
	}
	free(learner);
}

size_t learner_add_place(struct learner *learner,
	const struct rule_variables *variables, const struct rule_list *rules)
{
	struct place *place;

	learner->places = xreallocarray(
		learner->places, learner->place_count + 1, sizeof(*learner->places));
	place = &learner->places[learner->place_count];
	*place = (struct place){.variables = variables, .rules = rules};
	place_init(place);
	return learner->place_count++;
}

/* ---- Records: equal events of a session are one ---- */

static uint64_t hash_number(uint64_t hash, int64_t number)
{
	return learn_hash(hash, &number, sizeof(number));
}

static uint64_t hash_text(uint64_t hash, struct text text)
{
	return learn_hash(hash, text.bytes, text.length);
}

uint64_t record_action_hash(const struct recorded_action *recorded, size_t place)
{
	const struct action *action = &recorded->action;
	uint64_t hash = hash_text((uint64_t)place, action->object);

	hash = hash_number(hash, (int64_t)action->verb);
	hash = hash_number(hash, (int64_t)(uintptr_t)recorded->subject);
	for (size_t i = 0; i < action->argc; i++) {
		hash = hash_text(hash, action->argv[i]);
	}
	for (size_t i = 0; i < action->endpoint.name_count; i++) {
		hash = hash_text(hash, action->endpoint.names[i]);
	}
	return hash;
}

static uint64_t record_hash(const struct recorded_action *recorded, size_t place)
{
	uint64_t hash = record_action_hash(recorded, place);

	hash = hash_number(hash, recorded->session);
	hash = hash_number(hash, recorded->question);
	return hash_number(
		hash, (int64_t)recorded->verdict << 4 | (int64_t)recorded->by);
}

bool record_same_action(
	const struct recorded_action *a, const struct recorded_action *b)
{
	const struct action *x = &a->action;
	const struct action *y = &b->action;

	return x->verb == y->verb && a->subject == b->subject &&
	       x->is_folder == y->is_folder && text_equal(x->object, y->object) &&
	       texts_equal(x->argv, x->argc, y->argv, y->argc) &&
	       texts_equal(x->endpoint.names, x->endpoint.name_count, y->endpoint.names,
		       y->endpoint.name_count);
}

struct record_context {
	const struct learner *learner;
	const struct recorded_action *recorded;
	uint64_t hash;
	size_t place;
};

static bool record_equal(const void *context, uint32_t number)
{
	const struct record_context *wanted = context;
	const struct record *record = wanted->learner->records[number - 1];
	const struct recorded_action *a = &record->recorded;
	const struct recorded_action *b = wanted->recorded;

	return record->hash == wanted->hash && record->place == wanted->place &&
	       a->session == b->session && a->question == b->question &&
	       a->verdict == b->verdict && a->by == b->by &&
	       a->is_partial == b->is_partial && a->vectors == b->vectors &&
	       a->is_persons == b->is_persons && a->is_taken_back == b->is_taken_back &&
	       record_same_action(a, b);
}

static struct text *keep_texts(
	struct learner *learner, const struct text *texts, size_t count)
{
	struct text *kept = learn_allocate(learner, (count + 1) * sizeof(*kept));

	for (size_t i = 0; i < count; i++) {
		kept[i] = learn_keep(learner, texts[i]);
	}
	return kept;
}

static void add_record(
	struct learner *learner, const struct record_context *context, bool is_source)
{
	struct record *record = learn_allocate(learner, sizeof(*record));
	struct action *action = &record->recorded.action;

	*record = (struct record){.recorded = *context->recorded,
		.place = context->place,
		.hash = context->hash,
		.is_source = is_source};
	action->object = learn_keep(learner, action->object);
	action->asked_as = (struct text){"", 0};
	record->recorded.rule_text = learn_keep(learner, context->recorded->rule_text);
	if (action->argc > 0) {
		action->argv = keep_texts(learner, action->argv, action->argc);
	}
	if (action->endpoint.name_count > 0) {
		action->endpoint.names = keep_texts(
			learner, action->endpoint.names, action->endpoint.name_count);
	}
	learner->records = learn_grow(learner->records, learner->record_count,
		&learner->record_capacity, sizeof(struct record *));
	learner->records[learner->record_count++] = record;
}

void learner_add(struct learner *learner, size_t place,
	const struct recorded_action *recorded, bool is_source)
{
	struct record_context context = {
		learner, recorded, record_hash(recorded, place), place};
	uint32_t next = (uint32_t)learner->record_count + 1;

	invariant(place < learner->place_count);
	uint32_t number = number_table_find(
		&learner->record_table, context.hash, next, record_equal, &context);
	if (number == next) {
		add_record(learner, &context, is_source);
	} else {
		learner->records[number - 1]->recorded.count += recorded->count;
	}
	learner->totals.events += recorded->count;
	if (recorded->verdict != VERDICT_ALLOW && recorded->verdict != VERDICT_ASK &&
		recorded->by != RECORDED_BY_HEADLESS) {
		learner->totals.denials += recorded->count;
	}
}

/* ---- Running ---- */

static void find_conflicting(const struct learner *learner, struct learned *learned)
{
	for (size_t i = 0; i < learner->example_count; i++) {
		const struct learn_example *example = learner->examples[i];

		if (!example->is_covered && !example->is_unreviewed &&
			!example->is_allowed_already) {
			learned->conflicting = xreallocarray(learned->conflicting,
				learned->conflicting_count + 1,
				sizeof(*learned->conflicting));
			learned->conflicting[learned->conflicting_count++] =
				&example->example;
		}
	}
}

static void choose_group(
	struct learner *learner, bool unreviewed, struct learned *learned)
{
	learn_find_examples(learner, unreviewed, learned);
	learn_choose(learner, unreviewed);
	learn_find_examples_by(learner, unreviewed);
	learn_choose(learner, unreviewed);
	learn_prune(learner);
}

void learner_run(struct learner *learner, bool unreviewed, struct learned *learned)
{
	*learned = (struct learned){0};
	choose_group(learner, false, learned);
	if (unreviewed) {
		choose_group(learner, true, learned);
	}
	learn_test(learner);
	find_conflicting(learner, learned);
	learn_make_proposals(learner, learned);
	learned->totals = learner->totals;
}

void learned_finish(struct learned *learned)
{
	learn_free_proposals(learned);
	free(learned->kept);
	free(learned->conflicting);
	*learned = (struct learned){0};
}
