/* SPDX-License-Identifier: MIT */
/* `duenna run`: options into a session, and the session's end into an exit status. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/notifier.h"
#include "cli/run_front_end.h"
#include "cli/tui_memory.h"
#include "session/session.h"
#include "tracer/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct option_row run_options[] = {
	{
		.name = "ask",
		.value = "MODE",
		.choices = "tui|line|attach|deny|allow",
		.meaning = "what becomes of actions that no rule decides",
	},
	{
		.name = "rules",
		.value = "FILE",
		.repeats = true,
		.meaning = "also judge by the rules in FILE",
	},
	{
		.name = "profile",
		.value = "NAME",
		.repeats = true,
		.meaning = "also judge by this profile (see `duenna profiles`)",
	},
	{
		.name = "no-default-profiles",
		.meaning = "leave out the profiles in force by default",
	},
	{
		.name = "reads",
		.value = "MODE",
		.choices = "ask|sealed",
		.meaning = "judge each read, or let the kernel seal off the rest",
	},
	{
		.name = "carrier",
		.value = "MODE",
		.choices = "auto|trace",
		.meaning = "how calls are intercepted; auto is the best there is",
	},
	{
		.name = "env",
		.value = "keep|clean|NAME,...",
		.meaning = "which environment variables the command gets",
	},
	{
		.name = "name",
		.value = "NAME",
		.meaning = "name the session, to find it again",
	},
	{
		.name = "detach",
		.meaning = "go on in the background; implies --ask attach",
	},
	{
		.name = "on-exit",
		.value = "MODE",
		.choices = "wait|kill",
		.meaning = "wait for what the command left running, or kill it",
	},
	{
		.name = "quiet",
		.letter = 'q',
		.meaning = "no line on standard error for each denial",
	},
	{0},
};

static const struct {
	const char *name;
	enum ask_mode mode;
} ask_modes[] = {
	{"tui", ASK_TUI},
	{"line", ASK_LINE},
	{"attach", ASK_ATTACH},
	{"deny", ASK_DENY},
	{"allow", ASK_ALLOW},
};

/* Without --ask, whoever sits at a terminal is asked there. */
static enum ask_mode choose_ask_mode(const char *name, bool detach)
{
	for (size_t i = 0; name && i < sizeof(ask_modes) / sizeof(ask_modes[0]); i++) {
		if (strcmp(ask_modes[i].name, name) == 0) {
			return ask_modes[i].mode;
		}
	}
	if (detach) {
		return ASK_ATTACH;
	}
	if (tui_is_possible(STDIN_FILENO, STDOUT_FILENO)) {
		return ASK_TUI;
	}
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? ASK_LINE : ASK_DENY;
}

static bool has_value(
	const struct command_line *line, const char *name, const char *value)
{
	const char *given = option_text(line, name);

	return given && strcmp(given, value) == 0;
}

/* A name that could be taken for a session's number would hide that session. */
static bool check_session_name(const char *name, struct error *err)
{
	if (!name) {
		return true;
	}
	if (strcmp(name, "last") == 0 || strspn(name, "0123456789") == strlen(name)) {
		return error_set(err, ERROR_USAGE,
			"a session cannot be named \"%s\": that means another one",
			name);
	}
	for (const char *at = name; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f' || *at == '/') {
			return error_set(err, ERROR_USAGE,
				"the name of a session may not have slashes or control "
				"characters");
		}
	}
	return true;
}

/* Said first: under another Duenna we could not even reach the database. */
static bool check_no_tracer(struct error *err)
{
	return !probe_is_traced() ||
	       error_set(err, ERROR_REFUSED,
		       "cannot supervise here: Duenna itself runs under a tracer (a "
		       "debugger, strace, or another Duenna)");
}

static bool check_rule_files(const char *const *files, struct error *err)
{
	for (size_t i = 0; files[i]; i++) {
		if (access(files[i], R_OK) < 0) {
			return error_set(err, ERROR_NOT_FOUND,
				"cannot read rules %s: %s", files[i], strerror(errno));
		}
	}
	return true;
}

/* One line of the screen is Duenna's own. */
static void take_window_size(struct session_options *options)
{
	const unsigned short own = options->ask == ASK_TUI ? 1 : 0;
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		options->rows = size.ws_row > own ? size.ws_row - own : size.ws_row;
		options->columns = size.ws_col;
	}
}

/* The configured profiles, and after them those of the command line; owned. */
static const char **join_profiles(const struct config *config, const char **given)
{
	size_t count = config->profile_count;
	size_t given_count = 0;

	while (given[given_count]) {
		given_count++;
	}
	const char **list = xcalloc(count + given_count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		list[i] = config->profiles[i];
	}
	memcpy(list + count, given, given_count * sizeof(*list));
	return list;
}

