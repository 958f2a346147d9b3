/* SPDX-License-Identifier: MIT */
/* duenna stop, pause and resume: one request to a running session each. */
#include "cli/commands.h"
#include "cli/session_client.h"

static int request(const struct command_line *line, const char *type, struct error *err)
{
	struct session_client client = {.stream.fd = -1};
	int64_t session;

	const bool is_done =
		session_client_find(
			line->database, line->arguments[0], &session, err) &&
		session_client_open(&client, line->database, session, type, err) &&
		session_client_request(&client, protocol_new(type), err);
	session_client_close(&client);
	return is_done ? EXIT_DONE : EXIT_FAILED;
}

static int run_stop(const struct command_line *line, struct error *err)
{
	return request(line, "stop", err);
}

static int run_pause(const struct command_line *line, struct error *err)
{
	return request(line, "pause", err);
}

static int run_resume(const struct command_line *line, struct error *err)
{
	return request(line, "resume", err);
}

#define SESSION_WORDS "SESSION is its number, its name, or `last`."

const struct command command_stop = {
	.name = "stop",
	.arguments = "SESSION",
	.summary = "end a running session: kill its processes",
	.description = SESSION_WORDS,
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_stop,
};

const struct command command_pause = {
	.name = "pause",
	.arguments = "SESSION",
	.summary = "let every process of a running session stand still",
	.description = SESSION_WORDS,
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_pause,
};

const struct command command_resume = {
	.name = "resume",
	.arguments = "SESSION",
	.summary = "let the processes of a paused session go on",
	.description = SESSION_WORDS,
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_resume,
};
