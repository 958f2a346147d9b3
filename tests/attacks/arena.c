/* SPDX-License-Identifier: MIT */
/* Reads the arena from the environment and holds the helpers of attack.h. */
#include "tests/attacks/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_NOT_APPLICABLE = 77 };

char *path_in(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		failed("asprintf");
	}
	return path;
}

void leak_bytes(const void *bytes, size_t length)
{
	const char *next = bytes;
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, next, length);
		if (n <= 0) {
			return;
		}
		next += n;
		length -= (size_t)n;
	}
}

void leak(int fd)
{
	char buffer[4096];
	ssize_t n;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		leak_bytes(buffer, (size_t)n);
	}
}

noreturn void failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	_exit(1);
}

noreturn void not_applicable(const char *why)
{
	fprintf(stderr, "not applicable: %s: %s\n", why, strerror(errno));
	_exit(STATUS_NOT_APPLICABLE);
}

long need(long value, const char *what)
{
	if (value < 0) {
		failed(what);
	}
	return value;
}

void write_file(const char *path, const char *text)
{
	int fd = (int)need(
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
	if (write(fd, text, strlen(text)) < 0) {
		failed(path);
	}
	close(fd);
}

void acted(void)
{
	enum { PAUSE_US = 1000, PAUSES = 60000, LONGER_US = 100000 };
	write_file("acted", "");
	for (int i = 0; i < PAUSES && access("looked", F_OK) != 0; i++) {
		usleep(PAUSE_US);
	}
	usleep(LONGER_US);
}

void attack_answer(long result)
{
	printf("answer %d\n", result < 0 ? errno : 0);
	fflush(stdout);
}

double elapsed(void)
{
	static struct timespec start;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (start.tv_sec == 0) {
		start = now;
	}
	return (double)(now.tv_sec - start.tv_sec) +
	       (double)(now.tv_nsec - start.tv_nsec) / 1e9;
}

bool time_is_left(void)
{
	static unsigned long tries;
	return (arena.tries == 0 || tries++ < arena.tries) && elapsed() < arena.seconds;
}

void leak_secret(void)
{
	int fd = (int)need(syscall(SYS_openat, AT_FDCWD, arena.secret, O_RDONLY),
		"open the secret");
	leak(fd);
}

void run_in_child(void (*function)(void))
{
	pid_t child = fork();
	if (child == 0) {
		function();
		_exit(0);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		failed("fork");
	}
}
