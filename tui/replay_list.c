/* SPDX-License-Identifier: MIT */
/* The events that a filter lets through, or all, which need no list. */
#include "base/xalloc.h"
#include "tui/replay_internal.h"

#include <stdlib.h>

size_t replay_list_count(const struct replay *replay)
{
	return replay->list.typed != NULL ? replay->list.count
					  : (size_t)replay->extent.last_event;
}

int64_t replay_list_seq(const struct replay *replay, size_t index)
{
	return replay->list.typed != NULL ? replay->list.seqs[index]
					  : (int64_t)index + 1;
}

size_t replay_list_upto(const struct replay *replay, int64_t seq)
{
	const struct replay_list *list = &replay->list;
	size_t low = 0, high = list->count;

	if (list->typed == NULL) {
		return (size_t)(seq < replay->extent.last_event
					? seq
					: replay->extent.last_event);
	}
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (list->seqs[middle] <= seq) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

void replay_list_filter(
	struct replay *replay, struct replay_filter *filter, const char *typed)
{
	struct replay_list *list = &replay->list;

	replay_filter_finish(&list->filter);
	free(list->typed);
	list->filter = *filter;
	list->typed = typed != NULL && *typed != '\0' ? xstrdup(typed) : NULL;
	list->count = 0;
	list->scan_at = list->typed != NULL && replay->extent.last_event > 0 ? 1 : 0;
	replay->is_dirty = true;
}

void replay_list_scan(struct replay *replay)
{
	enum { FOUND_MAX = 4096 };
	struct replay_list *list = &replay->list;
	int64_t found[FOUND_MAX];
	struct replay_scan scan = {
		.at = list->scan_at, .found = found, .most = FOUND_MAX};
	struct error err = {0};

	if (!replay->source->scan(
		    replay->source->context, &list->filter, &scan, &err)) {
		replay_fail(replay, &err);
		return;
	}
	list->scan_at = scan.at;
	while (list->count + scan.count > list->capacity) {
		list->capacity = 2 * list->capacity + FOUND_MAX;
		list->seqs =
			xreallocarray(list->seqs, list->capacity, sizeof(*list->seqs));
	}
	memcpy(list->seqs + list->count, found, scan.count * sizeof(*found));
	list->count += scan.count;
	replay->is_dirty = true;
}

void replay_list_grown(struct replay *replay, int64_t last_before)
{
	struct replay_list *list = &replay->list;

	if (list->typed != NULL && list->scan_at == 0 &&
		replay->extent.last_event > last_before) {
		list->scan_at = last_before + 1;
	}
}

void replay_list_finish(struct replay_list *list)
{
	replay_filter_finish(&list->filter);
	free(list->typed);
	free(list->seqs);
	*list = (struct replay_list){0};
}
