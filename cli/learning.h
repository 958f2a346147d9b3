/* SPDX-License-Identifier: MIT */
/*
 * Learning from the recordings of a database: which sessions, with the rules that are in
 * force in each project. What comes of it is shown by cli/learn_report.h and
 * cli/proposal_desk.h.
 */
#ifndef CLI_LEARNING_H
#define CLI_LEARNING_H

#include "cli/learn_cover.h"
#include "cli/recordings.h"
#include "rules/learn.h"

struct learning_options {
	const char *database;
	const char *project; /* NULL: none */
	/* To learn from: ids, names or `last`; none: all of this project. */
	char *const *sessions;
	size_t session_count;
	struct learn_rules rules;
	bool unreviewed;
	unsigned vectors;  /* to learn only from what has to do with one; 0: all */
	bool only_sources; /* other recordings are not tested against */
};

struct listed_session {
	int64_t id;
	size_t place;
	bool is_source;
};

/* Zero-initialise. */
struct learning {
	const struct learning_options *options;
	struct db *db; /* open for reading while it lasts */
	struct learner *learner;
	struct learn_place **places;
	size_t place_count;
	struct listed_session *sessions;
	size_t session_count;
	int64_t *sources; /* learned from */
	size_t source_count;
	struct recordings *recordings;
	struct learned learned;
	struct cover *covers; /* one for each proposal */
	size_t cover_count;
};

/* Takes db. What was learned stays until the end. options is borrowed. */
bool learning_run(struct learning *learning, const struct learning_options *options,
	struct db *db, struct error *err);
void learning_finish(struct learning *learning);

/* Looks at the files anew, after proposals were changed. */
void learning_find_covers(struct learning *learning);

/* The place whose files a proposal's variables stand for: this project's, if known. */
const struct learn_place *learning_own_place(const struct learning *learning);

/* How many sessions were read: what the proposals were tested on. */
int64_t learning_tested(const struct learning *learning);

#endif
