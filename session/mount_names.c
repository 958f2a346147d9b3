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

/* One line of a table; points into its text. */
struct mount {
	int number;
	const char *device; /* "major:minor" of the file system, not of what is on it */
	char *root;	    /* what of the file system is seen */
	char *place;	    /* where */
	char *upper;	    /* of an overlay: where its files are; else NULL */
	bool has_twin;	    /* another mount shows the same file system */
};

/* What comes after the first fields: "OPTIONS … - TYPE SOURCE OPTIONS". */
static char *upper_of(char *rest)
{
	static const char option[] = ",upperdir=";
	char *type = rest != NULL ? strstr(rest, " - overlay ") : NULL;
	char *upper = type != NULL ? strstr(type, option) : NULL;

	if (upper == NULL) {
		return NULL;
	}
	upper += strlen(option);
	upper[strcspn(upper, ",")] = '\0';
	text_unescape_octal(upper);
	return upper[0] == '/' ? upper : NULL;
}

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
	*mount = (struct mount){(int)strtol(fields[0], NULL, 10), fields[2], fields[3],
		fields[4], upper_of(rest), false};
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

static void find_twins(struct mount_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(table->list[i].device, table->list[j].device) == 0) {
				table->list[i].has_twin = true;
				table->list[j].has_twin = true;
				table->has_twins = true;
			}
		}
	}
}

void mount_table_read(struct mount_table *table, FILE *mounts)
{
	size_t size = 0;
	char *rest;

	*table = (struct mount_table){0};
	if (getdelim(&table->text, &size, '\0', mounts) < 0) {
		return;
	}
	rest = table->text;
	while (rest != NULL) {
		struct mount mount;
		if (mount_parse(strsep(&rest, "\n"), &mount)) {
			table->list = xreallocarray(
				table->list, table->count + 1, sizeof(*table->list));
			table->list[table->count++] = mount;
		}
	}
	find_twins(table);
}

void mount_table_read_own(struct mount_table *table)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	*table = (struct mount_table){0};
	if (mounts != NULL) {
		mount_table_read(table, mounts);
		(void)fclose(mounts);
	}
}

void mount_table_finish(struct mount_table *table)
{
	free(table->list);
	free(table->text);
	*table = (struct mount_table){0};
}

/* The mount of that number, if path is on it. */
static const struct mount *find_origin(
	const struct mount_table *table, const char *path, int number)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *mount = &table->list[i];
		if (mount->number == number && path_after(path, mount->place) != NULL) {
			return mount;
		}
	}
	return NULL;
}

/* The innermost mount, of several the last; NULL: there is none. */
static const struct mount *find_holder(
	const struct mount_table *table, const char *path)
{
	const struct mount *found = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct mount *mount = &table->list[i];
		if (path_after(path, mount->place) != NULL &&
			(found == NULL ||
				strlen(mount->place) >= strlen(found->place))) {
			found = mount;
		}
	}
	return found;
}

char *mount_table_place(const struct mount_table *table, struct text path)
{
	char *place = text_copy(path);
	const struct mount *holder =
		table->has_twins && place[0] == '/' ? find_holder(table, place) : NULL;

	if (holder == NULL || !holder->has_twin) {
		return place;
	}
	char *inner = join(holder->root, path_after(place, holder->place));
	char *common = xasprintf("%s%s", holder->device, inner);
	free(inner);
	free(place);
	return common;
}

/* Where what origin has under the inner name is seen as well. */
static void add_mounts(struct mount_names *names, const struct mount *origin,
	const char *inner, const struct mount_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *mount = &table->list[i];
		if (mount->number == origin->number ||
			strcmp(mount->device, origin->device) != 0) {
			continue;
		}
		const char *after = path_after(inner, mount->root);
		if (after != NULL) {
			add(names, join(mount->place, after));
		} else if (path_after(mount->root, inner) != NULL) {
			/* Only a part of it is seen there: all of that. */
			add(names, xstrdup(mount->place));
		}
	}
}

/* Overlays whose files lie where the path leads show it as theirs. */
static void add_overlays(
	struct mount_names *names, const char *path, const struct mount_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *mount = &table->list[i];
		const char *inner =
			mount->upper != NULL ? path_after(path, mount->upper) : NULL;
		const char *after =
			inner != NULL ? path_after(inner, mount->root) : NULL;
		if (after != NULL) {
			add(names, join(mount->place, after));
		}
	}
}

/* Where an overlay has under the inner name what was written there. */
static void add_upper(struct mount_names *names, const char *upper, const char *inner,
	const struct mount_table *table)
{
	char *path = join(upper, strcmp(inner, "/") == 0 ? "" : inner);
	const struct mount *holder = find_holder(table, path);

	if (holder != NULL) {
		char *below = join(holder->root, path_after(path, holder->place));
		add_mounts(names, holder, below, table);
		free(below);
	}
	add(names, path);
}

void mount_names_of(struct mount_names *names, const char *path, int number,
	const struct mount_table *table)
{
	const struct mount *origin = find_origin(table, path, number);

	*names = (struct mount_names){0};
	if (origin == NULL) {
		return;
	}
	char *inner = join(origin->root, path_after(path, origin->place));
	add_mounts(names, origin, inner, table);
	if (origin->upper != NULL) {
		add_upper(names, origin->upper, inner, table);
	}
	add_overlays(names, path, table);
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

void mount_names_find(
	struct mount_names *names, const char *path, const struct mount_table *own)
{
	mount_names_of(names, path, mount_of(path), own);
}

void mount_names_finish(struct mount_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->names[i]);
	}
	free(names->names);
	*names = (struct mount_names){0};
}
