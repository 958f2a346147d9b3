/* SPDX-License-Identifier: MIT */
/*
 * Any moment of a recorded terminal: the bytes since the checkpoint before it, on the
 * state that was kept there. Checkpoints are made whenever the bytes are read.
 */
#include "base/xalloc.h"
#include "tui/pane_snapshot.h"
#include "tui/replay.h"

#include <stdlib.h>

enum {
	ROWS_DEFAULT = 24,
	COLUMNS_DEFAULT = 80,
	ROWS_MAX = 500, /* an imported recording may say anything */
	COLUMNS_MAX = 1000,
	SPACING_FIRST = 128 << 10, /* bytes between checkpoints; doubled for room */
	CHECKPOINT_BYTES_MAX = 48 << 20,
};

struct checkpoint {
	int64_t chunk;
	struct pane_snapshot *snapshot;
};

struct replay_terminal {
	const struct replay_source *source;
	struct pane_arena *arena;
	struct pane *pane;
	int rows, columns;
	int64_t at; /* the last chunk that has been taken */

	struct checkpoint *checkpoints; /* in order; the first is before all chunks */
	size_t count, capacity;
	size_t bytes;	/* that they take */
	size_t spacing; /* bytes between them */
	size_t since;	/* bytes since the last of them, or since a restored one */

	/* While chunks are taken. */
	int64_t goal;
	size_t left; /* bytes that may still be taken */
	const char *words;
	int64_t found;
	bool wants_last; /* of those that are found */
};

/* ---- Checkpoints ---- */

static int64_t last_checkpoint(const struct replay_terminal *terminal)
{
	return terminal->checkpoints[terminal->count - 1].chunk;
}

/* Every second one goes, and from now on they lie twice as far apart. */
static void thin_out(struct replay_terminal *terminal)
{
	size_t kept = 1;

	for (size_t i = 1; i < terminal->count; i++) {
		struct checkpoint *checkpoint = &terminal->checkpoints[i];
		if (i % 2 == 0) {
			terminal->checkpoints[kept++] = *checkpoint;
			continue;
		}
		terminal->bytes -= pane_snapshot_size(checkpoint->snapshot);
		pane_snapshot_free(checkpoint->snapshot);
	}
	terminal->count = kept;
	terminal->spacing *= 2;
}

static void add_checkpoint(struct replay_terminal *terminal)
{
	if (terminal->count == terminal->capacity) {
		terminal->capacity = 2 * terminal->capacity + 16;
		terminal->checkpoints = xreallocarray(terminal->checkpoints,
			terminal->capacity, sizeof(*terminal->checkpoints));
	}
	struct pane_snapshot *snapshot =
		pane_snapshot_take(terminal->pane, terminal->arena);
	terminal->checkpoints[terminal->count++] =
		(struct checkpoint){terminal->at, snapshot};
	terminal->bytes += pane_snapshot_size(snapshot);
	terminal->since = 0;
	while (terminal->bytes > CHECKPOINT_BYTES_MAX && terminal->count > 2) {
		thin_out(terminal);
	}
}

static const struct checkpoint *checkpoint_before(
	const struct replay_terminal *terminal, int64_t chunk)
{
	size_t low = 0, high = terminal->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;
		if (terminal->checkpoints[middle].chunk <= chunk) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return &terminal->checkpoints[low];
}

static void restore(struct replay_terminal *terminal, int64_t chunk,
	const struct pane_snapshot *snapshot)
{
	pane_snapshot_restore(snapshot, terminal->pane, terminal->arena);
	pane_size(terminal->pane, &terminal->rows, &terminal->columns);
	terminal->at = chunk;
	terminal->since = 0;
}

/* ---- Taking chunks ---- */

static int within(unsigned value, int most)
{
	return value < 1 ? 1 : value > (unsigned)most ? most : (int)value;
}

