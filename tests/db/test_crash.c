/* SPDX-License-Identifier: MIT */
/*
 * Writers that are killed, and writers that get in each other's way. Children report
 * through a pipe and end by _exit or SIGKILL.
 */
#include "database.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(crash, .init = make_folder, .fini = remove_folder, .timeout = 300);

/* Records events and answers without end; each stored rule's id goes to the pipe. */
static void answer_forever(const char *path, int pipe_fd)
{
	struct session_record session = a_session();
	struct error err = {0};
	struct recorder *recorder = recorder_create(path, &session, &err);

	for (int64_t i = 1; recorder; i++) {
		struct question_record question = {.object = text_of("/a")};
		struct completion completion;
		struct decision decision = {
			.kind = DECISION_ANSWER,
			.verdict = VERDICT_ALLOW,
			.scope = SCOPE_ALWAYS,
			.rule = a_rule("allow read /a"),
		};
		struct pollfd readable = {recorder_fd(recorder), POLLIN, 0};

		for (int n = 0; n < 50; n++) {
			struct event event = an_event("/some/path");

			(void)recorder_event(recorder, &event);
		}
		decision.question = recorder_question(recorder, &question);
		(void)recorder_decide(recorder, &decision);
		while (!recorder_next_completion(recorder, &completion)) {
			(void)poll(&readable, 1, -1);
		}
		if (completion.error.code ||
			write(pipe_fd, &completion.rule, sizeof(completion.rule)) < 0) {
			break;
		}
	}
	_exit(1);
}

static pid_t start_child(const char *path, int *read_fd, const char *failpoint)
{
	int ends[2];

	cr_assert(pipe(ends) == 0);
	pid_t child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(ends[0]);
		if (failpoint) {
			(void)setenv("DUENNA_FAILPOINT", failpoint, 1);
		}
		answer_forever(path, ends[1]);
	}
	cr_assert(child > 0);
	(void)close(ends[1]);
	*read_fd = ends[0];
	return child;
}

static bool has_rule(struct db *db, int64_t id)
{
	struct rule_record rule;
	struct error err = {0};
	bool is_there = false;

	cr_assert(db_rules_begin(db, &(struct rule_filter){.all = true}, &err));
	while (db_rules_next(db, &rule, &err)) {
		is_there = is_there || rule.id == id;
	}
	return is_there;
}

/* Every rule that was reported as stored is there, and the file is sound. */
static void check_after_crash(const char *path, int read_fd, pid_t child)
{
	int status;
	int64_t id;
	struct error err = {0};

	cr_assert(waitpid(child, &status, 0) == child);
	bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	cr_expect(is_killed, "status %x", status);
	check_is_sound(path);
	struct db *db = db_open(path, DB_READ, &err);
	cr_assert(db != NULL, "%s", err.text);
	while (read(read_fd, &id, sizeof(id)) == sizeof(id)) {
		cr_expect(has_rule(db, id), "rule %lld is lost", (long long)id);
	}
	db_close(db);
	(void)close(read_fd);
}

Test(crash, a_kill_at_any_moment_loses_no_decision)
{
	db_close(open_database("crash.db"));
	for (int round = 0; round < 25; round++) {
		int read_fd;
		int64_t id;
		pid_t child = start_child(path_in("crash.db"), &read_fd, NULL);

		/* Different moments of its work, without waiting by the clock. */
		for (int i = 0; i < round % 5; i++) {
			cr_assert(read(read_fd, &id, sizeof(id)) == sizeof(id));
		}
		for (volatile int spin = 0; spin < round * 40000; spin++) {
		}
		cr_assert(kill(child, SIGKILL) == 0);
		check_after_crash(path_in("crash.db"), read_fd, child);
	}
}

#ifdef DUENNA_TEST_HOOKS
Test(crash, a_kill_at_a_failpoint_loses_no_decision)
{
	static const char *const failpoints[] = {
		"before-commit:3", "after-commit:3", "before-batch:2", "after-batch:2"};

	for (size_t i = 0; i < COUNT_OF(failpoints); i++) {
		int read_fd;
		pid_t child = start_child(path_in("fail.db"), &read_fd, failpoints[i]);

		check_after_crash(path_in("fail.db"), read_fd, child);
	}
}

Test(crash, a_decision_that_was_not_committed_is_not_there)
{
	int read_fd;
	pid_t child = start_child(path_in("none.db"), &read_fd, "before-commit");

	check_after_crash(path_in("none.db"), read_fd, child);
	struct db *db = open_database("none.db");
	cr_expect(not(has_rule(db, 1)));
	db_close(db);
}
#endif

/* Records a session of events beside others that do the same; exits 0 if all is well. */
static void record_events(const char *path, int count)
{
	struct session_record session = a_session();
	struct error err = {0};
	struct recorder *recorder = recorder_create(path, &session, &err);

	for (int i = 0; recorder && i < count; i++) {
		struct event event = an_event("/a");

		(void)recorder_event(recorder, &event);
	}
	_exit(recorder && recorder_destroy(recorder, 1, 0, &err) ? 0 : 1);
}

Test(crash, processes_that_write_at_once_lose_nothing)
{
	enum { WRITERS = 4, EVENTS = 5000 };
	struct error err = {0};
	pid_t children[WRITERS];

	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			record_events(path_in("many.db"), EVENTS);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		int status = -1;

		cr_assert(waitpid(children[i], &status, 0) == children[i]);
		cr_expect(eq(int, status, 0));
	}
	struct db *db = db_open(path_in("many.db"), DB_READ, &err);
	cr_assert(db != NULL, "%s", err.text);
	for (int64_t session = 1; session <= WRITERS; session++) {
		struct event_counts counts;

		cr_assert(db_event_counts(db, session, &counts, &err), "%s", err.text);
		cr_expect(eq(i64, counts.total, EVENTS));
	}
	db_close(db);
	check_is_sound(path_in("many.db"));
}
