/* SPDX-License-Identifier: MIT */
#include "rules/random_part.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct random_case {
	const char *name;
	enum randomness randomness;
	const char *pattern;
};

/* clang-format off */
static const struct random_case random_cases[] = {
	{"main.c", RANDOM_NONE, NULL},
	{"README", RANDOM_NONE, NULL},
	{"camelCaseName", RANDOM_NONE, NULL},
	{"deadbeef", RANDOM_NONE, NULL},
	{"a*b", RANDOM_NONE, NULL},
	{"3f2504e0-4f89-11d3-9a0c-0305e82c3301.log", RANDOM_SURELY, "????????????????*.log"},
	{"run-3f2504e0-4f89-11d3-9a0c-0305e82c3301", RANDOM_SURELY, "run-????????????????*"},
	{"d41d8cd98f00b204e9800998ecf8427e", RANDOM_SURELY, "????????????????*"},
	{"obj-d41d8cd98f00b204e98.o", RANDOM_SURELY, "obj-????????????????*.o"},
	{"2026-01-3f2a9c81e7b2d4f5aa", RANDOM_SURELY, "[0-9]????????????????*"},
	{"7*3f2a9c81e7b2d4f5aa", RANDOM_SURELY, "[0-9]*\\*????????????????*"},
	{"app.8f3a2c1d.js", RANDOM_PERHAPS, "app.*.js"},
	{"tmp.aB3dE5fGhI", RANDOM_PERHAPS, "tmp.*"},
	{"tmpabcd_xyz", RANDOM_PERHAPS, "tmp*"},
	{"ccQwErTy.s", RANDOM_PERHAPS, "cc*.s"},
	{"pip-build-x8f3k2", RANDOM_PERHAPS, "pip-build-*"},
	{"test12.txt", RANDOM_NUMBER, "test[0-9]*.txt"},
	{"python3.11", RANDOM_NUMBER, "python[0-9]*"},
	{"log-2026-01-31.txt", RANDOM_NUMBER, "log-[0-9]*.txt"},
	{"2026-01-31T10:20:30", RANDOM_NUMBER, "[0-9]*"},
	{"lib-1.12.3.tar", RANDOM_NUMBER, "lib-[0-9]*.tar"},
	{"lock.12345", RANDOM_NUMBER, "lock.[0-9]*"},
	{"a*b7", RANDOM_NUMBER, "a\\*b[0-9]*"},
	{"", RANDOM_NONE, NULL},
};
/* clang-format on */

Test(random_part, finds_what_nobody_chose)
{
	for (size_t i = 0; i < sizeof(random_cases) / sizeof(random_cases[0]); i++) {
		const struct random_case *c = &random_cases[i];
		struct random_shape shape = random_shape_of(text_of(c->name));
		const char *got = shape.pattern ? shape.pattern : "(none)";
		const char *want = c->pattern ? c->pattern : "(none)";

		cr_expect(eq(str, (char *)got, (char *)want), "%s", c->name);
		cr_expect(eq(int, (int)shape.randomness, (int)c->randomness), "%s",
			c->name);
		free(shape.pattern);
	}
}
