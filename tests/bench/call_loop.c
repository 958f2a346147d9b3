/* SPDX-License-Identifier: MIT */
/*
 * Makes one kind of call COUNT times in the working folder and prints the nanoseconds
 * that one took: mkdir (and rmdir), rename, connect (of a datagram socket), exec (fork,
 * exec of true, wait).
 */
#include <netinet/in.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static bool run_mkdir(void)
{
	return mkdir("folder", 0700) == 0 && rmdir("folder") == 0;
}

static bool run_rename(void)
{
	return rename("one", "two") == 0 && rename("two", "one") == 0;
}

static bool run_connect(void)
{
	static int fd = -1;
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool run_exec(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	pid_t pid = 0;
	int status = -1;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

static const struct {
	const char *name;
	bool (*run)(void);
	int calls; /* that one run makes */
} kinds[] = {
	{"mkdir", run_mkdir, 2},
	{"rename", run_rename, 2},
	{"connect", run_connect, 1},
	{"exec", run_exec, 1},
};

static double now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0) {
			continue;
		}
		long count = strtol(argv[2], NULL, 10);
		double start = now_ns();
		for (long j = 0; j < count; j++) {
			if (!kinds[i].run()) {
				perror(kinds[i].name);
				return 1;
			}
		}
		printf("%.0f\n", (now_ns() - start) / (double)(count * kinds[i].calls));
		return 0;
	}
	fputs("usage: call_loop mkdir|rename|connect|exec COUNT\n", stderr);
	return 2;
}
