/* SPDX-License-Identifier: MIT */
/* The screen of proposals, before a person's eye and a list that changes as told. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tests/tui/eye.h"
#include "tui/proposals.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RULES = 5, PAST_MAX = 8, STORED_NOTHING = 32, FAILED = 99 };

struct fake_state {
	unsigned wide; /* bits: was widened */
	bool dropped[RULES];
};

/* In the child: what was asked for, and what became of it. */
struct fake_desk {
	struct fake_state now;
	struct fake_state past[PAST_MAX];
	size_t past_count;
	unsigned stored; /* bits of accepted ones; its low bits are the exit status */
	bool in_project;
};

static size_t rule_at(const struct fake_desk *desk, size_t at)
{
	for (size_t i = 0; i < RULES; i++) {
		if (!desk->now.dropped[i] && at-- == 0) {
			return i;
		}
	}
	return 0;
}

static void list(void *context, struct tui_proposal **proposals, size_t *count)
{
	static const char *const names[RULES] = {
		"alpha", "beta", "gamma", "delta", "last"};
	const struct fake_desk *desk = context;

	*proposals = xcalloc(RULES, sizeof(**proposals));
	*count = 0;
	for (size_t i = 0; i < RULES; i++) {
		if (!desk->now.dropped[i]) {
			(*proposals)[(*count)++] = (struct tui_proposal){
				.rule = xasprintf("%s read /srv/%s/%s",
					i + 1 == RULES ? "deny" : "allow", names[i],
					desk->now.wide & 1u << i ? "*" : "file"),
				.reason = xstrdup(
					i + 1 == RULES ? "you denied it" : "3 answers"),
				.is_single = i + 1 == RULES,
				.vectors = 1u << VECTOR_FILES |
					   (i == 1 || i == 3 ? 1u << VECTOR_MEMORY : 0),
			};
		}
	}
}

static char *details(void *context, size_t at)
{
	char *text = xasprintf("rule\tnumber %zu\nevidence\t3 events in 2 sessions, 3 "
			       "answers\nalso\t2 other files that exist now: "
			       "/srv/alpha/one, /srv/alpha/two\n",
		rule_at(context, at));

	for (int i = 0; i < 12; i++) {
		char *longer = xasprintf("%sapproved\texample %d\n", text, i);
		free(text);
		text = longer;
	}
	return text;
}

static char *summary(void *context)
{
	(void)context;
	return xstrdup("saves 7 of 9 questions, lets through 0 of 2 denials");
}

static bool change(
	void *context, enum tui_proposal_change what, size_t *at, struct error *err)
{
	struct fake_desk *desk = context;
	const size_t rule = rule_at(desk, *at);

	const struct fake_state before = desk->now;

	switch (what) {
	case TUI_PROPOSAL_UNDO:
		if (desk->past_count == 0) {
			return error_set(err, ERROR_NOT_FOUND, "nothing to take back");
		}
		desk->now = desk->past[--desk->past_count];
		*at = 0;
		return true;
	case TUI_PROPOSAL_WIDEN:
		desk->now.wide |= 1u << rule;
		desk->past[desk->past_count++] = before;
		return true;
	case TUI_PROPOSAL_NARROW:
		desk->now.wide &= ~(1u << rule);
		desk->past[desk->past_count++] = before;
		return true;
	case TUI_PROPOSAL_DROP:
		desk->now.dropped[rule] = true;
		desk->past[desk->past_count++] = before;
		return true;
	case TUI_PROPOSAL_SPLIT:
	case TUI_PROPOSAL_FLIP:
		break;
	}
	return error_set(err, ERROR_REFUSED, "that would allow what was denied");
}

static bool store(
	void *context, const bool *accepted, bool in_project, struct error *err)
{
	struct fake_desk *desk = context;

	(void)err;
	for (size_t i = 0; i < RULES; i++) {
		desk->stored |= accepted[i] ? 1u << i : 0;
	}
	desk->in_project = in_project;
	return true;
}

/* The exit status tells what was stored. */
static int run(void *argument)
{
	struct fake_desk desk = {0};
	const struct tui_proposals proposals = {
		.context = &desk,
		.has_project = true,
		.title = "Rules",
		.list = list,
		.details = details,
		.summary = summary,
		.change = change,
		.store = store,
	};
	struct error err = {0};
	bool is_stored;

	(void)argument;
	(void)setenv("TERM", "xterm-256color", 1);
	if (!tui_proposals_run(
		    STDIN_FILENO, STDOUT_FILENO, &proposals, &is_stored, &err)) {
		return FAILED;
	}
	return is_stored ? (int)desk.stored + (desk.in_project ? 64 : 0)
			 : STORED_NOTHING;
}

static struct fake_terminal terminal;
static struct eye eye;

static void start(unsigned short rows, unsigned short columns)
{
	cr_assert(fake_terminal_start(&terminal, rows, columns, run, NULL));
	eye_open(&eye, &terminal, rows, columns);
	cr_assert(eye_await(&eye, "Rule 1 of 5"));
}

