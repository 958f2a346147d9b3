/* SPDX-License-Identifier: MIT */
/*
 * A session of bash, git, gcc and Python under the real binary, on a terminal that is
 * looked at now and then: its recording has to show the same cells at these moments, and
 * its events have to lie where the terminal says that they do.
 */
#include "base/xalloc.h"
#include "cli/replay_recording.h"
#include "tests/support/own_home.h"
#include "tests/tui/eye.h"
#include "tui/pane_internal.h"
#include "tui/pane_snapshot.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	ROWS = 24,
	COLUMNS = 80,
	ROWS_LATER = 30,
	COLUMNS_LATER = 100,
	LOOKS = 7,
	RESIZED_AT = 4, /* the look after which the terminal is another size */
	MARKS = 15,
	TIMEOUT = 300,
	QUIET_MS = 300,
	LINE_UP_MS = 50,
	NANOSECONDS_PER_MS = 1000000,
};

static const char script[] =
	"look() { echo \"look $1\"; read -r _; }\n"
	"if command -v git >/dev/null; then\n"
	"  git init -q repo; cd repo; echo one >file; git add file\n"
	"  git -c user.name=n -c user.email=e commit -q -m 'first'\n"
	"  echo two >>file; git -c color.ui=always -c core.pager=cat diff\n"
	"  git -c color.ui=always -c core.pager=cat log --stat; cd ..\n"
	"fi; look 1\n"
	"printf 'int main(void) { return x; }\\n' >wrong.c\n"
	"if command -v gcc >/dev/null; then\n"
	"  gcc -fdiagnostics-color=always wrong.c; fi; look 2\n"
	"cat >draw.py <<'END'\n"
	"import sys, time\n"
	"for i in range(50):\n"
	"    sys.stdout.write('\\r\\033[3%dm%3d%%\\033[0m [%s%s]' % (i % 8, 2 * i,\n"
	"        '#' * i, '.' * (50 - i)))\n"
	"    sys.stdout.flush(); time.sleep(0.002)\n"
	"print()\n"
	"for i in range(300): print('line', i, '\\u4e2d\\u6587', '\\u20ac')\n"
	"END\n"
	"if command -v python3 >/dev/null; then python3 draw.py; fi; look 3\n"
	"printf '\\033[?1049h\\033[2J\\033[5;10H\\033[7mfull\\033[0m\\033[8;1H'; look "
	"4\n"
	"printf '\\033[?1049l'; look 5\n"
	"printf '\\033[2J\\033[3;6r\\033[6;1Hscrolled\\n\\n\\033[r\\033[10;1H'; look "
	"6\n"
	"i=0; while [ $i -lt 15 ]; do i=$((i + 1)); echo \"mark $i\"; : >mark-$i\n"
	"done; look 7\n";

static const char *folder;
static struct fake_terminal terminal;

struct look {
	int64_t time; /* nanoseconds since the epoch */
	int rows, columns;
	VTermScreenCell *cells;
};

static void set_up(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	folder = own_home_open("screens");
	own_home_write("rules", "allow any *\n");
	own_home_write("script", script);
	terminal = (struct fake_terminal){.child = -1, .master = -1, .slave = -1};
}

static void tear_down(void)
{
	if (folder != NULL) {
		fake_terminal_finish(&terminal);
		own_home_close();
	}
}

TestSuite(replay_screens, .init = set_up, .fini = tear_down, .timeout = TIMEOUT);

static int run_duenna(void *argument)
{
	(void)argument;
	(void)execl(getenv("DUENNA"), "duenna", "run", "--ask", "tui", "--db",
		"recorded.db", "--rules", "rules", "--no-default-profiles", "--",
		"bash", "script", NULL);
	return errno;
}

/* Until nothing has been drawn for a while. */
static void let_settle(void)
{
	struct pollfd shown = {.fd = terminal.master, .events = POLLIN};

	while (poll(&shown, 1, QUIET_MS) > 0) {
		fake_terminal_read(&terminal);
	}
}

static void take_look(struct eye *eye, int number, struct look *look)
{
	struct timespec now;
	char *words = xasprintf("look %d", number);

	bool is_there = false;
	for (int i = 0; i < 5 && !is_there; i++) { /* each waits for 20 s */
		is_there = eye_await(eye, words);
	}
	cr_assert(is_there, "no %s; the screen is:\n%s", words, eye_text(eye));
	let_settle();
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*look = (struct look){
		.time = now.tv_sec * INT64_C(1000000000) + now.tv_nsec,
		.rows = eye->rows - 1,
		.columns = eye->columns,
		.cells = eye_cells(eye),
	};
	free(words);
}

static void record(struct look looks[static LOOKS])
{
	struct eye eye;

	cr_assert(fake_terminal_start(&terminal, ROWS, COLUMNS, run_duenna, NULL));
	eye_open(&eye, &terminal, ROWS, COLUMNS);
	for (int i = 0; i < LOOKS; i++) {
		take_look(&eye, i + 1, &looks[i]);
		if (i + 1 == RESIZED_AT) {
			fake_terminal_resize(&terminal, ROWS_LATER, COLUMNS_LATER);
			eye_resize(&eye, ROWS_LATER, COLUMNS_LATER);
			let_settle();
		}
		fake_terminal_type(&terminal, "\r");
	}
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
	eye_close(&eye);
}

