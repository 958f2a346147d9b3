/* SPDX-License-Identifier: MIT */
/* duenna attach: a front end for a session that runs already. */
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/run_front_end.h"
#include "cli/session_client.h"
#include "cli/tui_memory.h"
#include "tui/line.h"

#include <unistd.h>

static bool attach_full_screen(int fd, const char *database,
	const struct tui_settings *settings, int *status, struct error *err)
{
	const struct tui_memory memory = tui_memory_of(database);
	const struct front_end own = {.memory = &memory, .settings = settings};
	struct tui_end end;
	const bool done = attach_with_tui(fd, &own, "attach", &end, err);

	*status = end.status;
	return done;
}

static bool attach(const struct command_line *line, const struct tui_settings *settings,
	int *status, struct error *err)
{
	const struct line_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.client = "attach",
		.arming_ms = settings->arming_ms,
	};
	int64_t session;

	if (!session_client_find(line->database, line->arguments[0], &session, err)) {
		return false;
	}
	const int fd = protocol_socket_connect(line->database, session, err);
	if (fd < 0) {
		return false;
	}
	return tui_is_possible(STDIN_FILENO, STDOUT_FILENO)
		       ? attach_full_screen(fd, line->database, settings, status, err)
		       : line_front_end_run(fd, &options, status, err);
}

static int run_attach(const struct command_line *line, struct error *err)
{
	struct config config;
	int status = EXIT_FAILED;

	if (!config_load(&config, err)) {
		return EXIT_FAILED;
	}
	const bool done = attach(line, &config.tui, &status, err);
	config_finish(&config);
	return done ? status : EXIT_FAILED;
}

const struct command command_attach = {
	.name = "attach",
	.arguments = "[SESSION]",
	.summary = "show a running session here, and its questions",
	.description =
		"SESSION is its number, its name, or `last` (the default). Needs a\n"
		"terminal; on one that cannot be drawn on, asks in plain lines. Ends "
		"with the session, and then with its exit status; when\n"
		"the terminal is closed the session goes on.",
	.common = COMMON_DATABASE,
	.arguments_max = 1,
	.run = run_attach,
};
