/* SPDX-License-Identifier: MIT */
#include "session/places.h"

#include "base/xalloc.h"
#include "session/protocol.h"
#include "session/temporary.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What lies in the folder may not exist yet; the folder must. */
static char *canonical_file(const char *path, struct error *err)
{
	char *whole = realpath(path, NULL);
	if (whole != NULL) {
		return whole;
	}
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL   ? xstrdup(".")
		       : slash == path ? xstrdup("/")
				       : xmemdup0(path, (size_t)(slash - path));
	char *resolved = realpath(folder, NULL);
	free(folder);
	if (resolved == NULL) {
		error_set(
			err, errno, "find the folder of %s: %s", path, strerror(errno));
		return NULL;
	}
	char *result = xasprintf("%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved,
		slash == NULL ? path : slash + 1);
	free(resolved);
	return result;
}

static char *home_find(void)
{
	const char *home = getenv("HOME");
	if (home == NULL || home[0] != '/') {
		const struct passwd *entry = getpwuid(getuid());
		home = entry != NULL ? entry->pw_dir : "/";
	}
	char *canonical = realpath(home, NULL);
	return canonical != NULL ? canonical : xstrdup(home);
}

/* Both may be missing still: what will be found there counts. */
static void config_find(struct places *places)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	char *folder = config != NULL && config[0] == '/'
			       ? xasprintf("%s/duenna", config)
			       : xasprintf("%s/.config/duenna", places->home);
	char *file = xasprintf("%s/config", folder);

	places->config_folder = link_way_follow(&places->way, folder);
	places->config_file = link_way_follow(&places->way, file);
	free(file);
	free(folder);
}

/* "/dev/tty" is a name of each process' own: the number says which one is meant. */
static char *terminal_of(int fd)
{
	enum { PTS_MAJOR_FIRST = 136, PTS_MAJOR_LAST = 143, MINORS_PER_MAJOR = 256 };
	char name[PATH_MAX];
	unsigned device = 0;

	if (ttyname_r(fd, name, sizeof(name)) != 0) {
		return NULL;
	}
	const bool has_number = ioctl(fd, TIOCGDEV, &device) == 0;
	const unsigned kind = major((dev_t)device);
	return has_number && kind >= PTS_MAJOR_FIRST && kind <= PTS_MAJOR_LAST
		       ? xasprintf("/dev/pts/%u",
				 (kind - PTS_MAJOR_FIRST) * MINORS_PER_MAJOR +
					 minor((dev_t)device))
		       : xstrdup(name);
}

/* The person's terminals are out of the tree's reach when the tree has its own. */
static void terminals_find(struct places *places, enum ask_mode ask)
{
	if (ask == ASK_DENY || ask == ASK_ALLOW) {
		return;
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		char *name = terminal_of(fd);
		if (places->terminal == NULL) {
			places->terminal = name;
		} else if (name != NULL && places->terminal2 == NULL &&
			   strcmp(places->terminal, name) != 0) {
			places->terminal2 = name;
		} else {
			free(name);
		}
	}
}

bool places_find(
	const struct session_options *options, struct places *places, struct error *err)
{
	char folder[PATH_MAX];
	*places = (struct places){.home = home_find()};
	places->project = options->project ? xstrdup(options->project) : NULL;
	config_find(places);
	terminals_find(places, options->ask);
	places->binary = realpath("/proc/self/exe", NULL);
	places->working_folder = getcwd(NULL, 0);
	places->database = canonical_file(options->database, err);
	if (places->database == NULL) {
		goto failed;
	}
	free(link_way_follow(&places->way, options->database));
	if (places->working_folder == NULL || places->binary == NULL) {
		error_set(err, errno, "find the working folder: %s", strerror(errno));
		goto failed;
	}
	if (!protocol_socket_path(places->database, 0, folder, sizeof(folder), err)) {
		goto failed;
	}
	places->socket_folder = xstrdup(folder);
	places->temporary = temporary_make(err);
	if (places->temporary == NULL) {
		goto failed;
	}
	return true;
failed:
	places_finish(places);
	return false;
}

void places_finish(struct places *places)
{
	if (places->temporary != NULL) {
		temporary_remove(places->temporary);
	}
	places_forget(places);
}

void places_forget(struct places *places)
{
	free(places->home);
	free(places->project);
	free(places->temporary);
	free(places->working_folder);
	free(places->database);
	free(places->config_folder);
	free(places->config_file);
	free(places->socket_folder);
	free(places->binary);
	free(places->terminal);
	free(places->terminal2);
	link_way_finish(&places->way);
	*places = (struct places){0};
}

struct rule_variables places_variables(const struct places *places)
{
	return (struct rule_variables){
		.home = places->home,
		.project = places->project,
		.temporary = places->temporary,
	};
}

char *places_shorten(const struct places *places, struct text path)
{
	struct text home = text_of(places->home);
	if (home.length > 1 && text_path_is_below(path, home)) {
		return xasprintf("~%.*s", (int)(path.length - home.length),
			path.bytes + home.length);
	}
	return text_copy(path);
}
