/* SPDX-License-Identifier: MIT */
#include "session/link_names.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "rules/pattern.h"
#include "session/link_way.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char unix_prefix[] = "unix:";

/* The links directly in a folder, which many patterns may be about. */
struct listing {
	char **links;
	size_t count;
};

/* A name that was looked at: many patterns have the same folders and links on their way. */
struct seen {
	char *path; /* NULL: this slot is free */
	bool is_link, is_followed;
	size_t *leads; /* places in the list of names; of a link that was followed */
	size_t lead_count;
	size_t listing; /* place among the listings, from 1 on; 0: it has none */
};

struct search {
	struct link_names *names;
	const struct rule_variables *variables;
	struct seen *seen; /* a table of open addressing, never full */
	size_t seen_count, seen_capacity;
	struct listing *listings;
	size_t listing_count;
	uint32_t verbs; /* of the rule in hand */
};

/* ---- What is found ---- */

static struct seen *seen_slot(struct seen *seen, size_t capacity, const char *path)
{
	size_t at = (size_t)hash_text(HASH_START, text_of(path));

	while (seen[at & (capacity - 1)].path != NULL &&
		strcmp(seen[at & (capacity - 1)].path, path) != 0) {
		at++;
	}
	return &seen[at & (capacity - 1)];
}

static void seen_grow(struct search *search)
{
	enum { FIRST_CAPACITY = 1024 };
	const size_t capacity =
		search->seen_capacity == 0 ? FIRST_CAPACITY : search->seen_capacity * 2;
	struct seen *seen = xcalloc(capacity, sizeof(*seen));

	for (size_t i = 0; i < search->seen_capacity; i++) {
		if (search->seen[i].path != NULL) {
			*seen_slot(seen, capacity, search->seen[i].path) =
				search->seen[i];
		}
	}
	free(search->seen);
	search->seen = seen;
	search->seen_capacity = capacity;
}

static struct seen *see(struct search *search, const char *path)
{
	struct stat status;

	if (2 * search->seen_count >= search->seen_capacity) {
		seen_grow(search);
	}
	struct seen *slot = seen_slot(search->seen, search->seen_capacity, path);
	if (slot->path == NULL) {
		slot->path = xstrdup(path);
		slot->is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
		search->seen_count++;
	}
	return slot;
}

/* What leads to everything says nothing about anything. */
static bool is_too_wide(const struct search *search, const char *place)
{
	const struct rule_variables *variables = search->variables;
	const struct text wide = text_of(place);

	return strcmp(place, "/") == 0 || text_path_is_below(wide, text_of("/proc")) ||
	       (variables->home &&
		       text_path_is_below(text_of(variables->home), wide)) ||
	       (variables->project && strcmp(variables->project, place) != 0 &&
		       text_path_is_below(text_of(variables->project), wide));
}

static void add(
	struct search *search, struct seen *link, const char *place, bool place_is_link)
{
	struct link_names *names = search->names;

	if (strcmp(place, link->path) == 0 || is_too_wide(search, place)) {
		return;
	}
	link->leads =
		xreallocarray(link->leads, link->lead_count + 1, sizeof(*link->leads));
	link->leads[link->lead_count++] = names->count;
	names->list =
		xreallocarray(names->list, names->count + 1, sizeof(*names->list));
	names->list[names->count++] = (struct link_name){
		.place = xstrdup(place),
		.place_length = strlen(place),
		.name = xstrdup(link->path),
		.is_link = place_is_link,
	};
}

static void follow(struct search *search, struct seen *link)
{
	struct link_way way = {0};
	char *place = link_way_follow(&way, link->path);

	link->is_followed = true;
	add(search, link, place, false);
	for (size_t i = 0; i < way.count; i++) {
		add(search, link, way.links[i], true);
	}
	free(place);
	link_way_finish(&way);
}

/* Each is followed once: a project may have very many, and many rules are about them. */
static void add_link(struct search *search, const char *name)
{
	struct seen *link = see(search, name);

	if (!link->is_followed) {
		follow(search, link);
	}
	for (size_t i = 0; i < link->lead_count; i++) {
		search->names->list[link->leads[i]].verbs |= search->verbs;
	}
}

/* Every link on the way to the name, by the name that leads there. True: there is one. */
static bool add_way(struct search *search, const char *path)
{
	char *part = xstrdup(path);
	bool found = false;

	for (char *at = part; at != NULL;) {
		at = strchr(at + 1, '/');
		if (at != NULL) {
			*at = '\0';
		}
		if (see(search, part)->is_link) {
			add_link(search, part);
			found = true;
		}
		if (at != NULL) {
			*at = '/';
		}
	}
	free(part);
	return found;
}

/* ---- What patterns are about ---- */

static const struct listing *list_folder(struct search *search, const char *folder)
{
	const struct dirent *entry;
	struct seen *seen = see(search, folder);

	if (seen->listing != 0) {
		return &search->listings[seen->listing - 1];
	}
	search->listings = xreallocarray(
		search->listings, search->listing_count + 1, sizeof(*search->listings));
	struct listing *listing = &search->listings[search->listing_count++];
	*listing = (struct listing){0};
	seen->listing = search->listing_count;
	DIR *opened = opendir(folder);
	while (opened != NULL && (entry = readdir(opened)) != NULL) {
		char *path = xasprintf("%s/%s", folder, entry->d_name);
		const bool may_be =
			entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
		if (may_be && see(search, path)->is_link) {
			listing->links = xreallocarray(listing->links,
				listing->count + 1, sizeof(*listing->links));
			listing->links[listing->count++] = path;
		} else {
			free(path);
		}
	}
	if (opened != NULL) {
		(void)closedir(opened);
	}
	return listing;
}

