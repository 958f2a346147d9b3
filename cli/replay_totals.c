/* SPDX-License-Identifier: MIT */
#include "cli/replay_totals.h"

#include <stddef.h>

static const struct {
	const char *words, *name;
	size_t offset;
} rows[] = {
	{"judged again", "judged", offsetof(struct rejudge_totals, judged)},
	{"different", "different", offsetof(struct rejudge_totals, different)},
	{"asks saved", "asks_saved", offsetof(struct rejudge_totals, asks_saved)},
	{"newly asked", "newly_asked", offsetof(struct rejudge_totals, newly_asked)},
	{"newly denied", "newly_denied", offsetof(struct rejudge_totals, newly_denied)},
	{"newly allowed", "newly_allowed",
		offsetof(struct rejudge_totals, newly_allowed)},
	{"cannot be judged again", "not_judged",
		offsetof(struct rejudge_totals, not_judged)},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static long long total_at(const struct rejudge_totals *totals, size_t row)
{
	return *(const int64_t *)((const char *)totals + rows[row].offset);
}

void replay_totals_print(const struct rejudge_totals *totals, FILE *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		(void)fprintf(
			out, "%-23s %10lld\n", rows[i].words, total_at(totals, i));
	}
}

json_t *replay_totals_json(const struct rejudge_totals *totals)
{
	json_t *object = json_object();

	for (size_t i = 0; i < ROWS; i++) {
		/* fails only without memory */
		(void)json_object_set_new(
			object, rows[i].name, json_integer(total_at(totals, i)));
	}
	return object;
}
