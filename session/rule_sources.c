/* SPDX-License-Identifier: MIT */
/* Where the rules of a session are read from, and reading them again. */
#include "base/xalloc.h"
#include "db/db.h"
#include "rules/expectation.h"
#include "rules/parser.h"
#include "rules/profiles.h"
#include "session/git_settings.h"
#include "session/protection.h"
#include "session/resolver_addresses.h"
#include "session/rule_set.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RULE_FILE_MAX = 64 << 20 };

/* All errors of a file, one a line. */
static bool errors_fail(struct rule_errors *errors, struct error *err)
{
	char *text = xstrdup("");
	for (size_t i = 0; i < errors->count; i++) {
		char *line = rule_error_format(&errors->errors[i]);
		char *longer = xasprintf("%s%s%s", text, i > 0 ? "\n" : "", line);
		free(line);
		free(text);
		text = longer;
	}
	error_set(err, ERROR_SYNTAX, "%s", text);
	free(text);
	rule_errors_finish(errors);
	return false;
}

/* Expectations other than those of --rules are checked where their file is tested. */
static bool text_load(struct rule_list *list, struct text text, const char *name,
	enum rule_origin origin, struct error *err)
{
	struct rule_errors errors = {0};
	struct rule_list part = {0};
	if (!rule_parse_file_text(text, name, origin, &part, &errors)) {
		rule_list_finish(&part);
		return errors_fail(&errors, err);
	}
	for (size_t i = 0; i < part.count; i++) {
		struct rule *rule = &part.rules[i];
		if (rule->kind == RULE_EXPECT && origin != ORIGIN_FILE) {
			rule_finish(rule);
		} else {
			rule_list_take(list, rule);
			list->rules[list->count - 1].id = -(int64_t)list->count;
		}
	}
	free(part.rules);
	return true;
}

/* Gives the file's bytes, owned, or NULL with err. */
static char *file_read(int fd, const char *path, size_t *length, struct error *err)
{
	enum { STEP = 64 << 10 };
	char *bytes = NULL;
	size_t used = 0;
	for (;;) {
		bytes = xrealloc(bytes, used + STEP);
		ssize_t got = read(fd, bytes + used, STEP);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0 || used > RULE_FILE_MAX) {
			error_set(err, got < 0 ? errno : EFBIG, "read %s: %s", path,
				strerror(got < 0 ? errno : EFBIG));
			free(bytes);
			return NULL;
		}
		if (got == 0) {
			*length = used;
			return bytes;
		}
		used += (size_t)got;
	}
}

char *rule_file_bytes(const char *path, size_t *length, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		(void)error_set(err, errno, "open %s: %s", path, strerror(errno));
		return NULL;
	}
	char *bytes = file_read(fd, path, length, err);
	close(fd);
	return bytes;
}

static bool file_load(struct rule_list *list, const char *path, enum rule_origin origin,
	struct error *err)
{
	size_t length = 0;
	char *bytes = rule_file_bytes(path, &length, err);
	if (bytes == NULL) {
		return false;
	}
	bool loaded = text_load(list, (struct text){bytes, length}, path, origin, err);
	free(bytes);
	return loaded;
}

static bool profile_load(struct rule_list *list, const char *name, struct error *err)
{
	const char *text = profile_text(name);
	if (text == NULL) {
		return error_set(
			err, ERROR_NOT_FOUND, "there is no profile \"%s\"", name);
	}
	char *label = xasprintf("profile %s", name);
	bool loaded = text_load(list, text_of(text), label, ORIGIN_PROFILE, err);
	free(label);
	return loaded;
}

/* As the profile "base" says of the resolver of this machine, wherever that is. */
static bool resolver_load(struct rule_list *list, struct error *err)
{
	char *text = resolver_rules();
	bool loaded =
		text_load(list, text_of(text), "resolv.conf", ORIGIN_PROFILE, err);
	free(text);
	return loaded;
}

/* As the profile "project" says of hooks and settings, wherever git looks for them. */
static bool git_load(struct rule_sources *sources, struct error *err)
{
	const struct places *places = sources->places;
	if (places->project == NULL) {
		return true;
	}
	char *text = git_settings_rules(places->project, places->home);
	bool loaded = text_load(&sources->fixed, text_of(text), "git configuration",
		ORIGIN_PROFILE, err);
	free(text);
	return loaded;
}

static bool profiles_load(struct rule_sources *sources, struct error *err)
{
	struct rule_list *list = &sources->fixed;
	for (size_t i = 0; i < profile_count; i++) {
		if (profiles[i].is_default && !sources->no_default_profiles &&
			!profile_load(list, profiles[i].name, err)) {
			return false;
		}
	}
	if (!sources->no_default_profiles &&
		(!resolver_load(list, err) || !git_load(sources, err))) {
		return false;
	}
	const char *const *names = sources->profiles;
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (!profile_load(list, names[i], err)) {
			return false;
		}
	}
	return true;
}

/* Once accepted, its rules are a rule file's; what it expects is not checked here. */
static bool repository_load(struct rule_sources *sources, struct error *err)
{
	struct repository_rules repository;
	struct rule_list *list = &sources->fixed;
	size_t before = list->count;
	if (!repository_rules_read(&repository, sources->places->project,
		    sources->database, sources->db, err)) {
		repository_rules_finish(&repository);
		return false;
	}
	sources->repository = repository.state;
	bool loaded =
		repository.state == REPOSITORY_NONE ||
		text_load(list, (struct text){repository.bytes, repository.length},
			repository.path, ORIGIN_REPOSITORY, err);
	for (size_t i = before;
		repository.state == REPOSITORY_ACCEPTED && i < list->count; i++) {
		list->rules[i].origin = ORIGIN_FILE;
	}
	repository_rules_finish(&repository);
	return loaded;
}

