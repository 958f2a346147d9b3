/* SPDX-License-Identifier: MIT */
#include "rules/pattern_overlap.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

struct overlap_case {
	const char *a, *b;
	bool overlaps, covers; /* a covers b */
};

/* clang-format off */
static const struct overlap_case overlap_cases[] = {
	{"read /a/b", "read /a/b", true, true},
	{"read /a/b", "write /a/b", false, false},
	{"read,write /a/b", "write /a/b", true, true},
	{"read /a/b", "read /a/c", false, false},
	{"read /a/*", "read /a/c", true, true},
	{"read /a/*", "read /a/b/c", false, false},
	{"read /a/**", "read /a/b/c", true, true},
	{"read /a/**", "read /a", true, true},
	{"read /a/**", "read /b/**", false, false},
	{"read /**/x", "read /a/**", true, false},
	{"read /a/**", "read /a/**/x", true, true},
	{"read /a/*.c", "read /a/b*", true, false},
	{"read /a/*.c", "read /a/*.h", false, false},
	{"read /a/*.c", "read /a/b*.c", true, true},
	{"read /a/[!.]*.csv", "read **/.env.*", false, false},
	{"read /a/*.csv", "read **/.env.*", true, false},
	{"read /a/[a-c]x", "read /a/[c-e]x", true, false},
	{"read /a/[a-b]x", "read /a/[c-e]x", false, false},
	{"read /a/?x", "read /a/bx", true, true},
	{"read /a/??x", "read /a/\xc3\xa9x", true, false},
	{"read /a/[!.]*", "read /a/[!.]*.csv", true, true},
	{"read /a/[!.]*", "read /a/b.csv", true, true},
	{"read /a/[!.]*", "read /a/.b", false, false},
	{"read /a/[!.]*", "read /a/*.csv", true, false},
	{"read /a/[!.]*.csv", "read /a/[!.]*", true, false},
	{"read /a/x*y*z", "read /a/x1*z*y2z", true, true},
	{"read /a/[a-c]", "read /a/[b-c]", true, true},
	{"read /a/[b-c]", "read /a/[a-c]", true, false},
	{"read ~/data/*", "read {project}/*", false, false},
	{"any *", "read /a", true, true},
	{"exec /bin/git push **", "exec /bin/git push origin", true, true},
	{"exec /bin/git push **", "exec /bin/git pull **", false, false},
	{"exec /bin/git", "exec /bin/git pull **", true, true},
	{"exec /bin/git push", "exec /bin/git push x", false, false},
	{"exec /bin/git ()", "exec /bin/git x", false, false},
	{"connect a.example.com:443", "connect *.example.com:443", true, false},
	{"connect *.example.com:443", "connect a.example.com:443", true, true},
	{"connect *.example.com:443", "connect example.com:443", false, false},
	{"connect *.example.com:443", "connect *.a.example.com:443", true, true},
	{"connect a.example.com:443", "connect a.example.com:80", false, false},
	{"connect a.example.com:*", "connect a.example.com:80", true, true},
	{"connect 10.0.0.1:80", "connect 10.0.0.2:80", false, false},
	{"connect 10.0.0.1:80", "connect example.com:80", true, false},
	{"connect unix:/run/a", "connect unix:/run/*", true, false},
	{"connect unix:/run/a", "connect 10.0.0.1:80", false, false},
	/* Made to take long: given up, on the careful side. */
	{"read /*a*a*a*a*a*a*a*a*a*b", "read /*a*a*a*a*a*a*a*a*a*a*c", true, false},
};
/* clang-format on */

static void compile(const char *text, struct rule_list *list, struct pattern *pattern)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "allow %s", text);
	add_rules(list, ORIGIN_FILE, line);
	bool is_compiled = pattern_compile(
		&list->rules[list->count - 1], &test_variables, pattern);
	cr_assert(is_compiled, "%s", text);
}

Test(pattern_overlap, sees_common_objects_and_covering)
{
	for (size_t i = 0; i < sizeof(overlap_cases) / sizeof(overlap_cases[0]); i++) {
		const struct overlap_case *c = &overlap_cases[i];
		struct rule_list list = {0};
		struct pattern a;
		struct pattern b;

		compile(c->a, &list, &a);
		compile(c->b, &list, &b);
		bool forth = pattern_overlaps(&a, &b);
		bool back = pattern_overlaps(&b, &a);
		bool covers = pattern_covers(&a, &b);
		cr_expect(forth == c->overlaps, "%s | %s", c->a, c->b);
		cr_expect(back == c->overlaps, "%s | %s", c->b, c->a);
		cr_expect(covers == c->covers, "%s covers %s", c->a, c->b);
		pattern_finish(&a);
		pattern_finish(&b);
		rule_list_finish(&list);
	}
}
