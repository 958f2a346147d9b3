/* SPDX-License-Identifier: MIT */
/* Looking for words in the events or on the terminal, a little at a time. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/replay_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEARCH_BYTES = 256 << 10 };

static void end(struct replay *replay, bool is_found)
{
	replay->search.is_active = false;
	replay->is_dirty = true;
	if (!is_found) {
		char *words = escape_copy(text_of(replay->search.words));
		replay_say(replay,
			xasprintf("not found %s this: %s",
				replay->search.is_forward ? "after" : "before", words));
		free(words);
	}
}

void replay_search_begin(struct replay *replay, enum replay_search_kind kind,
	const char *words, bool is_forward)
{
	struct replay_search *search = &replay->search;

	if (words != search->words) {
		(void)snprintf(search->words, sizeof(search->words), "%s", words);
	}
	if (*search->words == '\0' || kind == REPLAY_SEARCH_NONE) {
		return;
	}
	search->kind = kind;
	search->is_forward = is_forward;
	search->is_active = true;
	search->at = kind == REPLAY_SEARCH_EVENTS ? replay->seq + (is_forward ? 1 : -1)
						  : replay->chunk;
	replay->follows = false;
	replay_set_playing(replay, false);
	if (kind == REPLAY_SEARCH_EVENTS && search->at < 1) {
		end(replay, false);
	}
}

void replay_search_again(struct replay *replay, bool is_forward)
{
	if (replay->search.kind == REPLAY_SEARCH_NONE) {
		replay_say(replay, xstrdup("nothing has been searched for yet"));
		return;
	}
	replay_search_begin(
		replay, replay->search.kind, replay->search.words, is_forward);
}

static void search_events(struct replay *replay)
{
	struct replay_search *search = &replay->search;
	struct replay_filter filter = replay->list.filter; /* borrowed but for words */
	struct error err = {0};
	int64_t found;
	struct replay_scan scan = {.is_backward = !search->is_forward,
		.at = search->at,
		.found = &found,
		.most = 1};

	/* Both have to be there, not one beside the other. */
	char *typed = filter.words;
	filter.words = search->words;
	filter.more_words = typed;
	if (!replay->source->scan(replay->source->context, &filter, &scan, &err)) {
		replay_fail(replay, &err);
		return;
	}
	search->at = scan.at;
	if (scan.count > 0) {
		end(replay, true);
		replay_go_to_event(replay, found);
	} else if (search->at == 0) {
		end(replay, false);
	}
}

static void search_terminal(struct replay *replay)
{
	struct replay_search *search = &replay->search;
	struct error err = {0};
	int64_t found = 0;
	const struct replay_reach reach = {replay->extent.last_chunk, SEARCH_BYTES};
	const bool is_read =
		search->is_forward
			? replay_terminal_search(replay->terminal, search->words, reach,
				  &search->at, &found, &err)
			: replay_terminal_search_back(replay->terminal, search->words,
				  &search->at, &found, &err);

	if (!is_read) {
		replay_fail(replay, &err);
	} else if (found != 0) {
		end(replay, true);
		replay_go_to_chunk(replay, found);
	} else if (search->is_forward ? search->at >= replay->extent.last_chunk
				      : search->at <= 1) {
		end(replay, false);
	}
}

void replay_search_on(struct replay *replay)
{
	if (replay->search.kind == REPLAY_SEARCH_EVENTS) {
		search_events(replay);
	} else {
		search_terminal(replay);
	}
	replay->is_dirty = true;
}
