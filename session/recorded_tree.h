/* SPDX-License-Identifier: MIT */
/* The processes of a recording, and what led to each. */
#ifndef SESSION_RECORDED_TREE_H
#define SESSION_RECORDED_TREE_H

#include "db/db.h"
#include "session/above.h"

struct recorded_image;

/* Zero-initialise. */
struct recorded_tree {
	struct recorded_image *images; /* by number - 1 */
	size_t count, capacity;
	struct above above; /* of the last subject */
};

bool recorded_tree_load(
	struct recorded_tree *tree, struct db *db, int64_t session, struct error *err);
void recorded_tree_finish(struct recorded_tree *tree);

/* Who an image was; false if it is not known. Texts are valid until the next call. */
bool recorded_tree_subject(
	struct recorded_tree *tree, int64_t number, struct subject *subject);

#endif
