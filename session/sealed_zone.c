/* SPDX-License-Identifier: MIT */
#include "session/sealed_zone.h"

#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/judge.h"
#include "tracer/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ENTRIES_MAX = 1000000, DEPTH_MAX = 64 };

/* One look at the file system. */
struct survey {
	struct sealed_zone *zone;
	const struct rule_index *index;
	const struct link_names *links;
	time_t now;
	size_t entries; /* looked at so far */
};

static void zone_add(struct sealed_zone *zone, char *taken)
{
	if (zone->count + 1 >= zone->capacity) {
		zone->capacity = zone->capacity == 0 ? 64 : zone->capacity * 2;
		zone->paths = xreallocarray(
			zone->paths, zone->capacity, sizeof(*zone->paths));
	}
	zone->paths[zone->count++] = taken;
	zone->paths[zone->count] = NULL;
}

static void zone_truncate(struct sealed_zone *zone, size_t count)
{
	while (zone->count > count) {
		free(zone->paths[--zone->count]);
		zone->paths[zone->count] = NULL;
	}
}

void sealed_zone_finish(struct sealed_zone *zone)
{
	zone_truncate(zone, 0);
	free(zone->paths);
	*zone = (struct sealed_zone){0};
}

/* Rules with qualifiers were refused before, so that the subject does not matter. */
static bool may_read(const struct survey *survey, const char *path, bool is_folder)
{
	const struct action action = {.verb = VERB_READ,
		.object = text_of(path),
		.is_folder = is_folder,
		.ignores_case = mounts_have(MOUNT_IGNORES_CASE, text_of(path))};
	const struct subject nobody = {.program = text_of("")};
	const struct link_use use = {&action, &nobody, survey->now, false};
	const char *label;
	const struct judgement judgement =
		rule_index_judge(survey->index, &action, &nobody, survey->now);
	struct judgement by_link;
	const bool is_kept_by_link =
		judge_by_links(survey->links, survey->index, &use, &by_link) &&
		by_link.verdict != VERDICT_ALLOW &&
		!judge_link_yields(by_link.rule, judgement.rule);
	return judgement.verdict == VERDICT_ALLOW && !is_kept_by_link &&
	       rule_index_labels(survey->index, &action, &label, 1) == 0;
}

/* A name of rules leads there, or to something below. */
static bool has_links(const struct survey *survey, const char *folder)
{
	const struct link_names *links = survey->links;
	for (size_t i = 0; i < links->count; i++) {
		const struct text place = text_of(links->list[i].place);
		if ((links->list[i].verbs & 1u << VERB_READ) != 0 &&
			(text_path_is_below(place, text_of(folder)) ||
				text_path_is_below(text_of(folder), place))) {
			return true;
		}
	}
	return false;
}

/*
 * What packages bring, and the kernel: to ask about a name in any folder does not mean
 * their example files. What was installed by hand may well have secrets.
 */
static bool is_of_system(const char *path)
{
	static const char *const folders[] = {
		"/usr", "/bin", "/sbin", "/snap", "/nix", "/gnu", "/sys"};
	if (strcmp(path, "/usr") == 0 ||
		text_path_is_below(text_of(path), text_of("/usr/local"))) {
		return false;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (text_path_is_below(text_of(path), text_of(folders[i]))) {
			return true;
		}
	}
	return strncmp(path, "/lib", 4) == 0;
}

static bool may_read_all_below(const struct survey *survey, const char *folder)
{
	const struct subject nobody = {.program = text_of("")};
	/* Labels need to know who read; those for any folder are seen one by one. */
	const char *label;
	const struct folder below_it = {
		text_of(folder), mounts_have(MOUNT_IGNORES_CASE, text_of(folder))};
	const struct folder nowhere = {text_of("/nowhere"), false};
	if (has_links(survey, folder) ||
		rule_index_labels_below(survey->index, below_it, nowhere, &label, 1) >
			0 ||
		(!below_it.ignores_case &&
			mounts_are_below(MOUNT_IGNORES_CASE, text_of(folder)))) {
		return false;
	}
	const struct judgement below =
		is_of_system(folder)
			? rule_index_judge_named_below(survey->index, VERB_READ,
				  below_it, &nobody, survey->now)
			: rule_index_judge_below(survey->index, VERB_READ, below_it,
				  &nobody, survey->now);
	return below.verdict == VERDICT_ALLOW;
}

