/* SPDX-License-Identifier: MIT */
/*
 * Races between the judgement of a path and its use: while a thread or process turns the
 * path, or what it leads to, between an allowed and a forbidden file, the same call is
 * tried again and again.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/flip.h"
#include "tests/attacks/syscalls.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum object { OBJECT_SECRET, OBJECT_PROTECTED, OBJECT_NEW };

struct race {
	const char *name;
	const char *syscalls;
	enum object object;
	bool (*try)(void); /* true: had its way */
	void (*refill)(void);
};

static const char public_text[] = "public\n";
static char *inner; /* the allowed twin of the forbidden folder */

static bool is_leaked(long fd)
{
	char buffer[256];
	if (fd < 0) {
		return false;
	}
	ssize_t n = read((int)fd, buffer, sizeof(buffer));
	close((int)fd);
	if (n <= 0 || memcmp(buffer, public_text, 6) == 0) {
		return false;
	}
	leak_bytes(buffer, (size_t)n);
	return true;
}

/* stat is not judged, so that it can tell natively when to stop. */
static bool is_changed(void)
{
	static struct stat before;
	struct stat now;
	if (lstat(arena.protected, &now) < 0) {
		return true;
	}
	if (before.st_ino == 0) {
		before = now;
	}
	return now.st_ctim.tv_sec != before.st_ctim.tv_sec ||
	       now.st_ctim.tv_nsec != before.st_ctim.tv_nsec ||
	       now.st_ino != before.st_ino;
}

static bool is_made(void)
{
	struct stat now;
	char path[4096];
	snprintf(path, sizeof(path), "%s/new", arena.guarded);
	return lstat(path, &now) == 0;
}

static bool try_open(void)
{
	return is_leaked(syscall(SYS_openat, flip.folder, flip.path, O_RDONLY));
}

static bool try_openat2(void)
{
	struct open_how how = {.flags = O_RDONLY};
	return is_leaked(
		syscall(SYS_openat2, flip.folder, flip.path, &how, sizeof(how)));
}

static bool try_open_link(void)
{
	if (syscall(SYS_linkat, flip.folder, flip.path, AT_FDCWD, "linked",
		    AT_SYMLINK_FOLLOW) < 0) {
		return false;
	}
	bool is_won = is_leaked(open("linked", O_RDONLY));
	unlink("linked");
	return is_won;
}

static bool try_write(void)
{
	long fd = syscall(SYS_openat, flip.folder, flip.path, O_WRONLY);
	if (fd >= 0) {
		(void)!write((int)fd, public_text, sizeof(public_text) - 1);
		close((int)fd);
	}
	return is_changed();
}

static bool try_truncate_open(void)
{
	long fd = syscall(SYS_openat, flip.folder, flip.path, O_RDWR | O_TRUNC);
	if (fd >= 0) {
		close((int)fd);
	}
	return is_changed();
}

static bool try_unlink(void)
{
	syscall(SYS_unlinkat, flip.folder, flip.path, 0);
	return is_changed();
}

static bool try_rename_out(void)
{
	syscall(SYS_renameat, flip.folder, flip.path, AT_FDCWD, "stolen");
	return is_changed();
}

static bool try_rename_over(void)
{
	close(open("own", O_WRONLY | O_CREAT, 0644));
	syscall(SYS_renameat2, AT_FDCWD, "own", flip.folder, flip.path, 0);
	return is_changed();
}

static bool try_chmod(void)
{
	syscall(SYS_fchmodat, flip.folder, flip.path, 0777);
	return is_changed();
}

static bool try_utimes(void)
{
	syscall(SYS_utimensat, flip.folder, flip.path, NULL, 0);
	return is_changed();
}

static bool try_setxattr(void)
{
	syscall(SYS_setxattr, flip.path, "user.attack", "x", 1L, 0);
	return is_changed();
}

static bool try_truncate(void)
{
	syscall(SYS_truncate, flip.path, 1L);
	return is_changed();
}

static bool try_create(void)
{
	long fd = syscall(SYS_openat, flip.folder, flip.path, O_WRONLY | O_CREAT, 0644);
	if (fd >= 0) {
		close((int)fd);
	}
	return is_made();
}

static bool try_mkdir(void)
{
	syscall(SYS_mkdirat, flip.folder, flip.path, 0755);
	return is_made();
}

static bool try_mknod(void)
{
	syscall(SYS_mknodat, flip.folder, flip.path, S_IFIFO | 0644, 0);
	return is_made();
}

