/* SPDX-License-Identifier: MIT */
#include "tui/pane.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

enum { ROWS = 5, COLUMNS = 40, SEQUENCE_MAX = 5000 };

/* Where the cursor stands after the bytes, written in pieces of that size. */
static int column_after(struct text bytes, size_t piece)
{
	struct pane *pane = pane_new(ROWS, COLUMNS, NULL, NULL);
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
