/* SPDX-License-Identifier: MIT */
#include "tracer/lineage.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* Different programs, after or above each other; what was more may have been any. */
enum { FORMERS_MAX = 64, MAKERS_MAX = 64 };

static struct lineage *reference(struct lineage *lineage)
{
	if (lineage) {
		lineage->references++;
	}
	return lineage;
}

static struct lineage *create(struct lineage *maker, const char *program)
{
	struct lineage *lineage = xcalloc(1, sizeof(*lineage));

	lineage->references = 1;
	lineage->maker = reference(maker);
	lineage->maker_count = maker ? maker->maker_count + 1 : 0;
	lineage->program = program ? xstrdup(program) : NULL;
	return lineage;
}

struct lineage *lineage_born_of_somebody(void)
{
	struct lineage *lineage = create(NULL, NULL);

	lineage->is_unknown = true;
	return lineage;
}

static bool runs(const struct lineage *lineage, const char *program)
{
	return lineage->program && program && strcmp(lineage->program, program) == 0;
}

static bool is_above(const struct lineage *lineage, const char *program)
{
	const struct lineage *maker = lineage->maker;

	while (maker && !runs(maker, program)) {
		maker = maker->maker;
	}
	return maker != NULL;
}

struct lineage *lineage_born(struct lineage *maker)
{
	if (!maker) {
		return create(NULL, NULL);
	}
	/* Nothing is new that leads to the child. */
	if (is_above(maker, maker->program)) {
		return reference(maker);
	}
	return maker->maker_count < MAKERS_MAX ? create(maker, maker->program)
					       : lineage_born_of_somebody();
}

static bool was_before(const struct lineage *lineage, const char *program)
{
	const struct lineage *former = lineage->former;

	while (former && !runs(former, program)) {
		former = former->former;
	}
	return former != NULL;
}

struct lineage *lineage_executed(struct lineage *before, const char *program)
{
	if (runs(before, program)) {
		return reference(before);
	}
	struct lineage *lineage = create(before->maker, program);
	struct lineage *former = before;

	/* Each program once, so that who executes in a loop does not grow. */
	if (!before->program || was_before(before, before->program)) {
		former = before->former;
	}
	lineage->is_unknown = before->is_unknown;
	lineage->former_count = former ? former->former_count + 1 : 0;
	if (lineage->former_count > FORMERS_MAX) {
		lineage->is_unknown = true;
		lineage->former_count = 0;
		former = NULL;
	}
	lineage->former = reference(former);
	return lineage;
}

/* What it was before has the same maker, which it holds as well: only makers go deep. */
void lineage_release(struct lineage *lineage)
{
	while (lineage && --lineage->references == 0) {
		struct lineage *maker = lineage->maker;

		lineage_release(lineage->former);
		free(lineage->program);
		free(lineage);
		lineage = maker;
	}
}
