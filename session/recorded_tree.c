/* SPDX-License-Identifier: MIT */
#include "session/recorded_tree.h"

#include "base/xalloc.h"

#include <stdlib.h>

/*
 * Images that replace each other by exec are one process: all of them name its first
 * and its last one.
 */
struct recorded_image {
	char *program, *script;
	struct text program_text, script_text;
	int64_t parent, previous; /* numbers; 0: none */
	int64_t first, last;	  /* numbers; last is right in the first image */
	int64_t started;
	pid_t pid;
};

static struct recorded_image *image_of(const struct recorded_tree *tree, int64_t number)
{
	if (number < 1 || (uint64_t)number > tree->count) {
		return NULL;
	}
	struct recorded_image *image = &tree->images[number - 1];
	return image->first != 0 ? image : NULL;
}

/* For numbers that this file put there. */
static struct recorded_image *image_known(
	const struct recorded_tree *tree, int64_t number)
{
	return &tree->images[number - 1];
}

static struct recorded_image *image_reserve(struct recorded_tree *tree, size_t number)
{
	enum { FIRST_CAPACITY = 64 };
	while (number > tree->capacity) {
		tree->capacity =
			tree->capacity == 0 ? FIRST_CAPACITY : tree->capacity * 2;
		tree->images = xreallocarray(
			tree->images, tree->capacity, sizeof(*tree->images));
	}
	while (tree->count < number) {
		tree->images[tree->count++] = (struct recorded_image){0};
	}
	return &tree->images[number - 1];
}

static void image_add(struct recorded_tree *tree, const struct process_record *record)
{
	struct recorded_image *image = image_reserve(tree, (size_t)record->number);
	*image = (struct recorded_image){
		.program = text_copy(record->program),
		.script = text_copy(record->script),
		/* Only what came before: no circle, whatever a recording says. */
		.parent = record->parent < record->number ? record->parent : 0,
		.previous = record->previous < record->number ? record->previous : 0,
		.started = record->started,
		.pid = record->pid,
	};
	image->program_text = (struct text){image->program, record->program.length};
	image->script_text = (struct text){image->script, record->script.length};
	const struct recorded_image *previous = image_of(tree, image->previous);
	image->first = previous != NULL ? previous->first : record->number;
	image_known(tree, image->first)->last = record->number;
}

bool recorded_tree_load(
	struct recorded_tree *tree, struct db *db, int64_t session, struct error *err)
{
	/* Numbers have no gaps: one beyond the count of a sane recording is damage. */
	enum { IMAGES_MAX = 100000000 };
	struct process_record record;
	struct error local = {0};
	if (!db_processes_begin(db, session, err)) {
		return false;
	}
	while (db_processes_next(db, &record, &local)) {
		if (record.number == (int64_t)tree->count + 1 &&
			record.number < IMAGES_MAX) {
			image_add(tree, &record);
		}
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

void recorded_tree_finish(struct recorded_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->images[i].program);
		free(tree->images[i].script);
	}
	free(tree->images);
	free(tree->ancestors);
	*tree = (struct recorded_tree){0};
}

/* What the process of that image ran at the time; after its end, what it ran last. */
static const struct recorded_image *image_at(
	const struct recorded_tree *tree, int64_t number, int64_t time)
{
	const struct recorded_image *given = image_of(tree, number);
	if (given == NULL) {
		return NULL;
	}
	const struct recorded_image *image =
		image_known(tree, image_known(tree, given->first)->last);
	const struct recorded_image *before = image_of(tree, image->previous);
	while (image->started > time && before != NULL) {
		image = before;
		before = image_of(tree, image->previous);
	}
	return image;
}

static void ancestor_add(struct recorded_tree *tree, size_t at, struct text program)
{
	if (at == tree->ancestor_capacity) {
		tree->ancestor_capacity = at * 2 + 16;
		tree->ancestors = xreallocarray(tree->ancestors,
			tree->ancestor_capacity, sizeof(*tree->ancestors));
	}
	tree->ancestors[at] = program;
}

bool recorded_tree_subject(struct recorded_tree *tree, int64_t number, int64_t time,
	struct subject *subject)
{
	const struct recorded_image *image = image_of(tree, number);
	if (image == NULL) {
		return false;
	}
	*subject = (struct subject){.program = image->program_text,
		.script = image->script_text,
		.pid = image->pid};
	size_t count = 0;
	const struct recorded_image *first = image_known(tree, image->first);
	while ((image = image_at(tree, first->parent, time)) != NULL) {
		ancestor_add(tree, count++, image->program_text);
		first = image_known(tree, image->first);
	}
	subject->ancestors = tree->ancestors;
	subject->ancestor_count = count;
	return true;
}
