/* SPDX-License-Identifier: MIT */
/*
 * What the tree may read with --reads sealed, worked out once from the rules and from
 * what exists: the kernel then holds it without a question. Whatever a rule asks about
 * or denies is left out by name, so that a folder with such a file in it is given in
 * parts, and files that appear in it later cannot be read.
 */
#ifndef SESSION_SEALED_ZONE_H
#define SESSION_SEALED_ZONE_H

#include "base/error.h"
#include "session/rule_set.h"

struct sealed_zone {
	char **paths; /* as struct tracer_options wants them; NULL after the last */
	size_t count, capacity;
};

/* False if a rule cannot be held in this way, or if there is too much to look at. */
bool sealed_zone_find(struct sealed_zone *zone, const struct rule_sources *sources,
	const struct rule_set *set, struct error *err);
void sealed_zone_finish(struct sealed_zone *zone);

#endif
