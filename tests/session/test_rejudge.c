/* SPDX-License-Identifier: MIT */
#include "db/recorder.h"
#include "session/recorded_facts.h"
#include "session/recorded_tree.h"
#include "session/rejudge.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], database[96], rules[96];
static struct recorder *recorder;
static struct error err;

static const char options[] =
	"{\"reads\":\"ask\",\"places\":{\"home\":\"/home/u\",\"temporary\":\"/tmp/t\","
	"\"database\":\"/home/u/d/duenna.db\",\"config_folder\":\"/home/u/c\","
	"\"socket_folder\":\"/run/u\",\"binary\":\"/usr/bin/duenna\"}}";

static void begin(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/duenna-test-XXXXXX");
	cr_assert(mkdtemp(folder) != NULL);
	(void)snprintf(database, sizeof(database), "%s/d.db", folder);
	(void)snprintf(rules, sizeof(rules), "%s/r.rules", folder);
	const struct session_record session = {
		.started = 1, .options = text_of(options)};
	recorder = recorder_create(database, &session, &err);
	cr_assert(recorder != NULL, "%s", err.text);
}

static void end(void)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert(eq(int, system(command), 0));
}

TestSuite(rejudge, .init = begin, .fini = end, .timeout = 60);

static int64_t add_process(
	const char *program, int64_t parent, int64_t previous, int64_t started)
{
	const struct process_record process = {.session = 1,
		.parent = parent,
		.previous = previous,
		.pid = 9,
		.program = text_of(program),
		.started = started};
	return recorder_process_start(recorder, &process);
}

static void add_event(struct event event)
{
	event.session = 1;
	event.process = event.process != 0 ? event.process : 1;
	event.flags |= EVENT_CODE_UNTAKEN | EVENT_MCP_UNTAKEN | EVENT_LABELS_UNTAKEN;
	(void)recorder_event(recorder, &event);
}

/* Differences as words, "1 deny,2 ask", what cannot be judged as "3 ?". */
static bool note(void *context, const struct rejudged_action *rejudged, struct error *e)
{
	char *words = context;
	(void)e;
	(void)snprintf(words + strlen(words), 32, "%s%lld %s", *words ? "," : "",
		(long long)rejudged->seq,
		rejudged->obstacle ? "?" : verdict_name(rejudged->now));
	return true;
}

static const char *judge(const char *text, struct rejudge_totals *totals)
{
	static char words[512];
	FILE *file = fopen(rules, "w");
	cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
	cr_assert(recorder_destroy(recorder, 9, 0, &err), "%s", err.text);
	struct db *db = db_open(database, DB_READ, &err);
	cr_assert(db != NULL, "%s", err.text);
	struct session_record session;
	cr_assert(db_session_find(db, NULL, &session, &err));
	const struct rejudge_options how = {.database = database,
		.rule_files = (const char *const[]){rules, NULL},
		.no_default_profiles = true};
	struct rejudge *rejudge = rejudge_create(&session, &how, &err);
	cr_assert(rejudge != NULL, "%s", err.text);
	cr_expect(rejudge_has_places(rejudge));
	words[0] = '\0';
	cr_assert(rejudge_run(rejudge, db, note, words, &err), "%s", err.text);
	*totals = *rejudge_totals(rejudge);
	rejudge_destroy(rejudge);
	db_close(db);
	return words;
}

static struct event event_of(
	enum verb verb, const char *object, enum verdict verdict, enum decider by)
{
	return (struct event){.verb = verb,
		.object = text_of(object),
		.syscall = text_of("openat"),
		.verdict = verdict,
		.by = by};
}

Test(rejudge, actions_are_counted_by_what_became_of_them)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	add_event(event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE));
	add_event(event_of(VERB_READ, "/b", VERDICT_ALLOW, BY_PERSON));
	add_event(event_of(VERB_READ, "/c", VERDICT_DENY, BY_HEADLESS));
	add_event(event_of(VERB_READ, "/d", VERDICT_ALLOW, BY_RULE));
	add_event(event_of(VERB_READ, "/e", VERDICT_ALLOW, BY_DEFAULT));
	const char *words =
		judge("allow read /a\nallow read /b\nallow read /c\n", &totals);
	cr_expect(eq(str, (char *)words, "2 allow,3 allow,4 ask"));
	cr_expect(eq(i64, totals.judged, 5));
	cr_expect(eq(i64, totals.asks_saved, 2));
	cr_expect(eq(i64, totals.newly_asked, 1));
	cr_expect(eq(i64, totals.newly_allowed, 1));
	cr_expect(eq(i64, totals.newly_denied, 0));
}

