/* SPDX-License-Identifier: MIT */
/*
 * What the terminal showed at a moment, as far as the output shortly before it tells:
 * shown at once while all of the way there is still being read.
 */
#include "tui/replay.h"

#include <stdlib.h>
#include <string.h>

enum {
	BYTES = 128 << 10, /* some 10 ms */
	CHUNKS_FIRST = 16,
	CHUNKS_MAX = 16 << 10,
};

struct preview {
	struct pane *pane;
	int64_t last;
	size_t bytes; /* in all of the chunks */
	size_t skip;  /* of them, the first */
};

static bool measure(void *context, const struct replay_chunk *chunk)
{
	struct preview *preview = context;

	if (chunk->number <= preview->last) {
		preview->bytes += chunk->bytes.length;
	}
	return chunk->number < preview->last;
}

/* After which chunk enough output begins, and what of that is too much. */
static bool find_begin(const struct replay_source *source, struct preview *preview,
	int64_t *begin, struct error *err)
{
	for (int64_t count = CHUNKS_FIRST;; count *= 4) {
		*begin = preview->last > count ? preview->last - count : 0;
		preview->bytes = 0;
		if (!source->chunks(source->context, *begin, measure, preview, err)) {
			return false;
		}
		if (preview->bytes >= BYTES || *begin == 0 || count >= CHUNKS_MAX) {
			break;
		}
	}
	preview->skip = preview->bytes > BYTES ? preview->bytes - BYTES : 0;
	return true;
}

/* From the beginning of a line or of a sequence on, not from the midst of one. */
static struct text from_border(struct text bytes)
{
	while (bytes.length > 0 && *bytes.bytes != '\033' && *bytes.bytes != '\n') {
		bytes.bytes++;
		bytes.length--;
	}
	return bytes;
}

static bool take(void *context, const struct replay_chunk *chunk)
{
	struct preview *preview = context;
	struct text rest = chunk->bytes;

	if (chunk->number > preview->last) {
		return false;
	}
	if (preview->skip >= rest.length && preview->skip > 0) {
		preview->skip -= rest.length;
		return true;
	}
	if (preview->skip > 0) {
		rest.bytes += preview->skip;
		rest.length -= preview->skip;
		preview->skip = 0;
		rest = from_border(rest);
	}
	pane_write(preview->pane, rest);
	return chunk->number < preview->last;
}

static void drop_answer(struct text bytes, void *context)
{
	(void)bytes;
	(void)context;
}

struct pane *replay_preview_make(const struct replay_source *source, int64_t chunk,
	const struct pane *like, struct error *err)
{
	struct preview preview = {.last = chunk};
	int rows, columns;
	int64_t begin;

	pane_size(like, &rows, &columns);
	preview.pane = pane_new(rows, columns, drop_answer, NULL);
	if (!find_begin(source, &preview, &begin, err) ||
		!source->chunks(source->context, begin, take, &preview, err)) {
		pane_free(preview.pane);
		return NULL;
	}
	pane_process(preview.pane);
	return preview.pane;
}
