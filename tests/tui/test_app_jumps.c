/* SPDX-License-Identifier: MIT */
/* From a line of one view to what belongs to it in another, and back. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tests/tui/app_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdio.h>

/* ---- What is remembered ---- */

static bool memory_rules(
	void *context, struct tui_rule **rules, size_t *count, struct error *err)
{
	(void)context;
	(void)err;
	*rules = xcalloc(2, sizeof(**rules));
	*count = 2;
	for (size_t i = 0; i < *count; i++) {
		(*rules)[i] = (struct tui_rule){
			.id = i == 0 ? 9 : 7,
			.text = xstrdup(
				i == 0 ? "allow read /nine/*" : "allow read /seven/*"),
			.scope = xstrdup("session"),
			.origin = xstrdup("session 3"),
			.hits = 4,
			.created = 1,
		};
	}
	return true;
}

static bool memory_events(void *context, int64_t session, size_t most,
	struct tui_event **events, size_t *count, struct error *err)
{
	(void)context;
	(void)session;
	(void)err;
	*count = most < 4 ? most : 4;
	*events = xcalloc(*count, sizeof(**events));
	for (size_t i = 0; i < *count; i++) {
		static const int64_t rules[] = {7, -3, 0, 5};
		(*events)[i] = (struct tui_event){
			.seq = (int64_t)i + 1,
			.pid = i < 2 ? 412 : 400,
			.rule = rules[i],
			.verb = i == 0 ? VERB_WRITE : VERB_READ,
			.verdict = i == 1 ? VERDICT_FORBID : VERDICT_ALLOW,
			.vectors = i == 2 ? 1u << VECTOR_FILES | 1u << VECTOR_MCP
					  : 1u << VECTOR_FILES,
			.program = xstrdup(i < 2 ? "/usr/bin/sed" : "/bin/bash"),
			.by = xstrdup(i == 0 ? "rule:7" : "default"),
			.mcp = xstrdup(i == 2 ? "[{\"server\":\"files\",\"tool\":"
						"\"get\\u001b\"}]"
					      : ""),
			.object = xasprintf("/object/%zu", i + 1),
		};
	}
	return true;
}

static char *memory_event_details(void *context, int64_t session, int64_t seq,
	unsigned columns, struct error *err)
{
	(void)context;
	(void)columns;
	(void)err;
	return xasprintf("event %" PRId64 " of session %" PRId64 "\n", seq, session);
}

static bool memory_question_event(void *context, int64_t session, int64_t question,
	int64_t *seq, struct error *err)
{
	(void)context;
	(void)session;
	(void)err;
	*seq = question == 21 ? 3 : 0;
	return true;
}

static bool memory_rule_origin(
	void *context, int64_t id, int64_t *session, int64_t *seq, struct error *err)
{
	(void)context;
	(void)err;
	*session = 2;
	*seq = id == 7 ? 44 : 0;
	return true;
}

static bool memory_answers(void *context, int64_t session, size_t most,
	struct tui_answer **answers, size_t *count, struct error *err)
{
	(void)context;
	(void)session;
	(void)err;
	*count = most < 3 ? most : 3;
	*answers = xcalloc(*count, sizeof(**answers));
	for (size_t i = 0; i < *count; i++) {
		(*answers)[i] = (struct tui_answer){
			.number = i == 0 ? 1 : 20 + (int64_t)i,
			.is_answered = i < 2,
			.verdict = VERDICT_ALLOW,
			.scope = SCOPE_SESSION,
			.rule = i == 1 ? 7 : 0,
			.action = xasprintf("read /answered/%zu", i),
		};
	}
	return true;
}

static const struct tui_memory memory = {
	.rules = memory_rules,
	.events = memory_events,
	.event_details = memory_event_details,
	.question_event = memory_question_event,
	.rule_origin = memory_rule_origin,
	.answers = memory_answers,
};

static void begin(void)
{
	fake_start_app(&fake, (struct fake_screen){.rows = STAGE_ROWS,
				      .columns = STAGE_COLUMNS,
				      .term = "xterm-256color",
				      .memory = &memory});
	eye_open(&eye, &fake.terminal, STAGE_ROWS, STAGE_COLUMNS);
}

static void end(void)
{
	fake_expect_clean_end(&fake);
	finish();
}

TestSuite(app_jumps, .timeout = 300, .init = begin, .fini = end);

/* ---- The jumps ---- */

