/* SPDX-License-Identifier: MIT */
/* duenna questions: what the running sessions are waiting to be told. */
#include "cli/commands.h"
#include "cli/session_client.h"
#include "cli/vectors.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_COLUMNS = 70 };

static void print_json(int64_t session, json_t *body)
{
	json_t *object = json_pack("{s:I}", "session", (json_int_t)session);

	(void)json_object_update_missing(object, body);
	(void)json_object_del(object, "type");
	char *line = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (line != NULL) {
		(void)puts(line);
	}
	free(line);
	json_decref(object);
}

static bool is_wanted(const json_t *body, const char *vector)
{
	size_t index;
	const json_t *name;

	json_array_foreach(json_object_get(body, "vectors"), index, name)
	{
		if (json_is_string(name) &&
			strcmp(json_string_value(name), vector) == 0) {
			return true;
		}
	}
	return false;
}

/* One of those that were asked for, or none was. */
static bool has_wanted(const struct command_line *line, const json_t *body)
{
	const char *vector;
	bool is_one = !option_given(line, "vector");

	for (size_t i = 0; (vector = option_value(line, "vector", i)) != NULL; i++) {
		is_one |= is_wanted(body, vector);
	}
	return is_one;
}

static void print_text(int64_t session, const json_t *body)
{
	struct protocol_question question = {0};

	if (!protocol_question_read(body, &question)) {
		return;
	}
	char *title = question_text_title(&question, TITLE_COLUMNS);
	char *program = question.chain_count > 0
				? question_text_program(&question.chain[0])
				: NULL;
	printf("%" PRId64 ".%" PRId64 "  %s\n", session, question.id, title);
	if (program != NULL) {
		printf("     asked by %s, %" PRIu32 " waiting\n", program,
			question.waiting);
	}
	free(program);
	free(title);
	protocol_question_finish(&question);
}

/* A session that ends meanwhile has no questions any more: no failure. */
static bool print_session(
	const struct command_line *line, int64_t session, struct error *err)
{
	struct session_client client;
	size_t index;
	json_t *body;

	if (!session_client_open(&client, line->database, session, "questions", err)) {
		session_client_close(&client);
		const bool has_ended = err->code == ERROR_NOT_FOUND;
		if (has_ended) {
			*err = (struct error){0};
		}
		return has_ended;
	}
	json_array_foreach(client.questions, index, body)
	{
		if (!has_wanted(line, body)) {
			continue;
		}
		if (line->json) {
			print_json(session, body);
		} else {
			print_text(session, body);
		}
	}
	session_client_close(&client);
	return true;
}

static int run_questions(const struct command_line *line, struct error *err)
{
	int64_t *sessions;
	size_t count;

	bool is_done = session_client_running(line->database, &sessions, &count, err);
	for (size_t i = 0; is_done && i < count; i++) {
		is_done = print_session(line, sessions[i], err);
	}
	free(sessions);
	return is_done ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_row questions_options[] = {
	{.name = "vector",
		.value = "VECTOR",
		.repeats = true,
		.choices = VECTOR_CHOICES,
		.meaning = "only what has to do with this"},
	{0},
};

const struct command command_questions = {
	.name = "questions",
	.arguments = "",
	.summary = "list the open questions of all running sessions",
	.description =
		"Each question begins with the number that `duenna answer` takes. "
		"With\n"
		"--json, prints one object a line, with the fields of the session\n"
		"protocol and the session's number.",
	.common = COMMON_DATABASE | COMMON_JSON,
	.options = questions_options,
	.run = run_questions,
};