bool rule_sources_load(struct rule_sources *sources, struct error *err)
{
	char *own = protection_rules(sources->places, sources->rule_files);
	bool loaded = text_load(
		&sources->fixed, text_of(own), "built-in", ORIGIN_BUILT_IN, err);
	free(own);
	if (!loaded || !profiles_load(sources, err)) {
		return false;
	}
	const char *const *files = sources->rule_files;
	for (size_t i = 0; files != NULL && files[i] != NULL; i++) {
		if (!file_load(&sources->fixed, files[i], ORIGIN_FILE, err)) {
			return false;
		}
	}
	if (!repository_load(sources, err)) {
		return false;
	}
	const struct rule_variables variables = places_variables(sources->places);
	link_programs_add(&sources->fixed, &variables);
	return true;
}

void rule_sources_find_links(struct rule_sources *sources)
{
	const struct rule_variables variables = places_variables(sources->places);
	struct rule_list stored = {0};
	const struct rule_list *const lists[] = {&sources->fixed, &stored, NULL};

	(void)rule_sources_stored(sources, &stored, NULL);
	link_names_find(&sources->links, lists, &variables);
	rule_list_finish(&stored);
}

void rule_sources_finish(struct rule_sources *sources)
{
	rule_list_finish(&sources->fixed);
	link_names_finish(&sources->links);
	sources->fixed = (struct rule_list){0};
}

/* Rules for one process hold only there, and the loop keeps those itself. */
static void list_add_stored(struct rule_list *list, struct rule_list *stored)
{
	for (size_t i = 0; i < stored->count; i++) {
		struct rule *rule = &stored->rules[i];
		if (rule->scope == SCOPE_ONCE || rule->scope == SCOPE_PROCESS) {
			rule_finish(rule);
		} else {
			rule_list_take(list, rule);
		}
	}
	free(stored->rules);
	*stored = (struct rule_list){0};
}

bool rule_sources_stored(
	const struct rule_sources *sources, struct rule_list *list, struct error *err)
{
	struct db *db = sources->db;
	if (db == NULL) {
		db = db_open(sources->database, DB_READ, err);
	}
	if (db == NULL) {
		return false;
	}
	struct rule_list stored = {0};
	const struct rule_filter filter = {
		.project = sources->places->project,
		.session = sources->session,
	};
	bool loaded = db_rules_load(db, &filter, &stored, err);
	if (db != sources->db) {
		db_close(db);
	}
	if (loaded) {
		list_add_stored(list, &stored);
	}
	rule_list_finish(&stored);
	return loaded;
}

static bool has_expectations(const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->rules[i].kind == RULE_EXPECT) {
			return true;
		}
	}
	return false;
}

struct rule_set *rule_sources_compile(
	const struct rule_sources *sources, bool check_expectations, struct error *err)
{
	struct rule_list list = {0};
	for (size_t i = 0; i < sources->fixed.count; i++) {
		const struct rule *rule = &sources->fixed.rules[i];
		struct rule copy;
		/* What profiles expect holds among themselves; a person may differ. */
		if (rule->kind == RULE_EXPECT && rule->origin == ORIGIN_PROFILE) {
			continue;
		}
		rule_copy(&copy, rule);
		rule_list_take(&list, &copy);
	}
	if (!rule_sources_stored(sources, &list, err)) {
		rule_list_finish(&list);
		return NULL;
	}
	struct rule_variables variables = places_variables(sources->places);
	struct rule_errors errors = {0};
	if (check_expectations && has_expectations(&list) &&
		!rules_check_expectations(&list, &variables, time(NULL), &errors)) {
		rule_list_finish(&list);
		errors_fail(&errors, err);
		return NULL;
	}
	return rule_set_create(&list, &variables);
}

bool rule_reader_init(struct rule_reader *reader, const struct rule_sources *sources,
	struct error *err)
{
	*reader = (struct rule_reader){.sources = sources};
	reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return reader->fd >= 0 ||
	       error_set(err, errno, "create an eventfd: %s", strerror(errno));
}

static void *reader_main(void *argument)
{
	struct rule_reader *reader = argument;
	reader->error = (struct error){0};
	reader->result = rule_sources_compile(reader->sources, false, &reader->error);
	const uint64_t one = 1;
	/* An eventfd that only ever gets 1 always takes it. */
	(void)!write(reader->fd, &one, sizeof(one));
	return NULL;
}

void rule_reader_start(struct rule_reader *reader)
{
	if (reader->is_running) {
		reader->wanted_again = true;
		return;
	}
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, reader_main, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0) {
		/* Without a thread the loop reads itself: late is better than never. */
		(void)reader_main(reader);
		return;
	}
	reader->thread = thread;
	reader->is_running = true;
}

struct rule_set *rule_reader_take(struct rule_reader *reader, struct error *err)
{
	uint64_t count;
	if (read(reader->fd, &count, sizeof(count)) != (ssize_t)sizeof(count)) {
		return NULL;
	}
	if (reader->is_running) {
		pthread_join(reader->thread, NULL);
		reader->is_running = false;
	}
	struct rule_set *result = reader->result;
	reader->result = NULL;
	if (result == NULL && err != NULL) {
		*err = reader->error;
	}
	if (reader->wanted_again) {
		reader->wanted_again = false;
		rule_reader_start(reader);
	}
	return result;
}

void rule_reader_finish(struct rule_reader *reader)
{
	if (reader->is_running) {
		pthread_join(reader->thread, NULL);
	}
	rule_set_release(reader->result);
	if (reader->sources != NULL) {
		close(reader->fd);
	}
	*reader = (struct rule_reader){0};
}
