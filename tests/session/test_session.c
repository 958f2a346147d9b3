/* SPDX-License-Identifier: MIT */
#include "tests/session/stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(session, .timeout = 60);

enum { EVENTS = 64 };

static struct stage stage;
static struct stage_event events[EVENTS];

Test(session, a_rule_allows_and_is_recorded)
{
	stage_init(&stage, ASK_DENY, "allow read /etc/**\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct request *request = fake_request(agent, VERB_READ, "/etc/passwd");
	stage_start(&stage);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	stage_end(&stage);
	cr_expect(stage.ran);
	cr_expect(eq(int, stage.status, 0));
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 1));
	cr_expect(eq(int, events[0].verdict, VERDICT_ALLOW));
	cr_expect(eq(int, events[0].by, BY_RULE));
	cr_expect(eq(str, events[0].object, "/etc/passwd"));
	stage_finish(&stage);
}

Test(session, what_no_rule_covers_is_denied_without_anybody_to_ask)
{
	static const struct {
		enum verb verb;
		const char *object;
		int error;
	} cases[] = {
		{VERB_READ, "/x/y", EACCES},
		{VERB_EXEC, "/x/y", EACCES},
		{VERB_CONNECT, "10.0.0.1:443", EACCES},
		{VERB_SIGNAL, "/usr/bin/x", EPERM},
		{VERB_SYSTEM, "mount", EPERM},
	};
	stage_init(&stage, ASK_DENY, NULL);
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *request =
			fake_request(agent, cases[i].verb, cases[i].object);
		struct answer answer = fake_wait_answer(request);
		cr_expect(eq(int, answer.kind, ANSWER_DENY), "%s", cases[i].object);
		cr_expect(eq(int, answer.error, cases[i].error), "%s", cases[i].object);
	}
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 5));
	cr_expect(eq(int, events[0].by, BY_HEADLESS));
	cr_expect(eq(int, events[0].error, EACCES));
	stage_finish(&stage);
}

Test(session, observation_allows_but_keeps_to_deny_rules)
{
	stage_init(&stage, ASK_ALLOW, "deny read /secret/**\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct request *open = fake_request(agent, VERB_READ, "/other");
	struct request *secret = fake_request(agent, VERB_READ, "/secret/x");
	stage_start(&stage);
	cr_expect(eq(int, fake_wait_answer(open).kind, ANSWER_ALLOW));
	cr_expect(eq(int, fake_wait_answer(secret).kind, ANSWER_DENY));
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 2));
	cr_expect(eq(int, events[0].by, BY_DEFAULT));
	cr_expect(eq(int, events[0].verdict, VERDICT_ALLOW));
	cr_expect(eq(int, events[1].by, BY_RULE));
	stage_finish(&stage);
}

