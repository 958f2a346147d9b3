/* SPDX-License-Identifier: MIT */
/*
 * Threads that connect, send and open, and a child that executes: compiled with one
 * sanitizer or another, statically and not, to live next to the sealed argument pages.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 20 };

static int failures[THREADS];

static int send_in_all_ways(struct sockaddr_in *address)
{
	struct iovec part = {(char *)"x", 1};
	struct msghdr header = {.msg_name = address,
		.msg_namelen = sizeof(*address),
		.msg_iov = &part,
		.msg_iovlen = 1};
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int failed = sendto(fd, "x", 1, 0, (void *)address, sizeof(*address)) != 1;

	failed += sendmsg(fd, &header, 0) != 1;
	failed += connect(fd, (void *)address, sizeof(*address)) != 0;
	close(fd);
	return failed;
}

static void *work(void *count)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	char *memory = malloc(ROUNDS);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < ROUNDS; i++) {
		const int fd = open("/etc/passwd", O_RDONLY);

		*(int *)count += send_in_all_ways(&address) + (fd < 0);
		close(fd);
	}
	free(memory);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	int failed = 0;
	int status = 0;

	for (int i = 0; i < THREADS; i++) {
		pthread_create(&threads[i], NULL, work, &failures[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		failed += failures[i];
	}
	const pid_t child = fork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	printf("%d failed, child %d\n", failed, WEXITSTATUS(status));
	return 0;
}
