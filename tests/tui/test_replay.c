/* SPDX-License-Identifier: MIT */
/* A recorded terminal at any moment, and filters, on a recording made up here. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tui/pane_snapshot.h"
#include "tui/replay.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNKS = 4000, ROWS_MAX = 60, CHECKS = 60 };

static char *bytes[CHUNKS + 1];
static unsigned sizes[CHUNKS + 1]; /* rows above 0: a new size */

static unsigned random_below(unsigned most)
{
	static uint32_t state = 12345; /* the same in each run */

	state = state * 1664525 + 1013904223;
	return (state >> 8) % most;
}

/* What programs write: lines, colours, cursor movement, the alternate screen, parts. */
static char *some_output(unsigned i)
{
	static const char *const others[] = {"\033[2J\033[H", "\033[?1049h",
		"\033[?1049l", "\033[5;10r", "\033[r", "\033[31;1m", "\033[0m", "\0337",
		"\0338", "\033[3L", "\033[2M", "\033[4@", "\033[?6h", "\033[?6l",
		"\033(0qqq\033(B", "\xe2\x82", "\xac", "\xe4\xb8\xad", "\033[38;5;19",
		"6m", "\033]0;tit", "le\007", "\t", "\b\b", "\033M", "\r", "\033c"};
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	const unsigned kind = random_below(10);

	if (kind < 3) {
		return xstrdup(others[random_below(OTHERS)]);
	}
	if (kind < 5) {
		return xasprintf("\033[%u;%uHat-%u", random_below(30) + 1,
			random_below(90) + 1, i);
	}
	char *line = xasprintf("line %u ", i);
	char *long_line = xasprintf("%s%s%s%s\r\n", line, line, line, line);
	free(line);
	return long_line;
}

static bool chunks(void *context, int64_t number, replay_chunk_fn *take, void *taker,
	struct error *err)
{
	(void)context;
	(void)err;
	for (int64_t i = number + 1; i <= CHUNKS; i++) {
		const struct replay_chunk chunk = {.number = i,
			.bytes = text_of(sizes[i] > 0 ? "" : bytes[i]),
			.rows = sizes[i],
			.columns = sizes[i] > 0 ? 60 + sizes[i] : 0};
		if (!take(taker, &chunk)) {
			break;
		}
	}
	return true;
}

static const struct replay_source source = {.chunks = chunks};

static void set_up(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	for (unsigned i = 1; i <= CHUNKS; i++) {
		sizes[i] = i == 1		    ? 24
			   : random_below(200) == 0 ? 5 + random_below(50)
						    : 0;
		bytes[i] = some_output(i);
	}
}

static void tear_down(void)
{
	for (unsigned i = 1; i <= CHUNKS; i++) {
		free(bytes[i]);
		bytes[i] = NULL;
	}
}

TestSuite(replay, .init = set_up, .fini = tear_down, .timeout = 120);

static void expect_same_screens(struct replay_terminal *a, struct replay_terminal *b)
{
	int rows, columns, other_rows, other_columns;
	int row, column, other_row, other_column;

	replay_terminal_size(a, &rows, &columns);
	replay_terminal_size(b, &other_rows, &other_columns);
	cr_assert(eq(int, rows, other_rows));
	cr_assert(eq(int, columns, other_columns));
	for (int i = 0; i < rows; i++) {
		char *left = pane_line_text(replay_terminal_pane(a), i);
		char *right = pane_line_text(replay_terminal_pane(b), i);
		cr_expect(eq(str, left, right));
		free(left);
		free(right);
	}
	const bool is_shown = pane_cursor(replay_terminal_pane(a), &row, &column);
	cr_expect(eq(int, is_shown,
		pane_cursor(replay_terminal_pane(b), &other_row, &other_column)));
	cr_expect(eq(int, row, other_row));
	cr_expect(eq(int, column, other_column));
}

Test(replay, any_moment_is_as_if_it_had_been_played_up_to_it)
{
	struct replay_terminal *sought = replay_terminal_new(&source);
	struct error err = {0};
	bool is_done = false;

	replay_terminal_set_spacing(sought, 4096);
	for (int i = 0; i < 10000 && !is_done; i++) {
		cr_assert(replay_terminal_prepare(sought, 1, &is_done, &err));
	}
	cr_assert(is_done);
	for (int i = 0; i < CHECKS; i++) {
		const int64_t chunk = random_below(CHUNKS + 1);
		struct replay_terminal *played = replay_terminal_new(&source);
		cr_assert(replay_terminal_seek(sought, chunk, &err));
		cr_assert(replay_terminal_seek(played, chunk, &err));
		expect_same_screens(sought, played);
		replay_terminal_free(played);
	}
	replay_terminal_free(sought);
}

