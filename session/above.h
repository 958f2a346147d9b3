/* SPDX-License-Identifier: MIT */
/* What led to a subject, put together name by name: of a live tree, or of a recorded one. */
#ifndef SESSION_ABOVE_H
#define SESSION_ABOVE_H

#include "rules/action.h"

struct programs {
	struct text *texts; /* the texts themselves are borrowed */
	size_t count, capacity;
};

/* Zero-initialise; may be used again and again. */
struct above {
	struct programs ancestors, formers; /* as in struct subject */
};

void above_begin(struct above *above);
/* A program and the script that it interprets; an empty text: none. */
void programs_add(struct programs *programs, struct text program, struct text script);
/* The subject borrows the lists, until they are begun anew. */
void above_tell(const struct above *above, struct subject *subject);
void above_finish(struct above *above);

#endif
