/* SPDX-License-Identifier: MIT */
#include "session/control_groups.h"

#include "base/error.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "rules/printer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Files by which processes come into a group, in every group. */
static const char *const entrances[] = {"cgroup.procs", "cgroup.threads", "tasks"};

/* One mounted hierarchy; points into the line that it was read from. */
struct hierarchy {
	char *root, *place, *options;
	bool is_unified;
};

static void forbid(FILE *out, const char *folder, const char *rest)
{
	char *quoted = pattern_quote_literal(text_of(folder));

	fprintf(out, "forbid write,delete,meta \"%s%s\"\n", quoted, rest);
	free(quoted);
}

/* False if the line is about another file system. */
static bool hierarchy_read(char *line, struct hierarchy *hierarchy)
{
	char *rest = line;
	char *fields[5] = {NULL};

	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < 5 && rest != NULL; i++) {
		fields[i] = strsep(&rest, " ");
	}
	char *after = rest != NULL ? strstr(rest, " - ") : NULL;
	if (after == NULL) {
		return false;
	}
	after += strlen(" - ");
	const char *type = strsep(&after, " ");
	(void)strsep(&after, " ");
	hierarchy->root = fields[3];
	hierarchy->place = fields[4];
	hierarchy->options = after;
	hierarchy->is_unified = strcmp(type, "cgroup2") == 0;
	text_unescape_octal(hierarchy->root);
	text_unescape_octal(hierarchy->place);
	return after != NULL && (hierarchy->is_unified || strcmp(type, "cgroup") == 0);
}

/* Whether the names, separated by commas, have this one. */
static bool is_among(const char *names, const char *name, size_t length)
{
	while (names != NULL && *names != '\0') {
		size_t next = strcspn(names, ",");
		if (next == length && memcmp(names, name, length) == 0) {
			return true;
		}
		names += next + (names[next] == ',');
	}
	return false;
}

/* Takes the path out of "ID:CONTROLLERS:PATH"; NULL if it is of another hierarchy. */
static char *group_in(const struct hierarchy *hierarchy, char *line)
{
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	(void)strsep(&rest, ":");
	const char *controllers = strsep(&rest, ":");
	if (rest == NULL || controllers == NULL) {
		return NULL;
	}
	const bool is_same = hierarchy->is_unified
				     ? controllers[0] == '\0'
				     : is_among(hierarchy->options, controllers,
					       strcspn(controllers, ","));
	return is_same && rest[0] == '/' ? rest : NULL;
}

/* The group's path below the place where the hierarchy is mounted; NULL if it is not. */
static char *below_mount(const struct hierarchy *hierarchy, char *group)
{
	size_t length = strcmp(hierarchy->root, "/") == 0 ? 0 : strlen(hierarchy->root);

	if (strncmp(group, hierarchy->root, length) != 0 ||
		(group[length] != '/' && group[length] != '\0')) {
		return NULL;
	}
	return group + length;
}

/* The group itself and all above it, with what lies directly in them. */
static void forbid_line(FILE *out, const struct hierarchy *hierarchy, char *below)
{
	if (strcmp(below, "/") == 0) {
		below[0] = '\0';
	}
	for (;;) {
		char *folder = xasprintf("%s%s", hierarchy->place, below);
		forbid(out, folder, "");
		forbid(out, folder, "/*");
		free(folder);
		char *slash = strrchr(below, '/');
		if (slash == NULL) {
			return;
		}
		*slash = '\0';
	}
}

static void forbid_hierarchy(FILE *out, const struct hierarchy *hierarchy, FILE *groups)
{
	char *line = NULL;
	size_t size = 0;

	for (size_t i = 0; i < sizeof(entrances) / sizeof(entrances[0]); i++) {
		char rest[32];
		(void)snprintf(rest, sizeof(rest), "/**/%s", entrances[i]);
		forbid(out, hierarchy->place, rest);
	}
	if (groups == NULL) {
		return;
	}
	rewind(groups);
	while (getline(&line, &size, groups) > 0) {
		char *group = group_in(hierarchy, line);
		char *below = group != NULL ? below_mount(hierarchy, group) : NULL;
		if (below != NULL) {
			forbid_line(out, hierarchy, below);
		}
	}
	free(line);
}

char *control_groups_rules(FILE *mounts, FILE *groups)
{
	char *text = NULL;
	char *line = NULL;
	size_t size = 0;
	size_t line_size = 0;
	FILE *out = open_memstream(&text, &size);

	invariant(out != NULL);
	while (mounts != NULL && getline(&line, &line_size, mounts) > 0) {
		struct hierarchy hierarchy;
		if (hierarchy_read(line, &hierarchy)) {
			forbid_hierarchy(out, &hierarchy, groups);
		}
	}
	free(line);
	invariant(fclose(out) == 0);
	return text;
}

char *control_groups_protection(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	FILE *groups = fopen("/proc/self/cgroup", "re");
	char *text = control_groups_rules(mounts, groups);

	if (mounts != NULL) {
		(void)fclose(mounts);
	}
	if (groups != NULL) {
		(void)fclose(groups);
	}
	return text;
}