/* Of home and project; the rest of the machine is not for an agent to link about in. */
static bool is_near(const struct search *search, const char *folder)
{
	const struct rule_variables *variables = search->variables;
	const struct text text = text_of(folder);

	return (variables->home && strlen(variables->home) > 1 &&
		       text_path_is_below(text, text_of(variables->home))) ||
	       (variables->project &&
		       text_path_is_below(text, text_of(variables->project)));
}

/* A folder that is everything by links is not looked into. */
static bool is_listed(const struct search *search, const char *folder, bool has_links)
{
	struct link_way way = {0};
	bool is_wide = false;

	if (has_links && is_near(search, folder)) {
		char *place = link_way_follow(&way, folder);
		is_wide = is_too_wide(search, place);
		free(place);
		link_way_finish(&way);
	}
	return !is_wide && is_near(search, folder);
}

/* How many units come before the first wildcard. */
static size_t literal_length(const struct glob *glob)
{
	size_t length = 0;

	while (length < glob->count && glob->units[length] < UNIT_ANY) {
		length++;
	}
	return length;
}

/* True if the pattern goes on behind the segment of its first wildcard. */
static bool reaches_below(const struct glob *glob, size_t first)
{
	for (size_t i = first; i < glob->count; i++) {
		if (glob->units[i] == '/' || glob->units[i] == UNIT_DEPTH) {
			return true;
		}
	}
	return false;
}

static void add_glob(struct search *search, const struct glob *glob)
{
	const size_t first = literal_length(glob);
	char *folder = xcalloc(first + 1, 1);

	for (size_t i = 0; i < first; i++) {
		folder[i] = (char)glob->units[i];
	}
	if (folder[0] != '/' || first >= PATH_MAX) {
		free(folder);
		return;
	}
	if (first < glob->count) {
		*strrchr(folder, '/') = '\0';
	}
	/* The root is no link. */
	const bool has_links = folder[0] != '\0' && add_way(search, folder);
	if (first < glob->count && is_listed(search, folder, has_links)) {
		const struct listing *listing = list_folder(search, folder);
		for (size_t i = 0; i < listing->count; i++) {
			if (reaches_below(glob, first) ||
				glob_match_path(glob, text_of(listing->links[i]))) {
				add_link(search, listing->links[i]);
			}
		}
	}
	free(folder);
}

static void search_list(struct search *search, const struct rule_list *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		struct pattern pattern;
		const bool matters =
			rule->kind == RULE_LABEL ||
			(rule->kind == RULE_JUDGE && rule->verdict != VERDICT_ALLOW);
		if (!matters || !pattern_compile(rule, search->variables, &pattern)) {
			continue;
		}
		search->verbs = pattern.verbs;
		if (pattern.kind == PATTERN_PATH || pattern.kind == PATTERN_UNIX) {
			add_glob(search, &pattern.glob);
		}
		pattern_finish(&pattern);
	}
}

static void search_finish(struct search *search)
{
	for (size_t i = 0; i < search->listing_count; i++) {
		for (size_t j = 0; j < search->listings[i].count; j++) {
			free(search->listings[i].links[j]);
		}
		free(search->listings[i].links);
	}
	free(search->listings);
	for (size_t i = 0; i < search->seen_capacity; i++) {
		free(search->seen[i].path);
		free(search->seen[i].leads);
	}
	free(search->seen);
}

void link_names_find(struct link_names *names, const struct rule_list *const *lists,
	const struct rule_variables *variables)
{
	struct search search = {.names = names, .variables = variables};

	for (size_t i = 0; lists[i] != NULL; i++) {
		search_list(&search, lists[i]);
	}
	search_finish(&search);
}

void link_names_finish(struct link_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->list[i].place);
		free(names->list[i].name);
	}
	free(names->list);
	*names = (struct link_names){0};
}

/* ---- Use ---- */

/* The path of the action, behind "unix:" if it has that. */
static struct text path_of(const struct action *action, const char **prefix)
{
	const bool is_socket = text_starts_with(action->object, unix_prefix);
	const size_t skipped = is_socket ? strlen(unix_prefix) : 0;

	*prefix = is_socket ? unix_prefix : "";
	return (struct text){
		action->object.bytes + skipped, action->object.length - skipped};
}

bool link_name_apply(const struct link_name *link, const struct action *action,
	bool moves, char buffer[LINK_NAME_SIZE], struct text *object)
{
	const struct text place = {link->place, link->place_length};
	const char *prefix;
	size_t rest = 0; /* where what lies below the place begins */

	if ((link->verbs & 1u << action->verb) == 0) {
		return false;
	}
	const struct text path = path_of(action, &prefix);
	if (text_equal(path, place)) {
		rest = path.length;
	} else if (!link->is_link && text_path_is_below(path, place)) {
		rest = place.length;
	} else if (moves && text_path_is_below(place, path)) {
		rest = path.length;
	} else {
		return false;
	}
	const int length = snprintf(buffer, LINK_NAME_SIZE, "%s%s%.*s", prefix,
		link->name, (int)(path.length - rest), path.bytes + rest);
	*object = (struct text){buffer, (size_t)length};
	return length < LINK_NAME_SIZE;
}
