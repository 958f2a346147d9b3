/* SPDX-License-Identifier: MIT */
/* Opens and closes a file COUNT times and prints the nanoseconds that one took. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: open_loop FILE COUNT\n", stderr);
		return 2;
	}
	long count = strtol(argv[2], NULL, 10);
	double start = now_ns();
	for (long i = 0; i < count; i++) {
		int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			perror(argv[1]);
			return 1;
		}
		(void)close(fd);
	}
	printf("%.0f\n", (now_ns() - start) / (double)count);
	return 0;
}