Test(session, who_has_an_unknown_maker_may_know_what_anybody_knew)
{
	stage_init(&stage, ASK_DENY,
		"allow any *\nlabel secret /etc/passwd\n"
		"deny system power after secret\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct process *reader = fake_process_start("/usr/bin/reader", agent);
	stage_start(&stage);
	(void)fake_wait_answer(fake_request(reader, VERB_READ, "/etc/passwd"));
	struct process *child = fake_process_start("/usr/bin/child", agent);
	struct process *orphan = fake_orphan_start("/usr/bin/orphan", agent);
	cr_expect(eq(int,
		fake_wait_answer(fake_request(child, VERB_SYSTEM, "power")).kind,
		ANSWER_ALLOW));
	cr_expect(eq(int,
		fake_wait_answer(fake_request(orphan, VERB_SYSTEM, "power")).kind,
		ANSWER_DENY));
	stage_end(&stage);
	stage_finish(&stage);
}

static int answer_to(struct process *process, const char *object)
{
	return fake_wait_answer(fake_request(process, VERB_READ, object)).kind;
}

Test(session, who_has_an_unknown_maker_may_be_of_any_server)
{
	stage_init(&stage, ASK_DENY,
		"allow any *\ndeny read /strict via mcp:files/write\n"
		"deny read /kept\nallow read /kept via mcp:files/read\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct process *early = fake_orphan_start("/usr/bin/early", agent);
	cr_assert(pipe(fake_stdio) == 0);
	stage_start(&stage);
	cr_expect(eq(int, answer_to(early, "/strict"), ANSWER_ALLOW));
	struct process *server = fake_process_start("/usr/bin/agent", agent);
	cr_expect(eq(int,
		fake_wait_answer(fake_request(server, VERB_EXEC, "/usr/bin/mcp-files"))
			.kind,
		ANSWER_ALLOW));
	struct process *child = fake_process_start("/usr/bin/child", agent);
	struct process *orphan = fake_orphan_start("/usr/bin/orphan", agent);
	struct process *inner = fake_process_start("/usr/bin/inner", orphan);
	cr_expect(eq(int, answer_to(early, "/strict"), ANSWER_ALLOW));
	cr_expect(eq(int, answer_to(child, "/strict"), ANSWER_ALLOW));
	cr_expect(eq(int, answer_to(orphan, "/strict"), ANSWER_DENY));
	cr_expect(eq(int, answer_to(inner, "/strict"), ANSWER_DENY));
	cr_expect(eq(int, answer_to(orphan, "/kept"), ANSWER_DENY));
	cr_expect(eq(int, answer_to(orphan, "/other"), ANSWER_ALLOW));
	stage_end(&stage);
	close(fake_stdio[0]);
	close(fake_stdio[1]);
	stage_finish(&stage);
}

Test(session, the_strictest_action_of_a_call_decides)
{
	stage_init(&stage, ASK_DENY, "allow any *\ndeny write /kept/**\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct request *request =
		fake_request_make(agent, "rename", VERB_DELETE, "/a/x");
	fake_request_add(request, VERB_WRITE, "/kept/x", false);
	fake_push(request);
	stage_start(&stage);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	stage_end(&stage);
	cr_expect(eq(sz, stage_events(&stage, events, EVENTS), 2));
	stage_finish(&stage);
}

Test(session, a_refused_call_is_denied_with_its_own_errno)
{
	stage_init(&stage, ASK_ALLOW, "allow any *\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct request *request =
		fake_request_make(agent, "ptrace", VERB_SYSTEM, "ptrace");
	request->refused = ENOSYS;
	request->reason = "it cannot be supervised";
	fake_push(request);
	stage_start(&stage);
	struct answer answer = fake_wait_answer(request);
	cr_expect(eq(int, answer.kind, ANSWER_DENY));
	cr_expect(eq(int, answer.error, ENOSYS));
	stage_end(&stage);
	cr_assert(eq(sz, stage_events(&stage, events, EVENTS), 1));
	cr_expect(eq(int, events[0].by, BY_BUILT_IN));
	stage_finish(&stage);
}

Test(session, duennas_own_things_are_out_of_reach_whatever_rules_say)
{
	stage_init(&stage, ASK_ALLOW, "allow any *\nallow any /**\n");
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	char own[64];
	snprintf(own, sizeof(own), "/proc/%d/mem", getpid());
	char config[256];
	char socket[256];
	char binary[256] = {0};
	snprintf(config, sizeof(config), "%s/.config/duenna/x.rules", stage.folder);
	snprintf(socket, sizeof(socket), "unix:%s/run/duenna/1.sock", stage.folder);
	cr_assert(readlink("/proc/self/exe", binary, sizeof(binary) - 1) > 0);
	const struct {
		enum verb verb;
		const char *object;
	} cases[] = {
		{VERB_READ, stage.database},
		{VERB_WRITE, stage_path(&stage, "data/duenna/duenna.db-wal")},
		{VERB_READ, stage_path(&stage, "data/duenna/backup")},
		{VERB_WRITE, config},
		{VERB_CONNECT, socket},
		{VERB_LISTEN, socket},
		{VERB_WRITE, stage.rules},
		{VERB_WRITE, binary},
		{VERB_SIGNAL, binary},
		{VERB_INSPECT, binary},
		{VERB_READ, own},
	};
	stage_start(&stage);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *request =
			fake_request(agent, cases[i].verb, cases[i].object);
		cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY), "%s",
			cases[i].object);
	}
	struct request *move =
		fake_request_make(agent, "renameat2", VERB_WRITE, "/elsewhere");
	move->actions[0].is_folder = true;
	fake_request_add(move, VERB_DELETE, stage_path(&stage, "data"), true);
	fake_push(move);
	cr_expect(eq(int, fake_wait_answer(move).kind, ANSWER_DENY));
	stage_end(&stage);
	stage_finish(&stage);
}

Test(session, a_rule_that_is_not_valid_starts_nothing)
{
	stage_init(&stage, ASK_DENY, "allow read /x\nallow raed /y\n");
	stage_run(&stage);
	cr_expect(not(stage.ran));
	cr_expect(eq(int, stage.err.code, ERROR_SYNTAX));
	cr_expect(ne(ptr, strstr(stage.err.text, "test.rules:2:7"), NULL), "%s",
		stage.err.text);
	cr_expect(eq(ptr, (void *)fake_deeds.environment, NULL));
	stage_finish(&stage);
}

Test(session, an_expectation_that_is_not_met_starts_nothing)
{
	stage_init(&stage, ASK_DENY, "allow read /x/**\nexpect deny read /x/y\n");
	stage_run(&stage);
	cr_expect(not(stage.ran));
	cr_expect(eq(int, stage.err.code, ERROR_SYNTAX));
	stage_finish(&stage);
}

Test(session, a_command_that_is_not_there_is_told_by_its_errno)
{
	stage_init(&stage, ASK_DENY, NULL);
	fake_create_error = ENOENT;
	stage_run(&stage);
	cr_expect(not(stage.ran));
	cr_expect(eq(int, stage.err.code, ENOENT));
	stage_finish(&stage);
}

Test(session, the_exit_status_is_the_commands)
{
	stage_init(&stage, ASK_DENY, NULL);
	(void)fake_process_start("/usr/bin/agent", NULL);
	fake_end(3 << 8);
	stage_start(&stage);
	stage_wait(&stage);
	cr_expect(eq(int, stage.status, 3));
	stage_finish(&stage);
}

Test(session, a_signal_that_ends_the_command_is_128_more)
{
	stage_init(&stage, ASK_DENY, NULL);
	(void)fake_process_start("/usr/bin/agent", NULL);
	fake_end(SIGTERM);
	stage_start(&stage);
	stage_wait(&stage);
	cr_expect(eq(int, stage.status, 128 + SIGTERM));
	stage_finish(&stage);
}

/* What is said on the standard error output meanwhile. */
struct capture {
	int ends[2];
	int before;
};

static struct capture capture_start(void)
{
	struct capture capture;
	cr_assert(eq(int, pipe2(capture.ends, O_CLOEXEC), 0));
	capture.before = dup(STDERR_FILENO);
	cr_assert(dup2(capture.ends[1], STDERR_FILENO) == STDERR_FILENO);
	return capture;
}

static void capture_end(const struct capture *capture, char *text, size_t size)
{
	dup2(capture->before, STDERR_FILENO);
	close(capture->before);
	close(capture->ends[1]);
	const ssize_t length = read(capture->ends[0], text, size - 1);
	cr_assert(length > 0);
	text[length] = '\0';
	close(capture->ends[0]);
}

Test(session, a_denial_is_explained_on_stderr_at_most_five_times_a_second)
{
	stage_init(&stage, ASK_DENY, "ask read /etc/shadow\n");
	stage.options.quiet = false;
	struct capture capture = capture_start();
	fake_shares_stderr = true;
	struct process *agent = fake_process_start("/usr/bin/cat", NULL);
	struct request *request = NULL;
	for (int i = 0; i < 50; i++) {
		request = fake_request(agent, VERB_READ, "/etc/shadow");
	}
	stage_start(&stage);
	(void)fake_wait_answer(request);
	stage_end(&stage);
	char text[8192];
	capture_end(&capture, text, sizeof(text));
	cr_expect(ne(ptr,
			  strstr(text, "duenna: denied read /etc/shadow for cat "
				       "(rule: ask read /etc/shadow, "),
			  NULL),
		"%s", text);
	cr_expect(ne(ptr, strstr(text, "test.rules:1; nobody to ask)\n"), NULL), "%s",
		text);
	int lines = 0;
	for (const char *at = text; (at = strstr(at, "denied read")) != NULL; at++) {
		lines++;
	}
	/* The second may turn over while they come. */
	cr_expect(lines >= 5 && lines <= 10, "%d lines", lines);
	stage_finish(&stage);
}

Test(session, what_a_profile_denies_is_not_worth_a_line)
{
	enum { COUNT = 2 };
	static const char *const programs[COUNT] = {"/usr/bin/ps", "/usr/bin/other"};
	stage_init(&stage, ASK_DENY, NULL);
	stage.options.quiet = false;
	stage.options.no_default_profiles = false;
	struct capture capture = capture_start();
	fake_shares_stderr = true;
	struct request *requests[COUNT];
	for (int i = 0; i < COUNT; i++) {
		requests[i] = fake_request(fake_process_start(programs[i], NULL),
			VERB_INSPECT, "/usr/bin/victim");
	}
	stage_start(&stage);
	for (int i = 0; i < COUNT; i++) {
		cr_expect(eq(int, fake_wait_answer(requests[i]).error, EPERM));
	}
	stage_end(&stage);
	char text[8192];
	capture_end(&capture, text, sizeof(text));
	cr_expect(eq(ptr, strstr(text, "for ps"), NULL), "%s", text);
	cr_expect(ne(ptr, strstr(text, "for other"), NULL), "%s", text);
	stage_finish(&stage);
}

Test(session, nothing_is_said_where_stderr_is_not_the_sessions)
{
	stage_init(&stage, ASK_DENY, NULL);
	stage.options.quiet = false;
	setenv("TOKEN_FOR_NOBODY", "x", 1);
	struct capture capture = capture_start();
	struct process *agent = fake_process_start("/usr/bin/cat", NULL);
	struct request *request = fake_request(agent, VERB_READ, "/etc/shadow");
	stage_start(&stage);
	(void)fake_wait_answer(request);
	stage_end(&stage);
	char text[8192];
	capture_end(&capture, text, sizeof(text));
	cr_expect(ne(ptr, strstr(text, "first supervised run"), NULL), "%s", text);
	cr_expect(eq(ptr, strstr(text, "denied read"), NULL), "%s", text);
	stage_finish(&stage);
}

Test(session, the_projects_own_rules_only_tighten)
{
	stage_init(&stage, ASK_DENY, "allow read /a/**\n");
	stage.options.project = stage.folder;
	FILE *file = fopen(stage_path(&stage, ".duenna.rules"), "we");
	fputs("allow read /b/**\ndeny read /a/x\n", file);
	fclose(file);
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	struct request *kept = fake_request(agent, VERB_READ, "/a/y");
	struct request *tighter = fake_request(agent, VERB_READ, "/a/x");
	struct request *wider = fake_request(agent, VERB_READ, "/b/x");
	stage_start(&stage);
	cr_expect(eq(int, fake_wait_answer(kept).kind, ANSWER_ALLOW));
	cr_expect(eq(int, fake_wait_answer(tighter).kind, ANSWER_DENY));
	cr_expect(eq(int, fake_wait_answer(wider).kind, ANSWER_DENY));
	stage_end(&stage);
	stage_finish(&stage);
}

Test(session, a_rule_that_another_process_adds_is_in_force_within_a_second)
{
	stage_init(&stage, ASK_DENY, NULL);
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
	struct request *request = fake_request(agent, VERB_READ, "/x");
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	struct error err = {0};
	struct db *db = db_open(stage.database, DB_WRITE, &err);
	const struct rule_record rule = {
		.text = text_of("allow read /x"),
		.origin = ORIGIN_PERSON,
		.scope = SCOPE_ALWAYS,
	};
	int64_t id;
	cr_assert(db_rule_add(db, &rule, &id, &err), "%s", err.text);
	db_close(db);
	enum answer_kind kind = ANSWER_DENY;
	struct timespec start;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		request = fake_request(agent, VERB_READ, "/x");
		kind = fake_wait_answer(request).kind;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (kind == ANSWER_DENY && now.tv_sec - start.tv_sec < 10);
	cr_expect(eq(int, kind, ANSWER_ALLOW));
	stage_end(&stage);
	stage_finish(&stage);
}

Test(session, signals_are_passed_on)
{
	stage_init(&stage, ASK_DENY, NULL);
	struct process *agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
	(void)fake_wait_answer(fake_request(agent, VERB_READ, "/x"));
	pthread_kill(stage.thread, SIGUSR1);
	while (fake_deeds.signal_count == 0) {
		(void)fake_wait_answer(fake_request(agent, VERB_READ, "/x"));
	}
	cr_expect(eq(int, fake_deeds.signals[0], SIGUSR1));
	stage_end(&stage);
	stage_finish(&stage);
}

Test(session, descendants_are_killed_on_exit_if_asked_for)
{
	stage_init(&stage, ASK_DENY, NULL);
	stage.options.on_exit = ON_EXIT_KILL;
	(void)fake_process_start("/usr/bin/agent", NULL);
	fake_end(0);
	stage_start(&stage);
	stage_wait(&stage);
	cr_expect(fake_deeds.killed);
	stage_finish(&stage);
}