static void take_part(struct replay_terminal *terminal, const struct replay_chunk *part)
{
	if (part->rows > 0) {
		terminal->rows = within(part->rows, ROWS_MAX);
		terminal->columns = within(part->columns, COLUMNS_MAX);
		pane_resize(terminal->pane, terminal->rows, terminal->columns);
	} else {
		pane_write(terminal->pane, part->bytes);
	}
	terminal->since += part->bytes.length;
}

/* All of that chunk has been taken. */
static void end_chunk(struct replay_terminal *terminal, int64_t chunk)
{
	terminal->at = chunk;
	if (terminal->since >= terminal->spacing &&
		terminal->at > last_checkpoint(terminal)) {
		add_checkpoint(terminal);
	}
}

static bool take_towards(void *context, const struct replay_chunk *chunk)
{
	struct replay_terminal *terminal = context;

	if (chunk->number > terminal->goal) {
		return false;
	}
	take_part(terminal, chunk);
	end_chunk(terminal, chunk->number);
	if (chunk->bytes.length >= terminal->left) {
		terminal->left = 0;
		return false;
	}
	terminal->left -= chunk->bytes.length;
	return terminal->at < terminal->goal;
}

/* Up to that chunk, or until as many bytes were taken. */
static bool advance(
	struct replay_terminal *terminal, int64_t goal, size_t bytes, struct error *err)
{
	terminal->goal = goal;
	terminal->left = bytes;
	if (terminal->at >= goal) {
		return true;
	}
	return terminal->source->chunks(
		terminal->source->context, terminal->at, take_towards, terminal, err);
}

bool replay_terminal_seek_some(struct replay_terminal *terminal, int64_t chunk,
	size_t bytes, bool *is_there, struct error *err)
{
	const struct checkpoint *before = checkpoint_before(terminal, chunk);

	if (chunk < terminal->at || before->chunk > terminal->at) {
		restore(terminal, before->chunk, before->snapshot);
	}
	const bool is_read = advance(terminal, chunk, bytes, err);
	pane_process(terminal->pane);
	*is_there = terminal->left > 0 || terminal->at >= chunk;
	return is_read;
}

bool replay_terminal_seek(
	struct replay_terminal *terminal, int64_t chunk, struct error *err)
{
	bool is_there;

	return replay_terminal_seek_some(terminal, chunk, SIZE_MAX, &is_there, err);
}

bool replay_terminal_prepare(struct replay_terminal *terminal, size_t bytes,
	bool *is_done, struct error *err)
{
	const int64_t present = terminal->at;
	const struct checkpoint *last = &terminal->checkpoints[terminal->count - 1];

	*is_done = false;
	if (bytes < 2 * terminal->spacing) {
		bytes = 2 * terminal->spacing; /* or there would be no way ahead */
	}
	struct pane_snapshot *kept =
		pane_snapshot_take(terminal->pane, terminal->arena);
	if (terminal->at < last->chunk) {
		restore(terminal, last->chunk, last->snapshot);
	}
	const bool is_read = advance(terminal, INT64_MAX, bytes, err);
	*is_done = terminal->left > 0;
	restore(terminal, present, kept);
	pane_snapshot_free(kept);
	return is_read;
}

/* ---- Searching ---- */

/* Bytes in which nothing scrolls off before it was looked at. */
static size_t piece_length(const struct replay_terminal *terminal, struct text bytes)
{
	int lines = 0;

	for (size_t i = 0; i < bytes.length; i++) {
		lines += bytes.bytes[i] == '\n' ? 1 : 0;
		if (lines >= terminal->rows - 1 && lines > 0) {
			return i + 1;
		}
	}
	return bytes.length;
}

