/* SPDX-License-Identifier: MIT */
#include "database.h"

TestSuite(sessions, .init = make_folder, .fini = remove_folder, .timeout = 60);

Test(sessions, every_field_comes_back_as_it_was)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};
	int64_t id = insert_session(db);

	cr_assert(db_session_find(db, "last", &got, &err), "%s", err.text);
	cr_expect(eq(i64, got.id, id));
	cr_expect(eq(str, (char *)shown(got.name), "work"));
	cr_expect(eq(str, (char *)shown(got.project), "/home/a/project"));
	cr_expect(eq(str, (char *)shown(got.working_folder), "/home/a/project/sub"));
	cr_assert(eq(sz, got.argc, 3));
	cr_expect(eq(str, (char *)shown(got.argv[2]), "true"));
	cr_expect(eq(str, (char *)shown(got.options), "{\"ask\":\"tui\"}"));
	cr_expect(not(got.has_status));
	cr_expect(eq(i64, got.ended, 0));
	cr_assert(db_session_end(db, id, 77, 3, &err), "%s", err.text);
	cr_assert(db_session_find(db, NULL, &got, &err), "%s", err.text);
	cr_expect(got.has_status && got.status == 3 && got.ended == 77);
	db_close(db);
}

Test(sessions, are_found_by_id_and_by_their_newest_name)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};
	int64_t first = insert_session(db);
	int64_t second = insert_session(db);
	char id[16];

	(void)snprintf(id, sizeof(id), "%lld", (long long)first);
	cr_assert(db_session_find(db, id, &got, &err), "%s", err.text);
	cr_expect(eq(i64, got.id, first));
	cr_assert(db_session_find(db, "work", &got, &err), "%s", err.text);
	cr_expect(eq(i64, got.id, second));
	cr_expect(not(db_session_find(db, "no\nsuch", &got, &err)));
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	cr_expect(strstr(err.text, "no\\nsuch") != NULL, "%s", err.text);
	db_close(db);
}

Test(sessions, an_empty_database_says_how_to_start_one)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};

	cr_expect(not(db_session_find(db, "last", &got, &err)));
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	cr_expect(eq(str, err.text,
		"no sessions yet; start one with: duenna run -- COMMAND"));
	db_close(db);
}

Test(sessions, are_listed_oldest_first_with_their_number_of_events)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};
	struct event event = an_event("/a");

	event.session = insert_session(db);
	(void)insert_session(db);
	for (event.seq = 1; event.seq <= 3; event.seq++) {
		cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
	}
	cr_assert(db_sessions_begin(db, &err));
	cr_assert(db_sessions_next(db, &got, &err));
	cr_expect(eq(i64, got.event_count, 3));
	cr_assert(db_sessions_next(db, &got, &err));
	cr_expect(eq(i64, got.event_count, 0));
	cr_expect(not(db_sessions_next(db, &got, &err)));
	db_close(db);
}

Test(sessions, that_have_not_ended_here_are_listed_apart)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};
	const int64_t ended = insert_session(db);
	const int64_t running = insert_session(db);

	cr_assert(db_session_end(db, ended, 10, 0, &err), "%s", err.text);
	cr_assert(db_unended_begin(db, &err));
	cr_assert(db_unended_next(db, &got, &err));
	cr_expect(eq(i64, got.id, running));
	cr_expect(not(db_unended_next(db, &got, &err)));
	cr_expect(eq(int, err.code, 0));
	db_close(db);
}

/* Removes what the limits say and gives how many sessions went. */
static size_t prune(struct db *db, struct prune_limits limits)
{
	struct prune_result result;
	struct error err = {0};

	cr_assert(db_prune_plan(db, &limits, &result, &err), "%s", err.text);
	cr_assert(db_prune(db, &result, &err), "%s", err.text);
	size_t count = result.count;
	prune_result_finish(&result);
	return count;
}

static int64_t insert_ended(struct db *db, int64_t ended)
{
	struct error err = {0};
	struct event event = an_event("/a");

	event.session = insert_session(db);
	event.seq = 1;
	event.python = text_of("[\"a stack\"]");
	cr_assert(db_event_insert(db, &event, &err), "%s", err.text);
	if (ended) {
		cr_assert(db_session_end(db, event.session, ended, 0, &err));
	}
	return event.session;
}

Test(sessions, prune_removes_by_age_and_keeps_decisions)
{
	struct db *db = open_database("s.db");
	struct session_record got;
	struct error err = {0};
	struct rule_record rule = a_rule("allow read /a");
	int64_t id, first = insert_ended(db, 100);
	int64_t second = insert_ended(db, 200);
	char name[16];

	rule.origin_session = first;
	cr_assert(db_rule_add(db, &rule, &id, &err), "%s", err.text);
	cr_expect(eq(sz, prune(db, (struct prune_limits){.ended_before = 150}), 1));
	cr_assert(db_session_find(db, "last", &got, &err));
	cr_expect(eq(i64, got.id, second));
	(void)snprintf(name, sizeof(name), "%lld", (long long)first);
	cr_expect(not(db_session_find(db, name, &got, &err)));
	cr_assert(db_rule_remove(db, id, &err), "%s", err.text);
	db_close(db);
	check_is_sound(path_in("s.db"));
}

Test(sessions, prune_by_size_takes_the_oldest)
{
	struct db *db = open_database("s.db");
	struct prune_limits limits = {.size = 1};
	struct prune_result result;
	struct error err = {0};

	(void)insert_ended(db, 100);
	(void)insert_ended(db, 200);
	cr_assert(db_prune_plan(db, &limits, &result, &err), "%s", err.text);
	cr_expect(eq(sz, result.count, 2));
	limits.size = result.bytes - 1;
	prune_result_finish(&result);
	cr_expect(eq(sz, prune(db, limits), 1));
	db_close(db);
}

Test(sessions, a_plan_alone_removes_nothing)
{
	struct db *db = open_database("s.db");
	struct prune_limits limits = {.ended_before = 1000};
	struct prune_result result;
	struct session_record got;
	struct error err = {0};

	(void)insert_ended(db, 100);
	cr_assert(db_prune_plan(db, &limits, &result, &err), "%s", err.text);
	cr_expect(eq(sz, result.count, 1));
	cr_expect(result.bytes > 0);
	prune_result_finish(&result);
	cr_expect(db_session_find(db, "last", &got, &err));
	db_close(db);
}
