/* SPDX-License-Identifier: MIT */
/* Which files that exist now a proposal would cover for the first time. */
#ifndef CLI_LEARN_COVER_H
#define CLI_LEARN_COVER_H

#include "cli/learn_places.h"
#include "rules/learn.h"

enum { COVER_NAMES_MAX = 3 };

struct cover {
	bool is_known; /* the rule is about files, and there is a folder to look in */
	bool is_complete; /* false: there are more files than are looked at */
	size_t files;	  /* newly allowed, without the examples */
	char *names[COVER_NAMES_MAX]; /* some of them, owned */
	size_t sensitive; /* matched, but still asked about or denied by other rules */
	char *sensitive_names[COVER_NAMES_MAX];
};

void cover_find(const struct learn_place *place, const struct proposal *proposal,
	struct cover *cover);
void cover_finish(struct cover *cover);

#endif
