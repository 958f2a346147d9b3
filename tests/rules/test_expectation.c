/* SPDX-License-Identifier: MIT */
#include "rules/expectation.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct expectation_case {
	const char *rules;
	const char *message; /* NULL: met */
};

/* clang-format off */
static const struct expectation_case cases[] = {
	{"deny read ~/.ssh/**\nexpect deny read ~/.ssh/id_ed25519", NULL},
	{"allow read ~/.ssh/**\nexpect deny read ~/.ssh/id", "test:2:1: not met: expect deny read ~/.ssh/id: the verdict is allow (decided by \"allow read ~/.ssh/**\" of test:1)"},
	{"\nexpect allow read /x", "test:2:1: not met: expect allow read /x: no rule matches, so the verdict is ask"},
	{"expect ask read /x", NULL},
	{"allow read /x\nexpect allow read,write /x", "test:2:1: not met: expect allow read,write /x: no rule matches, so the verdict is ask"},
	{"allow connect *.example.com:443\nexpect allow connect a.example.com:443", NULL},
	{"allow connect tcp/*.example.com:443\nexpect allow connect tcp/a.example.com:443", NULL},
	{"allow connect 10.0.0.0/8:*\nexpect allow connect 10.1.2.3:1", NULL},
	{"allow connect unix:~/x\nexpect allow connect unix:~/x", NULL},
	{"allow exec /bin/git push **\nexpect allow exec /bin/git push origin", NULL},
	{"allow exec /bin/git push **\nexpect ask exec /bin/git pull", NULL},
	{"allow exec /bin/ls ()\nexpect allow exec /bin/ls ()\nexpect allow exec /bin/ls", NULL},
	{"allow read /a by /x\nexpect allow read /a by /x\nexpect ask read /a by /y\nexpect ask read /a", NULL},
	{"allow read /a under /x\nexpect allow read /a under /x\nexpect ask read /a", NULL},
	{"allow read /a via mcp:fs\nexpect allow read /a via mcp:fs/read\nexpect ask read /a", NULL},
	{"allow read /a\ndeny read /a code generated\nexpect deny read /a code generated\nexpect allow read /a", NULL},
	{"allow read /a code /x.py\nexpect allow read /a code /x.py", NULL},
	{"allow read /a\nask read /a after secret\nexpect ask read /a after secret\nexpect allow read /a", NULL},
	{"allow mcp fs/*\nexpect allow mcp fs/read", NULL},
	{"forbid any ~/x\nexpect forbid read,write,delete,meta,exec,signal ~/x", NULL},
	{"allow any *\nexpect allow any /x", NULL},
};
/* clang-format on */

Test(expectation, is_met_or_named_with_the_rule_that_decided)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_list list = {0};
		struct rule_errors errors = {0};
		add_rules(&list, ORIGIN_FILE, cases[i].rules);
		bool are_met = rules_check_expectations(
			&list, &test_variables, TEST_NOW, &errors);
		bool is_right = are_met == (cases[i].message == NULL);
		cr_expect(is_right, "%s", cases[i].rules);
		char *message =
			errors.count > 0 ? rule_error_format(&errors.errors[0]) : NULL;
		const char *expected = cases[i].message ? cases[i].message : "(met)";
		cr_expect(eq(str, message ? message : "(met)", (char *)expected), "%s",
			cases[i].rules);
		free(message);
		rule_errors_finish(&errors);
		rule_list_finish(&list);
	}
}