/* ---- The recording ---- */

static struct replay_recording recording;
static struct session_record session;

static void open_recording(void)
{
	struct error err = {0};
	struct replay_extent extent;
	struct db *db = db_open("recorded.db", DB_READ, &err);

	cr_assert(db != NULL && db_session_find(db, NULL, &session, &err), "%s",
		err.text);
	cr_assert(replay_recording_open(&recording, db, &session, NULL, &err));
	cr_assert(recording.source.extent(&recording, &extent, &err));
	cr_expect(not(extent.is_running));
}

static void close_recording(void)
{
	struct db *db = recording.db;

	replay_recording_close(&recording);
	db_close(db);
}

static void show(struct replay_terminal *replayed, int64_t time)
{
	struct error err = {0};
	int64_t chunk;

	cr_assert(recording.source.chunk_at(
		&recording, time - session.started, &chunk, &err));
	cr_assert(replay_terminal_seek(replayed, chunk, &err));
}

static void expect_same(
	struct replay_terminal *replayed, int number, const struct look *look)
{
	int rows, columns;
	size_t wrong = 0;

	show(replayed, look->time);
	replay_terminal_size(replayed, &rows, &columns);
	cr_assert(eq(int, rows, look->rows));
	cr_assert(eq(int, columns, look->columns));
	for (int i = 0; i < rows * columns; i++) {
		const VTermPos at = {i / columns, i % columns};
		VTermScreenCell cell;
		(void)vterm_screen_get_cell(
			replay_terminal_pane(replayed)->screen, at, &cell);
		if (!eye_is_same_cell(&cell, &look->cells[i]) && wrong++ == 0) {
			char *line =
				pane_line_text(replay_terminal_pane(replayed), at.row);
			cr_log_error("look %d, row %d, column %d: U+%04x is U+%04x "
				     "in: %s",
				number, at.row, at.col, look->cells[i].chars[0],
				cell.chars[0], line);
			free(line);
		}
	}
	cr_expect(eq(sz, wrong, 0), "look %d: %zu cells differ", number, wrong);
}

/* Forwards, backwards, and each from the beginning. */
static void expect_same_looks(const struct look looks[static LOOKS])
{
	struct replay_terminal *replayed = replay_terminal_new(&recording.source);

	replay_terminal_set_spacing(replayed, 512);
	for (int i = 0; i < LOOKS; i++) {
		expect_same(replayed, i + 1, &looks[i]);
	}
	for (int i = LOOKS - 1; i >= 0; i--) {
		expect_same(replayed, i + 1, &looks[i]);
	}
	replay_terminal_free(replayed);
	for (int i = 0; i < LOOKS; i++) {
		replayed = replay_terminal_new(&recording.source);
		expect_same(replayed, i + 1, &looks[i]);
		replay_terminal_free(replayed);
	}
}

/* ---- Events ---- */

static int64_t event_time(int mark)
{
	struct replay_filter filter = {
		.verbs = 1u << VERB_WRITE, .vectors = 1u << VECTOR_FILES};
	struct replay_event event;
	struct error err = {0};
	int64_t found = 0;
	struct replay_scan scan = {.at = 1, .found = &found, .most = 1};
	char *name = xasprintf("*/mark-%d", mark);

	filter.path = name;
	while (scan.count == 0 && scan.at != 0) {
		cr_assert(replay_scan_events(&recording, &filter, &scan, &err));
	}
	cr_assert(eq(sz, scan.count, 1), "no event of mark %d", mark);
	cr_assert(recording.source.event(&recording, found, &event, &err));
	const int64_t time = event.time;
	replay_event_finish(&event);
	free(name);
	return time;
}

static int64_t output_time(struct replay_terminal *replayed, int mark)
{
	struct error err = {0};
	int64_t at = 0, found = 0, time = 0;
	char *words = xasprintf("mark %d", mark);
	const struct replay_reach all = {INT64_MAX, SIZE_MAX};

	cr_assert(replay_terminal_search(replayed, words, all, &at, &found, &err));
	cr_assert(ne(i64, found, 0), "%s was never on the terminal", words);
	cr_assert(recording.source.chunk_time(&recording, found, &time, &err));
	free(words);
	return time;
}

static int by_value(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a;
	const int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The machine may be busy: the middle one of all counts. */
static void expect_lined_up(void)
{
	struct replay_terminal *replayed = replay_terminal_new(&recording.source);
	int64_t apart[MARKS];

	for (int i = 0; i < MARKS; i++) {
		apart[i] = llabs(event_time(i + 1) - output_time(replayed, i + 1)) /
			   NANOSECONDS_PER_MS;
	}
	qsort(apart, MARKS, sizeof(*apart), by_value);
	cr_expect(lt(i64, apart[MARKS / 2], LINE_UP_MS));
	replay_terminal_free(replayed);
}

Test(replay_screens, a_recording_shows_what_was_on_the_screen_when_it_was)
{
	struct look looks[LOOKS];

	record(looks);
	open_recording();
	expect_same_looks(looks);
	expect_lined_up();
	close_recording();
	for (int i = 0; i < LOOKS; i++) {
		free(looks[i].cells);
	}
}
