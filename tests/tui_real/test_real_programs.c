/* SPDX-License-Identifier: MIT */
/* Full-screen programs in the pane of the real binary, and questions over them. */
#include "base/xalloc.h"
#include "tests/tui_real/real_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(real_programs, .init = real_set_up, .fini = real_tear_down,
	.timeout = REAL_TIMEOUT);

#define VIM                                                                            \
	"exec vim -u NONE -N -i NONE -n --cmd 'set shortmess+=F' -c 'syntax on' "      \
	"-c 'set number ruler' file.c"
#define LESS "exec less -N -i file.c"
#define TOP "exec top -d 600"
#define HTOP "exec htop -d 100"

static void write_source(void)
{
	FILE *file = fopen("file.c", "we");

	cr_assert(ne(ptr, file, NULL));
	for (int i = 0; i < 60; i++) {
		(void)fprintf(file,
			"\tint variable_%d = %d; /* \xc3\xa4\xe6\xbc\xa2 \"%s\" */\n",
			i, i,
			i % 7 == 0
				? "a string that goes beyond the right edge of it all"
				: "s");
	}
	cr_assert(eq(int, fclose(file), 0));
}

/* What a program draws by itself once it has drawn the words, and others after a key. */
struct looks {
	const char *script, *words;
	const char *keys, *words_after; /* or NULL */
};

static void await_looks(struct real_screen *screen, const struct looks *looks)
{
	cr_assert(real_await(screen, looks->words), "%s", looks->script);
	if (looks->keys != NULL) {
		real_type(screen, looks->keys);
		cr_assert(real_await(screen, looks->words_after), "%s", looks->script);
	}
}

/* Its cells; owned. */
static VTermScreenCell *cells_alone(int rows, int columns, const struct looks *looks)
{
	struct real_screen alone;

	real_run_alone(&alone, rows - 1, columns, looks->script);
	await_looks(&alone, looks);
	alone.eye.rows++; /* eye_cells leaves out the last row, which is the status' */
	VTermScreenCell *cells = eye_cells(&alone.eye);
	real_close(&alone);
	return cells;
}

/* A question comes, is answered and goes; what was below is there again. */
static void ask_and_compare(struct real_screen *screen, const VTermScreenCell *cells)
{
	real_open_gate();
	cr_assert(real_await(screen, REAL_KEYS_COUNT));
	cr_assert(real_await(screen, "/secret"));
	real_type(screen, "d");
	cr_assert(real_await_gone(screen, REAL_KEYS_COUNT));
	cr_expect(real_await_file("status", "1"));
	cr_expect(real_await_cells(screen, cells));
}

static void expect_as_alone(const char *program, const struct looks *looks)
{
	struct real_screen screen;

	if (!real_has_program(program)) {
		cr_skip_test("there is no %s", program);
	}
	write_source();
	char *script = xasprintf(REAL_READS_LATER "%s", looks->script);
	VTermScreenCell *cells = cells_alone(REAL_ROWS, REAL_COLUMNS, looks);
	real_run(&screen, REAL_ROWS, REAL_COLUMNS, script);
	await_looks(&screen, looks);
	cr_assert(real_await_cells(&screen, cells), "it is drawn as without Duenna");
	ask_and_compare(&screen, cells);
	free(cells);
	free(script);
	real_close(&screen);
}

static const struct looks vim = {VIM, "Top", NULL, NULL};

Test(real_programs, a_question_over_vim_leaves_no_wrong_cell)
{
	expect_as_alone("vim", &vim);
}

Test(real_programs, a_question_over_less_leaves_no_wrong_cell)
{
	expect_as_alone("less", &(struct looks){LESS, "file.c", NULL, NULL});
}

/* These show something else each time, but for their help. */

Test(real_programs, a_question_over_top_leaves_no_wrong_cell)
{
	expect_as_alone("top", &(struct looks){TOP, "COMMAND", "h", "to continue"});
}

Test(real_programs, a_question_over_htop_leaves_no_wrong_cell)
{
	expect_as_alone("htop", &(struct looks){HTOP, "Quit", "h", "Process state"});
}

/* Of the palette, of the cube, and by red, green and blue, before and behind. */
#define COLOURS                                                                        \
	"printf '\\033[31;44mA\\033[93;105mB\\033[38;5;200;48;5;23mC\\033[38;5;12mD"   \
	"\\033[38;2;1;2;3;48;2;250;128;7mE\\033[0;1;3;4;7mF\\033[0m colours'; read x"

