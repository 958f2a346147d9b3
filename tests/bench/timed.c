/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and writes the microseconds that it took to FILE: in a supervised
 * session this leaves out what starting and ending the session takes.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	int status = -1;

	if (argc < 3) {
		fputs("usage: timed FILE COMMAND...\n", stderr);
		return 2;
	}
	const double start = now_us();
	const pid_t pid = fork();

	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("timed");
		return 1;
	}
	const double took = now_us() - start;
	FILE *file = fopen(argv[1], "we");

	if (!file || fprintf(file, "%.0f\n", took) < 0 || fclose(file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
