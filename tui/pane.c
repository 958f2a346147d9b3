/* SPDX-License-Identifier: MIT */
#include "tui/pane.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "tui/pane_arena.h"
#include "tui/pane_internal.h"
#include "tui/pane_snapshot.h"

#include <stdlib.h>

enum { BACKLOG_MAX = 2 << 20 };

/* ---- What libvterm tells ---- */

static int damage(VTermRect area, void *user)
{
	struct pane *pane = user;

	for (int row = area.start_row; row < area.end_row && row < pane->rows; row++) {
		pane->is_damaged[row] = true;
	}
	pane->has_damage = true;
	return 1;
}

static int move_cursor(VTermPos to, VTermPos from, int visible, void *user)
{
	struct pane *pane = user;

	(void)from;
	(void)visible;
	pane->cursor = to;
	pane->has_damage = true;
	return 1;
}

static void set_title(struct pane *pane, const VTermValue *value)
{
#if VTERM_VERSION_MAJOR > 0 || VTERM_VERSION_MINOR >= 2
	const struct text part = {value->string.str, value->string.len};
	pane->title_length = value->string.initial ? 0 : pane->title_length;
#else
	const struct text part = text_of(value->string);
	pane->title_length = 0;
#endif
	const size_t room = sizeof(pane->title) - pane->title_length;
	const size_t length = part.length < room ? part.length : room;
	memcpy(pane->title + pane->title_length, part.bytes, length);
	pane->title_length += length;
}

static int set_property(VTermProp property, VTermValue *value, void *user)
{
	struct pane *pane = user;

	if (property == VTERM_PROP_CURSORVISIBLE) {
		pane->is_cursor_visible = value->boolean;
	} else if (property == VTERM_PROP_CURSORBLINK) {
		pane->is_cursor_blinking = value->boolean;
	} else if (property == VTERM_PROP_CURSORSHAPE) {
		pane->cursor_shape = value->number;
	} else if (property == VTERM_PROP_ALTSCREEN) {
		pane->is_alternate = value->boolean;
	} else if (property == VTERM_PROP_TITLE) {
		set_title(pane, value);
	}
	pane->has_damage = true;
	return 1;
}

static int ring_bell(void *user)
{
	struct pane *pane = user;

	pane->has_bell = true;
	return 1;
}

static int push_line(int count, const VTermScreenCell *cells, void *user)
{
	pane_history_push(user, cells, count);
	return 1;
}

static int pop_line(int count, VTermScreenCell *cells, void *user)
{
	return pane_history_pop(user, cells, count) ? 1 : 0;
}

static void answer(const char *bytes, size_t length, void *user)
{
	struct pane *pane = user;

	pane->reply((struct text){bytes, length}, pane->context);
}

static const VTermScreenCallbacks callbacks = {
	.damage = damage,
	.movecursor = move_cursor,
	.settermprop = set_property,
	.bell = ring_bell,
	.sb_pushline = push_line,
	.sb_popline = pop_line,
};

/* ---- Beginning and end ---- */

/* Takes the vterm. */
static struct pane *pane_make(
	VTerm *vterm, int rows, int columns, pane_reply_fn *reply, void *context)
{
	struct pane *pane = xcalloc(1, sizeof(*pane));

	pane->reply = reply;
	pane->context = context;
	pane->rows = rows;
	pane->columns = columns;
	pane->is_cursor_visible = true;
	pane->is_cursor_blinking = true;
	pane->cursor_shape = VTERM_PROP_CURSORSHAPE_BLOCK;
	pane->is_damaged = xcalloc((size_t)rows, sizeof(bool));
	pane->backlog = xmalloc(BACKLOG_MAX);
	pane->history = xcalloc(PANE_HISTORY_MAX, sizeof(*pane->history));
	modes_init(&pane->modes);
	pane->vterm = vterm;
	invariant(pane->vterm != NULL);
	vterm_set_utf8(pane->vterm, 1);
	vterm_output_set_callback(pane->vterm, answer, pane);
	pane->screen = vterm_obtain_screen(pane->vterm);
	vterm_screen_enable_altscreen(pane->screen, 1);
	vterm_screen_set_callbacks(pane->screen, &callbacks, pane);
	vterm_screen_set_damage_merge(pane->screen, VTERM_DAMAGE_SCREEN);
	vterm_screen_reset(pane->screen, 1);
	pane_damage_all(pane);
	return pane;
}

