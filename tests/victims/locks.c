/* SPDX-License-Identifier: MIT */
/*
 * Locks that belong to open files end when the last who has such a file closes it. Who is
 * told so, or did it, gets them at once: nobody else may have the file still.
 */
#include "victim.h"

#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { ROUNDS = 300 };

static char folder[] = "/tmp/locksXXXXXX";

static bool lock_whole(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static bool unlock_whole(int fd)
{
	return flock(fd, LOCK_UN) == 0;
}

static bool set_lock(int fd, short type, int command)
{
	struct flock lock = {.l_type = type};

	return fcntl(fd, command, &lock) == 0;
}

static bool lock_bytes(int fd)
{
	return set_lock(fd, F_WRLCK, F_OFD_SETLK);
}

static bool unlock_bytes(int fd)
{
	return set_lock(fd, F_UNLCK, F_OFD_SETLK);
}

/* Locks of the process: they end when it closes any descriptor of the file. */
static bool lock_own(int fd)
{
	return set_lock(fd, F_WRLCK, F_SETLK);
}

static bool unlock_own(int fd)
{
	return set_lock(fd, F_UNLCK, F_SETLK);
}

static const struct kind {
	const char *name;
	bool (*lock)(int fd);
	bool (*unlock)(int fd);
} kinds[] = {
	{"flock", lock_whole, unlock_whole},
	{"of the file", lock_bytes, unlock_bytes},
	{"of the process", lock_own, unlock_own},
};

static void lock_and_close(const struct kind *kind, int kept, int flags)
{
	int taken = 0, again = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const int fd = open("file", flags, 0600);
		taken += kind->lock(fd);
		(void)close(fd);
		again += kind->lock(kept);
		(void)kind->unlock(kept);
	}
	say("%s, flags %o: taken %d, then %d\n", kind->name, (unsigned)flags, taken,
		again);
}

static bool is_lock_seen(int fd)
{
	struct flock lock = {.l_type = F_WRLCK};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static void look_after_close(int kept)
{
	int seen = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const int fd = open("file", O_RDWR);
		(void)lock_bytes(fd);
		(void)close(fd);
		seen += is_lock_seen(kept);
	}
	say("seen after it was closed: %d\n", seen);
}

/* Each round another process locks, ends, and this one locks. */
static void lock_and_end(const struct kind *kind, int kept)
{
	int again = 0;

	for (int i = 0; i < ROUNDS / 10; i++) {
		const pid_t child = fork();
		if (child == 0) {
			_exit(kind->lock(open("file", O_RDWR)) ? 0 : 1);
		}
		(void)waitpid(child, NULL, 0);
		again += kind->lock(kept);
		(void)kind->unlock(kept);
	}
	say("%s, after the end: %d\n", kind->name, again);
}

/* A program that was just written runs. */
static void write_and_execute(void)
{
	int ran = 0;

	for (int i = 0; i < ROUNDS / 10; i++) {
		int status = 0;
		const int fd = open("script", O_WRONLY | O_CREAT | O_TRUNC, 0700);
		(void)!write(fd, "#!/bin/true\n", 12);
		(void)close(fd);
		const pid_t child = fork();
		if (child == 0) {
			(void)execl("./script", "script", NULL);
			_exit(errno);
		}
		(void)waitpid(child, &status, 0);
		ran += status == 0;
	}
	say("ran: %d\n", ran);
}

static void lock_closed(void)
{
	char command[64];

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(3);
	}
	const int kept = open("file", O_RDWR | O_CREAT, 0600);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		lock_and_close(&kinds[i], kept, O_RDWR);
		lock_and_close(&kinds[i], kept, O_RDONLY | O_CLOEXEC);
		lock_and_close(&kinds[i], kept, O_RDWR | O_CREAT | O_TRUNC);
		lock_and_close(&kinds[i], kept, O_RDWR | O_NOFOLLOW | O_APPEND);
		lock_and_end(&kinds[i], kept);
	}
	look_after_close(kept);
	write_and_execute();
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (chdir("/") != 0 || system(command) != 0) {
		_exit(4);
	}
}

static const struct behaviour behaviours[] = {
	{"lock_closed", lock_closed},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
