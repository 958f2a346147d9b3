/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "rules/parser.h"
#include "session/link_names.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];
static char *home, *project;
static struct link_names names;

static void make_link(const char *name, const char *target)
{
	char *path = xasprintf("%s/%s", root, name);

	cr_assert(eq(int, symlink(target, path), 0));
	free(path);
}

static void begin(void)
{
	char made[] = "/tmp/link-names.XXXXXX";

	cr_assert(mkdtemp(made) != NULL && realpath(made, root) != NULL);
	home = xasprintf("%s/home", root);
	project = xasprintf("%s/home/project", root);
	cr_assert(mkdir(home, 0700) == 0 && mkdir(project, 0700) == 0);
}

static void finish(void)
{
	char *command = xasprintf("rm -rf '%s'", root);

	cr_expect(eq(int, system(command), 0));
	free(command);
	link_names_finish(&names);
	free(home);
	free(project);
}

TestSuite(link_names, .init = begin, .fini = finish);

static void find(const char *rules)
{
	const struct rule_variables variables = {.home = home, .project = project};
	struct rule_list list = {0};
	struct rule_errors errors = {0};

	cr_assert(rule_parse_file_text(
		text_of(rules), "test", ORIGIN_FILE, &list, &errors));
	const struct rule_list *const lists[] = {&list, NULL};
	link_names_find(&names, lists, &variables);
	rule_list_finish(&list);
}

/* The object by the first name that applies, below the root; "" if none does. */
static void expect_name(
	enum verb verb, const char *prefix, const char *object, const char *wanted)
{
	char buffer[LINK_NAME_SIZE];
	char *path = xasprintf("%s%s/%s", prefix, root, object);
	const struct action action = {.verb = verb, .object = text_of(path)};
	struct text found = {"", 0};
	const size_t skipped = strlen(prefix) + strlen(root) + 1;

	for (size_t i = 0; i < names.count && found.length == 0; i++) {
		(void)link_name_apply(&names.list[i], &action, false, buffer, &found);
	}
	cr_expect(eq(str, (char *)(found.length > 0 ? found.bytes + skipped : ""),
			  (char *)(uintptr_t)wanted),
		"of %s", object);
	free(path);
}

Test(link_names, what_a_name_leads_to_has_that_name)
{
	make_link("home/.bashrc", "project/bashrc");
	find("ask write ~/.bashrc\n");
	expect_name(VERB_WRITE, "", "home/project/bashrc", "home/.bashrc");
	expect_name(VERB_READ, "", "home/project/bashrc", "");
	expect_name(VERB_WRITE, "", "home/project/bashrc.old", "");
}

Test(link_names, what_lies_below_comes_along)
{
	make_link("home/.config", "project/config");
	find("ask write ~/.config/autostart/**\nask connect unix:~/.config/s/**\n");
	expect_name(VERB_WRITE, "", "home/project/config/autostart/x",
		"home/.config/autostart/x");
	expect_name(
		VERB_CONNECT, "unix:", "home/project/config/s/x", "home/.config/s/x");
}

Test(link_names, patterns_find_links_in_their_folder)
{
	make_link("home/.bash_aliases", "project/aliases");
	make_link("home/.other", "project/other");
	make_link("home/secrets", "project/secrets");
	find("ask write ~/.bash*\nask read ~/**/*.key\n");
	expect_name(VERB_WRITE, "", "home/project/aliases", "home/.bash_aliases");
	expect_name(VERB_WRITE, "", "home/project/other", "");
	expect_name(VERB_READ, "", "home/project/secrets/a.key", "home/secrets/a.key");
}

Test(link_names, links_on_the_way_count_by_themselves_only)
{
	make_link("home/.bashrc", "project/current");
	make_link("home/project/current", "new");
	find("ask write ~/.bashrc\n");
	expect_name(VERB_WRITE, "", "home/project/new", "home/.bashrc");
	expect_name(VERB_WRITE, "", "home/project/current", "home/.bashrc");
	expect_name(VERB_WRITE, "", "home/project/current/x", "");
}

Test(link_names, what_leads_to_everything_says_nothing)
{
	make_link("home/.local", "/");
	make_link("home/.config", ".");
	find("ask read /*\nask read /**\nask read **/x\nask write ~/.local/**\nask "
	     "write ~/.config/**\nallow read ~/x/**\n");
	cr_expect(eq(sz, names.count, 0));
}

Test(link_names, rules_that_allow_need_none)
{
	make_link("home/x", "project/x");
	find("allow read ~/x\nexpect allow read ~/x\n");
	cr_expect(eq(sz, names.count, 0));
	find("label secret ~/x\n");
	expect_name(VERB_READ, "", "home/project/x", "home/x");
}

Test(link_names, a_folder_that_moves_takes_along_what_names_lead_to)
{
	char buffer[LINK_NAME_SIZE];
	char *object = xasprintf("%s/home/project/shell", root);
	const struct action action = {.verb = VERB_DELETE, .object = text_of(object)};
	struct text found;

	make_link("home/.bashrc", "project/shell/bashrc");
	find("ask delete ~/.bashrc\n");
	cr_assert(eq(sz, names.count, 1));
	cr_expect(not(link_name_apply(&names.list[0], &action, false, buffer, &found)));
	cr_expect(link_name_apply(&names.list[0], &action, true, buffer, &found));
	cr_expect(text_ends_with(found, "home/.bashrc"));
	free(object);
}

Test(link_names, many_links_and_rules_take_no_time, .timeout = 20)
{
	enum { LINKS = 5000, RULES = 300 };
	char *rules = xstrdup("");

	for (int i = 0; i < LINKS; i++) {
		char *name = xasprintf("home/project/l%d", i);
		char *target = xasprintf("home/t%d", i);
		make_link(name, target);
		free(target);
		free(name);
	}
	for (int i = 0; i < RULES; i++) {
		char *longer = xasprintf("%sask %s {project}/**/x%d\n", rules,
			i % 2 == 0 ? "read" : "write", i);
		free(rules);
		rules = longer;
	}
	find(rules);
	free(rules);
	cr_assert(eq(sz, names.count, LINKS));
	for (size_t i = 0; i < LINKS; i++) {
		cr_expect(eq(
			uint, names.list[i].verbs, 1u << VERB_READ | 1u << VERB_WRITE));
	}
}
