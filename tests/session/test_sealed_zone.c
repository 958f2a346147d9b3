/* SPDX-License-Identifier: MIT */
#include "rules/parser.h"
#include "session/sealed_zone.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(sealed_zone, .timeout = 60);

static char folder[64];

static const char *path(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *buffer = paths[next++ % 8];
	snprintf(buffer, sizeof(paths[0]), "%s/%s", folder, name);
	return buffer;
}

static void make_file(const char *name)
{
	FILE *file = fopen(path(name), "we");
	cr_assert(ne(ptr, file, NULL));
	fclose(file);
}

static void make_tree(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test-sealed-XXXXXX");
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	mkdir(path("clean"), 0700);
	mkdir(path("mixed"), 0700);
	mkdir(path("other"), 0700);
	make_file("clean/a");
	make_file("mixed/a");
	make_file("mixed/x.key");
	make_file("other/a");
	cr_assert(eq(int, symlink(path("other/a"), path("mixed/link")), 0));
}

static int remove_entry(
	const char *name, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(name);
}

static bool find(struct sealed_zone *zone, const char *text, struct error *err)
{
	struct places places = {.home = (char *)"/nowhere", .project = folder};
	struct rule_sources sources = {.places = &places};
	struct rule_errors errors = {0};
	struct rule_list copy = {0};
	struct rule_variables variables = places_variables(&places);
	cr_assert(rule_parse_file_text(
		text_of(text), "x", ORIGIN_FILE, &sources.fixed, &errors));
	cr_assert(
		rule_parse_file_text(text_of(text), "x", ORIGIN_FILE, &copy, &errors));
	struct rule_set *set = rule_set_create(&copy, &variables);
	bool found = sealed_zone_find(zone, &sources, set, err);
	rule_set_release(set);
	rule_list_finish(&sources.fixed);
	return found;
}

static bool has(const struct sealed_zone *zone, const char *name)
{
	for (size_t i = 0; i < zone->count; i++) {
		if (strcmp(zone->paths[i], name) == 0) {
			return true;
		}
	}
	return false;
}

Test(sealed_zone, a_folder_is_given_whole_or_in_parts)
{
	struct sealed_zone zone = {0};
	struct error err = {0};
	make_tree();
	cr_assert(find(&zone,
		"allow read {project}/**\nask read **/*.key\n"
		"allow read /dev/null\n",
		&err));
	cr_expect(has(&zone, "/dev/null"));
	cr_expect(has(&zone, path("clean")));
	cr_expect(has(&zone, path("other")));
	cr_expect(has(&zone, path("mixed/a")));
	cr_expect(has(&zone, path("mixed/")));
	cr_expect(not(has(&zone, path("mixed"))));
	cr_expect(not(has(&zone, path("mixed/x.key"))));
	cr_expect(not(has(&zone, path("mixed/link"))));
	cr_expect(not(has(&zone, folder)));
	sealed_zone_finish(&zone);
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

Test(sealed_zone, a_link_opens_nothing_that_rules_do_not_name)
{
	struct sealed_zone zone = {0};
	struct error err = {0};
	make_tree();
	cr_assert(find(&zone, "allow read {project}/mixed/link\n", &err));
	cr_expect(not(has(&zone, path("mixed/link"))));
	cr_expect(not(has(&zone, path("other/a"))));
	sealed_zone_finish(&zone);
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

Test(sealed_zone, a_rule_that_needs_to_judge_is_refused)
{
	struct sealed_zone zone = {0};
	struct error err = {0};
	cr_expect(not(find(&zone, "deny read /etc/x by /usr/bin/cat\n", &err)));
	cr_expect(ne(ptr, strstr(err.text, "deny read /etc/x"), NULL));
	sealed_zone_finish(&zone);
}
