/* SPDX-License-Identifier: MIT */
/* An open-addressed table; removed places keep an empty set, so that chains hold. */
#include "session/marks.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <stdlib.h>

/*
 * With more marks than this, what is written later marks everything: a tree cannot make
 * the supervisor grow without end, and nothing is forgotten.
 */
enum { MARKS_MAX = 1 << 16, FIRST_CAPACITY = 64 };

struct mark {
	char *path; /* NULL: free */
	size_t length;
	bool is_folder; /* holds for all below as well */
	struct label_set set;
};

struct marks {
	const struct mount_table *mounts;
	struct mark *table;
	size_t count, capacity; /* capacity: a power of two, or 0 */
	size_t folder_count;
	struct label_set everything;
};

struct marks *marks_create(const struct mount_table *mounts)
{
	struct marks *marks = xcalloc(1, sizeof(*marks));

	marks->mounts = mounts;
	return marks;
}

/* Whether a path may have another name by a mount: then it is marked by its place. */
static bool has_places(const struct marks *marks)
{
	return marks->mounts != NULL && marks->mounts->has_twins;
}

void marks_destroy(struct marks *marks)
{
	if (marks == NULL) {
		return;
	}
	for (size_t i = 0; i < marks->capacity; i++) {
		free(marks->table[i].path);
	}
	free(marks->table);
	free(marks);
}

static size_t path_hash(struct text path)
{
	const uint64_t hash = hash_text(HASH_START, path);
	return (size_t)(hash ^ hash >> 32);
}

/* The place of the path, or the free one where it belongs. */
static struct mark *mark_slot(const struct marks *marks, struct text path)
{
	for (size_t at = path_hash(path);; at++) {
		struct mark *mark = &marks->table[at & (marks->capacity - 1)];
		if (mark->path == NULL ||
			text_equal((struct text){mark->path, mark->length}, path)) {
			return mark;
		}
	}
}

static void marks_grow(struct marks *marks)
{
	struct marks larger = {
		.capacity = marks->capacity == 0 ? FIRST_CAPACITY : marks->capacity * 2,
	};
	larger.table = xcalloc(larger.capacity, sizeof(*larger.table));
	for (size_t i = 0; i < marks->capacity; i++) {
		const struct mark *mark = &marks->table[i];
		if (mark->path == NULL) {
			continue;
		}
		if (mark->set.mask == 0) {
			free(mark->path);
			continue;
		}
		*mark_slot(&larger, (struct text){mark->path, mark->length}) = *mark;
		larger.count++;
	}
	free(marks->table);
	marks->table = larger.table;
	marks->capacity = larger.capacity;
	marks->count = larger.count;
}

static struct mark *mark_make(struct marks *marks, struct text path)
{
	if ((marks->count + 1) * 2 > marks->capacity) {
		marks_grow(marks);
	}
	struct mark *mark = mark_slot(marks, path);
	if (mark->path == NULL) {
		*mark = (struct mark){.path = text_copy(path), .length = path.length};
		marks->count++;
	}
	return mark;
}

static void add(struct marks *marks, struct text path, const struct label_set *set)
{
	if (set->mask == 0) {
		return;
	}
	if (marks->count >= MARKS_MAX) {
		label_set_join(&marks->everything, set);
		return;
	}
	label_set_join(&mark_make(marks, path)->set, set);
}

void marks_add(struct marks *marks, struct text path, const struct label_set *set)
{
	if (!has_places(marks)) {
		add(marks, path, set);
		return;
	}
	char *place = mount_table_place(marks->mounts, path);
	add(marks, text_of(place), set);
	free(place);
}

static void add_below(
	struct marks *marks, struct text folder, const struct label_set *set)
{
	add(marks, folder, set);
	if (set->mask != 0 && marks->count < MARKS_MAX) {
		struct mark *mark = mark_make(marks, folder);
		marks->folder_count += !mark->is_folder;
		mark->is_folder = true;
	}
}

/* Other file systems may be mounted below: those are there by its path alone. */
void marks_add_below(
	struct marks *marks, struct text folder, const struct label_set *set)
{
	add_below(marks, folder, set);
	if (has_places(marks)) {
		char *place = mount_table_place(marks->mounts, folder);
		add_below(marks, text_of(place), set);
		free(place);
	}
}

static void mark_copy(struct marks *marks, const struct mark *mark, char *path)
{
	if (mark->is_folder) {
		add_below(marks, text_of(path), &mark->set);
	} else {
		add(marks, text_of(path), &mark->set);
	}
	free(path);
}

static void move(struct marks *marks, struct text from, struct text to)
{
	size_t found = 0;
	struct mark *below = xcalloc(marks->count + 1, sizeof(*below));
	for (size_t i = 0; i < marks->capacity; i++) {
		const struct mark *mark = &marks->table[i];
		if (mark->path != NULL && mark->set.mask != 0 &&
			text_path_is_below(
				(struct text){mark->path, mark->length}, from)) {
			below[found] = *mark;
			below[found++].path = xstrdup(mark->path);
		}
	}
	for (size_t i = 0; i < found; i++) {
		mark_copy(marks, &below[i],
			xasprintf("%.*s%s", (int)to.length, to.bytes,
				below[i].path + from.length));
		free(below[i].path);
	}
	free(below);
}

void marks_move(struct marks *marks, struct text from, struct text to)
{
	move(marks, from, to);
	if (has_places(marks)) {
		char *place = mount_table_place(marks->mounts, from);
		char *place2 = mount_table_place(marks->mounts, to);
		move(marks, text_of(place), text_of(place2));
		free(place);
		free(place2);
	}
}

static void take_off(struct marks *marks, struct text path)
{
	if (marks->count == 0) {
		return;
	}
	struct mark *mark = mark_slot(marks, path);
	if (mark->path != NULL) {
		marks->folder_count -= mark->is_folder;
		mark->is_folder = false;
		mark->set = (struct label_set){0};
	}
}

void marks_remove(struct marks *marks, struct text path)
{
	take_off(marks, path);
	if (has_places(marks)) {
		char *place = mount_table_place(marks->mounts, path);
		take_off(marks, text_of(place));
		free(place);
	}
}

/* Up the folders that the path lies in. */
static void folders_get(
	const struct marks *marks, struct text path, struct label_set *set)
{
	while (path.length > 1) {
		path.length--;
		if (path.bytes[path.length] != '/') {
			continue;
		}
		const struct mark *mark = mark_slot(marks, path);
		if (mark->path != NULL && mark->is_folder) {
			label_set_join(set, &mark->set);
		}
	}
}

static void get(const struct marks *marks, struct text path, struct label_set *set)
{
	label_set_join(set, &mark_slot(marks, path)->set);
	if (marks->folder_count > 0) {
		folders_get(marks, path, set);
	}
}

void marks_get(const struct marks *marks, struct text path, struct label_set *set)
{
	label_set_join(set, &marks->everything);
	if (marks->count == 0) {
		return;
	}
	get(marks, path, set);
	if (has_places(marks)) {
		char *place = mount_table_place(marks->mounts, path);
		get(marks, text_of(place), set);
		free(place);
	}
}
