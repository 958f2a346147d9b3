/* SPDX-License-Identifier: MIT */
#include "database.h"

TestSuite(events, .init = make_folder, .fini = remove_folder, .timeout = 60);

static struct db *db;
static int64_t session;

static void fill(void)
{
	struct process_record process = {
		.number = 1,
		.pid = 10,
		.program = text_of("/usr/bin/cat"),
		.argv = (const struct text[]){{"cat", 3}, {"", 0}, {"x", 1}},
		.argc = 3,
		.working_folder = text_of("/w"),
		.started = 5,
	};
	struct error err = {0};

	db = open_database("events.db");
	session = insert_session(db);
	process.session = session;
	cr_assert(db_process_insert(db, &process, &err), "%s", err.text);
}

static void insert(struct event event, int64_t seq)
{
	struct error err = {0};

	event.session = session;
	event.seq = seq;
	cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
}

/* The sequence numbers that a filter gives, as a string. */
static const char *sequence(struct event_filter filter)
{
	static char numbers[128];
	struct event event;
	struct error err = {0};
	size_t used = 0;

	numbers[0] = '\0';
	filter.session = session;
	cr_assert(db_events_begin(db, &filter, &err), "%s", err.text);
	while (db_events_next(db, &event, &err)) {
		used += (size_t)snprintf(numbers + used, sizeof(numbers) - used,
			"%s%lld", used ? " " : "", (long long)event.seq);
	}
	cr_expect(eq(int, err.code, 0), "%s", err.text);
	return numbers;
}

static void read_first(struct event *event)
{
	struct event_filter filter = {.session = session};
	struct error err = {0};

	cr_assert(db_events_begin(db, &filter, &err), "%s", err.text);
	cr_assert(db_events_next(db, event, &err), "%s", err.text);
}

Test(events, every_field_comes_back_as_it_was)
{
	struct text argv[] = {text_of("git"), text_of(""), text_of("push")};
	struct event stored = {
		.time = 1700000000123456789,
		.monotonic = 42,
		.pid = 10,
		.tid = 12,
		.process = 1,
		.call = 7,
		.verb = VERB_EXEC,
		.object = {"/bin/g\xff\n\0t", 10},
		.asked_as = text_of("g"),
		.argv = argv,
		.argc = 3,
		.syscall = text_of("execve"),
		.verdict = VERDICT_FORBID,
		.by = BY_PERSON,
		.rule = 9,
		.rule_text = text_of("forbid exec *"),
		.reason = text_of("because"),
		.has_scope = true,
		.scope = SCOPE_PROJECT,
		.question = 3,
		.waited_ms = 1500,
		.error = 13,
		.flags = EVENT_WITHDRAWN | EVENT_MCP_UNTAKEN,
		.code = CODE_GENERATED,
		.python = text_of("[\"a.py:1\"]"),
		.native = text_of("[\"open\"]"),
		.mcp = text_of("[\"fs/read\"]"),
		.labels = text_of("secret"),
	};
	struct event got;

	fill();
	insert(stored, 1);
	read_first(&got);
	cr_expect(eq(i64, got.time, stored.time));
	cr_expect(eq(i64, got.monotonic, 42));
	cr_expect(eq(int, got.pid, 10));
	cr_expect(eq(int, got.tid, 12));
	cr_expect(eq(i64, got.process, 1));
	cr_expect(eq(i64, got.call, 7));
	cr_expect(got.verb == VERB_EXEC);
	cr_expect(text_equal(got.object, stored.object));
	cr_expect(eq(str, (char *)shown(got.asked_as), "g"));
	cr_assert(eq(sz, got.argc, 3));
	cr_expect(eq(sz, got.argv[1].length, 0));
	cr_expect(eq(str, (char *)shown(got.argv[2]), "push"));
	cr_expect(eq(str, (char *)shown(got.program), "/usr/bin/cat"));
	cr_assert(eq(sz, got.process_argc, 3));
	cr_expect(eq(str, (char *)shown(got.process_argv[2]), "x"));
	cr_expect(eq(str, (char *)shown(got.syscall), "execve"));
	cr_expect(got.verdict == VERDICT_FORBID && got.by == BY_PERSON);
	cr_expect(eq(i64, got.rule, 9));
	cr_expect(eq(str, (char *)shown(got.rule_text), "forbid exec *"));
	cr_expect(eq(str, (char *)shown(got.reason), "because"));
	cr_expect(got.has_scope && got.scope == SCOPE_PROJECT);
	cr_expect(eq(i64, got.question, 3));
	cr_expect(eq(i64, got.waited_ms, 1500));
	cr_expect(eq(int, got.error, 13));
	cr_expect(eq(uint, got.flags, stored.flags));
	cr_expect(got.code == CODE_GENERATED);
	cr_expect(eq(str, (char *)shown(got.python), "[\"a.py:1\"]"));
	cr_expect(eq(str, (char *)shown(got.native), "[\"open\"]"));
	cr_expect(eq(str, (char *)shown(got.mcp), "[\"fs/read\"]"));
	cr_expect(eq(str, (char *)shown(got.labels), "secret"));
	db_close(db);
}