Test(rejudge, what_a_session_answer_allowed_would_be_asked_again)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	struct event event = event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE);
	event.has_scope = true;
	event.scope = SCOPE_SESSION;
	add_event(event);
	event.scope = SCOPE_ALWAYS;
	add_event(event);
	cr_expect(eq(str, (char *)judge("", &totals), "2 ask"));
}

Test(rejudge, ancestors_are_what_they_ran_when_they_made_it)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	(void)add_process("/bin/early", 1, 0, 2);
	(void)add_process("/bin/sh", 1, 0, 3);
	(void)add_process("/bin/early", 1, 3, 4);
	(void)add_process("/bin/child", 2, 0, 5);
	(void)add_process("/bin/child", 3, 0, 6);
	(void)add_process("/bin/late", 1, 2, 7);
	for (int64_t process = 5; process <= 6; process++) {
		struct event event = event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE);
		event.process = process;
		event.time = 10;
		add_event(event);
	}
	const char *words =
		judge("allow read /a\ndeny read /a under /bin/early\n", &totals);
	cr_expect(eq(str, (char *)words, "1 deny"));
}

Test(rejudge, what_a_process_executes_does_not_part_it_from_what_it_was)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	(void)add_process("/bin/tool", 1, 0, 2);
	(void)add_process("/bin/other", 1, 2, 3);
	(void)add_process("/bin/child", 3, 0, 4);
	for (int64_t process = 2; process <= 4; process++) {
		struct event event = event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE);
		event.process = process;
		add_event(event);
		event.object = text_of("/b");
		add_event(event);
	}
	const char *words = judge("allow read /a\ndeny read /a under /bin/tool\n"
				  "allow read /b under /bin/tool\n",
		&totals);
	cr_expect(eq(str, (char *)words, "2 ask,3 deny,4 ask,5 deny,6 ask"));
}

Test(rejudge, moved_folders_are_judged_with_both_ends)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/mv", 0, 0, 1);
	struct event event = event_of(VERB_DELETE, "/w/a", VERDICT_ALLOW, BY_RULE);
	event.syscall = text_of("renameat2");
	event.flags = EVENT_FOLDER;
	event.call = 4;
	add_event(event);
	event.verb = VERB_WRITE;
	event.object = text_of("/free/a");
	add_event(event);
	const char *words = judge("allow any /w/**\nallow any /free/**\n"
				  "deny read /free/a/secret\n",
		&totals);
	cr_expect(eq(str, (char *)words, "2 deny"));
}

Test(rejudge, what_lacks_a_fact_is_not_guessed)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	const struct text argv[] = {{"x", 1}};
	struct event masked = event_of(VERB_EXEC, "/bin/x", VERDICT_ALLOW, BY_RULE);
	masked.argv = argv;
	masked.argc = 1;
	masked.flags = EVENT_ARGV_MASKED;
	struct event nobody = event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE);
	nobody.process = 77;
	add_event(masked);
	add_event(event_of(VERB_CONNECT, "127.0.0.1:53", VERDICT_ALLOW, BY_RULE));
	add_event(event_of(VERB_WRITE, "/a", VERDICT_ALLOW, BY_RULE));
	add_event(nobody);
	const char *words = judge("allow any *\ndeny connect udp/127.0.0.1:53\n"
				  "deny write /a after secret\nlabel secret /s\n",
		&totals);
	cr_expect(eq(str, (char *)words, "1 ?,2 ?,3 ?,4 ?"));
	cr_expect(eq(i64, totals.not_judged, 4));
	cr_expect(eq(i64, totals.different, 0));
}

Test(rejudge, what_is_refused_whatever_rules_say_stays_refused)
{
	struct rejudge_totals totals;
	(void)add_process("/bin/sh", 0, 0, 1);
	add_event(event_of(VERB_SYSTEM, "mount", VERDICT_DENY, BY_BUILT_IN));
	add_event(event_of(VERB_READ, "/home/u/d/duenna.db", VERDICT_ALLOW, BY_RULE));
	cr_expect(eq(str, (char *)judge("allow any *\n", &totals), "2 forbid"));
}

Test(rejudge, recorded_facts_are_read)
{
	const struct event event = {
		.labels = text_of("secret,key"),
		.mcp = text_of("[\"files/read\",{\"server\":\"s\",\"tool\":\"t\"}]"),
		.code = CODE_FILES,
		.python = text_of("[{\"file\":\"/w/a.py\",\"line\":3}]"),
	};
	struct recorded_facts facts = {0};
	struct subject subject = {0};
	recorded_facts_read(&facts, &event);
	recorded_facts_apply(&facts, &subject);
	cr_expect(eq(uint, subject.facts_known, FACT_CODE | FACT_MCP | FACT_LABELS));
	cr_assert(eq(sz, subject.label_count, 2));
	cr_expect(text_equal_string(subject.labels[1], "key"));
	cr_assert(eq(sz, subject.mcp_call_count, 2));
	cr_expect(text_equal_string(subject.mcp_calls[1], "s/t"));
	cr_assert(eq(sz, subject.code_file_count, 1));
	cr_expect(text_equal_string(subject.code_files[0], "/w/a.py"));
	recorded_facts_finish(&facts);
	cr_assert(recorder_destroy(recorder, 9, 0, &err));
}

