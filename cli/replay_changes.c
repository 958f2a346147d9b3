/* SPDX-License-Identifier: MIT */
#include "cli/replay_changes.h"

#include "base/xalloc.h"
#include "cli/replay_totals.h"
#include "cli/show.h"
#include "rules/printer.h"

#include <stdlib.h>

enum { UNMATCHED_MAX = 200 };

/* Rules decide often, and stay where they are: their addresses tell them apart. */
static uint32_t rule_index(
	struct replay_changes *changes, const struct rejudged_action *rejudged)
{
	const char *const bytes = rejudged->rule.bytes;

	if (rejudged->rule.length == 0) {
		return 0;
	}
	if (changes->rules[changes->last_rule].rule.bytes == bytes) {
		return (uint32_t)changes->last_rule;
	}
	for (size_t i = 1; i < changes->rule_count; i++) {
		if (changes->rules[i].rule.bytes == bytes) {
			changes->last_rule = i;
			return (uint32_t)i;
		}
	}
	if (changes->rule_count == changes->rule_capacity) {
		changes->rule_capacity = 2 * changes->rule_capacity + 16;
		changes->rules = xreallocarray(changes->rules, changes->rule_capacity,
			sizeof(*changes->rules));
	}
	changes->last_rule = changes->rule_count++;
	changes->rules[changes->last_rule] =
		(struct replay_change_rule){rejudged->rule, rejudged->source};
	return (uint32_t)changes->last_rule;
}

static bool take(
	void *context, const struct rejudged_action *rejudged, struct error *err)
{
	struct replay_changes *changes = context;

	(void)err;
	if (changes->count == changes->capacity) {
		changes->capacity = 2 * changes->capacity + 64;
		changes->records = xreallocarray(
			changes->records, changes->capacity, sizeof(*changes->records));
	}
	changes->records[changes->count++] = (struct replay_change_record){
		.seq = rejudged->seq,
		.now = rejudged->now,
		.was_asked = rejudged->was_asked,
		.obstacle = rejudged->obstacle,
		.rule = rule_index(changes, rejudged),
	};
	return true;
}

struct replay_changes *replay_changes_make(struct db *db,
	const struct session_record *session, const struct rejudge_options *options,
	struct error *err)
{
	struct replay_changes *changes = xcalloc(1, sizeof(*changes));

	changes->rule_count = changes->rule_capacity = 1;
	changes->rules = xcalloc(1, sizeof(*changes->rules));
	changes->rejudge = rejudge_create(session, options, err);
	if (changes->rejudge == NULL ||
		!rejudge_run(changes->rejudge, db, take, changes, err)) {
		replay_changes_free(changes);
		return NULL;
	}
	return changes;
}

void replay_changes_free(struct replay_changes *changes)
{
	if (changes == NULL) {
		return;
	}
	rejudge_destroy(changes->rejudge);
	free(changes->records);
	free(changes->rules);
	free(changes);
}

/* How many lie before seq. */
static size_t count_before(const struct replay_changes *changes, int64_t seq)
{
	size_t low = 0, high = changes->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (changes->records[middle].seq < seq) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const struct replay_change_record *replay_changes_find(
	const struct replay_changes *changes, int64_t seq)
{
	const size_t at = count_before(changes, seq);

	return at < changes->count && changes->records[at].seq == seq
		       ? &changes->records[at]
		       : NULL;
}

int64_t replay_changes_beside(
	const struct replay_changes *changes, int64_t seq, bool is_forward)
{
	const size_t before = count_before(changes, is_forward ? seq + 1 : seq);

	if (is_forward) {
		return before < changes->count ? changes->records[before].seq : 0;
	}
	return before > 0 ? changes->records[before - 1].seq : 0;
}

void replay_changes_print(const struct replay_changes *changes, FILE *out)
{
	const struct rule *rule;

	(void)fputs("\nJudged again\n", out);
	replay_totals_print(rejudge_totals(changes->rejudge), out);
	for (size_t i = 0; i < UNMATCHED_MAX &&
			   (rule = rejudge_unmatched(changes->rejudge, i)) != NULL;
		i++) {
		char *text = rule_print(rule);
		char *shown = show_text(text_of(text), 0);
		char *source = show_text(text_of(rule->source), 0);
		(void)fprintf(out, "%s  %s%s%s\n",
			i == 0 ? "\nRules that never matched\n" : "", source,
			*source != '\0' ? ": " : "", shown);
		free(source);
		free(shown);
		free(text);
	}
}