struct pane *pane_new(int rows, int columns, pane_reply_fn *reply, void *context)
{
	return pane_make(vterm_new(rows, columns), rows, columns, reply, context);
}

static void drop_answer(struct text bytes, void *context)
{
	(void)bytes;
	(void)context;
}

struct pane *pane_new_in(struct pane_arena *arena, int rows, int columns)
{
	/* libvterm does not change them. */
	VTermAllocatorFunctions *functions =
		(VTermAllocatorFunctions *)(uintptr_t)&pane_arena_functions;

	return pane_make(vterm_new_with_allocator(rows, columns, functions, arena),
		rows, columns, drop_answer, NULL);
}

void pane_free(struct pane *pane)
{
	if (pane == NULL) {
		return;
	}
	vterm_free(pane->vterm);
	pane_history_free(pane);
	free(pane->is_damaged);
	free(pane->backlog);
	free(pane);
}

void pane_resize(struct pane *pane, int rows, int columns)
{
	if (rows == pane->rows && columns == pane->columns) {
		pane_damage_all(pane);
		return;
	}
	pane_process(pane); /* it was written for the old size */
	/* Damage may be told of in either size. */
	const int most = rows > pane->rows ? rows : pane->rows;
	free(pane->is_damaged);
	pane->is_damaged = xcalloc((size_t)most, sizeof(bool));
	vterm_screen_flush_damage(pane->screen);
	pane->rows = rows;
	pane->columns = columns;
	vterm_set_size(pane->vterm, rows, columns);
	pane_guard_resized(pane);
	vterm_screen_flush_damage(pane->screen);
	pane_damage_all(pane);
}

void pane_size(const struct pane *pane, int *rows, int *columns)
{
	*rows = pane->rows;
	*columns = pane->columns;
}

/* ---- Bytes ---- */

static void take_effect(struct pane *pane, const char *bytes, size_t length)
{
	modes_follow(&pane->modes, bytes, length);
	pane_guard_write(pane, (struct text){bytes, length});
}

void pane_process(struct pane *pane)
{
	const struct text all = {pane->backlog, pane->backlog_length};

	if (all.length == 0) {
		return;
	}
	pane->backlog_length = 0;
	const struct pane_flood flood = pane_flood_find(all, (size_t)pane->rows);
	const size_t rest = flood.keep + flood.skip;
	take_effect(pane, all.bytes, flood.keep);
	take_effect(pane, all.bytes + rest, all.length - rest);
}

void pane_write(struct pane *pane, struct text bytes)
{
	while (bytes.length > 0) {
		const size_t room = BACKLOG_MAX - pane->backlog_length;
		const size_t step = bytes.length < room ? bytes.length : room;
		memcpy(pane->backlog + pane->backlog_length, bytes.bytes, step);
		pane->backlog_length += step;
		bytes.bytes += step;
		bytes.length -= step;
		if (pane->backlog_length == BACKLOG_MAX) {
			pane_process(pane);
		}
	}
	pane->has_damage = true;
}

bool pane_is_damaged(const struct pane *pane)
{
	return pane->has_damage;
}

void pane_damage_all(struct pane *pane)
{
	for (int row = 0; row < pane->rows; row++) {
		pane->is_damaged[row] = true;
	}
	pane->has_damage = true;
}

bool pane_cursor(const struct pane *pane, int *row, int *column)
{
	*row = pane->cursor.row < pane->rows ? pane->cursor.row : pane->rows - 1;
	*column =
		pane->cursor.col < pane->columns ? pane->cursor.col : pane->columns - 1;
	return pane->is_cursor_visible && pane->scrolled == 0;
}

int pane_cursor_shape(const struct pane *pane)
{
	return pane->is_cursor_blinking ? pane->cursor_shape : -pane->cursor_shape;
}

struct text pane_title(const struct pane *pane)
{
	return (struct text){pane->title, pane->title_length};
}

const struct modes *pane_modes(const struct pane *pane)
{
	return &pane->modes;
}

bool pane_take_bell(struct pane *pane)
{
	const bool had = pane->has_bell;

	pane->has_bell = false;
	return had;
}