static bool is_folder(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The type of an entry, DT_…: mostly the folder says it, which spares looking. */
static unsigned char entry_type(const char *path, const struct dirent *entry)
{
	struct stat status;
	if (entry->d_type != DT_UNKNOWN) {
		return entry->d_type;
	}
	return lstat(path, &status) == 0 ? (unsigned char)IFTODT(status.st_mode)
					 : DT_UNKNOWN;
}

static bool survey_path(
	struct survey *survey, const char *path, bool is_a_folder, unsigned depth);

/* Gives true if everything in the folder may be read; else adds what may. */
static bool survey_entries(struct survey *survey, const char *folder, unsigned depth)
{
	DIR *entries = opendir(folder);
	if (entries == NULL) {
		return false;
	}
	size_t before = survey->zone->count;
	bool is_whole = may_read(survey, folder, true);
	const struct dirent *entry;
	while ((entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		char *path = xasprintf(
			"%s/%s", strcmp(folder, "/") == 0 ? "" : folder, entry->d_name);
		const unsigned char type = entry_type(path, entry);
		if (type == DT_LNK) {
			free(path); /* what it leads to is judged by its own name */
		} else if (survey_path(survey, path, type == DT_DIR, depth + 1)) {
			zone_add(survey->zone, path);
		} else {
			free(path);
			is_whole = false;
		}
	}
	(void)closedir(entries);
	if (is_whole) {
		/* The folder as a whole stands for all of them. */
		zone_truncate(survey->zone, before);
	} else if (may_read(survey, folder, true)) {
		zone_add(survey->zone, xasprintf("%s/", folder));
	}
	return is_whole;
}

/* Gives true if the path with all below may be read; else adds those parts that may. */
static bool survey_path(
	struct survey *survey, const char *path, bool is_a_folder, unsigned depth)
{
	if (++survey->entries > ENTRIES_MAX || depth > DEPTH_MAX) {
		return false;
	}
	if (!is_a_folder) {
		return may_read(survey, path, false);
	}
	if (may_read(survey, path, true) && may_read_all_below(survey, path)) {
		return true;
	}
	return survey_entries(survey, path, depth);
}

/* A rule for the folder and all below, or for one thing alone. */
static void survey_root(struct survey *survey, const char *path, bool is_tree)
{
	char *canonical = realpath(path, NULL);
	if (canonical == NULL || strcmp(canonical, "/") == 0) {
		/* Not there; or it would take a look at everything. */
	} else if (!is_tree && is_folder(canonical)) {
		zone_add(survey->zone, xasprintf("%s/", canonical));
	} else if (survey_path(survey, canonical, is_folder(canonical), 0)) {
		zone_add(survey->zone, xstrdup(canonical));
	}
	free(canonical);
}

/* ~, {home}, {project} and {tmp} at the beginning; owned; NULL: it has no value. */
static char *pattern_expand(const char *pattern, const struct rule_variables *variables)
{
	const struct {
		const char *name;
		const char *value;
	} table[] = {
		{"~", variables->home},
		{"{home}", variables->home},
		{"{project}", variables->project},
		{"{tmp}", variables->temporary},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t length = strlen(table[i].name);
		if (strncmp(pattern, table[i].name, length) == 0) {
			return table[i].value == NULL
				       ? NULL
				       : xasprintf("%s%s", table[i].value,
						 pattern + length);
		}
	}
	return pattern[0] == '/' ? xstrdup(pattern) : NULL;
}

/* The part of a pattern before its first segment with a wildcard or an escape. */
static void cut_at_wildcard(char *path)
{
	size_t length = strcspn(path, "*?[\\{");
	if (path[length] != '\0') {
		while (length > 0 && path[length] != '/') {
			length--;
		}
		path[length] = '\0';
	}
}

static void survey_rule(struct survey *survey, const struct rule *rule,
	const struct rule_variables *variables)
{
	char *path = pattern_expand(rule->pattern, variables);
	if (path == NULL) {
		return;
	}
	size_t whole = strlen(path);
	size_t end = text_ends_with(text_of(path), "/**")  ? 3
		     : text_ends_with(text_of(path), "/*") ? 2
							   : 0;
	bool is_deep = strstr(path, "**") != NULL;
	cut_at_wildcard(path);
	if (text_starts_with(text_of(path), "/proc") || path[0] == '\0') {
		/* Below /proc Landlock itself holds what belongs to others. */
	} else if (strlen(path) + end == whole) {
		survey_root(survey, path, end > 0);
	} else if (!is_deep) {
		(void)survey_entries(survey, path, 0);
	}
	free(path);
}

static bool has_qualifier(const struct rule *rule)
{
	return rule->by != NULL || rule->under != NULL || rule->via != NULL ||
	       rule->code != NULL || rule->after != NULL || rule->until != 0;
}

static bool rule_can_be_held(const struct rule *rule, struct error *err)
{
	if (rule->verdict == VERDICT_ALLOW || !has_qualifier(rule)) {
		return true;
	}
	char *text = rule_print(rule);
	error_set(err, ERROR_REFUSED,
		"--reads sealed does not judge reads, which this rule needs: %s (%s)",
		text, rule->source != NULL ? rule->source : "");
	free(text);
	return false;
}

bool sealed_zone_find(struct sealed_zone *zone, const struct rule_sources *sources,
	const struct rule_set *set, struct error *err)
{
	struct survey survey = {.zone = zone,
		.index = set->index,
		.links = &sources->links,
		.now = time(NULL)};
	struct rule_variables variables = places_variables(sources->places);
	zone_add(zone, xstrdup("/proc"));
	for (size_t i = 0; i < sources->fixed.count; i++) {
		const struct rule *rule = &sources->fixed.rules[i];
		if (rule->kind != RULE_JUDGE || (rule->verbs & 1u << VERB_READ) == 0) {
			continue;
		}
		if (!rule_can_be_held(rule, err)) {
			return false;
		}
		if (rule->verdict == VERDICT_ALLOW && !has_qualifier(rule)) {
			survey_rule(&survey, rule, &variables);
		}
		if (survey.entries > ENTRIES_MAX) {
			return error_set(err, ERROR_REFUSED,
				"--reads sealed: there is too much below %s to look at",
				rule->pattern);
		}
	}
	return true;
}