Test(real_programs, colours_are_those_that_the_program_chose)
{
	static const struct looks colours = {COLOURS, "colours", NULL, NULL};
	struct real_screen screen;

	cr_assert(eq(int, setenv("COLORTERM", "truecolor", 1), 0));
	VTermScreenCell *cells = cells_alone(REAL_ROWS, REAL_COLUMNS, &colours);
	real_run(&screen, REAL_ROWS, REAL_COLUMNS, COLOURS);
	cr_expect(real_await_cells(&screen, cells));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "8;2;250;128;7"));
	free(cells);
	real_close(&screen);
}

Test(real_programs, faint_text_is_faint)
{
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"printf '\\033[2mfaint\\033[22m text'; read x");
	cr_expect(real_await(&screen, "faint text"));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "2mfaint"));
	real_close(&screen);
}

Test(real_programs, colours_are_near_where_the_terminal_has_few)
{
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS, COLOURS);
	cr_expect(real_await(&screen, "colours"));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "48;5;208"));
	cr_expect(not(fake_terminal_has_shown(&screen.terminal, "8;2;")));
	real_close(&screen);
}

Test(real_programs, vim_is_drawn_anew_after_a_resize_during_a_question)
{
	enum { ROWS = 15, COLUMNS = 60 };
	struct real_screen screen;

	if (!real_has_program("vim")) {
		cr_skip_test("there is no vim");
	}
	write_source();
	VTermScreenCell *cells = cells_alone(ROWS, COLUMNS, &vim);
	real_run(&screen, REAL_ROWS, REAL_COLUMNS, REAL_READS_LATER VIM);
	cr_assert(real_await(&screen, "Top"));
	real_open_gate();
	cr_assert(real_await(&screen, REAL_KEYS_COUNT));
	fake_terminal_resize(&screen.terminal, ROWS, COLUMNS);
	eye_resize(&screen.eye, ROWS, COLUMNS);
	cr_assert(real_await(&screen, "a allow  d deny"));
	real_type(&screen, "a");
	cr_expect(real_await_file("got", "the-content"));
	cr_expect(real_await_cells(&screen, cells));
	free(cells);
	real_close(&screen);
}

Test(real_programs, what_the_command_left_on_its_terminal_stays_there)
{
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"seq -f 'line %g' 100; printf '\\033[31m\303\244\346\274\242\\033[0m  "
		"end \n\n'; "
		"exit 3");
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 3));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "line 1\r\nline 2\r\n"));
	cr_expect(fake_terminal_has_shown(&screen.terminal,
		"line 99\r\nline 100\r\n\303\244\346\274\242  end\r\nduenna: "));
	real_close(&screen);
}

Test(real_programs, a_program_that_had_all_of_the_screen_leaves_nothing_of_it)
{
	struct real_screen screen;

	real_run(&screen, REAL_ROWS, REAL_COLUMNS,
		"echo before; printf '\\033[?1049hall\\033[?1049l'; read x");
	cr_assert(real_await(&screen, "before"));
	real_type(&screen, "\r");
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 0));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "before\r\nduenna: "));
	real_close(&screen);
}

Test(real_programs, a_screen_is_the_same_after_detach_and_attach)
{
	struct real_screen screen;

	if (!real_has_program("vim")) {
		cr_skip_test("there is no vim");
	}
	write_source();
	VTermScreenCell *cells = cells_alone(REAL_ROWS, REAL_COLUMNS, &vim);
	real_run(&screen, REAL_ROWS, REAL_COLUMNS, REAL_READS_LATER VIM);
	cr_assert(real_await_cells(&screen, cells));
	real_type(&screen, "\x1d"
			   "d");
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 0));
	cr_expect(fake_terminal_is_restored(&screen.terminal));
	cr_expect(fake_terminal_has_shown(&screen.terminal, "detached; session"));
	real_close(&screen);
	real_attach(&screen, REAL_ROWS, REAL_COLUMNS);
	cr_assert(real_await_cells(&screen, cells));
	ask_and_compare(&screen, cells);
	real_type(&screen, ":q\r");
	cr_expect(eq(int, fake_terminal_await_exit(&screen.terminal), 0));
	free(cells);
	real_close(&screen);
}
