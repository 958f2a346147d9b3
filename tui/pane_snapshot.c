/* SPDX-License-Identifier: MIT */
#include "tui/pane_snapshot.h"

#include "base/xalloc.h"
#include "tui/pane_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

enum { HISTORY_KEPT = 100 };

struct pane_snapshot {
	struct pane plain; /* its pointers are not used */
	struct pane_line history[HISTORY_KEPT];
	int history_count;
	size_t used;	    /* of the arena */
	size_t size;	    /* of all this */
	char arena_bytes[]; /* used of them */
};

static struct pane_line line_copy(const struct pane_line *line)
{
	const size_t size = (size_t)line->count * sizeof(*line->cells);
	struct pane_line copy = {.count = line->count};

	copy.cells = xmalloc(size > 0 ? size : 1);
	memcpy(copy.cells, line->cells, size);
	return copy;
}

struct pane_snapshot *pane_snapshot_take(
	struct pane *pane, const struct pane_arena *arena)
{
	pane_process(pane);
	vterm_screen_flush_damage(pane->screen);
	const size_t used = pane_arena_used(arena);
	struct pane_snapshot *snapshot = xmalloc(sizeof(*snapshot) + used);
	const int count =
		pane->history_count < HISTORY_KEPT ? pane->history_count : HISTORY_KEPT;
	snapshot->plain = *pane;
	snapshot->used = used;
	snapshot->size = sizeof(*snapshot) + used;
	snapshot->history_count = count;
	for (int i = 0; i < count; i++) {
		snapshot->history[i] = line_copy(
			pane_history_line(pane, pane->history_count - count + i));
		snapshot->size +=
			(size_t)snapshot->history[i].count * sizeof(VTermScreenCell);
	}
	memcpy(snapshot->arena_bytes, pane_arena_bytes(arena), used);
	return snapshot;
}

void pane_snapshot_free(struct pane_snapshot *snapshot)
{
	if (snapshot == NULL) {
		return;
	}
	for (int i = 0; i < snapshot->history_count; i++) {
		free(snapshot->history[i].cells);
	}
	free(snapshot);
}

size_t pane_snapshot_size(const struct pane_snapshot *snapshot)
{
	return snapshot->size;
}

static void history_restore(const struct pane_snapshot *snapshot, struct pane *pane)
{
	for (int i = 0; i < PANE_HISTORY_MAX; i++) {
		free(pane->history[i].cells);
		pane->history[i] = (struct pane_line){0};
	}
	for (int i = 0; i < snapshot->history_count; i++) {
		pane->history[i] = line_copy(&snapshot->history[i]);
	}
	pane->history_start = 0;
	pane->history_count = snapshot->history_count;
	pane->scrolled = 0;
}

void pane_snapshot_restore(const struct pane_snapshot *snapshot, struct pane *pane,
	struct pane_arena *arena)
{
	const struct pane present = *pane;

	*pane = snapshot->plain;
	pane->is_damaged = xreallocarray(
		present.is_damaged, (size_t)pane->rows, sizeof(*pane->is_damaged));
	pane->backlog = present.backlog;
	pane->backlog_length = 0;
	pane->history = present.history;
	history_restore(snapshot, pane);
	pane_arena_restore(arena, snapshot->arena_bytes, snapshot->used);
	pane_damage_all(pane);
}

/* ---- Text ---- */

char *pane_line_text(const struct pane *pane, int row)
{
	char *text = xcalloc((size_t)pane->columns + 1, MB_LEN_MAX);
	size_t length = 0, shown = 0;
	mbstate_t state = {0};

	for (int column = 0; column < pane->columns; column++) {
		const VTermPos at = {.row = row, .col = column};
		VTermScreenCell cell;
		(void)vterm_screen_get_cell(pane->screen, at, &cell);
		if (cell.chars[0] == (uint32_t)-1) {
			continue; /* the right half of a wide character */
		}
		const wchar_t character =
			cell.chars[0] != 0 ? (wchar_t)cell.chars[0] : L' ';
		const size_t size = wcrtomb(text + length, character, &state);
		length += size != (size_t)-1 ? size : 0;
		shown = character != L' ' ? length : shown;
	}
	text[shown] = '\0';
	return text;
}

static bool row_has(const struct pane *pane, int row, const char *words)
{
	char *text = pane_line_text(pane, row);
	const bool has = strcasestr(text, words) != NULL;

	free(text);
	return has;
}

bool pane_changed_line_has(struct pane *pane, const char *words)
{
	bool has = false;

	pane_process(pane);
	vterm_screen_flush_damage(pane->screen);
	for (int row = 0; row < pane->rows; row++) {
		has = has || (pane->is_damaged[row] && row_has(pane, row, words));
		pane->is_damaged[row] = false;
	}
	return has;
}
