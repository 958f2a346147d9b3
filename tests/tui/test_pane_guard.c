/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "tui/pane_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, COLUMNS = 40, SEQUENCE_MAX = 5000 };

static void drop_reply(struct text bytes, void *context)
{
	(void)bytes;
	(void)context;
}

/* Where the cursor stands after the bytes, written in pieces of that size. */
static int column_after(struct text bytes, size_t piece)
{
	struct pane *pane = pane_new(ROWS, COLUMNS, drop_reply, NULL);
	int row = -1;
	int column = -1;
	while (bytes.length > 0) {
		size_t step = bytes.length < piece ? bytes.length : piece;
		pane_write(pane, (struct text){bytes.bytes, step});
		pane_process(pane);
		bytes.bytes += step;
		bytes.length -= step;
	}
	(void)pane_cursor(pane, &row, &column);
	pane_free(pane);
	return column;
}

static void expect_harmless(const char *separator, size_t count)
{
	char bytes[SEQUENCE_MAX + 32] = "\x1b[1";
	for (size_t i = 0; i < count; i++) {
		strcat(bytes, separator);
	}
	strcat(bytes, "mab");
	cr_expect(eq(int, column_after(text_of(bytes), sizeof(bytes)), 2));
	cr_expect(eq(int, column_after(text_of(bytes), 1), 2));
}

Test(pane_guard, sequences_with_any_number_of_arguments_are_harmless)
{
	for (size_t count = 14; count < 40; count++) {
		expect_harmless(";", count);
		expect_harmless(":", count);
		expect_harmless(";7", count);
	}
	expect_harmless(";", SEQUENCE_MAX);
}

Test(pane_guard, arguments_that_there_is_room_for_take_effect)
{
	cr_expect(eq(int, column_after(text_of("\x1b[2;9H"), 1), 8));
	cr_expect(eq(int,
		column_after(text_of("\x1b[1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7mx"), 3), 1));
	cr_expect(eq(int,
		column_after(text_of("\x1b[1;1;;;;;;;;;;;;;;;;;;;;;;;;\x1b[2;9H"), 2),
		8));
	cr_expect(eq(int,
		column_after(text_of("a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;s"), 1), 37));
}

/* ---- What must not get to libvterm as it is ---- */

static void expect_column(const char *bytes, int column)
{
	for (size_t piece = 1; piece < 5; piece++) {
		cr_expect(eq(int, column_after(text_of(bytes), piece), column), "%s",
			bytes);
	}
}

Test(pane_guard, sequences_begin_where_libvterm_would_begin_them)
{
	/* Whatever stands between ESC and [, its arguments are counted. */
	static const char *const between[] = {
		"", "\x7f", "\xff", "\xc3\xa4", "(", "#", "\a", "\x1b"};

	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		char bytes[SEQUENCE_MAX + 64] = "\x1b";
		strcat(bytes, between[i]);
		strcat(bytes, "[1");
		for (int j = 0; j < SEQUENCE_MAX; j++) {
			strcat(bytes, ";");
		}
		strcat(bytes, "m\x1b[2;3Hx");
		cr_expect(eq(int, column_after(text_of(bytes), sizeof(bytes)), 3),
			"%zu", i);
	}
}

Test(pane_guard, characters_are_whole_or_replaced)
{
	expect_column("\xe4\xb8\xad", 2);
	expect_column("\xe4\xb8x", 2); /* one that is cut off, and x */
	expect_column("\xe4\xb8\x1b["
		      "Cx",
		3);			  /* by a sequence */
	expect_column("\xc0\x80", 2);	  /* overlong */
	expect_column("\xed\xa0\x80", 1); /* a surrogate */
	expect_column("\xf4\x90\x80\x80", 1);
	expect_column("\xff\xfe", 2);
	expect_column("\xc2\x80\xc2\x9b", 2); /* controls are no sequences */
	expect_column("a\x7f", 1);
}

Test(pane_guard, sequences_that_are_not_well_formed_are_left_out)
{
	expect_column("\x1b[1?5Cx", 1);
	expect_column("\x1b[1 5Cx", 1);
	expect_column("\x1b(]x\x1b[Cy", 3);
	expect_column("\x1b[5\x18"
		      "Cx",
		2);
	expect_column("\x1b[5\xe4\xb8\xadx", 3);
	expect_column("\x1b[2\r"
		      "Cx",
		3); /* a control within counts */
	expect_column("\x1b[999999999999999999999Cx\ry", 1);
}

Test(pane_guard, strings_are_not_shown_and_end)
{
	expect_column("\x1b]0;title\ax", 1);
	expect_column("\x1b]0;title\x1b\\x", 1);
	expect_column("\x1b_unknown\x1b\\x", 1);
	expect_column("\x1b]0;title\x1b[3Cx", 4); /* one that breaks off */
	expect_column("\x1b]0;title\x18x", 1);
	expect_column("\x1bP$qm\x1b\\x", 1);
}

Test(pane_guard, a_title_of_any_length_is_cut)
{
	enum { LONG = 20 << 20 };
	struct pane *pane = pane_new(ROWS, COLUMNS, drop_reply, NULL);
	char *bytes = xmalloc(LONG);

	memset(bytes, 't', LONG);
	pane_write(pane, text_of("\x1b]2;"));
	pane_write(pane, (struct text){bytes, LONG});
	pane_write(pane, text_of("\a"));
	pane_process(pane);
	cr_expect(eq(sz, pane_title(pane).length, PANE_TITLE_SIZE));
	free(bytes);
	pane_free(pane);
}

Test(pane_guard, megabytes_of_marks_on_one_character_are_harmless)
{
	enum { COUNT = 4 << 20 };
	struct pane *pane = pane_new(ROWS, COLUMNS, drop_reply, NULL);
	char *bytes = xmalloc(2 * COUNT);
	int row;
	int column;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	for (size_t i = 0; i < COUNT; i++) {
		memcpy(bytes + 2 * i, "\xcc\x81", 2);
	}
	pane_write(pane, text_of("a"));
	pane_write(pane, (struct text){bytes, 2 * COUNT});
	pane_process(pane);
	(void)pane_cursor(pane, &row, &column);
	cr_expect(eq(int, column, 1));
	free(bytes);
	pane_free(pane);
}

Test(pane_guard, a_smaller_screen_leaves_no_cursor_or_margin_outside)
{
	static const char *const before[] = {"\x1b[100B\x1b[3;5r\x1b[5;1H",
		("\x1b[5;40H\x1b"
		 "7"),
		"B\x1b[5L\x1b[5B\x1b[H", "\x1b[?69h\x1b[30;40s\x1b[3;35H"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct pane *pane = pane_new(ROWS, COLUMNS, drop_reply, NULL);
		VTermPos cursor;
		pane_write(pane, text_of(before[i]));
		pane_resize(pane, 2, 10);
		for (int j = 0; j < 2; j++) {
			pane_process(pane);
			vterm_state_get_cursorpos(
				vterm_obtain_state(pane->vterm), &cursor);
			cr_expect(cursor.row >= 0 && cursor.row < 2, "%zu: %d", i,
				cursor.row);
			cr_expect(cursor.col >= 0 && cursor.col < 10, "%zu: %d", i,
				cursor.col);
			pane_write(pane, text_of("\x1b"
						 "8\x1b#6\n\n\n\x1bMx\n"));
		}
		pane_free(pane);
	}
}
