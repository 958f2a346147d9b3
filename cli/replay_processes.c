/* SPDX-License-Identifier: MIT */
/* The process images of a recording, and which of them lived at a moment. */
#include "base/xalloc.h"
#include "cli/replay_recording.h"
#include "cli/show.h"

#include <stdlib.h>

enum { WORDS_COLUMNS = 160, DEPTH_MAX = 20, ANCESTORS_MAX = 1000 };

void replay_images_clear(struct replay_recording *recording)
{
	for (size_t i = 0; i < recording->image_count; i++) {
		free(recording->images[i].program);
		free(recording->images[i].script);
		free(recording->images[i].words);
	}
	recording->image_count = 0;
}

/* Index of the image; image_count: there is none. Numbers grow, mostly by one. */
static size_t find_index(const struct replay_recording *recording, int64_t number)
{
	size_t low = 0, high = recording->image_count;

	if (number > 0 && (uint64_t)number <= high &&
		recording->images[number - 1].number == number) {
		return (size_t)number - 1;
	}
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (recording->images[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < recording->image_count && recording->images[low].number == number
		       ? low
		       : recording->image_count;
}

const struct replay_image *replay_image_find(
	const struct replay_recording *recording, int64_t number)
{
	const size_t at = find_index(recording, number);

	return at < recording->image_count ? &recording->images[at] : NULL;
}

static void add_image(
	struct replay_recording *recording, const struct process_record *process)
{
	const size_t at = recording->image_count;

	if (at == recording->image_capacity) {
		recording->image_capacity = 2 * recording->image_capacity + 64;
		recording->images = xreallocarray(recording->images,
			recording->image_capacity, sizeof(*recording->images));
	}
	struct replay_image *image = &recording->images[at];
	*image = (struct replay_image){
		.number = process->number,
		.parent = process->parent,
		.pid = process->pid,
		.started = replay_since(recording, process->started),
		.ended = replay_since(recording, process->ended),
		.root = at,
		.program = text_copy(process->program),
		.script = text_copy(process->script),
		.words = process->argc > 0 ? show_command(process->argv, process->argc,
						     WORDS_COLUMNS)
					   : show_text(process->program, WORDS_COLUMNS),
	};
	recording->image_count++;
	const size_t previous = process->previous < process->number
					? find_index(recording, process->previous)
					: at;
	if (process->previous != 0 && previous < at) {
		struct replay_image *before = &recording->images[previous];
		image->root = before->root;
		before->ended = before->ended == 0 ? image->started : before->ended;
	}
}

bool replay_images_load(struct replay_recording *recording, struct error *err)
{
	struct process_record process;
	struct error local = {0};

	replay_images_clear(recording);
	if (!db_processes_begin(recording->db, recording->session->id, err)) {
		return false;
	}
	while (db_processes_next(recording->db, &process, &local)) {
		add_image(recording, &process);
	}
	return local.code == 0 || error_set(err, local.code, "%s", local.text);
}

/* ---- The tree of a moment ---- */

struct node {
	size_t image;
	size_t child, sibling; /* index into nodes; SIZE_MAX: none */
};

struct tree {
	const struct replay_recording *recording;
	int64_t time;
	struct node *nodes;
	size_t count;
	size_t *of_root; /* index into nodes by the root's image; SIZE_MAX: none */
	size_t first;	 /* nodes without a parent that lives */
	struct replay_process *list;
	size_t listed;
};

static bool lives(const struct replay_image *image, int64_t time)
{
	return image->started <= time && (image->ended == 0 || image->ended > time);
}

static void collect(struct tree *tree)
{
	const struct replay_recording *recording = tree->recording;

	for (size_t i = 0; i < recording->image_count; i++) {
		const struct replay_image *image = &recording->images[i];
		tree->of_root[i] = SIZE_MAX;
		if (lives(image, tree->time)) {
			tree->nodes[tree->count] = (struct node){i, SIZE_MAX, SIZE_MAX};
			tree->of_root[image->root] = tree->count++;
		}
	}
}

/* The nearest ancestor that lives; SIZE_MAX: none does. */
static size_t living_parent(const struct tree *tree, size_t image)
{
	const struct replay_recording *recording = tree->recording;

	for (int i = 0; i < ANCESTORS_MAX; i++) {
		const struct replay_image *root =
			&recording->images[recording->images[image].root];
		image = find_index(recording, root->parent);
		if (image >= recording->image_count) {
			return SIZE_MAX;
		}
		const size_t node = tree->of_root[recording->images[image].root];
		if (node != SIZE_MAX) {
			return node;
		}
	}
	return SIZE_MAX;
}

/* From the last, so that each list comes in order. */
static void link_children(struct tree *tree)
{
	for (size_t i = tree->count; i-- > 0;) {
		const size_t parent = living_parent(tree, tree->nodes[i].image);
		size_t *to = parent != SIZE_MAX && parent != i
				     ? &tree->nodes[parent].child
				     : &tree->first;
		tree->nodes[i].sibling = *to;
		*to = i;
	}
}

static void list_from(struct tree *tree, size_t node, int depth)
{
	for (; node != SIZE_MAX && tree->listed < tree->count;
		node = tree->nodes[node].sibling) {
		const struct replay_image *image =
			&tree->recording->images[tree->nodes[node].image];
		tree->list[tree->listed++] = (struct replay_process){
			.pid = image->pid,
			.number = image->number,
			.depth = depth < DEPTH_MAX ? depth : DEPTH_MAX,
			.waits = replay_process_waits(
				tree->recording, image->number, tree->time),
			.words = xstrdup(image->words),
		};
		if (depth < ANCESTORS_MAX) {
			list_from(tree, tree->nodes[node].child, depth + 1);
		}
	}
}

bool replay_processes_at(void *context, int64_t time, struct replay_process **list,
	size_t *count, struct error *err)
{
	const struct replay_recording *recording = context;
	const size_t room = recording->image_count + 1;
	struct tree tree = {.recording = recording,
		.time = time > 0 ? time : 1,
		.first = SIZE_MAX,
		.nodes = xcalloc(room, sizeof(struct node)),
		.of_root = xmalloc(room * sizeof(size_t))};

	(void)err;
	collect(&tree);
	link_children(&tree);
	tree.list = xcalloc(tree.count + 1, sizeof(*tree.list));
	list_from(&tree, tree.first, 0);
	free(tree.nodes);
	free(tree.of_root);
	*list = tree.list;
	*count = tree.listed;
	return true;
}
