/* SPDX-License-Identifier: MIT */
#include "rules/danger.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct danger_case {
	const char *action;
	const char *note;
};

/* clang-format off */
static const struct danger_case danger_cases[] = {
	{"connect unix:/run/docker.sock", "Whoever may talk to Docker is as good as root on this machine."},
	{"connect unix:/tmp/ssh-x/agent.1", "The ssh agent lets whoever asks log in to other machines as you."},
	{"connect unix:@/tmp/.X11-unix/X0", "An X11 client sees all windows and can type into them."},
	{"connect 127.0.0.1:9229", "A debugging port: it controls the program that listens there."},
	{"connect metadata.google.internal:80", "The cloud hands out this machine's credentials here."},
	{"write /home/u/.bashrc", "This runs in every new shell, outside Duenna."},
	{"write /home/u/.ssh/authorized_keys", "This file says who may log in here as you."},
	{"write /home/u/src/p/.git/hooks/pre-commit", "git runs this whenever somebody commits, merges or pushes here."},
	{"write /home/u/src/p/CLAUDE.md", "Agents follow what stands here the next time they start."},
	{"write /home/u/.config/systemd/user/x.service", "systemd starts what stands here by itself, outside Duenna."},
	{"write /etc/cron.d/x", "cron runs this at set times, outside Duenna."},
	{"write /home/u/.local/bin/ls", "Programs here are called by name, outside Duenna too."},
	{"read /home/u/.ssh/id_rsa", "Keys for other machines lie here."},
	{"read /home/u/src/p/.env", "Passwords of an application usually stand here."},
	{"signal /usr/bin/vim", "This process does not belong to the tree that Duenna watches."},
	{"read /home/u/src/p/main.c", NULL},
	{"write /home/u/src/p/main.c", NULL},
	{"connect example.com:443", NULL},
	{"exec /usr/bin/gcc x.c", NULL},
};
/* clang-format on */

Test(danger, speaks_of_what_is_dangerous_only)
{
	for (size_t i = 0; i < sizeof(danger_cases) / sizeof(danger_cases[0]); i++) {
		struct test_action test;
		set_action(&test, danger_cases[i].action);
		const char *note = danger_note(&test.action, &test_variables);
		const char *expected =
			danger_cases[i].note ? danger_cases[i].note : "(nothing)";
		cr_expect(eq(str, note ? (char *)note : "(nothing)", (char *)expected),
			"%s", danger_cases[i].action);
	}
}
