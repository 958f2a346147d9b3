/* SPDX-License-Identifier: MIT */
/*
 * The processes of a recording as they were at a time: which program an ancestor ran
 * when an action was judged.
 */
#ifndef SESSION_RECORDED_TREE_H
#define SESSION_RECORDED_TREE_H

#include "db/db.h"

struct recorded_image;

/* Zero-initialise. */
struct recorded_tree {
	struct recorded_image *images; /* by number - 1 */
	size_t count, capacity;
	struct text *ancestors; /* of the last subject that was asked for */
	size_t ancestor_capacity;
};

bool recorded_tree_load(
	struct recorded_tree *tree, struct db *db, int64_t session, struct error *err);
void recorded_tree_finish(struct recorded_tree *tree);

/*
 * Who an image was at a time (nanoseconds since the epoch); false if it is not known.
 * Texts are valid until the next call.
 */
bool recorded_tree_subject(struct recorded_tree *tree, int64_t number, int64_t time,
	struct subject *subject);

#endif
