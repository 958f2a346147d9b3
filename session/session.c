/* SPDX-License-Identifier: MIT */
/* Sets a session up in the order that nothing of the command runs before all is well,
 * and takes it down again. */
#include "session/session.h"

#include "base/xalloc.h"
#include "session/answer.h"
#include "session/recorded_places.h"
#include "session/sealed_zone.h"
#include "session/start_lines.h"
#include "session/supervisor.h"
#include "session/temporary.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

/* Only the command itself may fail with ENOENT or EACCES, which have a meaning. */
static bool fail_otherwise(struct error *err)
{
	if (err->code == ENOENT || err->code == EACCES) {
		err->code = ERROR_REFUSED;
	}
	return false;
}

/* Whether the database has no session yet. */
static bool sessions_look(struct db *db, bool *is_first, struct error *err)
{
	struct session_record session;
	struct error end = {0};
	bool began = db_sessions_begin(db, err);
	*is_first = began && !db_sessions_next(db, &session, &end);
	return began;
}

static bool rules_prepare(
	struct supervisor *supervisor, struct db *db, struct error *err)
{
	const struct session_options *options = supervisor->options;
	supervisor->sources = (struct rule_sources){
		.places = &supervisor->places,
		.database = supervisor->places.database,
		.rule_files = options->rule_files,
		.profiles = options->profiles,
		.no_default_profiles = options->no_default_profiles,
		.db = db,
	};
	if (!rule_sources_load(&supervisor->sources, err)) {
		return false;
	}
	supervisor->rule_watch.database = supervisor->places.database;
	supervisor->rule_watch.since = db_rule_changes(db); /* before they are read */
	supervisor->judge.places = &supervisor->places;
	mcp_watch_init(&supervisor->mcp, &supervisor->places);
	supervisor->judge.main = rule_sources_compile(&supervisor->sources, true, err);
	rule_sources_find_links(&supervisor->sources);
	supervisor->judge.links = &supervisor->sources.links;
	return supervisor->judge.main != NULL;
}

/* Brings the database up to date and reads what it has; no fork may see it open. */
static bool database_prepare(
	struct supervisor *supervisor, bool *is_first, struct error *err)
{
	struct db *db = db_open(supervisor->places.database, DB_WRITE, err);
	bool is_ready = db != NULL && sessions_look(db, is_first, err) &&
			rules_prepare(supervisor, db, err);
	if (is_ready) {
		temporaries_clear(db);
	}
	supervisor->sources.db = NULL;
	db_close(db);
	return is_ready;
}

static const char *const ask_names[] = {
	[ASK_TUI] = "tui",
	[ASK_LINE] = "line",
	[ASK_ATTACH] = "attach",
	[ASK_DENY] = "deny",
	[ASK_ALLOW] = "allow",
};

static void json_add_list(json_t *object, const char *name, const char *const *list)
{
	json_t *array = json_array();
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		json_array_append_new(array, json_string(list[i]));
	}
	json_object_set_new(object, name, array);
}

/* The options that say how the recording came about, as a JSON object. */
static char *options_describe(
	const struct session_options *options, const struct places *places)
{
	json_t *object = json_object();
	json_object_set_new(object, "ask", json_string(ask_names[options->ask]));
	json_object_set_new(
		object, "reads", json_string(options->sealed_reads ? "sealed" : "ask"));
	json_object_set_new(object, "carrier",
		json_string(options->carrier == CARRIER_TRACE ? "trace" : "auto"));
	json_object_set_new(object, "no_default_profiles",
		json_boolean(options->no_default_profiles));
	json_add_list(object, "rules", options->rule_files);
	json_add_list(object, "profiles", options->profiles);
	json_object_set_new(object, "places", recorded_places_write(places));
	char *text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text != NULL ? text : xstrdup("{}");
}

static uint64_t own_start_ticks(void)
{
	enum { START_FIELD = 22, FIRST_AFTER_NAME = 3 };
	char text[1024];
	FILE *file = fopen("/proc/self/stat", "re");
	size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file != NULL) {
		fclose(file);
	}
	text[length] = '\0';
	/* The name in parentheses may hold anything, also blanks and parentheses. */
	const char *at = strrchr(text, ')');
	for (int field = FIRST_AFTER_NAME; at != NULL && field <= START_FIELD;
		field++) {
		at = strchr(at + 1, ' ');
	}
	return at != NULL ? strtoull(at + 1, NULL, 10) : 0;
}

