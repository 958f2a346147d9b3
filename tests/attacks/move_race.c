/* SPDX-License-Identifier: MIT */
/*
 * A race between the judgement of a rename and the rename: a file may be moved to a name
 * below which nothing may be made, so another thread puts a folder in its place. The file
 * is large, which a supervisor may find a reason not to wait for the call.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE = 64 << 20 };

static void turn_exchange(int which)
{
	(void)which;
	syscall(SYS_renameat2, AT_FDCWD, "large", AT_FDCWD, "folder", RENAME_EXCHANGE);
}

static void run_move_race(const struct attack *attack)
{
	static const struct flip exchange = {
		.name = "exchange", .turn = turn_exchange, .by = FLIP_BY_THREAD};
	const char *door = path_in(arena.project, "../door");
	const char *inner = path_in(door, "inner");
	struct stat status;
	unsigned long tries = 0;

	(void)attack;
	need(mkdir("folder", 0755), "folder");
	need(mkdir("folder/inner", 0755), "inner");
	write_file("large", "");
	need(truncate("large", LARGE), "large");
	flip_start(&exchange);
	while (time_is_left() && stat(inner, &status) < 0) {
		if (rename("large", door) == 0 && stat(inner, &status) < 0) {
			rename(door, "large");
		}
		tries++;
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

void move_race_attacks(void)
{
	static const struct attack_row rows[] = {
		{"exchange", EFFECT_CHANGED, ATTACK_RACE, "renameat2", run_move_race,
			NULL},
		{NULL},
	};

	attack_add_rows("race_move", rows);
}
