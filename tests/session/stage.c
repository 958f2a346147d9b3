/* SPDX-License-Identifier: MIT */
#include "tests/session/stage.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 20000 };

static char *const command[] = {"agent", "--flag", NULL};

void stage_init(struct stage *stage, enum ask_mode ask, const char *rule_text)
{
	static const char *rule_files[2];
	*stage = (struct stage){.front_end = {.fd = -1}};
	snprintf(stage->folder, sizeof(stage->folder), "/tmp/test-session-XXXXXX");
	if (mkdtemp(stage->folder) == NULL) {
		abort();
	}
	snprintf(stage->database, sizeof(stage->database), "%s/data/duenna/duenna.db",
		stage->folder);
	mkdir(stage_path(stage, "data"), 0700);
	mkdir(stage_path(stage, "data/duenna"), 0700);
	mkdir(stage_path(stage, "run"), 0700);
	setenv("HOME", stage->folder, 1);
	setenv("XDG_RUNTIME_DIR", stage_path(stage, "run"), 1);
	unsetenv("XDG_CONFIG_HOME");
	stage->options = (struct session_options){
		.argv = command,
		.ask = ask,
		.no_default_profiles = true,
		.database = stage->database,
		.quiet = true,
		.front_end = -1,
	};
	if (rule_text != NULL) {
		snprintf(stage->rules, sizeof(stage->rules), "%s/test.rules",
			stage->folder);
		FILE *file = fopen(stage->rules, "we");
		fputs(rule_text, file);
		fclose(file);
		rule_files[0] = stage->rules;
		stage->options.rule_files = rule_files;
	}
}

const char *stage_path(const struct stage *stage, const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof(paths[0]), "%s/%s", stage->folder, name);
	return path;
}

static void *run(void *argument)
{
	struct stage *stage = argument;
	stage->ran = session_run(&stage->options, &stage->err, &stage->status);
	return NULL;
}

void stage_run(struct stage *stage)
{
	(void)run(stage);
}

void stage_start(struct stage *stage)
{
	bool has_front_end =
		stage->options.ask == ASK_TUI || stage->options.ask == ASK_LINE;
	if (has_front_end) {
		int pair[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
			abort();
		}
		stage->options.front_end = pair[0];
		protocol_stream_init(&stage->front_end, pair[1]);
	}
	pthread_t thread;
	if (pthread_create(&thread, NULL, run, stage) != 0) {
		abort();
	}
	stage->thread = thread;
	if (has_front_end) {
		stage_say_hello(&stage->front_end, true, true, false);
		struct protocol_message ready = stage_await(&stage->front_end, "ready");
		protocol_message_finish(&ready);
	}
}

void stage_wait(struct stage *stage)
{
	pthread_join(stage->thread, NULL);
}

void stage_end(struct stage *stage)
{
	fake_end(0);
	stage_wait(stage);
}

static int remove_entry(
	const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

void stage_finish(struct stage *stage)
{
	protocol_stream_finish(&stage->front_end);
	(void)nftw(stage->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	fake_finish();
}

struct protocol_message stage_await(struct protocol_stream *client, const char *type)
{
	struct protocol_message message;
	for (;;) {
		protocol_stream_flush(client);
		enum protocol_result result =
			protocol_stream_next(client, &message, NULL);
		if (result == PROTOCOL_MESSAGE && strcmp(message.type, type) == 0) {
			return message;
		}
		if (result == PROTOCOL_MESSAGE) {
			protocol_message_finish(&message);
			continue;
		}
		struct pollfd wait = {.fd = client->fd, .events = POLLIN};
		if (client->is_closed || poll(&wait, 1, WAIT_MS) <= 0) {
			fprintf(stderr, "no message %s\n", type);
			abort();
		}
		protocol_stream_receive(client);
	}
}

struct protocol_question stage_await_question(struct protocol_stream *client)
{
	struct protocol_question question;
	struct protocol_message message = stage_await(client, "question_opened");
	if (!protocol_question_read(message.body, &question)) {
		abort();
	}
	protocol_message_finish(&message);
	return question;
}

void stage_say_hello(
	struct protocol_stream *client, bool is_front_end, bool output, bool events)
{
	const struct protocol_client hello = {
		.protocol = PROTOCOL_VERSION,
		.client = text_of("test"),
		.is_front_end = is_front_end,
		.wants_output = output,
		.wants_events = events,
	};
	protocol_stream_send(client, protocol_client_write(&hello));
	protocol_stream_flush(client);
}

struct protocol_stream stage_connect(const struct stage *stage, bool is_front_end)
{
	struct protocol_stream client;
	struct error err = {0};
	int fd = protocol_socket_connect(stage->database, 1, &err);
	if (fd < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	protocol_stream_init(&client, fd);
	stage_say_hello(&client, is_front_end, false, true);
	return client;
}

void stage_answer(struct protocol_stream *client, int64_t question,
	enum verdict verdict, enum scope scope)
{
	const struct protocol_answer answer = {
		.request = 7,
		.question = question,
		.verdict = verdict,
		.scope = scope,
	};
	protocol_stream_send(client, protocol_answer_write(&answer));
	protocol_stream_flush(client);
}

const char *stage_reply(struct protocol_stream *client)
{
	static char reason[1024];
	struct protocol_message message = stage_await(client, "reply");
	const char *error = json_string_value(json_object_get(message.body, "error"));
	snprintf(reason, sizeof(reason), "%s", error != NULL ? error : "");
	protocol_message_finish(&message);
	return reason;
}

size_t stage_events(const struct stage *stage, struct stage_event *events, size_t max)
{
	struct error err = {0};
	struct event event;
	const struct event_filter filter = {.session = 1};
	struct db *db = db_open(stage->database, DB_READ, &err);
	size_t count = 0;
	if (db == NULL || !db_events_begin(db, &filter, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	while (count < max && db_events_next(db, &event, &err)) {
		struct stage_event *to = &events[count++];
		*to = (struct stage_event){
			.verb = event.verb,
			.verdict = event.verdict,
			.by = event.by,
			.error = event.error,
			.flags = event.flags,
			.question = event.question,
			.rule = event.rule,
			.has_scope = event.has_scope,
			.scope = event.scope,
		};
		snprintf(to->object, sizeof(to->object), "%.*s",
			(int)event.object.length, event.object.bytes);
	}
	db_close(db);
	return count;
}