static bool recorder_start(struct supervisor *supervisor, struct error *err)
{
	const struct session_options *options = supervisor->options;
	size_t argc = 0;
	while (options->argv[argc] != NULL) {
		argc++;
	}
	struct text *argv = xcalloc(argc, sizeof(*argv));
	for (size_t i = 0; i < argc; i++) {
		argv[i] = text_of(options->argv[i]);
	}
	char *described = options_describe(options, &supervisor->places);
	const struct session_record record = {
		.name = text_of(options->name),
		.started = clock_wall(&supervisor->clock, supervisor->clock.started),
		.project = text_of(supervisor->places.project),
		.working_folder = text_of(supervisor->places.working_folder),
		.argv = argv,
		.argc = argc,
		.options = text_of(described),
		.supervisor = getpid(),
		.supervisor_ticks = own_start_ticks(),
	};
	supervisor->recorder =
		recorder_create(supervisor->places.database, &record, err);
	free(described);
	free(argv);
	if (supervisor->recorder == NULL) {
		return false;
	}
	supervisor->session = recorder_session(supervisor->recorder);
	supervisor->sources.session = supervisor->session;
	return true;
}

/* Everything that can go wrong before the command exists. */
static bool session_prepare(
	struct supervisor *supervisor, bool *is_first, struct error *err)
{
	const struct session_options *options = supervisor->options;
	if (!places_find(options, &supervisor->places, err)) {
		return fail_otherwise(err);
	}
	supervisor->temporary_fd = temporary_hold(supervisor->places.temporary);
	if (!database_prepare(supervisor, is_first, err)) {
		return fail_otherwise(err);
	}
	/* The line prompt passes the tree's bytes on to the person's own terminal. */
	bool is_emulated = options->ask == ASK_TUI || options->ask == ASK_ATTACH;
	environment_build(&supervisor->environment, environ, options->environment,
		supervisor->places.temporary, is_emulated ? "xterm-256color" : NULL);
	if (!pty_open(supervisor, err)) {
		return fail_otherwise(err);
	}
	bool has_terminal = supervisor->pty.master >= 0;
	supervisor->denial = (struct denial_line){
		.fd = has_terminal ? supervisor->pty.slave : STDERR_FILENO,
		.write_fd = has_terminal ? supervisor->pty.line
					 : denial_line_open(STDERR_FILENO),
		.is_quiet = options->quiet,
	};
	return true;
}

static bool code_may_read(void *user, const struct request *request, struct text path)
{
	struct supervisor *supervisor = user;
	return judge_may_read(&supervisor->judge, request, path);
}

static bool tracer_start(struct supervisor *supervisor, struct error *err)
{
	const struct session_options *options = supervisor->options;
	struct sealed_zone zone = {0};
	if (options->sealed_reads && !sealed_zone_find(&zone, &supervisor->sources,
					     supervisor->judge.main, err)) {
		sealed_zone_finish(&zone);
		return fail_otherwise(err);
	}
	int slave = supervisor->pty.slave;
	bool has_terminal = slave >= 0;
	const struct tracer_options tracer = {
		.argv = options->argv,
		.environment = supervisor->environment.entries,
		.stdio = {has_terminal ? slave : STDIN_FILENO,
			has_terminal ? slave : STDOUT_FILENO,
			has_terminal ? slave : STDERR_FILENO},
		.new_session = has_terminal,
		.carrier = options->carrier,
		.judge_reads = !options->sealed_reads,
		.sealed_folders = (const char *const *)zone.paths,
	};
	supervisor->tracer = tracer_create(&tracer, err);
	sealed_zone_finish(&zone);
	if (supervisor->tracer != NULL) {
		tracer_set_reading(supervisor->tracer, code_may_read, supervisor);
	}
	supervisor->judge.allows_asked = options->ask == ASK_ALLOW;
	supervisor->judge.tracer = supervisor->tracer;
	supervisor->judge.labels = supervisor->labels;
	supervisor->judge.mcp = &supervisor->mcp;
	return supervisor->tracer != NULL;
}

