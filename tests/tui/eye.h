/* SPDX-License-Identifier: MIT */
/*
 * What a person would see: the bytes that a fake terminal was sent, drawn by libvterm,
 * and compared as text with the files in tests/tui/screens. With DUENNA_WRITE_SCREENS
 * in the environment those are written instead.
 */
#ifndef TESTS_TUI_EYE_H
#define TESTS_TUI_EYE_H

#include "tests/support/fake_terminal.h"

#include <vterm.h>

enum { EYE_TEXT_SIZE = 1 << 16 };

struct eye {
	struct fake_terminal *terminal;
	VTerm *vterm;
	VTermScreen *screen;
	int rows, columns;
	size_t fed; /* bytes of the terminal drawn so far */
	char text[EYE_TEXT_SIZE];
};

void eye_open(struct eye *eye, struct fake_terminal *terminal, int rows, int columns);
void eye_close(struct eye *eye);
/* After the terminal's size has changed. */
void eye_resize(struct eye *eye, int rows, int columns);

/* Waits until the screen has, or has no more, the words in one line. */
bool eye_await(struct eye *eye, const char *words);
bool eye_await_gone(struct eye *eye, const char *words);
/* Whether it has them now. */
bool eye_sees(struct eye *eye, const char *words);

/* Lines with line ends and without blanks behind, but for how long questions wait. */
const char *eye_text(struct eye *eye);
void eye_expect_screen(struct eye *eye, const char *name);

/* All cells above the status line, with their colours; owned. */
VTermScreenCell *eye_cells(struct eye *eye);
/* Whether they look the same. */
bool eye_is_same_cell(const VTermScreenCell *a, const VTermScreenCell *b);
/* How many of them differ now; says which first. */
size_t eye_wrong_cells(struct eye *eye, const VTermScreenCell *cells);
bool eye_has_cells(struct eye *eye, const VTermScreenCell *cells);

#endif
