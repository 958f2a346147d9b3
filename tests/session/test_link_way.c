/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "session/link_way.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

static char *below(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

static void make_link(const char *name, const char *target)
{
	char *path = below(name);

	cr_assert(eq(int, symlink(target, path), 0));
	free(path);
}

static void make_folder(const char *name)
{
	char *path = below(name);

	cr_assert(eq(int, mkdir(path, 0700), 0));
	free(path);
}

static void begin(void)
{
	char made[] = "/tmp/link-way.XXXXXX";

	cr_assert(mkdtemp(made) != NULL && realpath(made, root) != NULL);
	make_folder("real");
	make_folder("real/below");
	make_link("first", "second");
	make_link("second", "real");
	make_link("dangling", "real/../missing/x");
	make_link("real/up", "../first/below");
	make_link("loop", "loop");
}

static void finish(void)
{
	char *command = xasprintf("rm -rf '%s'", root);

	cr_expect(eq(int, system(command), 0));
	free(command);
}

TestSuite(link_way, .init = begin, .fini = finish);

/* links: names below the root, each with a blank after it. */
static void expect_way(const char *name, const char *place, const char *links)
{
	struct link_way way = {0};
	char *path = below(name);
	char *found = link_way_follow(&way, path);
	char *wanted = below(place);
	char *all = xstrdup("");

	for (size_t i = 0; i < way.count; i++) {
		cr_assert(eq(int, strncmp(way.links[i], root, strlen(root)), 0));
		char *longer = xasprintf("%s%s ", all, way.links[i] + strlen(root) + 1);
		free(all);
		all = longer;
	}
	cr_expect(eq(str, found, wanted));
	cr_expect(eq(str, all, (char *)(uintptr_t)links));
	free(all);
	free(wanted);
	free(found);
	free(path);
	link_way_finish(&way);
}

Test(link_way, a_name_without_links_is_its_own_place)
{
	expect_way("real/below", "real/below", "");
	expect_way("real/./below/../below/", "real/below", "");
	expect_way("missing/and/more", "missing/and/more", "");
}

Test(link_way, every_link_on_the_way_is_found)
{
	expect_way("first/below/file", "real/below/file", "first second ");
	expect_way("real/up", "real/below", "real/up first second ");
}

Test(link_way, what_a_link_leads_to_may_be_missing)
{
	expect_way("dangling/y", "missing/x/y", "dangling ");
	expect_way("first/none/file", "real/none/file", "first second ");
}

Test(link_way, links_that_lead_nowhere_end)
{
	expect_way("loop/x", "loop/x", "loop ");
}

Test(link_way, the_root_is_a_place)
{
	struct link_way way = {0};
	char *place = link_way_follow(&way, "/..");

	cr_expect(eq(str, place, (char *)(uintptr_t) "/"));
	free(place);
	link_way_finish(&way);
}
