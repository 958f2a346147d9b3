/* SPDX-License-Identifier: MIT */
#include "session/protection.h"

#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/control_groups.h"
#include "session/mount_names.h"
#include "session/resolver_addresses.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where every verb that a path can have is forbidden. */
#define EVERY_PATH_VERB "read,write,delete,meta,exec"
/* Where looking is harmless but changing is not. */
#define CHANGING_VERBS "write,delete,meta"

/* The rules, as they are written, and the mounts at this moment. */
struct writing {
	FILE *out;
	struct mount_table mounts;
};

static void forbid_name(
	const struct writing *to, const char *verbs, const char *path, const char *rest)
{
	char *quoted = pattern_quote_literal(text_of(path));
	fprintf(to->out, "forbid %s \"%s%s\"\n", verbs, quoted, rest);
	free(quoted);
}

/* By its name and by all that it has because it is mounted several times. */
static void forbid(
	const struct writing *to, const char *verbs, const char *path, const char *rest)
{
	struct mount_names others;
	forbid_name(to, verbs, path, rest);
	mount_names_find(&others, path, &to->mounts);
	for (size_t i = 0; i < others.count; i++) {
		forbid_name(to, verbs, others.names[i], rest);
	}
	mount_names_finish(&others);
}

static void forbid_folder(const struct writing *to, const char *folder)
{
	forbid(to, EVERY_PATH_VERB, folder, "");
	forbid(to, EVERY_PATH_VERB, folder, "/**");
}

static void forbid_socket_folder(const struct writing *to, const char *folder)
{
	struct mount_names names;
	mount_names_find(&names, folder, &to->mounts);
	forbid_folder(to, folder);
	for (size_t i = 0; i <= names.count; i++) {
		char *sockets =
			xasprintf("unix:%s", i < names.count ? names.names[i] : folder);
		forbid_name(to, "connect,listen", sockets, "/**");
		free(sockets);
	}
	mount_names_finish(&names);
}

/* A database may lie in a folder of other things; then only its own files are ours. */
static void forbid_database(const struct writing *to, const char *database)
{
	struct text file = text_of(database);
	struct text name = text_base_name(file);
	if (name.length + 1 < file.length) {
		char *folder = xmemdup0(database, file.length - name.length - 1);
		if (text_equal_string(text_base_name(text_of(folder)), "duenna")) {
			forbid_folder(to, folder);
		}
		free(folder);
	}
	forbid(to, EVERY_PATH_VERB, database, "");
	forbid(to, EVERY_PATH_VERB, database, "-*");
	forbid(to, EVERY_PATH_VERB, database, ".before-*");
}

static void forbid_links(const struct writing *to, const struct link_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		forbid(to, CHANGING_VERBS, way->links[i], "");
	}
}

static void forbid_rule_file(const struct writing *to, const char *path)
{
	struct link_way way = {0};
	char *here = getcwd(NULL, 0);
	char *absolute = path[0] == '/' || here == NULL
				 ? xstrdup(path)
				 : xasprintf("%s/%s", here, path);
	char *file = link_way_follow(&way, absolute);
	forbid_links(to, &way);
	forbid(to, CHANGING_VERBS, file, "");
	free(file);
	free(absolute);
	free(here);
	link_way_finish(&way);
}

static bool is_for_work(const struct places *places, const char *folder)
{
	const struct text text = text_of(folder);
	return (places->project != NULL &&
		       text_path_is_below(text, text_of(places->project))) ||
	       text_path_is_below(text, text_of(places->temporary));
}

/*
 * By that name a person starts it the next time. Folders of the project are left out:
 * these are made anew as a whole (.venv, node_modules).
 */
static void forbid_command(const struct writing *to, const struct places *places)
{
	const char *folders = getenv("PATH");
	const struct text name = text_base_name(text_of(places->binary));
	while (folders != NULL && *folders != '\0') {
		struct link_way way = {0};
		const size_t length = strcspn(folders, ":");
		char *path = xasprintf("%.*s/%.*s", (int)length, folders,
			(int)name.length, name.bytes);
		char *folder = xmemdup0(folders, length);
		char *place = link_way_follow(&way, folder);
		if (folder[0] == '/' && !is_for_work(places, place)) {
			char *command = xasprintf(
				"%s/%.*s", place, (int)name.length, name.bytes);
			forbid_name(to, CHANGING_VERBS, command, "");
			free(command);
			free(link_way_follow(&way, path));
			forbid_links(to, &way);
		}
		free(place);
		free(folder);
		free(path);
		link_way_finish(&way);
		folders += length + (folders[length] == ':');
	}
}

char *protection_rules(const struct places *places, const char *const *rule_files)
{
	char *text = NULL;
	size_t size = 0;
	struct writing writing = {.out = open_memstream(&text, &size)};
	const struct writing *to = &writing;
	invariant(to->out != NULL);
	mount_table_read_own(&writing.mounts);
	forbid_database(to, places->database);
	forbid_folder(to, places->config_folder);
	if (places->config_file != NULL) {
		forbid(to, CHANGING_VERBS, places->config_file, "");
	}
	forbid_links(to, &places->way);
	forbid_socket_folder(to, places->socket_folder);
	forbid(to, CHANGING_VERBS, places->binary, "");
	forbid_name(to, "signal,inspect", places->binary, "");
	forbid_command(to, places);
	if (places->terminal != NULL) {
		forbid(to, EVERY_PATH_VERB, places->terminal, "");
	}
	if (places->terminal2 != NULL) {
		forbid(to, EVERY_PATH_VERB, places->terminal2, "");
	}
	for (size_t i = 0; rule_files != NULL && rule_files[i] != NULL; i++) {
		forbid_rule_file(to, rule_files[i]);
	}
	char *resolver = resolver_protection();
	(void)fputs(resolver, to->out);
	free(resolver);
	char *groups = control_groups_protection();
	(void)fputs(groups, to->out);
	free(groups);
	mount_table_finish(&writing.mounts);
	invariant(fclose(to->out) == 0);
	return text;
}

pid_t protection_proc_owner(struct text path)
{
	static const char prefix[] = "/proc/";
	enum { DIGITS_MAX = 9 };
	if (!text_starts_with(path, prefix)) {
		return 0;
	}
	pid_t pid = 0;
	size_t at = sizeof(prefix) - 1;
	for (size_t digits = 0; at < path.length && digits < DIGITS_MAX;
		at++, digits++) {
		char byte = path.bytes[at];
		if (byte < '0' || byte > '9') {
			break;
		}
		pid = pid * 10 + (byte - '0');
	}
	return at == path.length || path.bytes[at] == '/' ? pid : 0;
}

bool protection_is_duenna(pid_t pid)
{
	char path[64];
	struct stat other;
	struct stat own;
	/* Also finds threads by their number: they have a folder in /proc as well. */
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}