Test(replay, searching_finds_the_chunk_that_shows_the_words_and_moves_nothing)
{
	struct replay_terminal *terminal = replay_terminal_new(&source);
	struct replay_terminal *unmoved = replay_terminal_new(&source);
	struct error err = {0};
	int64_t at = 0, found = 0;
	char *long_text = xmalloc(200000);

	free(bytes[3001]);
	size_t length = 0;
	for (int i = 0; length < 190000; i++) {
		length += (size_t)sprintf(long_text + length, "%s%d\r\n",
			i == 500 ? "Needle " : "hay ", i);
	}
	const struct replay_reach near = {CHUNKS, 1000};
	const struct replay_reach all = {CHUNKS, SIZE_MAX};
	bytes[3001] = long_text; /* scrolls by within one chunk */
	sizes[3001] = 0;
	free(bytes[3000]);
	bytes[3000] = xstrdup("\033c");
	sizes[3000] = 0;
	cr_assert(replay_terminal_seek(terminal, 2000, &err));
	cr_assert(replay_terminal_seek(unmoved, 2000, &err));
	for (int i = 0; i < 1000 && found == 0 && at < CHUNKS; i++) {
		cr_assert(replay_terminal_search(
			terminal, "needle", near, &at, &found, &err));
	}
	cr_expect(eq(i64, found, 3001));
	at = CHUNKS;
	found = 0;
	for (int i = 0; i < 1000 && found == 0 && at > 1; i++) {
		cr_assert(replay_terminal_search_back(
			terminal, "needle", &at, &found, &err));
	}
	cr_expect(eq(i64, found, 3001));
	at = 3001;
	cr_assert(replay_terminal_search(terminal, "needle", all, &at, &found, &err));
	cr_expect(eq(i64, found, 0));
	expect_same_screens(terminal, unmoved);
	replay_terminal_free(terminal);
	replay_terminal_free(unmoved);
}

Test(replay, a_first_impression_is_what_output_shortly_before_says)
{
	struct replay_terminal *terminal = replay_terminal_new(&source);
	struct error err = {0};
	bool is_there = true;
	char *long_text = xmalloc(400000);
	size_t length = 0;

	for (int i = 0; length < 390000; i++) {
		length += (size_t)sprintf(
			long_text + length, "\033[3%dmline %d\r\n", i % 8, i);
	}
	free(bytes[CHUNKS - 1]);
	bytes[CHUNKS - 1] = long_text;
	sizes[CHUNKS - 1] = 0;
	free(bytes[CHUNKS]);
	bytes[CHUNKS] = xstrdup("\033[3;7Hhere");
	sizes[CHUNKS] = 0;
	free(bytes[CHUNKS - 2]);
	bytes[CHUNKS - 2] = xstrdup("\033c");
	sizes[CHUNKS - 2] = 0;
	cr_assert(replay_terminal_seek(terminal, CHUNKS - 2, &err));
	struct pane *preview = replay_preview_make(
		&source, CHUNKS, replay_terminal_pane(terminal), &err);
	cr_assert(preview != NULL);
	cr_assert(replay_terminal_seek_some(terminal, CHUNKS, 1, &is_there, &err));
	cr_expect(not(is_there), "nothing is left to be read");
	cr_assert(replay_terminal_seek(terminal, CHUNKS, &err));
	struct pane *exact = replay_terminal_pane(terminal);
	int rows, columns, row, column, exact_row, exact_column;
	pane_size(preview, &rows, &columns);
	for (int i = 0; i < rows; i++) {
		char *left = pane_line_text(preview, i);
		char *right = pane_line_text(exact, i);
		cr_expect(eq(str, left, right));
		free(left);
		free(right);
	}
	cr_expect(pane_cursor(preview, &row, &column));
	cr_expect(pane_cursor(exact, &exact_row, &exact_column));
	cr_expect(row == exact_row && column == exact_column);
	pane_free(preview);
	replay_terminal_free(terminal);
}

Test(replay, filters_are_read)
{
	struct replay_filter filter;
	struct error err = {0};

	cr_assert(
		replay_filter_parse("verb=write verb=delete  verdict=deny program=git "
				    "path=*.c pid=12 vector=rag changed two words",
			&filter, &err));
	cr_expect(eq(u32, filter.verbs, 1u << VERB_WRITE | 1u << VERB_DELETE));
	cr_expect(eq(u32, filter.verdicts, 1u << VERDICT_DENY));
	cr_expect(eq(str, filter.program, "git"));
	cr_expect(eq(str, filter.path, "*.c"));
	cr_expect(eq(i64, filter.pid, 12));
	cr_expect(eq(u32, filter.vectors, 1u << VECTOR_RAG));
	cr_expect(eq(str, filter.words, "two words"));
	cr_expect(filter.is_changed);
	replay_filter_finish(&filter);
	cr_assert(replay_filter_parse("", &filter, &err));
	replay_filter_finish(&filter);
	static const char *const wrong[] = {"verb=fly", "verdict=perhaps", "pid=x",
		"pid=-3", "pid=", "path=", "vector=sky"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		err = (struct error){0};
		cr_expect(not(replay_filter_parse(wrong[i], &filter, &err)));
		cr_expect(ne(int, err.code, 0), "%s", wrong[i]);
	}
}
