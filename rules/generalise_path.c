/* SPDX-License-Identifier: MIT */
/*
 * Paths: random parts, files of a kind, folders, trees. A path is taken twice: as it is,
 * and with the random names among its folders as wildcards.
 */
#include "base/xalloc.h"
#include "rules/generalise_internal.h"
#include "rules/ladder.h"
#include "rules/printer.h"
#include "rules/random_part.h"

#include <stdlib.h>

enum {
	SEGMENTS_MAX = 48,
	TREES_MAX = 5,		 /* folders above a file that are tried as a tree */
	GUARDED_LITERAL_MIN = 3, /* before what is random, directly in a guard folder */
	TEMPORARY_LITERAL_MIN = 2, /* and in /tmp: "cc" */
};

struct segment {
	struct text name;
	size_t end; /* in the path: of the folder that ends here */
	bool in_guard;
	struct random_shape shape; /* usable, or NONE */
};

struct path {
	const struct generaliser *generaliser;
	const char *prefix;
	struct text whole;
	const char *root; /* a variable, or "" */
	size_t root_length;
	struct segment segments[SEGMENTS_MAX];
	size_t count;
	bool is_project_root; /* the root itself may be a tree */
	bool is_shaped;	      /* folders' random parts are wildcards now */
};

static void find_root(struct path *path, const struct rule_variables *variables)
{
	const char *names[] = {"~", "{project}", "{tmp}"};
	const char *values[] = {
		variables->home, variables->project, variables->temporary};

	path->root = "";
	for (size_t i = 0; i < 3; i++) {
		size_t length = values[i] ? strlen(values[i]) : 0;

		if (length > 1 && length > path->root_length &&
			text_path_is_below(path->whole, text_of(values[i]))) {
			path->root = names[i];
			path->root_length = length;
			path->is_project_root = i > 0;
		}
	}
}

static bool is_temporary_folder(struct text folder)
{
	return text_equal_string(folder, "/tmp") ||
	       text_equal_string(folder, "/var/tmp");
}

static struct text folder_of(const struct path *path, size_t count)
{
	size_t end = count > 0 ? path->segments[count - 1].end : path->root_length;

	return end > 0 ? (struct text){path->whole.bytes, end} : (struct text){"/", 1};
}

static void find_shape(const struct path *path, struct segment *segment, size_t at)
{
	struct random_shape shape = random_shape_of(segment->name);
	struct text folder = folder_of(path, at);
	bool is_usable = shape.randomness != RANDOM_NONE;

	/* In home and its like even a numbered name is somebody's own choice. */
	if (segment->in_guard) {
		bool is_temporary = is_temporary_folder(folder);

		is_usable =
			is_usable &&
			shape.literal_length >= (is_temporary ? TEMPORARY_LITERAL_MIN
							      : GUARDED_LITERAL_MIN) &&
			(shape.randomness >= RANDOM_PERHAPS || is_temporary);
	}
	if (!is_usable) {
		free(shape.pattern);
		return;
	}
	bool is_sure = shape.pattern[0] == '?';
	if (is_sure || shape.pattern[0] == '*') { /* nor is it hidden */
		char *visible = xasprintf("[!.]%s", shape.pattern + is_sure);

		free(shape.pattern);
		shape.pattern = visible;
	}
	segment->shape = shape;
}

/* "ab" of ab/cdef…: hashes are spread over folders by their first digits. */
static void find_spread(struct path *path)
{
	enum { SPREAD_LENGTH = 2 };

	for (size_t i = path->count; i-- > 1;) {
		struct segment *folder = &path->segments[i - 1];
		bool is_spread =
			folder->name.length == SPREAD_LENGTH &&
			strspn(folder->name.bytes, "0123456789abcdef") >= SPREAD_LENGTH;

		if (is_spread && !folder->in_guard &&
			path->segments[i].shape.randomness == RANDOM_SURELY) {
			free(folder->shape.pattern);
			folder->shape = (struct random_shape){
				RANDOM_SURELY, xstrdup("[!.]?"), 0};
		}
	}
}

/* False if there are too many. */
static bool split(struct path *path)
{
	const struct rule_variables *variables = path->generaliser->variables;
	size_t at = path->root_length;

	while (at < path->whole.length) {
		const char *begin = path->whole.bytes + at + 1;
		size_t left = path->whole.length - at - 1;
		const char *slash = left > 0 ? memchr(begin, '/', left) : NULL;
		size_t length = slash ? (size_t)(slash - begin) : left;
		struct segment *segment = &path->segments[path->count];

		if (length == 0 || path->count == SEGMENTS_MAX) {
			return false;
		}
		segment->name = (struct text){begin, length};
		segment->in_guard =
			ladder_is_guard_folder(folder_of(path, path->count), variables);
		find_shape(path, segment, path->count);
		at += 1 + length;
		segment->end = at;
		path->count++;
	}
	return path->count > 0 || path->is_project_root;
}

