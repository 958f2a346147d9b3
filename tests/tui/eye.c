/* SPDX-License-Identifier: MIT */
#include "tests/tui/eye.h"

#include "base/xalloc.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCREEN_FILE_SIZE = 1 << 16 };

void eye_open(struct eye *eye, struct fake_terminal *terminal, int rows, int columns)
{
	*eye = (struct eye){.terminal = terminal, .rows = rows, .columns = columns};
	eye->vterm = vterm_new(rows, columns);
	vterm_set_utf8(eye->vterm, 1);
	eye->screen = vterm_obtain_screen(eye->vterm);
	vterm_screen_enable_altscreen(eye->screen, 1);
	vterm_screen_reset(eye->screen, 1);
}

void eye_close(struct eye *eye)
{
	vterm_free(eye->vterm);
}

void eye_resize(struct eye *eye, int rows, int columns)
{
	eye->rows = rows;
	eye->columns = columns;
	vterm_set_size(eye->vterm, rows, columns);
}

static void feed(struct eye *eye)
{
	const struct fake_terminal *terminal = eye->terminal;

	if (terminal->length > eye->fed) {
		(void)vterm_input_write(eye->vterm, terminal->shown + eye->fed,
			terminal->length - eye->fed);
		eye->fed = terminal->length;
	}
}

/* Takes the seconds out of "1 thread, for 3 s; asked". */
static void hide_age(char *line)
{
	char *from = strstr(line, ", for ");
	char *to = from != NULL ? strstr(from, " s;") : NULL;

	if (to != NULL && strspn(from + 6, "0123456789") == (size_t)(to - from - 6)) {
		memmove(from, to + 2, strlen(to + 2) + 1);
	}
}

static size_t read_line(struct eye *eye, int row, char *line, size_t size)
{
	const VTermRect area = {row, row + 1, 0, eye->columns};
	size_t length = vterm_screen_get_text(eye->screen, line, size - 1, area);

	while (length > 0 && line[length - 1] == ' ') {
		length--;
	}
	line[length] = '\0';
	hide_age(line);
	return strlen(line);
}

const char *eye_text(struct eye *eye)
{
	size_t used = 0;

	feed(eye);
	for (int row = 0; row < eye->rows; row++) {
		used += read_line(eye, row, eye->text + used, EYE_TEXT_SIZE - used - 1);
		eye->text[used++] = '\n';
	}
	eye->text[used] = '\0';
	return eye->text;
}

bool eye_sees(struct eye *eye, const char *words)
{
	return strstr(eye_text(eye), words) != NULL;
}

static bool await(struct eye *eye, const char *words, bool wanted)
{
	const time_t deadline = time(NULL) + FAKE_TERMINAL_WAIT_MS / 1000;

	while (eye_sees(eye, words) != wanted) {
		const size_t before = eye->terminal->length;
		fake_terminal_read(eye->terminal);
		if (eye->terminal->length == before || time(NULL) > deadline) {
			(void)fprintf(stderr, "the screen is:\n%s", eye_text(eye));
			return false;
		}
	}
	return true;
}

bool eye_await(struct eye *eye, const char *words)
{
	return await(eye, words, true);
}

bool eye_await_gone(struct eye *eye, const char *words)
{
	return await(eye, words, false);
}

/* Takes what comes within that time; false if nothing does. */
static bool take_more(struct eye *eye, int wait_ms)
{
	struct pollfd ready = {.fd = eye->terminal->master, .events = POLLIN};

	if (poll(&ready, 1, wait_ms) <= 0) {
		return false;
	}
	fake_terminal_read(eye->terminal);
	return true;
}

static void write_screen(struct eye *eye, FILE *file)
{
	enum { QUIET_MS = 300 };

	while (take_more(eye, QUIET_MS)) {
	}
	(void)fputs(eye_text(eye), file);
}

static void await_screen(struct eye *eye, FILE *file, const char *name)
{
	enum { STEP_MS = 100 };
	char wanted[SCREEN_FILE_SIZE] = "";
	const time_t deadline = time(NULL) + FAKE_TERMINAL_WAIT_MS / 1000;

	(void)!fread(wanted, 1, sizeof(wanted) - 1, file);
	while (strcmp(eye_text(eye), wanted) != 0 && time(NULL) < deadline) {
		(void)take_more(eye, STEP_MS);
	}
	cr_expect(eq(str, (char *)eye_text(eye), wanted), "%s", name);
}

void eye_expect_screen(struct eye *eye, const char *name)
{
	char *path =
		xasprintf("%s/tests/tui/screens/%s.txt", getenv("DUENNA_SOURCE"), name);
	const bool is_written = getenv("DUENNA_WRITE_SCREENS") != NULL;
	FILE *file = fopen(path, is_written ? "w" : "r");

	cr_assert(ne(ptr, file, NULL), "%s", path);
	if (is_written) {
		write_screen(eye, file);
	} else {
		await_screen(eye, file, name);
	}
	(void)fclose(file);
	free(path);
}

VTermScreenCell *eye_cells(struct eye *eye)
{
	const int count = (eye->rows - 1) * eye->columns;
	VTermScreenCell *cells = xcalloc((size_t)count, sizeof(*cells));

	feed(eye);
	for (int i = 0; i < count; i++) {
		const VTermPos at = {i / eye->columns, i % eye->columns};
		(void)vterm_screen_get_cell(eye->screen, at, &cells[i]);
	}
	return cells;
}

bool eye_is_same_cell(const VTermScreenCell *a, const VTermScreenCell *b)
{
	/* A cell that was never written looks like a space. */
	const uint32_t first = a->chars[0] == 0 ? ' ' : a->chars[0];
	const uint32_t second = b->chars[0] == 0 ? ' ' : b->chars[0];

	/* libvterm leaves old colours in the second half of a wide character. */
	if (first == (uint32_t)-1 && second == (uint32_t)-1) {
		return true;
	}
	return first == second && a->attrs.bold == b->attrs.bold &&
	       a->attrs.reverse == b->attrs.reverse &&
	       a->attrs.underline == b->attrs.underline &&
	       vterm_color_is_equal(&a->fg, &b->fg) &&
	       vterm_color_is_equal(&a->bg, &b->bg);
}

static size_t count_wrong(struct eye *eye, const VTermScreenCell *cells, bool says)
{
	const int count = (eye->rows - 1) * eye->columns;
	VTermScreenCell *now = eye_cells(eye);
	size_t wrong = 0;

	for (int i = 0; i < count; i++) {
		if (!eye_is_same_cell(&cells[i], &now[i]) && wrong++ == 0 && says) {
			(void)fprintf(stderr,
				"row %d, column %d: U+%04x became U+%04x\n",
				i / eye->columns, i % eye->columns, cells[i].chars[0],
				now[i].chars[0]);
		}
	}
	free(now);
	return wrong;
}

size_t eye_wrong_cells(struct eye *eye, const VTermScreenCell *cells)
{
	return count_wrong(eye, cells, true);
}

bool eye_has_cells(struct eye *eye, const VTermScreenCell *cells)
{
	return count_wrong(eye, cells, false) == 0;
}
