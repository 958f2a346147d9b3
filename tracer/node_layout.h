/* SPDX-License-Identifier: MIT */
/*
 * What differs between versions of V8 in what a JavaScript stack is made of, from the
 * symbols v8dbg_* that its builds carry for debuggers: node 18 to 24, without pointer
 * compression.
 */
#ifndef TRACER_NODE_LAYOUT_H
#define TRACER_NODE_LAYOUT_H

#include "tracer/elf_file.h"

#include <stdint.h>

struct node_layout {
	/* Instance types of heap objects. */
	int32_t function_type, shared_type, script_type, scope_type;
	int32_t shared; /* offset in a function of what its closures share */
	/* Words of a ScopeInfo before its variables: 3, or 5 with its places among them. */
	int32_t scope_first;
};

/* False if the file is no program or library of node, or of a build not known. */
bool node_layout_read(struct node_layout *layout, const struct elf_file *file);

#endif
