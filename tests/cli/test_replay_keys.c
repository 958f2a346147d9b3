/* SPDX-License-Identifier: MIT */
/*
 * Every key of a replay, typed at the real binary on a recording that was made up: what
 * the screen says afterwards, which it did not say before.
 */
#include "base/xalloc.h"
#include "tests/support/own_home.h"
#include "tests/tui/eye.h"
#include "tui/key_table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	TIMEOUT = 600,
	ROWS = 24,
	COLUMNS = 80,
	EVENTS = 40, /* one a second */
	DENIED_FIRST = 10,
	DENIED_SECOND = 30,
};

static const char *folder;
static struct fake_terminal terminal;
static struct eye eye;

/* ---- The recording ---- */

static void write_processes(FILE *file)
{
	for (int i = 1; i <= 2; i++) {
		(void)fprintf(file,
			"{\"record\":\"process\",\"number\":%d,\"parent\":%d,"
			"\"previous\":0,\"pid\":%d,\"start_ticks\":1,"
			"\"program\":\"/usr/bin/bash\",\"script\":\"\","
			"\"argv\":[\"bash\"],\"working_folder\":\"/w\","
			"\"started\":1000000000000,\"ended\":0,\"has_status\":false,"
			"\"status\":0}\n",
			i, i - 1, 100 + i);
	}
}

static void write_events(FILE *file)
{
	for (int i = 1; i <= EVENTS; i++) {
		const bool is_denied = i == DENIED_FIRST || i == DENIED_SECOND;
		(void)fprintf(file,
			"{\"record\":\"event\",\"seq\":%d,\"time\":%d000000000,"
			"\"monotonic\":1,\"pid\":%d,\"tid\":%d,\"process\":%d,"
			"\"call\":%d,\"verb\":\"write\",\"object\":\"/w/file-%d\","
			"\"asked_as\":\"\",\"argv\":[],\"syscall\":\"openat\","
			"\"verdict\":\"%s\",\"by\":\"rule\",\"rule\":-1,"
			"\"rule_text\":\"%s write "
			"/w/file-*\",\"reason\":\"my.rules:1\","
			"\"has_scope\":false,\"scope\":\"once\",\"question\":0,"
			"\"waited_ms\":0,\"error\":%d,\"flags\":15,"
			"\"code\":\"unknown\",\"python\":\"\",\"native\":\"\","
			"\"mcp\":\"\",\"labels\":\"\"}\n",
			i, 1000 + i, 101 + i % 2, 101 + i % 2, 1 + i % 2, i, i,
			is_denied ? "deny" : "allow", is_denied ? "deny" : "allow",
			is_denied ? EACCES : 0);
	}
}

static void write_questions(FILE *file)
{
	for (int i = 1; i <= 2; i++) {
		(void)fprintf(file,
			"{\"record\":\"question\",\"number\":%d,\"time\":%d250000000,"
			"\"process\":1,\"pid\":101,\"tid\":101,\"verb\":\"write\","
			"\"object\":\"/w/asked-%d\",\"asked_as\":\"\",\"argv\":[],"
			"\"details\":\"\",\"answered\":true,"
			"\"answer_time\":%d250000000,\"verdict\":\"allow\","
			"\"scope\":\"once\",\"rule\":0,\"rule_text\":\"\","
			"\"message\":\"\"}\n",
			i, 1000 + 15 * i, i, 1003 + 15 * i);
	}
}

static int write_terminal(FILE *file)
{
	(void)fputs("{\"record\":\"terminal\",\"number\":1,\"time\":1000000000000,"
		    "\"kind\":\"size\",\"bytes\":\"\",\"columns\":80,\"rows\":24}\n",
		file);
	for (int i = 1; i <= EVENTS; i++) {
		(void)fprintf(file,
			"{\"record\":\"terminal\",\"number\":%d,"
			"\"time\":%d500000000,\"kind\":\"output\","
			"\"bytes\":\"output-%d\\r\\n\",\"columns\":0,\"rows\":0}\n",
			i + 1, 999 + i, i);
	}
	return EVENTS + 1;
}