/* After the last fork: threads, the writing connection, descriptors of the loop. */
static bool loop_prepare(struct supervisor *supervisor, struct error *err)
{
	supervisor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (supervisor->epoll_fd < 0) {
		return error_set(err, errno, "create an epoll: %s", strerror(errno));
	}
	if (!recorder_start(supervisor, err)) {
		return fail_otherwise(err);
	}
	if (!rule_watch_start(&supervisor->rule_watch, err)) {
		return fail_otherwise(err);
	}
	supervisor->resolver = resolver_create(supervisor->tracer);
	supervisor->judge.learns_names = supervisor->resolver != NULL;
	if (!rule_reader_init(&supervisor->reader, &supervisor->sources, err) ||
		!history_init(supervisor, err) || !pty_watch(supervisor, err) ||
		!clients_init(supervisor, err)) {
		return fail_otherwise(err);
	}
	return true;
}

static int exit_status_of(const struct supervisor *supervisor)
{
	enum { SIGNAL_BASE = 128 };
	int status = supervisor->command_status;
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static bool session_finish(
	struct supervisor *supervisor, bool ran, int status, struct error *err)
{
	tracer_destroy(supervisor->tracer);
	rule_reader_finish(&supervisor->reader);
	history_finish(supervisor);
	rule_watch_stop(&supervisor->rule_watch);
	/* Last: who closes the database flushes it, and whoever did not make its log has
	 * to flush the folder of the log once more. */
	bool written = recorder_destroy(supervisor->recorder,
		clock_wall(&supervisor->clock, clock_monotonic()), status,
		ran ? err : NULL);
	if (supervisor->clients.last_id == 0 && supervisor->options->front_end >= 0) {
		close(supervisor->options->front_end);
	}
	clients_finish(supervisor);
	answer_finish_all(supervisor);
	question_finish_all(supervisor);
	mcp_watch_finish(supervisor);
	record_finish(supervisor);
	resolver_destroy(supervisor->resolver);
	judge_finish(&supervisor->judge);
	labels_destroy(supervisor->labels);
	rule_sources_finish(&supervisor->sources);
	pty_close(supervisor);
	environment_finish(&supervisor->environment);
	places_finish(&supervisor->places);
	if (supervisor->temporary_fd >= 0) {
		close(supervisor->temporary_fd);
	}
	if (supervisor->epoll_fd >= 0) {
		close(supervisor->epoll_fd);
	}
	if (supervisor->signal_fd >= 0) {
		close(supervisor->signal_fd);
	}
	return ran && written;
}

bool session_run(const struct session_options *options, struct error *err, int *status)
{
	enum { STATUS_FAILED = 125 };
	struct supervisor supervisor = {
		.options = options,
		.epoll_fd = -1,
		.signal_fd = -1,
		.temporary_fd = -1,
		.rule_watch = {.fd = -1},
		.pty = {.master = -1, .slave = -1, .line = -1},
		.clients = {.listen_fd = -1},
		.history = {{.fd = -1}, {.fd = -1}},
	};
	supervisor.labels = labels_create(&supervisor);
	bool is_first = false;
	sigset_t before;
	clock_start(&supervisor.clock);
	if (!session_prepare(&supervisor, &is_first, err)) {
		return session_finish(&supervisor, false, STATUS_FAILED, err);
	}
	start_lines_print(&supervisor, is_first);
	if (!tracer_start(&supervisor, err)) {
		return session_finish(&supervisor, false, STATUS_FAILED, err);
	}
	/* After the command was made, which must not inherit what is blocked here. */
	supervisor.signal_fd = signals_open(&before, err);
	bool ran = supervisor.signal_fd >= 0 && loop_prepare(&supervisor, err) &&
		   supervisor_loop(&supervisor, err);
	int end = ran ? exit_status_of(&supervisor) : STATUS_FAILED;
	if (ran) {
		pty_drain(&supervisor);
	}
	clients_send_end(&supervisor, end, ran ? "" : err->text);
	bool finished = session_finish(&supervisor, ran, end, err);
	signals_close(&before);
	if (finished) {
		*status = end;
	}
	return finished;
}
