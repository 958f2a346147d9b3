/* SPDX-License-Identifier: MIT */
/* Runs /bin/true COUNT times, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc == 2 ? strtol(argv[1], NULL, 10) : 200;

	for (long i = 0; i < count; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			(void)execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
			perror("exec_loop");
			return 1;
		}
	}
	return 0;
}
