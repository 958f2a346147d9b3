/* SPDX-License-Identifier: MIT */
#include "session/mount_names.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One line; points into it. */
struct mount {
	int number;
	const char *device; /* "major:minor" of the file system, not of what is on it */
	char *root;	    /* what of the file system is seen */
	char *place;	    /* where */
};

static bool mount_parse(char *line, struct mount *mount)
{
	char *rest = line;
	char *fields[5] = {NULL};

	for (size_t i = 0; i < 5; i++) {
		fields[i] = strsep(&rest, " ");
		if (fields[i] == NULL) {
			return false;
		}
	}
	text_unescape_octal(fields[3]);
	text_unescape_octal(fields[4]);
	*mount = (struct mount){
		(int)strtol(fields[0], NULL, 10), fields[2], fields[3], fields[4]};
	return true;
}

/* What of path comes after folder, "" or "/…"; NULL if it is not below. */
static const char *path_after(const char *path, const char *folder)
{
	const size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	if (strncmp(path, folder, length) != 0 ||
		(path[length] != '/' && path[length] != '\0')) {
		return NULL;
	}
	return strcmp(path + length, "/") == 0 ? "" : path + length;
}

static char *join(const char *folder, const char *after)
{
	const bool is_root = strcmp(folder, "/") == 0;

	return xasprintf("%s%s", is_root && *after != '\0' ? "" : folder, after);
}

static void add(struct mount_names *names, char *name)
{
	names->names =
		xreallocarray(names->names, names->count + 1, sizeof(*names->names));
	names->names[names->count++] = name;
}

/* The file system on which path lies, and its name there; false: there is no such mount. */
static bool find_origin(
	const char *path, int number, FILE *mounts, char **device, char **inner)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, mounts) > 0) {
		struct mount mount;
		const char *after = mount_parse(line, &mount) && mount.number == number
					    ? path_after(path, mount.place)
					    : NULL;
		if (after != NULL) {
			*device = xstrdup(mount.device);
			*inner = join(mount.root, after);
			found = true;
		}
	}
	free(line);
	return found;
}

void mount_names_read(
	struct mount_names *names, const char *path, int number, FILE *mounts)
{
	char *line = NULL, *device = NULL, *inner = NULL;
	size_t size = 0;

	*names = (struct mount_names){0};
	if (!find_origin(path, number, mounts, &device, &inner)) {
		return;
	}
	rewind(mounts);
	while (getline(&line, &size, mounts) > 0) {
		struct mount mount;
		if (!mount_parse(line, &mount) || mount.number == number ||
			strcmp(mount.device, device) != 0) {
			continue;
		}
		const char *after = path_after(inner, mount.root);
		if (after != NULL) {
			add(names, join(mount.place, after));
		} else if (path_after(mount.root, inner) != NULL) {
			/* Only a part of it is seen there: all of that. */
			add(names, xstrdup(mount.place));
		}
	}
	free(line);
	free(device);
	free(inner);
}

/* The mount on which the next thing lies that is there; -1: it cannot be told. */
static int mount_of(const char *path)
{
	char *folder = xstrdup(path);
	struct statx status = {0};
	int result = -1;

	for (;;) {
		const char *name = *folder != '\0' ? folder : "/";
		result = statx(
			AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &status);
		char *slash = strrchr(folder, '/');
		if (result == 0 || slash == NULL) {
			break;
		}
		*slash = '\0';
	}
	free(folder);
	return result == 0 && (status.stx_mask & STATX_MNT_ID) != 0
		       ? (int)status.stx_mnt_id
		       : -1;
}

void mount_names_find(struct mount_names *names, const char *path)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	*names = (struct mount_names){0};
	if (mounts != NULL) {
		mount_names_read(names, path, mount_of(path), mounts);
		(void)fclose(mounts);
	}
}

void mount_names_finish(struct mount_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->names[i]);
	}
	free(names->names);
	*names = (struct mount_names){0};
}
