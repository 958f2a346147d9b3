/* SPDX-License-Identifier: MIT */
/* Finds node's JavaScript engine in a process: in its program, or a library of it. */
#ifndef TRACER_NODE_PLACE_H
#define TRACER_NODE_PLACE_H

#include "tracer/node_layout.h"

#include <stdbool.h>
#include <sys/types.h>

struct node_place {
	bool is_looked;
	bool is_node;
	bool is_known; /* layout holds */
	struct node_layout layout;
};

/* Fills place, which is kept while the process runs the same program. */
void node_place_look(struct node_place *place, pid_t pid);

#endif
