/* SPDX-License-Identifier: MIT */
/* Verb and object from words on a command line. */
#include "cli/typed_action.h"

#include "base/xalloc.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ~/x and relative paths made absolute; NULL if there is no working folder. */
static char *make_absolute(const char *path, const char *home)
{
	if (path[0] == '/') {
		return xstrdup(path);
	}
	if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
		return xasprintf("%s%s", home, path + 1);
	}
	char *folder = getcwd(NULL, 0);
	if (!folder) {
		return NULL;
	}
	char *absolute = xasprintf("%s/%s", folder, path);
	free(folder);
	return absolute;
}

/* Adds what does not exist, without empty and "." components. Takes folder. */
static char *append_components(char *folder, const char *rest)
{
	char *whole = strcmp(folder, "/") == 0 ? xstrdup("") : xstrdup(folder);

	while (*rest) {
		size_t length = strcspn(rest, "/");
		bool is_named = length > 0 && !(length == 1 && rest[0] == '.');

		if (is_named) {
			char *longer = xasprintf("%s/%.*s", whole, (int)length, rest);

			free(whole);
			whole = longer;
		}
		rest += length + (rest[length] == '/');
	}
	if (!*whole) {
		free(whole);
		return folder;
	}
	free(folder);
	return whole;
}

/* Canonical as far as it exists; the rest is kept as it was typed. */
static char *make_canonical(const char *absolute)
{
	char *known = xstrdup(absolute);
	char *resolved = realpath(known, NULL);
	size_t length = strlen(known);

	while (!resolved && length > 1) {
		char *slash = strrchr(known, '/');

		length = slash > known ? (size_t)(slash - known) : 1;
		known[length] = '\0';
		resolved = realpath(known, NULL);
	}
	free(known);
	if (!resolved) {
		return xstrdup(absolute);
	}
	return append_components(resolved, absolute + length);
}

static char *canonical_path(const char *path, const char *home, struct error *err)
{
	char *absolute = make_absolute(path, home);

	if (!absolute) {
		(void)error_set(
			err, errno, "find the working folder: %s", strerror(errno));
		return NULL;
	}
	char *canonical = make_canonical(absolute);
	free(absolute);
	return canonical;
}

/* As a shell would find it; what is not found is taken as a path. */
static char *find_program(const char *name, const char *home, struct error *err)
{
	const char *folders = getenv("PATH");

	if (strchr(name, '/') || !folders) {
		return canonical_path(name, home, err);
	}
	while (*folders) {
		size_t length = strcspn(folders, ":");
		char *path = xasprintf("%.*s/%s", (int)length, folders, name);

		if (access(path, X_OK) == 0) {
			char *found = canonical_path(path, home, err);

			free(path);
			return found;
		}
		free(path);
		folders += length + (folders[length] == ':');
	}
	(void)error_set(
		err, ERROR_NOT_FOUND, "there is no program \"%s\" in PATH", name);
	return NULL;
}

static bool take_path(struct typed_action *typed, const char *path, const char *home,
	struct error *err)
{
	struct stat status;

	typed->object = canonical_path(path, home, err);
	typed->action.is_folder = typed->object && stat(typed->object, &status) == 0 &&
				  S_ISDIR(status.st_mode);
	return typed->object != NULL;
}

static bool take_program(struct typed_action *typed, char *const *words,
	const char *home, struct error *err)
{
	size_t count = 0;

	typed->object = find_program(words[0], home, err);
	while (words[count]) {
		count++;
	}
	typed->argv = xcalloc(count, sizeof(*typed->argv));
	for (size_t i = 0; i < count; i++) {
		typed->argv[i] = text_of(words[i]);
	}
	typed->action.argv = typed->argv;
	typed->action.argc = count;
	return typed->object != NULL;
}

/* A host name stands for whatever addresses it has: only its name can match. */
static bool take_host(struct typed_action *typed, const char *text, struct error *err)
{
	struct endpoint *endpoint = &typed->action.endpoint;

	typed->object = xstrdup(text);
	if (!endpoint_parse(text_of(typed->object), endpoint)) {
		return error_set(err, ERROR_USAGE,
			"\"%s\" is no endpoint; write host:port, unix:/path, …", text);
	}
	const char *colon = strrchr(typed->object, ':');
	if (endpoint->family == ENDPOINT_NONE && colon) {
		const char *host = typed->object;

		if (strncmp(host, "tcp/", 4) == 0 || strncmp(host, "udp/", 4) == 0) {
			host += 4;
		}
		typed->name = (struct text){host, (size_t)(colon - host)};
		endpoint->names = &typed->name;
		endpoint->name_count = 1;
	}
	return true;
}

static bool take_object(struct typed_action *typed, char *const *words,
	const char *home, struct error *err)
{
	switch (verb_object_kind(typed->action.verb)) {
	case OBJECT_PATH:
		return take_path(typed, words[0], home, err);
	case OBJECT_PROGRAM:
		return take_program(typed, words, home, err);
	case OBJECT_HOST:
		return take_host(typed, words[0], err);
	case OBJECT_NAME:
		typed->object = xstrdup(words[0]);
		return true;
	}
	return false;
}

bool typed_action_init(struct typed_action *typed, char *const *arguments,
	const char *program, const char *home, struct error *err)
{
	*typed = (struct typed_action){0};
	if (!verb_from_name(text_of(arguments[0]), &typed->action.verb)) {
		return error_set(
			err, ERROR_USAGE, "there is no verb \"%s\"", arguments[0]);
	}
	if (typed->action.verb != VERB_EXEC && arguments[2]) {
		return error_set(err, ERROR_USAGE,
			"only exec has arguments; \"%s\" is too much", arguments[2]);
	}
	bool is_good = take_object(typed, arguments + 1, home, err);
	if (is_good && program) {
		typed->program = find_program(program, home, err);
		is_good = typed->program != NULL;
	}
	if (!is_good) {
		typed_action_finish(typed);
		return false;
	}
	typed->action.object = text_of(typed->object);
	typed->subject.program = text_of(typed->program ? typed->program : "");
	return true;
}

void typed_action_finish(struct typed_action *typed)
{
	free(typed->object);
	free(typed->program);
	free(typed->argv);
	*typed = (struct typed_action){0};
}