static void write_recording(void)
{
	FILE *file = fopen("made.jsonl", "we");

	cr_assert(file != NULL);
	(void)fputs("{\"record\":\"session\",\"format\":1,\"name\":\"made\","
		    "\"started\":1000000000000,\"ended\":1041000000000,"
		    "\"project\":\"/w\",\"working_folder\":\"/w\","
		    "\"argv\":[\"bash\"],\"options\":\"{}\",\"supervisor\":0,"
		    "\"supervisor_ticks\":0,\"has_status\":true,\"status\":0}\n",
		file);
	write_processes(file);
	write_events(file);
	write_questions(file);
	const int chunks = write_terminal(file);
	(void)fprintf(file, "{\"record\":\"end\",\"lines\":%d}\n",
		1 + 2 + EVENTS + 2 + chunks + 1);
	cr_assert(eq(int, fclose(file), 0));
	char *command = xasprintf("'%s' import made.jsonl --db made.db >log 2>&1 ||"
				  " { cat log >&2; false; }",
		getenv("DUENNA"));
	cr_assert(eq(int, system(command), 0));
	free(command);
}

/* ---- The screen ---- */

static void set_up(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	folder = own_home_open("replay-keys");
	own_home_write("new.rules", "deny write /w/file-20\n");
	write_recording();
	terminal = (struct fake_terminal){.child = -1, .master = -1, .slave = -1};
}

static void tear_down(void)
{
	if (folder != NULL) {
		fake_terminal_finish(&terminal);
		own_home_close();
	}
}

TestSuite(replay_keys, .init = set_up, .fini = tear_down, .timeout = TIMEOUT);

static int run_duenna(void *argument)
{
	(void)argument;
	(void)execl(getenv("DUENNA"), "duenna", "replay", "--db", "made.db", "--rules",
		"new.rules", NULL);
	return errno;
}

static void open_screen(void)
{
	cr_assert(fake_terminal_start(&terminal, ROWS, COLUMNS, run_duenna, NULL));
	eye_open(&eye, &terminal, ROWS, COLUMNS);
	cr_assert(eye_await(&eye, "event 0/40"), "%s", eye_text(&eye));
}

static void close_screen(const char *keys)
{
	fake_terminal_type(&terminal, keys);
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), 0));
	cr_expect(fake_terminal_is_restored(&terminal));
	eye_close(&eye);
	fake_terminal_finish(&terminal);
	terminal = (struct fake_terminal){.child = -1, .master = -1, .slave = -1};
}

struct step {
	const char *keys;
	const char *expected; /* words that come; after '-': that go */
};

