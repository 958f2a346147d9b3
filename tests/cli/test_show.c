/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void set_up(void)
{
	cr_assert(setlocale(LC_ALL, "C.UTF-8") != NULL);
	cr_assert(setenv("TZ", "UTC", 1) == 0);
	tzset();
}

TestSuite(show, .init = set_up, .timeout = 30);

static const int64_t second = 1000000000;

Test(show, durations_have_two_units_at_most)
{
	static const struct {
		int64_t seconds_tenths;
		const char *want;
	} rows[] = {
		{3, "0.3 s"},
		{99, "9.9 s"},
		{120, "12 s"},
		{2420, "4 min 02 s"},
		{120000, "3 h 20 min"},
		{1872000, "2 d 04 h"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buffer[SHOW_SIZE];

		(void)show_duration(rows[i].seconds_tenths * (second / 10), buffer);
		cr_expect(eq(str, buffer, (char *)rows[i].want));
	}
}

Test(show, times_are_local_and_never_is_a_word)
{
	char buffer[SHOW_SIZE];

	cr_expect(eq(
		str, (char *)show_date(86399 * second, buffer), "1970-01-01 23:59:59"));
	cr_expect(eq(str, (char *)show_clock(86399 * second, buffer), "23:59:59"));
	cr_expect(eq(str, (char *)show_date(0, buffer), "never"));
}

Test(show, sizes_and_counts_are_words)
{
	char buffer[SHOW_SIZE];

	cr_expect(eq(str, (char *)show_bytes(812, buffer), "812 bytes"));
	cr_expect(eq(str, (char *)show_bytes(1450000, buffer), "1.4 MB"));
	cr_expect(eq(str, (char *)show_count(1, "event", buffer), "1 event"));
	cr_expect(eq(str, (char *)show_count(0, "event", buffer), "0 events"));
}

static void expect_text(const char *raw, size_t width, const char *want)
{
	char *got = show_text(text_of(raw), width);

	cr_expect(eq(str, got, (char *)want));
	free(got);
}

Test(show, text_is_safe_and_as_wide_as_it_may_be)
{
	expect_text("abc", 0, "abc");
	expect_text("abcdefghij", 10, "abcdefghij");
	expect_text("abcdefghijk", 10, "abcdefg...");
	expect_text("a\033[31m", 0, "a\\x1b[31m");
	/* Letters of two bytes and of two columns are counted in columns. */
	expect_text("äöüäöüäöüä", 10, "äöüäöüäöüä");
	expect_text("日本語日本語", 10, "日本語...");
}

Test(show, commands_quote_what_needs_it)
{
	struct text argv[] = {text_of("git"), text_of("commit"), text_of("-m"),
		text_of("two words"), text_of("")};
	char *got = show_command(argv, 5, 0);

	cr_expect(eq(str, got, "git commit -m \"two words\" \"\""));
	free(got);
	got = show_object(text_of("/usr/bin/git"), argv, 2, 0);
	cr_expect(eq(str, got, "/usr/bin/git commit"));
	free(got);
}

static void expect_decider(const struct event *event, const char *want)
{
	char *got = show_decider(event, 0);

	cr_expect(eq(str, got, (char *)want));
	free(got);
}

Test(show, every_decider_is_named)
{
	struct event event = {
		.by = BY_RULE, .rule = 12, .rule_text = text_of("deny read /a")};

	expect_decider(&event, "rule 12: deny read /a");
	event.rule = -3;
	event.reason = text_of("profile base:7");
	expect_decider(&event, "profile base:7: deny read /a");
	event = (struct event){
		.by = BY_BUILT_IN, .reason = text_of("it cannot be read")};
	expect_decider(&event, "built in: it cannot be read");
	event = (struct event){.by = BY_PERSON};
	expect_decider(&event, "a person, once");
	event.has_scope = true;
	event.scope = SCOPE_PROJECT;
	event.rule_text = text_of("allow read /a");
	expect_decider(&event, "a person, project: allow read /a");
	event = (struct event){.by = BY_HEADLESS};
	expect_decider(&event, "nobody to ask; no rule");
	event = (struct event){.by = BY_DEFAULT};
	expect_decider(&event, "no rule; nobody was to be asked");
}

Test(show, states_of_sessions_are_words)
{
	struct session_record session = {.ended = 1, .status = 0};
	char buffer[SHOW_SIZE];

	cr_expect(eq(str, (char *)show_state(&session, buffer), "ended"));
	session.status = 3;
	cr_expect(eq(str, (char *)show_state(&session, buffer), "exit 3"));
	session =
		(struct session_record){.supervisor = getpid(), .supervisor_ticks = 1};
	cr_expect(eq(str, (char *)show_state(&session, buffer), "lost"));
}
