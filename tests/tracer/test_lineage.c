/* SPDX-License-Identifier: MIT */
#include "tracer/lineage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

/* As lineage_executed, in the place of what was. */
static void execute_script(
	struct lineage **lineage, const char *program, const char *script)
{
	struct lineage *before = *lineage;

	*lineage = lineage_executed(before, program, script);
	lineage_release(before);
}

static void execute(struct lineage **lineage, const char *program)
{
	execute_script(lineage, program, NULL);
}

/* "a b", what it ran before, the last first. */
static const char *formers_of(const struct lineage *lineage)
{
	static char words[256];
	int length = 0;

	words[0] = '\0';
	for (const struct lineage *l = lineage->former; l; l = l->former) {
		length += snprintf(words + length, sizeof(words) - (size_t)length,
			"%s%s", length > 0 ? " " : "", l->program);
	}
	return words;
}

Test(lineage, a_child_is_of_what_its_maker_ran_then)
{
	struct lineage *maker = lineage_born(NULL);

	execute(&maker, "tool");
	struct lineage *child = lineage_born(maker);
	execute(&maker, "other");
	lineage_release(maker);
	execute(&child, "child");
	cr_expect(eq(str, child->maker->program, "tool"));
	cr_expect(eq(str, (char *)formers_of(child), "tool"));
	cr_expect(eq(str, (char *)formers_of(child->maker), ""));
	lineage_release(child);
}

Test(lineage, what_it_was_stays_once_each)
{
	struct lineage *lineage = lineage_born(NULL);

	cr_expect(lineage->program == NULL);
	execute(&lineage, "a");
	execute(&lineage, "a");
	cr_expect(eq(str, (char *)formers_of(lineage), ""));
	for (int i = 0; i < 1000; i++) {
		execute(&lineage, "b");
		execute(&lineage, "c");
		execute(&lineage, "a");
	}
	cr_expect(eq(str, lineage->program, "a"));
	cr_expect(eq(str, (char *)formers_of(lineage), "c b a"));
	cr_expect(eq(uint, lineage->former_count, 3));
	cr_expect(not(lineage->is_unknown));
	lineage_release(lineage);
}

Test(lineage, scripts_are_told_apart)
{
	struct lineage *lineage = lineage_born(NULL);

	execute_script(&lineage, "sh", "a");
	execute_script(&lineage, "sh", "a");
	cr_expect(eq(uint, lineage->former_count, 0));
	execute_script(&lineage, "sh", "b");
	execute(&lineage, "sh");
	cr_expect(eq(uint, lineage->former_count, 2));
	cr_expect(eq(str, lineage->former->script, "b"));
	cr_expect(eq(str, lineage->former->former->script, "a"));
	lineage_release(lineage);
}

Test(lineage, who_was_too_much_may_have_been_anything)
{
	struct lineage *lineage = lineage_born(NULL);
	char name[16];

	for (int i = 0; i < 65; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		execute(&lineage, name);
	}
	cr_expect(not(lineage->is_unknown));
	execute(&lineage, "last");
	cr_expect(lineage->is_unknown);
	cr_expect(lineage->former == NULL);
	execute(&lineage, "a");
	cr_expect(lineage->is_unknown);
	lineage_release(lineage);
}

/* Its child in its place. */
static void bear(struct lineage **lineage)
{
	struct lineage *maker = *lineage;

	*lineage = lineage_born(maker);
	lineage_release(maker);
}

Test(lineage, generations_that_add_no_program_add_nothing)
{
	struct lineage *lineage = lineage_born(NULL);

	for (int i = 0; i < 1000; i++) {
		execute(&lineage, "a");
		bear(&lineage);
		execute(&lineage, "b");
		bear(&lineage);
	}
	cr_expect(eq(uint, lineage->maker_count, 2));
	cr_expect(eq(str, lineage->maker->program, "b"));
	cr_expect(eq(str, lineage->maker->maker->program, "a"));
	cr_expect(not(lineage->is_unknown));
	lineage_release(lineage);
}

Test(lineage, who_is_below_too_much_may_be_below_anything)
{
	struct lineage *lineage = lineage_born(NULL);
	char name[16];

	for (int i = 0; i < 65; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		cr_expect(not(lineage->is_unknown));
		execute(&lineage, name);
		bear(&lineage);
	}
	cr_expect(lineage->is_unknown);
	execute(&lineage, "a");
	cr_expect(lineage->is_unknown);
	lineage_release(lineage);
}