static bool needs_notifier(
	const struct session_options *options, const struct config *config)
{
	return config->notify_command && options->ask != ASK_DENY &&
	       options->ask != ASK_ALLOW;
}

static bool start_session(const struct session_options *options,
	const struct config *config, int *status, struct error *err)
{
	const struct tui_memory memory = tui_memory_of(options->database);
	const struct front_end own = {.memory = &memory, .settings = &config->tui};

	if (options->detached &&
		(options->ask == ASK_LINE || options->ask == ASK_TUI)) {
		return error_set(err, ERROR_USAGE,
			"--detach leaves nobody here to ask; use --ask attach with it");
	}
	if (options->detached) {
		return run_detached(options, status, err);
	}
	if (options->ask == ASK_LINE) {
		return run_with_line_prompt(options, &config->tui, status, err);
	}
	if (options->ask == ASK_TUI) {
		return run_with_tui(options, &own, status, err);
	}
	return session_run(options, err, status);
}

/* By the configuration, too. */
static bool start_configured(
	struct session_options *options, int *status, struct error *err)
{
	const char **given = (const char **)(uintptr_t)options->profiles;
	struct config config;

	if (!config_load(&config, err)) {
		return false;
	}
	const char **profiles = join_profiles(&config, given);
	options->profiles = profiles;
	options->no_default_profiles |= config.has_no_default_profiles;
	bool done = true;
	if (needs_notifier(options, &config)) {
		options->notify_fd = notifier_start(config.notify_command, err);
		done = options->notify_fd > 0;
	}
	done = done && start_session(options, &config, status, err);
	options->profiles = given;
	free(profiles);
	config_finish(&config);
	return done;
}

static int run_run(const struct command_line *line, struct error *err)
{
	const char **rule_files = option_values(line, "rules");
	const char **profiles = option_values(line, "profile");
	struct session_options options = {
		.argv = line->arguments,
		.ask = choose_ask_mode(
			option_text(line, "ask"), option_given(line, "detach")),
		.rule_files = rule_files,
		.profiles = profiles,
		.no_default_profiles = option_given(line, "no-default-profiles"),
		.project = line->project,
		.sealed_reads = has_value(line, "reads", "sealed"),
		.carrier = has_value(line, "carrier", "trace") ? CARRIER_TRACE
							       : CARRIER_AUTO,
		.environment = option_text(line, "env"),
		.database = line->database,
		.name = option_text(line, "name"),
		.on_exit = has_value(line, "on-exit", "kill") ? ON_EXIT_KILL
							      : ON_EXIT_WAIT,
		.quiet = option_given(line, "quiet"),
		.detached = option_given(line, "detach"),
		.front_end = -1,
	};
	int status = EXIT_DUENNA_FAILED;

	take_window_size(&options);
	if (check_no_tracer(err) && check_session_name(options.name, err) &&
		check_rule_files(rule_files, err)) {
		(void)start_configured(&options, &status, err);
	}
	free(rule_files);
	free(profiles);
	if (err->code == ENOENT) {
		return EXIT_NOT_FOUND;
	}
	return err->code == EACCES ? EXIT_NOT_EXECUTABLE : status;
}

const struct command command_run = {
	.name = "run",
	.arguments = "COMMAND [ARG...]",
	.summary = "run a command under supervision",
	.description =
		"Runs COMMAND and everything that it starts under supervision. What it "
		"does\n"
		"to files, programs, hosts and other processes is judged by the rules; "
		"what\n"
		"no rule decides is, by --ask:\n"
		"  tui     asked on a screen that the command has but for one line "
		"(the\n"
		"          default on a terminal; Ctrl-] ? lists its keys)\n"
		"  line    asked in plain lines on this terminal\n"
		"  attach  asked from whoever attaches with `duenna attach`, and waits "
		"for it\n"
		"  deny    denied at once (the default without a terminal)\n"
		"  allow   allowed, and recorded as such; deny rules still hold\n"
		"With deny and allow the command keeps standard input, output and "
		"error as\n"
		"they are. The exit status is the command's; 128+N if signal N ended "
		"it; 125\n"
		"if Duenna failed, 126 if COMMAND cannot be executed, 127 if there is "
		"none.",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = run_options,
	.arguments_min = 1,
	.arguments_max = ARGUMENTS_ANY,
	.arguments_end_options = true,
	.run = run_run,
	.failure_status = EXIT_DUENNA_FAILED,
};