Test(rejudge, a_stack_that_could_not_be_read_is_the_strict_case_again)
{
	struct rejudge_totals totals;
	(void)add_process("/usr/bin/python3", 0, 0, 1);
	struct event event = event_of(VERB_READ, "/a", VERDICT_ALLOW, BY_RULE);
	event.flags = EVENT_LABELS_UNTAKEN | EVENT_MCP_UNTAKEN;
	event.session = 1;
	event.process = 1;
	event.code = CODE_UNKNOWN;
	(void)recorder_event(recorder, &event);
	event.code = CODE_GENERATED;
	(void)recorder_event(recorder, &event);
	event.code = CODE_NONE;
	(void)recorder_event(recorder, &event);
	const char *words =
		judge("allow read /a\ndeny read /a code generated\n", &totals);
	cr_expect(eq(str, (char *)words, "1 deny,2 deny"));
}

/* Something read, and then a write by whom these labels are known of. */
static void add_labelled_as(
	enum verdict read, int read_error, bool is_taken, const char *labels)
{
	struct event event = event_of(VERB_READ, "/s", read, BY_RULE);
	event.session = 1;
	event.process = 1;
	event.flags = EVENT_CODE_UNTAKEN | EVENT_MCP_UNTAKEN;
	event.error = read_error;
	(void)add_process("/bin/sh", 0, 0, 1);
	(void)recorder_event(recorder, &event);
	if (is_taken) {
		recorder_label(recorder, &(struct label_record){.session = 1,
						 .time = 1,
						 .process = 1,
						 .label = text_of("secret")});
	}
	event.verb = VERB_WRITE;
	event.verdict = VERDICT_ALLOW;
	event.object = text_of("/a");
	event.error = 0;
	event.labels = text_of(labels);
	(void)recorder_event(recorder, &event);
}

static void add_labelled(int read_error, bool is_taken, const char *labels)
{
	add_labelled_as(VERDICT_ALLOW, read_error, is_taken, labels);
}

static const char labelled[] =
	"allow any *\ndeny write /a after secret\nlabel secret /s\n";

Test(rejudge, labels_that_were_recorded_count)
{
	struct rejudge_totals totals;
	add_labelled(0, true, "secret");
	cr_expect(eq(str, (char *)judge(labelled, &totals), "2 deny"));
}

Test(rejudge, labels_that_only_todays_rules_give_are_not_guessed)
{
	struct rejudge_totals totals;
	add_labelled(0, false, "");
	cr_expect(eq(str, (char *)judge(labelled, &totals), "2 ?"));
}

Test(rejudge, a_name_that_led_nowhere_gave_no_label)
{
	struct rejudge_totals totals;
	add_labelled(ENOENT, false, "");
	cr_expect(eq(str, (char *)judge(labelled, &totals), ""));
	cr_expect(eq(i64, totals.judged, 2));
}

Test(rejudge, labels_that_todays_rules_do_not_give_are_not_believed)
{
	struct rejudge_totals totals;
	add_labelled(0, true, "secret");
	const char *words = judge("allow any *\ndeny write /a after secret\n", &totals);
	cr_expect(eq(str, (char *)words, "2 ?"));
}

Test(rejudge, what_was_denied_and_would_be_allowed_gives_labels_that_are_unknown)
{
	struct rejudge_totals totals;
	add_labelled_as(VERDICT_DENY, EACCES, false, "");
	cr_expect(eq(str, (char *)judge(labelled, &totals), "1 allow,2 ?"));
}

Test(rejudge, what_was_allowed_and_would_be_denied_gives_no_label_for_sure)
{
	struct rejudge_totals totals;
	add_labelled(0, true, "secret");
	const char *words = judge("allow any *\ndeny read /s\n"
				  "deny write /a after secret\nlabel secret /s\n",
		&totals);
	cr_expect(eq(str, (char *)words, "1 deny,2 ?"));
}

Test(rejudge, labels_matter_only_to_rules_about_them)
{
	struct rejudge_totals totals;
	add_labelled(0, false, "");
	const char *words = judge("allow any *\nlabel secret /s\n", &totals);
	cr_expect(eq(str, (char *)words, ""));
	cr_expect(eq(i64, totals.judged, 2));
}