static void type_and_see(const char *keys, const char *words)
{
	fake_terminal_type(&terminal, keys);
	cr_assert(eye_await(&eye, words), "%s", words);
}

static void expect_end(const char *keys, int status)
{
	fake_terminal_type(&terminal, keys);
	cr_expect(eq(int, fake_terminal_await_exit(&terminal), status));
	cr_expect(fake_terminal_is_restored(&terminal));
	eye_close(&eye);
	fake_terminal_finish(&terminal);
}

Test(proposals, rules_stand_above_what_is_known_of_one)
{
	start(24, 80);
	eye_expect_screen(&eye, "proposals");
	type_and_see("jj", "Rule 3 of 5");
	cr_expect(eye_await(&eye, "number 2"));
	type_and_see("  ", "example 11");
	type_and_see("G", "number 4");
	expect_end("q", STORED_NOTHING);
}

Test(proposals, a_small_terminal_shows_the_same)
{
	start(12, 40);
	eye_expect_screen(&eye, "proposals_small");
	type_and_see("j", "number 1");
	type_and_see("?", "accept the rule, or take that back");
	type_and_see("G", "leave without storing anything");
	expect_end("qq", STORED_NOTHING);
}

Test(proposals, what_is_accepted_is_stored_after_a_second_key)
{
	start(24, 80);
	type_and_see("a", "1 accepted");
	type_and_see("w", "store 1 rule, always? y stores");
	type_and_see("n", "Rule 1 of 5");
	type_and_see("jas", "(for this project)");
	type_and_see("w", "store 2 rules, for this project?");
	expect_end("y", 64 + 3);
}

Test(proposals, nothing_is_accepted_by_enter_or_unseen)
{
	start(24, 80);
	type_and_see("\r", "? shows the keys");
	type_and_see("w", "nothing is accepted yet");
	cr_expect(eye_await(&eye, "0 accepted"));
	type_and_see("A", "4 accepted");
	cr_expect(eye_await(&eye, "1 that nobody approved is left"));
	type_and_see("q", "4 accepted, none stored: leave?");
	type_and_see("n", "Rule 1 of 5");
	expect_end("qy", STORED_NOTHING);
}

Test(proposals, a_changed_rule_has_to_be_accepted_anew)
{
	start(24, 80);
	type_and_see("a", "[x] allow read /srv/alpha/file");
	type_and_see("]", "[ ] allow read /srv/alpha/*");
	cr_expect(eye_await(&eye, "accept it anew"));
	type_and_see("t", "that would allow what was denied");
	type_and_see("a", "[x] allow read /srv/alpha/*");
	type_and_see("x", "Rule 1 of 4");
	cr_expect(eye_await(&eye, "0 accepted"));
	expect_end("q", STORED_NOTHING);
}

Test(proposals, changes_are_taken_back_one_by_one_with_what_was_accepted)
{
	start(24, 80);
	type_and_see("u", "nothing to take back");
	type_and_see("a", "[x] allow read /srv/alpha/file");
	type_and_see("]", "[ ] allow read /srv/alpha/*");
	type_and_see("x", "Rule 1 of 4");
	type_and_see("a", "[x] allow read /srv/beta/file");
	type_and_see("u", "[ ] allow read /srv/alpha/*");
	cr_expect(eye_await(&eye, "[x] allow read /srv/beta/file"));
	type_and_see("u", "[x] allow read /srv/alpha/file");
	type_and_see("u", "nothing to take back");
	type_and_see("w", "store 2 rules, always? y stores");
	expect_end("y", 3);
}

Test(proposals, only_those_of_one_vector_are_shown_changed_and_accepted)
{
	start(24, 80);
	type_and_see("&", "Rule 1 of 5 that have to do with files, 5 in all");
	type_and_see("&", "Rule 1 of 2 that have to do with memory, 5 in all");
	cr_expect(not(eye_sees(&eye, "/srv/alpha/file")));
	type_and_see("j]", "[ ] allow read /srv/delta/*");
	type_and_see("A", "2 accepted");
	type_and_see("x", "Rule 1 of 1 that have to do with memory, 4 in all");
	type_and_see("x", "Rule 2 of 3");
	type_and_see("&", "that have to do with files");
	type_and_see("&", "of 3\n");
	type_and_see("uu", "[x] allow read /srv/delta/*");
	cr_expect(eye_await(&eye, "[x] allow read /srv/beta/file"));
	type_and_see("w", "store 2 rules, always? y stores");
	expect_end("y", 2 + 8);
}

Test(proposals, it_follows_the_size_of_the_terminal)
{
	start(24, 80);
	eye_resize(&eye, 5, 20);
	fake_terminal_resize(&terminal, 5, 20);
	cr_assert(eye_await(&eye, "[ ] allow read ..."));
	eye_resize(&eye, 24, 80);
	fake_terminal_resize(&terminal, 24, 80);
	cr_assert(eye_await(&eye, "Rule 1 of 5"));
	expect_end("q", STORED_NOTHING);
}
