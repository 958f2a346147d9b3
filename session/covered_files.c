/* SPDX-License-Identifier: MIT */
#include "session/covered_files.h"

#include "base/xalloc.h"
#include "rules/danger.h"
#include "rules/pattern.h"
#include "session/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ENTRIES_MAX = 200000, /* names looked at for one rung */
	DEPTH_MAX = 64,
	RULES_MAX = 4, /* of one rung; more are not counted */
};

struct walk {
	const struct covering *covering;
	const struct rule_list *rung;
	const struct pattern *patterns; /* of its rules */
	size_t rule;			/* whose files are looked for */
	bool is_deep;			/* folders in folders, too */
	size_t entries;
	struct covered_files *covered;
	char path[PATH_MAX];
};

/* ---- One file ---- */

static struct action action_of(const struct rule *rule, const char *path)
{
	return (struct action){
		.verb = (enum verb)__builtin_ctz(rule->verbs),
		.object = text_of(path),
	};
}

static bool is_asked(const struct covering *covering, const char *path)
{
	for (size_t i = 0; i < covering->asked_count; i++) {
		if (text_equal_string(covering->asked[i], path)) {
			return true;
		}
	}
	return false;
}

/* By the rule whose turn it is, and by none that had its turn before. */
static bool is_counted(const struct walk *walk)
{
	const struct text no_name = {NULL, 0};

	for (size_t i = 0; i <= walk->rule; i++) {
		const struct action action =
			action_of(&walk->rung->rules[i], walk->path);
		if (pattern_matches(&walk->patterns[i], &action, no_name)) {
			return i == walk->rule && !is_asked(walk->covering, walk->path);
		}
	}
	return false;
}

static bool is_sensitive(const struct walk *walk)
{
	const struct rule *rule = &walk->rung->rules[walk->rule];
	struct action action = action_of(rule, walk->path);

	for (int verb = 0; verb < VERB_COUNT; verb++) {
		action.verb = (enum verb)verb;
		if ((rule->verbs & 1u << verb) != 0 &&
			danger_note(&action, walk->covering->variables) != NULL) {
			return true;
		}
	}
	return false;
}

static void file_take(struct walk *walk)
{
	struct covered_files *covered = walk->covered;

	if (!is_counted(walk)) {
		return;
	}
	covered->count++;
	if (!is_sensitive(walk)) {
		return;
	}
	if (covered->name_count < COVERED_NAMES_MAX) {
		covered->names[covered->name_count++] = xstrdup(walk->path);
	}
	covered->sensitive++;
}

/* ---- Folders ---- */

static bool is_over(const struct walk *walk)
{
	return walk->covered->count > COVERED_FILES_MAX ||
	       walk->entries >= ENTRIES_MAX ||
	       atomic_load(walk->covering->is_unwanted) ||
	       clock_monotonic() >= walk->covering->deadline;
}

/* What cannot be opened for a person's own look cannot be read by the tree either. */
static DIR *folder_open(int at, const char *name, uint64_t resolve)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | resolve,
	};
	const int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder == NULL && fd >= 0) {
		(void)close(fd);
	}
	return folder;
}

