/* SPDX-License-Identifier: MIT */
/*
 * What led to a process: the programs that its makers ran when they made it, whatever they
 * executed since, and those that ran in it and in them before. Who adds no program to that is
 * left out, so that it stays short however many generations a process is away.
 */
#ifndef TRACER_LINEAGE_H
#define TRACER_LINEAGE_H

#include <stdbool.h>

struct lineage {
	unsigned references;
	char *program; /* NULL: none yet */
	char *script;  /* that it interprets; NULL: none */
	struct lineage
		*maker; /* of the process that made this one; NULL: the command */
	struct lineage *former; /* before the last exec; NULL: nothing else */
	unsigned former_count;
	unsigned maker_count;
	bool is_unknown; /* who made it is not known, or it was too much before */
};

/* All give a new reference; of what is given they take none. maker NULL: the command. */
struct lineage *lineage_born(struct lineage *maker);
struct lineage *lineage_born_of_somebody(void); /* unknown */
struct lineage *lineage_executed(
	struct lineage *before, const char *program, const char *script);
void lineage_release(struct lineage *lineage);

#endif