static bool search_chunk(void *context, const struct replay_chunk *chunk)
{
	struct replay_terminal *terminal = context;
	struct replay_chunk part = *chunk;
	struct text rest = chunk->bytes;

	if (chunk->number > terminal->goal) {
		return false;
	}
	do {
		part.bytes.bytes = rest.bytes;
		part.bytes.length = piece_length(terminal, rest);
		rest.bytes += part.bytes.length;
		rest.length -= part.bytes.length;
		take_part(terminal, &part);
		if (pane_changed_line_has(terminal->pane, terminal->words) &&
			chunk->rows == 0) {
			terminal->found = chunk->number;
		}
	} while (rest.length > 0);
	end_chunk(terminal, chunk->number);
	if (terminal->found != 0 && !terminal->wants_last) {
		return false;
	}
	if (chunk->bytes.length >= terminal->left) {
		terminal->left = 0;
		return false;
	}
	terminal->left -= chunk->bytes.length;
	return chunk->number < terminal->goal;
}

/* From *chunk + 1 to last. */
static bool search(struct replay_terminal *terminal, int64_t *chunk, int64_t last,
	size_t bytes, struct error *err)
{
	const int64_t present = terminal->at;
	struct pane_snapshot *kept =
		pane_snapshot_take(terminal->pane, terminal->arena);

	bool is_read = replay_terminal_seek(terminal, *chunk, err);
	terminal->goal = last;
	terminal->left = bytes;
	terminal->found = 0;
	/* What is there already is not found. */
	(void)pane_changed_line_has(terminal->pane, terminal->words);
	if (is_read && terminal->at < last) {
		is_read = terminal->source->chunks(terminal->source->context,
			terminal->at, search_chunk, terminal, err);
	}
	const bool is_at_end = terminal->left > 0 && terminal->found == 0;
	*chunk = is_at_end ? last : terminal->at;
	restore(terminal, present, kept);
	pane_snapshot_free(kept);
	return is_read;
}

bool replay_terminal_search(struct replay_terminal *terminal, const char *words,
	struct replay_reach reach, int64_t *chunk, int64_t *found, struct error *err)
{
	terminal->words = words;
	terminal->wants_last = false;
	const bool is_read = search(terminal, chunk, reach.last, reach.bytes, err);
	*found = terminal->found;
	return is_read;
}

bool replay_terminal_search_back(struct replay_terminal *terminal, const char *words,
	int64_t *chunk, int64_t *found, struct error *err)
{
	const int64_t last = *chunk - 1;
	int64_t at = checkpoint_before(terminal, last - 1)->chunk;

	*found = 0;
	*chunk = at + 1;
	if (last < 1) {
		return true;
	}
	terminal->words = words;
	terminal->wants_last = true;
	const bool is_read = search(terminal, &at, last, SIZE_MAX, err);
	*found = terminal->found;
	return is_read;
}

/* ---- Beginning and end ---- */

struct replay_terminal *replay_terminal_new(const struct replay_source *source)
{
	struct replay_terminal *terminal = xcalloc(1, sizeof(*terminal));

	terminal->source = source;
	terminal->rows = ROWS_DEFAULT;
	terminal->columns = COLUMNS_DEFAULT;
	terminal->spacing = SPACING_FIRST;
	terminal->arena = pane_arena_new();
	terminal->pane =
		pane_new_in(terminal->arena, terminal->rows, terminal->columns);
	add_checkpoint(terminal);
	return terminal;
}

void replay_terminal_free(struct replay_terminal *terminal)
{
	if (terminal == NULL) {
		return;
	}
	for (size_t i = 0; i < terminal->count; i++) {
		pane_snapshot_free(terminal->checkpoints[i].snapshot);
	}
	free(terminal->checkpoints);
	pane_free(terminal->pane);
	pane_arena_free(terminal->arena);
	free(terminal);
}

void replay_terminal_set_spacing(struct replay_terminal *terminal, size_t bytes)
{
	terminal->spacing = bytes;
}

struct pane *replay_terminal_pane(struct replay_terminal *terminal)
{
	return terminal->pane;
}

void replay_terminal_size(
	const struct replay_terminal *terminal, int *rows, int *columns)
{
	*rows = terminal->rows;
	*columns = terminal->columns;
}