Test(events, what_is_absent_comes_back_empty)
{
	struct event got;

	fill();
	insert(an_event("/a"), 1);
	read_first(&got);
	cr_expect(eq(sz, got.argc, 0));
	cr_expect(not(got.has_scope));
	cr_expect(eq(sz, got.python.length, 0));
	cr_expect(eq(sz, got.rule_text.length, 0));
	cr_expect(eq(sz, got.program.length, 0));
	db_close(db);
}

Test(events, filters_combine)
{
	struct event write = an_event("/b");
	struct event denied = an_event("/c");

	fill();
	write.verb = VERB_WRITE;
	denied.verdict = VERDICT_DENY;
	denied.question = 4;
	denied.process = 1;
	insert(an_event("/a"), 1);
	insert(write, 2);
	insert(denied, 3);
	cr_expect(eq(str, (char *)sequence((struct event_filter){0}), "1 2 3"));
	cr_expect(eq(str, (char *)sequence((struct event_filter){.after = 1}), "2 3"));
	cr_expect(eq(str,
		(char *)sequence((struct event_filter){.verbs = 1u << VERB_WRITE}),
		"2"));
	cr_expect(eq(str,
		(char *)sequence((struct event_filter){.verdicts = 1u << VERDICT_DENY}),
		"3"));
	cr_expect(eq(str,
		(char *)sequence((struct event_filter){
			.verbs = 1u << VERB_READ, .verdicts = 1u << VERDICT_ALLOW}),
		"1"));
	cr_expect(eq(str, (char *)sequence((struct event_filter){.question = 4}), "3"));
	cr_expect(eq(str, (char *)sequence((struct event_filter){.process = 1}), "3"));
	db_close(db);
}

Test(events, are_counted_by_verb_and_verdict)
{
	struct event_counts counts;
	struct error err = {0};

	fill();
	for (int64_t i = 1; i <= 5; i++) {
		struct event event = an_event("/a");

		event.verdict = i > 3 ? VERDICT_DENY : VERDICT_ALLOW;
		insert(event, i);
	}
	cr_assert(db_event_counts(db, session, &counts, &err), "%s", err.text);
	cr_expect(eq(i64, counts.total, 5));
	cr_expect(eq(i64, counts.by_verb[VERB_READ][VERDICT_ALLOW], 3));
	cr_expect(eq(i64, counts.by_verb[VERB_READ][VERDICT_DENY], 2));
	db_close(db);
}

Test(events, objects_are_listed_once_in_order_of_appearance)
{
	struct event_filter filter = {0};
	struct object_count object;
	struct error err = {0};

	fill();
	insert(an_event("/z"), 1);
	insert(an_event("/a"), 2);
	insert(an_event("/z"), 3);
	filter.session = session;
	cr_assert(db_objects_begin(db, &filter, &err), "%s", err.text);
	cr_assert(db_objects_next(db, &object, &err));
	cr_expect(eq(str, (char *)shown(object.object), "/z"));
	cr_expect(eq(i64, object.count, 2));
	cr_assert(db_objects_next(db, &object, &err));
	cr_expect(eq(str, (char *)shown(object.object), "/a"));
	cr_expect(not(db_objects_next(db, &object, &err)));
	db_close(db);
}

Test(events, recurring_texts_are_kept_once)
{
	fill();
	for (int64_t i = 1; i <= 100; i++) {
		struct event event = an_event("/a");

		event.python = text_of(i % 2 ? "[\"odd\"]" : "[\"even\"]");
		event.native = event.python;
		insert(event, i);
	}
	sqlite3_stmt *count;
	cr_assert(sqlite3_prepare_v2(db->connection, "SELECT count(*) FROM texts", -1,
			  &count, NULL) == SQLITE_OK);
	cr_assert(sqlite3_step(count) == SQLITE_ROW);
	cr_expect(eq(int, sqlite3_column_int(count, 0), 2));
	(void)sqlite3_finalize(count);
	db_close(db);
}

Test(events, secrets_in_arguments_are_masked_and_the_event_says_so)
{
	struct text argv[] = {
		text_of("curl"), text_of("--password"), text_of("hunter2")};
	struct event event = an_event("/usr/bin/curl");
	struct event got;

	fill();
	event.verb = VERB_EXEC;
	event.argv = argv;
	event.argc = 3;
	insert(event, 1);
	read_first(&got);
	cr_assert(eq(sz, got.argc, 3));
	cr_expect(strstr(shown(got.argv[2]), "hunter2") == NULL);
	cr_expect(eq(uint, got.flags, EVENT_ARGV_MASKED));
	db_close(db);
}
