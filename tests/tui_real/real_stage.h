/* SPDX-License-Identifier: MIT */
/*
 * The real binary with its full-screen front end on a fake terminal, before a person's
 * eye, in a folder of its own. Its agent is a shell script; reading the file "secret"
 * is asked about, everything else allowed.
 */
#ifndef TESTS_TUI_REAL_REAL_STAGE_H
#define TESTS_TUI_REAL_REAL_STAGE_H

#include "tests/tui/eye.h"

enum { REAL_ROWS = 24, REAL_COLUMNS = 80, REAL_TIMEOUT = 280 };

#define REAL_KEYS_COUNT "a allow once"
/* What an agent does beside a program that has the screen, once the gate is open. */
#define REAL_READS_LATER                                                               \
	"(read x <gate; cat secret >got 2>/dev/null; echo $? >status) & "

struct real_screen {
	struct fake_terminal terminal;
	struct eye eye;
};

/* The folder, with "secret" and the fifo "gate"; skips the test without a binary. */
void real_set_up(void);
void real_tear_down(void);

/* duenna run, with the script as its agent. */
void real_run(struct real_screen *screen, int rows, int columns, const char *script);
/* duenna attach. */
void real_attach(struct real_screen *screen, int rows, int columns);
/* The script by itself, on a terminal of that size. */
void real_run_alone(
	struct real_screen *screen, int rows, int columns, const char *script);
void real_close(struct real_screen *screen);

/*
 * All waiting looks at whole pictures only: what is on the terminal sleeps, and all that
 * it wrote has been drawn.
 */
void real_type(struct real_screen *screen, const char *keys);
bool real_await(struct real_screen *screen, const char *words);
bool real_await_gone(struct real_screen *screen, const char *words);
/* Waits for either. */
bool real_await_either(
	struct real_screen *screen, const char *words, const char *others);

/* Whether it has them after what comes next, if anything does. */
bool real_sees_soon(struct real_screen *screen, const char *words);

/* Lets REAL_READS_LATER go on. */
void real_open_gate(void);
/* Waits for a file with these words in it. */
bool real_await_file(const char *name, const char *words);
bool real_has_file(const char *name);

/* Waits until the pane has these cells, of a terminal with one row less; or says not. */
bool real_await_cells(struct real_screen *screen, const VTermScreenCell *cells);
bool real_has_program(const char *name);

#endif
