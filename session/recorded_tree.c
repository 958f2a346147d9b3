/* SPDX-License-Identifier: MIT */
#include "session/recorded_tree.h"

#include "base/xalloc.h"

#include <stdlib.h>

struct recorded_image {
	char *program, *script;
	struct text program_text, script_text;
	int64_t parent;	  /* number of the image that made its process; 0: none */
	int64_t previous; /* number of what the process ran before; 0: nothing */
	bool is_known;
	pid_t pid;
};

static struct recorded_image *image_of(const struct recorded_tree *tree, int64_t number)
{
	if (number < 1 || (uint64_t)number > tree->count) {
		return NULL;
	}
	struct recorded_image *image = &tree->images[number - 1];
	return image->is_known ? image : NULL;
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
		.is_known = true,
		.pid = record->pid,
	};
	image->program_text = (struct text){image->program, record->program.length};
	image->script_text = (struct text){image->script, record->script.length};
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
	above_finish(&tree->above);
	*tree = (struct recorded_tree){0};
}

static void run_add(struct programs *programs, const struct recorded_image *image)
{
	programs_add(programs, image->program_text, image->script_text);
}

bool recorded_tree_subject(
	struct recorded_tree *tree, int64_t number, struct subject *subject)
{
	const struct recorded_image *image = image_of(tree, number);
	if (image == NULL) {
		return false;
	}
	*subject = (struct subject){.program = image->program_text,
		.script = image->script_text,
		.pid = image->pid};
	above_begin(&tree->above);
	while (image != NULL) {
		const struct recorded_image *former = image_of(tree, image->previous);
		for (; former != NULL; former = image_of(tree, former->previous)) {
			run_add(&tree->above.formers, former);
		}
		image = image_of(tree, image->parent);
		if (image != NULL) {
			run_add(&tree->above.ancestors, image);
		}
	}
	above_tell(&tree->above, subject);
	return true;
}
