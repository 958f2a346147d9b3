/* SPDX-License-Identifier: MIT */
#include "cli/locations.h"

#include "base/escape.h"
#include "base/text.h"
#include "base/text_buffer.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *location_home(struct error *err)
{
	const char *home = getenv("HOME");

	if (home && home[0] == '/') {
		return xstrdup(home);
	}
	const struct passwd *entry = getpwuid(getuid());
	if (entry && entry->pw_dir && entry->pw_dir[0] == '/') {
		return xstrdup(entry->pw_dir);
	}
	(void)error_set(err, ERROR_NOT_FOUND,
		"there is no home folder: HOME is not set and the password file has no "
		"entry for user %u",
		(unsigned)getuid());
	return NULL;
}

/* $variable/duenna, or the default below home if it is unset or, against XDG, relative
 */
static char *xdg_folder(const char *variable, const char *below_home, struct error *err)
{
	const char *base = getenv(variable);

	if (base && base[0] == '/') {
		return xasprintf("%s/duenna", base);
	}
	char *home = location_home(err);
	if (!home) {
		return NULL;
	}
	char *folder = xasprintf("%s/%s/duenna", home, below_home);
	free(home);
	return folder;
}

char *location_data_folder(struct error *err)
{
	return xdg_folder("XDG_DATA_HOME", ".local/share", err);
}

char *location_config_folder(struct error *err)
{
	return xdg_folder("XDG_CONFIG_HOME", ".config", err);
}

/* As mkdir -p; what is created is the user's alone, as XDG asks. */
static bool make_folder(const char *path, struct error *err)
{
	char *part = xstrdup(path);
	bool done = true;

	for (char *at = part + 1; done && at;) {
		at = strchr(at, '/');
		if (at) {
			*at = '\0';
		}
		if (mkdir(part, 0700) < 0 && errno != EEXIST && errno != EROFS &&
			errno != EACCES) {
			done = false;
		}
		if (at) {
			*at++ = '/';
		}
	}
	free(part);
	struct stat status;
	if (stat(path, &status) < 0) {
		return error_set(err, errno, "cannot create folder %s: %s", path,
			strerror(errno));
	}
	if (!S_ISDIR(status.st_mode)) {
		return error_set(err, ENOTDIR, "%s is not a folder", path);
	}
	return true;
}

static char *absolute_path(const char *path, struct error *err)
{
	if (path[0] == '/') {
		return xstrdup(path);
	}
	char *here = getcwd(NULL, 0);
	if (!here) {
		(void)error_set(err, errno, "cannot find the working folder: %s",
			strerror(errno));
		return NULL;
	}
	char *absolute = xasprintf("%s/%s", here, path);
	free(here);
	return absolute;
}

char *location_database(const char *wish, struct error *err)
{
	if (wish) {
		return absolute_path(wish, err);
	}
	char *folder = location_data_folder(err);
	if (!folder) {
		return NULL;
	}
	char *database = NULL;
	if (!make_folder(folder, err)) {
		goto out;
	}
	if (access(folder, W_OK | X_OK) < 0) {
		(void)error_set(err, errno, "cannot write to folder %s: %s", folder,
			strerror(errno));
		goto out;
	}
	database = xasprintf("%s/duenna.db", folder);
out:
	free(folder);
	return database;
}

/* As one word of a shell, without a backslash, which would be shown as two. */
static char *shell_word(const char *text)
{
	struct text_buffer word = {0};

	text_buffer_add_string(&word, "'");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\'') {
			text_buffer_add_string(&word, "'\"'\"'");
		} else {
			text_buffer_add(&word, (struct text){at, 1});
		}
	}
	text_buffer_add_string(&word, "'");
	return word.bytes;
}

char *location_database_option(const char *database)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789/._-+,:@%";
	char *usual = location_database(NULL, NULL);
	bool is_usual = usual && strcmp(usual, database) == 0;

	free(usual);
	if (is_usual) {
		return xstrdup("");
	}
	char *word = database[strspn(database, plain)] == '\0' ? xstrdup(database)
							       : shell_word(database);
	char *safe = escape_copy(text_of(word));
	char *option = xasprintf(" --db %s", safe);
	free(safe);
	free(word);
	return option;
}

/* A work tree has a .git folder, or a file that says where the folder is. */
static bool is_git_top_level(const char *folder)
{
	char *path = xasprintf("%s/.git", folder);
	char *head = xasprintf("%s/HEAD", path);
	char start[8] = "";
	bool found = access(head, F_OK) == 0;

	if (!found) {
		int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
		found = fd >= 0 && read(fd, start, sizeof(start)) == sizeof(start) &&
			memcmp(start, "gitdir: ", sizeof(start)) == 0;
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	free(head);
	free(path);
	return found;
}

/* The home folder, / and what else home lies in are too wide to be one project. */
static bool is_too_wide(const char *folder, const char *home)
{
	return strcmp(folder, "/") == 0 ||
	       (home && text_path_is_below(text_of(home), text_of(folder)));
}

/* The git top level at or above folder, shortening folder; false if there is none. */
static bool find_git_top_level(char *folder, const char *home)
{
	while (!is_too_wide(folder, home)) {
		if (is_git_top_level(folder)) {
			return true;
		}
		char *slash = strrchr(folder, '/');
		if (!slash || slash == folder) {
			return false;
		}
		*slash = '\0';
	}
	return false;
}

static char *canonical_home(void)
{
	char *home = location_home(NULL);
	char *canonical = home ? realpath(home, NULL) : NULL;

	free(home);
	return canonical;
}

static char *wished_project(const char *wish, const char *home, struct error *err)
{
	struct stat status;
	char *folder = realpath(wish, NULL);

	if (!folder || stat(folder, &status) < 0) {
		(void)error_set(
			err, errno, "project folder %s: %s", wish, strerror(errno));
	} else if (!S_ISDIR(status.st_mode)) {
		(void)error_set(err, ENOTDIR, "project folder %s: not a folder", wish);
	} else if (is_too_wide(folder, home)) {
		(void)error_set(err, ERROR_REFUSED,
			"%s cannot be the project: it is or contains the home folder, "
			"and "
			"project rules would hold for all of it",
			folder);
	} else {
		return folder;
	}
	free(folder);
	return NULL;
}

bool location_project(const char *wish, char **project, struct error *err)
{
	char *home = canonical_home();
	char *folder = NULL;

	if (wish) {
		folder = wished_project(wish, home, err);
	} else {
		char *here = getcwd(NULL, 0);
		folder = here ? xstrdup(here) : NULL;
		if (here && !find_git_top_level(folder, home)) {
			free(folder);
			folder = is_too_wide(here, home) ? NULL : xstrdup(here);
		}
		free(here);
	}
	free(home);
	if (wish && !folder) {
		return false;
	}
	*project = folder;
	return true;
}