static bool try_symlink(void)
{
	syscall(SYS_symlinkat, "text", flip.folder, flip.path);
	return is_made();
}

static void refill_file(void)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", inner, flip.name);
	int fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd >= 0) {
		(void)!write(fd, public_text, sizeof(public_text) - 1);
		close(fd);
	}
}

static void refill_nothing(void)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", inner, flip.name);
	if (unlink(path) < 0) {
		rmdir(path);
	}
}

/* clang-format off */
static const struct race races[] = {
	{"open", "openat", OBJECT_SECRET, try_open, NULL},
	{"write", "openat", OBJECT_PROTECTED, try_write, NULL},
	{"openat2", "openat2", OBJECT_SECRET, try_openat2, NULL},
	{"unlink", "unlinkat", OBJECT_PROTECTED, try_unlink, refill_file},
	{"rename_out", "renameat", OBJECT_PROTECTED, try_rename_out, refill_file},
	{"rename_over", "renameat2", OBJECT_PROTECTED, try_rename_over, refill_file},
	{"chmod", "fchmodat", OBJECT_PROTECTED, try_chmod, NULL},
	{"utimes", "utimensat", OBJECT_PROTECTED, try_utimes, NULL},
	{"setxattr", "setxattr", OBJECT_PROTECTED, try_setxattr, NULL},
	{"truncate", "truncate", OBJECT_PROTECTED, try_truncate, NULL},
	{"open_truncate", "openat", OBJECT_PROTECTED, try_truncate_open, NULL},
	{"link", "linkat", OBJECT_SECRET, try_open_link, NULL},
	{"create", "openat", OBJECT_NEW, try_create, refill_nothing},
	{"mkdir", "mkdirat", OBJECT_NEW, try_mkdir, refill_nothing},
	{"mknod", "mknodat", OBJECT_NEW, try_mknod, refill_nothing},
	{"symlink", "symlinkat", OBJECT_NEW, try_symlink, refill_nothing},
};
/* clang-format on */

static const char *object_name(enum object object)
{
	switch (object) {
	case OBJECT_SECRET:
		return "secret";
	case OBJECT_PROTECTED:
		return "protected";
	case OBJECT_NEW:
		return "new";
	}
	return NULL;
}

static void run_race(const struct attack *attack)
{
	const struct race *race = attack->operation;
	const struct flip *chosen = attack->form;
	unsigned long tries = 0;
	inner = path_in(arena.project, "inner");
	need(mkdir(inner, 0755), inner);
	flip_folders(inner,
		race->object == OBJECT_SECRET ? arena.outside : arena.guarded,
		object_name(race->object));
	if (race->object != OBJECT_NEW) {
		refill_file();
	}
	is_changed();
	chosen->prepare();
	flip_start(chosen);
	while (time_is_left()) {
		tries++;
		if (race->try()) {
			break;
		}
		if (race->refill != NULL) {
			race->refill();
		}
	}
	flip_stop();
	fprintf(stderr, "%lu tries\n", tries);
}

/* These calls have no folder descriptor, or do not follow a last link. */
static bool is_possible(const struct race *race, const struct flip *chosen)
{
	bool has_folder = race->try != try_setxattr && race->try != try_truncate;
	bool follows = race->object != OBJECT_NEW && race->try != try_unlink &&
		       race->try != try_rename_out && race->try != try_rename_over;
	bool needs_folder = strcmp(chosen->name, "descriptor") == 0 ||
			    strcmp(chosen->name, "moved") == 0;
	bool needs_follow = strcmp(chosen->name, "last_link") == 0;
	return (has_folder || !needs_folder) && (follows || !needs_follow);
}

void race_attacks(void)
{
	enum { IN_ALL_FORMS = 2 };
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		for (size_t j = 0; j < flip_count; j++) {
			if (!is_possible(&races[i], &flips[j])) {
				continue;
			}
			bool is_quick =
				i < IN_ALL_FORMS || j == 0 || (i + j) % flip_count == 0;
			struct attack attack = {
				.effect = races[i].object == OBJECT_SECRET
						  ? EFFECT_SECRET
						  : EFFECT_CHANGED,
				.flags = ATTACK_RACE | (is_quick ? 0 : ATTACK_FULL),
				.syscalls = races[i].syscalls,
				.run = run_race,
				.operation = &races[i],
				.form = &flips[j],
			};
			attack_add(&attack, "race_%s/%s", races[i].name, flips[j].name);
		}
	}
}
