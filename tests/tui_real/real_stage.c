/* SPDX-License-Identifier: MIT */
#include "tests/tui_real/real_stage.h"

#include "base/xalloc.h"
#include "tests/support/own_home.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 99, STEP_MS = 20 };

static const char *folder;

struct start {
	const char *binary; /* NULL: the script alone */
	const char *script; /* NULL: attach */
};

void real_set_up(void)
{
	folder = own_home_open("real");
	cr_assert(eq(int, mkdir("work", 0700), 0));
	cr_assert(eq(int, chdir("work"), 0));
	own_home_write("secret", "the-content\n");
	cr_assert(eq(int, mkfifo("gate", 0600), 0));
	char *rules = xasprintf("allow any *\nask read %s/work/secret*\n", folder);
	own_home_write("rules", rules);
	free(rules);
}

void real_tear_down(void)
{
	if (folder != NULL) {
		(void)!system("\"$DUENNA\" stop last >/dev/null 2>&1");
		own_home_close();
	}
}

static int run_child(void *argument)
{
	const struct start *start = argument;

	if (start->binary == NULL) {
		(void)execlp("sh", "sh", "-c", start->script, (char *)NULL);
	} else if (start->script == NULL) {
		(void)execl(start->binary, "duenna", "attach", (char *)NULL);
	} else {
		(void)execl(start->binary, "duenna", "run", "--ask", "tui", "--rules",
			"rules", "--no-default-profiles", "--", "sh", "-c",
			start->script, (char *)NULL);
	}
	return FAILED;
}

static void start_on(
	struct real_screen *screen, int rows, int columns, const struct start *start)
{
	cr_assert(fake_terminal_start(&screen->terminal, (unsigned short)rows,
		(unsigned short)columns, run_child, (void *)(uintptr_t)start));
	eye_open(&screen->eye, &screen->terminal, rows, columns);
}

void real_run(struct real_screen *screen, int rows, int columns, const char *script)
{
	const struct start start = {.binary = getenv("DUENNA"), .script = script};

	start_on(screen, rows, columns, &start);
}

void real_attach(struct real_screen *screen, int rows, int columns)
{
	const struct start start = {.binary = getenv("DUENNA")};

	start_on(screen, rows, columns, &start);
}

void real_run_alone(
	struct real_screen *screen, int rows, int columns, const char *script)
{
	const struct start start = {.script = script};

	start_on(screen, rows, columns, &start);
}

void real_close(struct real_screen *screen)
{
	eye_close(&screen->eye);
	fake_terminal_finish(&screen->terminal);
}

void real_type(struct real_screen *screen, const char *keys)
{
	fake_terminal_type(&screen->terminal, keys);
}

static time_t deadline(void)
{
	return time(NULL) + FAKE_TERMINAL_WAIT_MS / 1000;
}

void real_open_gate(void)
{
	const time_t end = deadline();
	int gate;

	/* Nobody may have come to read yet. */
	while ((gate = open("gate", O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 &&
		time(NULL) < end) {
		(void)poll(NULL, 0, STEP_MS);
	}
	cr_assert(ge(int, gate, 0), "somebody waits at the gate");
	cr_assert(eq(sz, (size_t)write(gate, "x\n", 2), 2));
	(void)close(gate);
}

bool real_has_file(const char *name)
{
	return access(name, F_OK) == 0;
}

bool real_await_file(const char *name, const char *words)
{
	const time_t end = deadline();
	char text[4096];

	do {
		FILE *file = fopen(name, "re");
		const size_t length =
			file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
		if (file != NULL) {
			(void)fclose(file);
		}
		text[length] = '\0';
		if (length > 0 && strstr(text, words) != NULL) {
			return true;
		}
		(void)poll(NULL, 0, STEP_MS);
	} while (time(NULL) < end);
	return false;
}

/* ---- Whole pictures ---- */

/* R, S and so on, as proc_pid_stat(5) has it; Z if there is no such process. */
static char state_of(pid_t pid)
{
	char *path = xasprintf("/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	char line[256] = "";

	free(path);
	if (file == NULL) {
		return 'Z';
	}
	(void)!fgets(line, sizeof(line), file);
	(void)fclose(file);
	const char *name_end = strrchr(line, ')');
	return name_end != NULL && name_end[1] == ' ' ? name_end[2] : 'Z';
}

/* Takes what comes within that time; false if nothing does. */
static bool take_more(struct real_screen *screen, int wait_ms)
{
	struct pollfd ready = {.fd = screen->terminal.master, .events = POLLIN};

	if (poll(&ready, 1, wait_ms) <= 0 || (ready.revents & POLLIN) == 0) {
		return false;
	}
	fake_terminal_read(&screen->terminal);
	return true;
}

/*
 * Until the program on the terminal has drawn all that it wanted to: it sleeps, and what
 * it wrote before that has been read. One that has ended or stopped draws no more.
 */
static void take_picture(struct real_screen *screen, time_t end)
{
	while (time(NULL) < end) {
		const bool is_busy =
			strchr("RD", state_of(screen->terminal.child)) != NULL;
		if (!take_more(screen, 0)) {
			if (!is_busy) {
				return;
			}
			(void)take_more(screen, 1);
		}
	}
}

static bool await_either(
	struct real_screen *screen, const char *words, const char *others, bool wanted)
{
	const time_t end = deadline();

	do {
		take_picture(screen, end);
		if (eye_sees(&screen->eye, words) == wanted ||
			(others != NULL && eye_sees(&screen->eye, others))) {
			return true;
		}
		(void)take_more(screen, STEP_MS);
	} while (time(NULL) < end);
	(void)fprintf(stderr, "the screen is:\n%s", eye_text(&screen->eye));
	return false;
}

bool real_await(struct real_screen *screen, const char *words)
{
	return await_either(screen, words, NULL, true);
}

bool real_await_gone(struct real_screen *screen, const char *words)
{
	return await_either(screen, words, NULL, false);
}

bool real_await_either(
	struct real_screen *screen, const char *words, const char *others)
{
	return await_either(screen, words, others, true);
}

bool real_sees_soon(struct real_screen *screen, const char *words)
{
	(void)take_more(screen, STEP_MS);
	take_picture(screen, deadline());
	return eye_sees(&screen->eye, words);
}

bool real_await_cells(struct real_screen *screen, const VTermScreenCell *cells)
{
	const time_t end = deadline();

	do {
		take_picture(screen, end);
		if (eye_has_cells(&screen->eye, cells)) {
			return true;
		}
		(void)take_more(screen, STEP_MS);
	} while (time(NULL) < end);
	(void)eye_wrong_cells(&screen->eye, cells); /* says which */
	return false;
}

bool real_has_program(const char *name)
{
	char *command = xasprintf("command -v %s >/dev/null", name);
	const bool is_there = system(command) == 0;

	free(command);
	return is_there;
}
