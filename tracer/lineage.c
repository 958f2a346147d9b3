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

static struct lineage *create(
	struct lineage *maker, const char *program, const char *script)
{
	struct lineage *lineage = xcalloc(1, sizeof(*lineage));

	lineage->references = 1;
	lineage->maker = reference(maker);
	lineage->maker_count = maker ? maker->maker_count + 1 : 0;
	lineage->program = program ? xstrdup(program) : NULL;
	lineage->script = script ? xstrdup(script) : NULL;
	return lineage;
}

struct lineage *lineage_born_of_somebody(void)
{
	struct lineage *lineage = create(NULL, NULL, NULL);

	lineage->is_unknown = true;
	return lineage;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool runs(const struct lineage *lineage, const char *program, const char *script)
{
	return lineage->program && is_same(lineage->program, program) &&
	       is_same(lineage->script, script);
}

/* What it runs itself. */
static bool is_above(const struct lineage *lineage)
{
	const struct lineage *maker = lineage->maker;

	while (maker && !runs(maker, lineage->program, lineage->script)) {
		maker = maker->maker;
	}
	return maker != NULL;
}

struct lineage *lineage_born(struct lineage *maker)
{
	if (!maker) {
		return create(NULL, NULL, NULL);
	}
	/* Nothing is new that leads to the child. */
	if (is_above(maker)) {
		return reference(maker);
	}
	return maker->maker_count < MAKERS_MAX
		       ? create(maker, maker->program, maker->script)
		       : lineage_born_of_somebody();
}

/* What it runs itself. */
static bool was_before(const struct lineage *lineage)
{
	const struct lineage *former = lineage->former;

	while (former && !runs(former, lineage->program, lineage->script)) {
		former = former->former;
	}
	return former != NULL;
}

struct lineage *lineage_executed(
	struct lineage *before, const char *program, const char *script)
{
	if (runs(before, program, script)) {
		return reference(before);
	}
	struct lineage *lineage = create(before->maker, program, script);
	struct lineage *former = before;

	/* Each program once, so that who executes in a loop does not grow. */
	if (!before->program || was_before(before)) {
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
		free(lineage->script);
		free(lineage);
		lineage = maker;
	}
}