static bool is_folder(DIR *folder, const struct dirent *entry, bool *is_file)
{
	struct stat status;
	unsigned char type = entry->d_type;

	if (type == DT_UNKNOWN && fstatat(dirfd(folder), entry->d_name, &status,
					  AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) {
		type = (unsigned char)IFTODT(status.st_mode);
	}
	/* Calls through a link are about what it leads to; sockets are connected to. */
	*is_file = type != DT_DIR && type != DT_LNK && type != DT_SOCK;
	return type == DT_DIR;
}

/*
 * A mount point in it is not entered: whoever serves what lies there may not answer, and
 * where such ones are may change at any time.
 */
static void folder_walk(struct walk *walk, DIR *folder, int depth)
{
	const size_t length = strlen(walk->path);
	const struct dirent *entry;
	bool is_file;

	while (!is_over(walk) && (entry = readdir(folder)) != NULL) {
		const size_t name_length = strlen(entry->d_name);
		if (strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0 ||
			length + 1 + name_length >= sizeof(walk->path)) {
			continue;
		}
		walk->entries++;
		walk->path[length] = '/';
		memcpy(walk->path + length + 1, entry->d_name, name_length + 1);
		const bool is_below = is_folder(folder, entry, &is_file);
		DIR *below = is_below && walk->is_deep && depth < DEPTH_MAX
				     ? folder_open(dirfd(folder), entry->d_name,
					       RESOLVE_NO_XDEV | RESOLVE_BENEATH)
				     : NULL;
		if (is_file) {
			file_take(walk);
		} else if (below != NULL) {
			folder_walk(walk, below, depth + 1);
			(void)closedir(below);
		}
		walk->path[length] = '\0';
	}
}

/* ---- The rules of a rung ---- */

/* The folder that holds all that the pattern can match; false if there is none. */
static bool base_find(struct walk *walk)
{
	const struct glob *glob = &walk->patterns[walk->rule].glob;
	size_t first = 0;
	size_t slash = 0;

	while (first < glob->count && glob->units[first] < UNIT_ANY) {
		slash = glob->units[first] == '/' ? first : slash;
		first++;
	}
	if (first == glob->count || slash == 0 || slash >= sizeof(walk->path)) {
		return false;
	}
	for (size_t i = 0; i < slash; i++) {
		walk->path[i] = (char)glob->units[i];
	}
	walk->path[slash] = '\0';
	walk->is_deep = false;
	for (size_t i = first; i < glob->count; i++) {
		walk->is_deep = walk->is_deep || glob->units[i] == '/' ||
				glob->units[i] == UNIT_DEPTH;
	}
	return true;
}

static bool rule_count_files(struct walk *walk)
{
	if (glob_is_literal(&walk->patterns[walk->rule].glob)) {
		return true; /* what is asked about itself */
	}
	if (!base_find(walk)) {
		return false;
	}
	DIR *folder = folder_open(AT_FDCWD, walk->path, 0);
	if (folder != NULL) {
		folder_walk(walk, folder, 0);
		(void)closedir(folder);
	}
	walk->covered->is_partial = walk->covered->is_partial || is_over(walk);
	if (walk->covered->count > COVERED_FILES_MAX) {
		walk->covered->count = COVERED_FILES_MAX;
	}
	if (walk->covered->sensitive > walk->covered->count) {
		walk->covered->sensitive = walk->covered->count;
	}
	return true;
}

static bool rules_count_files(struct walk *walk)
{
	bool done = true;

	while (done && walk->rule < walk->rung->count) {
		done = rule_count_files(walk);
		walk->rule++;
	}
	return done;
}

static bool is_about_paths(const struct rule_list *rung)
{
	for (size_t i = 0; i < rung->count; i++) {
		const enum verb verb = (enum verb)__builtin_ctz(
			rung->rules[i].verbs | 1u << VERB_COUNT);
		if (verb == VERB_COUNT || verb_object_kind(verb) != OBJECT_PATH) {
			return false;
		}
	}
	return rung->count > 0 && rung->count <= RULES_MAX;
}

void covered_files_count(const struct covering *covering, const struct rule_list *rung,
	struct covered_files *covered)
{
	struct pattern patterns[RULES_MAX];
	struct walk *walk = xcalloc(1, sizeof(*walk));
	size_t count = 0;
	bool are_paths = is_about_paths(rung);

	*covered = (struct covered_files){0};
	while (are_paths && count < rung->count) {
		are_paths = pattern_compile(&rung->rules[count], covering->variables,
				    &patterns[count]) &&
			    patterns[count++].kind == PATTERN_PATH;
	}
	*walk = (struct walk){.covering = covering,
		.rung = rung,
		.patterns = patterns,
		.covered = covered};
	if (!are_paths || !rules_count_files(walk)) {
		covered_files_finish(covered);
		covered->count = -1;
	}
	for (size_t i = 0; i < count; i++) {
		pattern_finish(&patterns[i]);
	}
	free(walk);
}

void covered_files_finish(struct covered_files *covered)
{
	for (size_t i = 0; i < covered->name_count; i++) {
		free(covered->names[i]);
	}
	*covered = (struct covered_files){0};
}
