/* SPDX-License-Identifier: MIT */
/* The projects of recorded sessions, each with the rules that are in force there now. */
#ifndef CLI_LEARN_PLACES_H
#define CLI_LEARN_PLACES_H

#include "session/places.h"
#include "session/rule_set.h"

/* One project, or none. */
struct learn_place {
	char *project; /* "": none */
	struct places places;
	struct rule_variables variables;
	struct rule_list rules;
	size_t number; /* of the learner */
};

/* What the rules are read from besides the database; each ends with NULL, or is NULL. */
struct learn_rules {
	const char *database;
	const char *const *rule_files;
	const char *const *profiles;
	bool no_default_profiles;
};

bool learn_place_init(struct learn_place *place, const char *project,
	const struct learn_rules *from, struct error *err);
void learn_place_finish(struct learn_place *place);

#endif