/* The first count segments as a pattern, then end. Owned. */
static char *make_pattern(const struct path *path, size_t count, const char *end)
{
	char *pattern = xasprintf("%s%s", path->prefix, path->root);

	for (size_t i = 0; i < count; i++) {
		const struct segment *segment = &path->segments[i];
		bool is_random =
			path->is_shaped && segment->shape.randomness != RANDOM_NONE;
		char *quoted = is_random ? xstrdup(segment->shape.pattern)
					 : pattern_quote_literal(segment->name);
		char *longer = xasprintf("%s/%s", pattern, quoted);

		free(quoted);
		free(pattern);
		pattern = longer;
	}
	char *whole = xasprintf("%s%s", pattern, end);
	free(pattern);
	return whole;
}

static void give(
	const struct path *path, size_t count, const char *end, struct widened widened)
{
	generaliser_give(path->generaliser, make_pattern(path, count, end), &widened);
}

/* Random parts anywhere in the path; one name that nobody chose is enough. */
static void give_random(const struct path *path)
{
	bool is_sure = true;

	for (size_t i = 0; i < path->count; i++) {
		enum randomness randomness = path->segments[i].shape.randomness;

		is_sure = is_sure &&
			  (randomness == RANDOM_NONE || randomness == RANDOM_SURELY);
	}
	give(path, path->count, "",
		(struct widened){.width = is_sure ? WIDTH_SURE : WIDTH_RANDOM,
			.min_examples = is_sure ? 1 : 2});
}

/*
 * Hidden files are not of the kind of those that show: settings with passwords are often
 * called .env.something. Only letters and digits stand in a kind: it needs no quoting.
 */
static char *star_and(const char *before, struct text kind)
{
	return xasprintf("%s[!.]*%.*s", before, (int)kind.length, kind.bytes);
}

static void give_folder(const struct path *path)
{
	const struct segment *last = &path->segments[path->count - 1];
	struct text kind = generalise_kind(last->name);

	if (last->in_guard) {
		return;
	}
	if (kind.length > 0) {
		char *end = star_and("/", kind);

		give(path, path->count - 1, end,
			(struct widened){.width = WIDTH_KIND, .min_examples = 2});
		free(end);
	}
	give(path, path->count - 1, "/[!.]*",
		(struct widened){.width = WIDTH_FOLDER, .min_examples = 3});
}

static void give_tree(const struct path *path, size_t count, bool is_folder)
{
	struct text kind = {NULL, 0};
	/* A file directly in the tree belongs to the tree itself. */
	bool is_below = count + 1 < path->count || (is_folder && count < path->count);
	struct widened widened = {.width = WIDTH_TREE_KIND,
		.part = is_below ? path->segments[count].name : (struct text){"", 0},
		.min_examples = 3,
		.min_parts = 3,
		.balances_parts = true,
		.has_hidden = true};

	if (!is_folder) {
		kind = generalise_kind(path->segments[path->count - 1].name);
	}
	if (kind.length > 0) {
		char *end = star_and("/**/", kind);

		give(path, count, end, widened);
		free(end);
	}
	widened.width = WIDTH_TREE;
	widened.min_examples = 4;
	give(path, count, "/**", widened);
}

static void give_trees(const struct path *path, bool is_folder)
{
	const struct rule_variables *variables = path->generaliser->variables;
	size_t count = is_folder ? path->count : path->count - 1;

	for (size_t i = 0; i < TREES_MAX; i++) {
		bool is_root = count == 0;

		if ((is_root && !path->is_project_root) ||
			ladder_is_guard_folder(folder_of(path, count), variables)) {
			return;
		}
		give_tree(path, count, is_folder);
		if (is_root) {
			return;
		}
		count--;
	}
}

static void give_all(const struct path *path, bool is_file)
{
	bool is_folder = path->generaliser->action->is_folder;

	if (path->is_shaped) {
		give_random(path);
	}
	/* Whatever folder or tree is opened, what is hidden in it stays shut. */
	if (path->count > 0 &&
		text_starts_with(path->segments[path->count - 1].name, ".")) {
		return;
	}
	if (is_file && path->count > 0) {
		give_folder(path);
	}
	if (is_file && (is_folder || path->count > 0)) {
		give_trees(path, is_folder);
	}
}

void generalise_path(const struct generaliser *generaliser, const char *prefix,
	struct text whole, bool is_file)
{
	struct path path = {
		.generaliser = generaliser, .prefix = prefix, .whole = whole};
	bool has_shape = false;

	if (!text_starts_with(whole, "/")) {
		return;
	}
	find_root(&path, generaliser->variables);
	if (split(&path)) {
		find_spread(&path);
		give_all(&path, is_file);
		for (size_t i = 0; i < path.count; i++) {
			has_shape = has_shape ||
				    path.segments[i].shape.randomness != RANDOM_NONE;
		}
		path.is_shaped = true;
		if (has_shape) {
			give_all(&path, is_file);
		}
	}
	for (size_t i = 0; i < path.count; i++) {
		free(path.segments[i].shape.pattern);
	}
}
