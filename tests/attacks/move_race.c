/* SPDX-License-Identifier: MIT */
/*
 * Races with renames of large files, which a supervisor may find a reason not to wait for:
 *
 * - between the judgement of a rename and the rename: a file may be moved to a name below
 *   which nothing may be made, so another thread puts a folder in its place;
 * - between a rename and what is done because of it: where a plain file was, a link leads
 *   to a named pipe, and whoever opens that to see what it is is its reader.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdatomic.h>
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

static const char *way;
static atomic_ulong opens;

static void turn_open(int which)
{
	(void)which;
	close(open(way, O_RDONLY | O_NONBLOCK));
	opens++;
}

/* Until it is known, to whoever remembers such things, that a file is there. */
static void await_opens(void)
{
	enum { ENOUGH = 3 };
	const unsigned long before = opens;

	while (opens - before < ENOUGH && time_is_left()) {
		sched_yield();
	}
}

static void run_open_race(const struct attack *attack)
{
	static const struct flip opening = {
		.name = "opened", .turn = turn_open, .by = FLIP_BY_THREAD};
	const char *pipe = path_in(arena.outside, "pipe");
	unsigned long tries = 0;

	(void)attack;
	way = path_in(arena.project, "way");
	need(symlink("place", way), "way");
	flip_start(&opening);
	while (time_is_left()) {
		need(symlink(pipe, "link"), "link");
		write_file("large", "");
		need(truncate("large", LARGE), "large");
		need(rename("large", "place"), "place");
		await_opens();
		need(rename("link", "place"), "place");
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
		{"opened", EFFECT_BYSTANDER, ATTACK_RACE, "openat renameat2",
			run_open_race, NULL},
		{NULL},
	};

	attack_add_rows("race_move", rows);
}