Test(app_jumps, an_event_leads_to_the_rule_that_decided_and_back)
{
	type_and_see("\x1d"
		     "e",
		"Events (4 of 4)");
	type_and_see("g", "Events (1 of 4)");
	type_and_see("r", "Kept answers (2 of 2)");
	cr_expect(eye_await(&eye, ">    7  session"));
	type_and_see("q", "Events (1 of 4)");
	/* Rules of files and profiles stand in the event itself. */
	type_and_see("j", "Events (2 of 4)");
	type_and_see("r", "event 2 of session 3");
	type_and_see("q", "Events (2 of 4)");
	type_and_see("j", "Events (3 of 4)");
	type_and_see("r", "No rule decided this");
	type_and_see("j", "Events (4 of 4)");
	type_and_see("r", "Rule 5 is no longer stored.");
	type_and_see("\r", "event 4 of session 3");
	type_and_see("q", "Events (4 of 4)");
	type("q");
	cr_expect(eye_await_gone(&eye, "Events"));
}

Test(app_jumps, a_rule_leads_to_the_event_that_it_comes_from_and_back)
{
	type_and_see("\x1dr", "Kept answers (1 of 2)");
	type_and_see("O", "No recorded event is known for it.");
	type_and_see("j", "Kept answers (2 of 2)");
	type_and_see("O", "event 44 of session 2");
	type_and_see("?", "Keys (");
	type_and_see("q", "event 44 of session 2");
	type_and_see("q", "Kept answers (2 of 2)");
	type("q");
	cr_expect(eye_await_gone(&eye, "Kept answers"));
}

Test(app_jumps, answers_stand_below_the_open_questions)
{
	ask(1, "/home/u/secret/key");
	type("\x1b");
	cr_assert(eye_await_gone(&eye, KEYS_COUNT));
	/* The first is open still: it is not shown twice. */
	type_and_see("\x1dq", "Open questions and answers (1 of 3)");
	cr_expect(eye_await_gone(&eye, "/answered/0"));
	cr_expect(eye_await(&eye, "allow session  read /answered/1"));
	cr_expect(eye_await(&eye, "not answered   read /answered/2"));
	type_and_see("j", "(2 of 3)");
	type_and_see("\r", "event 3 of session 3");
	type_and_see("q", "(2 of 3)");
	type_and_see("r", ">    7  session");
	type_and_see("q", "(2 of 3)");
	/* What was answered is marked for no further answer. */
	type_and_see("X", "* ");
	type_and_see("D",
		"One answer to all of these: d denies them once, q goes back (1 of 1)");
	type_and_see("q", "Open questions and answers (");
	type_and_see("G", "(3 of 3)");
	type_and_see("\r", "It was withdrawn, or its event is not recorded yet.");
}

Test(app_jumps, a_process_leads_to_what_it_did)
{
	struct protocol_process list[] = {
		{.pid = 400,
			.program = text_of("/bin/bash"),
			.judged = 1204,
			.denied = 3},
		{.pid = 412, .parent = 400, .program = text_of("/usr/bin/sed")},
	};
	const struct protocol_processes processes = {list, 2};

	type("\x1dp");
	cr_assert(fake_await(&fake, "processes"));
	fake_send(&fake, protocol_processes_write(&processes));
	cr_expect(eye_await(&eye, "    400          1204      3 /bin/bash"));
	type_and_see("j", "Processes (2 of 2)");
	type_and_see("\r", "Events with \"pid=412\" (2 of 2)");
	cr_expect(eye_await_gone(&eye, "/object/3"));
	type_and_see("q", "Processes (2 of 2)");
}

struct filter_case {
	const char *typed, *seen;
};

Test(app_jumps, events_are_filtered_by_what_they_are)
{
	static const struct filter_case cases[] = {
		{"verb=write", "(1 of 1)"},
		{"verdict=forbid", "(1 of 1)"},
		{"verb=read verdict=allow", "(2 of 2)"},
		{"program=bash", "(2 of 2)"},
		{"program=/usr/bin/*", "(2 of 2)"},
		{"path=/object/?", "(4 of 4)"},
		{"path=*/3", "(1 of 1)"},
		{"mcp=files", "(1 of 1)"},
		{"mcp=none", "(0 of 0)"},
		{"vector=files", "(4 of 4)"},
		{"vector=mcp", "(1 of 1)"},
		{"vector=network", "(0 of 0)"},
		{"vector=sky", "no such vector: sky"},
		{"allow /object", "(3 of 3)"},
		{"verb=dance", "no such verb: dance"},
	};
	char keys[64];

	type_and_see("\x1d"
		     "e",
		"Events (4 of 4)");
	cr_expect(eye_await(&eye, "for files/get\\x1b"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(keys, sizeof(keys), "&\x15%s\r", cases[i].typed);
		type(keys);
		(void)snprintf(
			keys, sizeof(keys), "Events with \"%s\"", cases[i].typed);
		cr_expect(eye_await(&eye, keys), "%s", cases[i].typed);
		cr_expect(eye_await(&eye, cases[i].seen), "%s", cases[i].typed);
	}
}