static const struct step steps[] = {
	{"j", "event 1/40"},
	{"\033[B", "event 2/40"},
	{"k", "event 1/40"},
	{"\033[A", "event 0/40"},
	{"w", "event 20/40"},
	{"b", "event 0/40"},
	{"\033[6~", "event 20/40"},
	{"\033[5~", "event 0/40"},
	{"l", "0:10.0/"},
	{"\033[C", "0:20.0/"},
	{"h", "0:10.0/"},
	{"\033[D", "0:00.0/"},
	{"\033[F", "event 40/40"},
	{"\033[H", "event 0/40"},
	{"G", "event 40/40"},
	{"g", "event 0/40"},
	{"d", "event 10/40"},
	{"d", "event 30/40"},
	{"d", "no denial after this"},
	{"D", "event 10/40"},
	{"D", "no denial before this"},
	{"x", "event 20/40"},
	{"x", "event 30/40"},
	{"x", "no difference after this"},
	{"X", "event 20/40"},
	{"g", "event 0/40"},
	{"o", "output-1"},
	{"o", "output-2"},
	{"O", "-output-2"},
	{"a", "question 1 waits: write /w/asked-1"},
	{"a", "question 2 waits: write /w/asked-2"},
	{"v", "question 2, asked at 0:30.2"},
	{"q", "-asked at 0:30.2"},
	{"A", "question 1 waits"},
	{"A", "no question before this"},
	{"t", "go to (1:30"},
	{"0:20\r", "event 20/40"},
	{"t#7\r", "event 7/40"},
	{"t+5\r", "event 12/40"},
	{"tx\r", "a time is 90"},
	{"t#7\r", "event 7/40"},
	{"m", "marked: 0:07.0"},
	{"g", "event 0/40"},
	{"'", "event 7/40"},
	{"G", "event 40/40"},
	{"\"", "event 7/40"},
	{"m", "the mark is gone"},
	{"/", "search the events:"},
	{"FILE-12\r", "event 12/40"},
	{"G", "event 40/40"},
	{"N", "event 12/40"},
	{"g", "event 0/40"},
	{"n", "event 12/40"},
	{"s", "search the terminal:"},
	{"output-33\r", "0:32.5/"},
	{"&", "only events with:"},
	{"file-3\r", "of 11"},
	{"c", "-of 11"},
	{"t#12\r", "event 12/40"},
	{"c", "of 20"},
	{"c", "event 12/40"},
	{"e", "my.rules:1"},
	{"q", "-my.rules:1"},
	{"\r", "my.rules:1"},
	{"q", "-my.rules:1"},
	{"r", "judged  40 actions: 38 allowed"},
	{"&nowhere\r", "-judged  40 actions"},
	{"&\025JUDGED\r", "Summary with \"JUDGED\" ("},
	{"&\025\r", "-with \"JUDGED\""},
	{"q", "-judged  40 actions"},
	{"1", "-80x24"},
	{"1", "80x24"},
	{"2", "-Events:"},
	{"2", "Events:"},
	{"3", "Processes:"},
	{"3", "-Processes:"},
	{"g", "event 0/40"},
	{">", "-/w/file-9"},
	{"<", "/w/file-9"},
	{"z", "-Events:"},
	{"z", "Events:"},
	{"+", "/0:41.0 2x"},
	{"=", "/0:41.0 4x"},
	{"-", "/0:41.0 2x"},
	{"i", "pauses are as long as they were"},
	{"i", "pauses are cut to a second"},
	{"f", "the session has ended: this is its end"},
	{"g", "-the session has ended"},
	{" ", "playing"},
	{" ", "stopped"},
	{"?", "twice as fast, up to 16 times"},
	{"q", "-twice as fast"},
};

static void take_step(const struct step *step)
{
	const bool goes = *step->expected == '-';
	const char *words = step->expected + (goes ? 1 : 0);

	/* What the step before drew may still be on its way. */
	cr_assert(goes ? eye_await(&eye, words) : eye_await_gone(&eye, words),
		"before %s, %s:\n%s", step->keys, step->expected, eye_text(&eye));
	fake_terminal_type(&terminal, step->keys);
	cr_assert(goes ? eye_await_gone(&eye, words) : eye_await(&eye, words),
		"%s, %s:\n%s", step->keys, step->expected, eye_text(&eye));
}

Test(replay_keys, each_does_what_the_help_says)
{
	open_screen();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		take_step(&steps[i]);
	}
	close_screen("q");
	open_screen();
	close_screen("\033");
	open_screen();
	close_screen("\003");
}

static bool is_typed(uint32_t key)
{
	static const uint32_t others[] = {
		'<', '>', KEY_ESC}; /* in tests of their own */

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (key == others[i]) {
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		size_t taken;
		if (key_read(text_of(steps[i].keys), true, &taken) == key) {
			return true;
		}
	}
	return false;
}

Test(replay_keys, none_is_left_out_here)
{
	static struct key_table table;

	key_table_init(&table);
	for (size_t i = 0; i < table.count; i++) {
		const struct key_binding *binding = &table.bindings[i];
		for (size_t k = 0; binding->context == CONTEXT_REPLAY &&
				   k < sizeof(binding->keys) / sizeof(binding->keys[0]);
			k++) {
			cr_expect(binding->keys[k] == KEY_NONE ||
					  is_typed(binding->keys[k]),
				"%s: key %x", binding->meaning, binding->keys[k]);
		}
	}
}
