/* SPDX-License-Identifier: MIT */
#include "cli/notifier.h"

#include "base/xalloc.h"
#include "session/notification.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMAND_SECONDS = 30, FIRST_OTHER = STDERR_FILENO + 1 };

/* The strings of a message, in their order. */
static const char *const variables[] = {
	"DUENNA_SESSION", "DUENNA_QUESTION", "DUENNA_COUNT", "DUENNA_TEXT"};
enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

/* The command, with the sentence as its last argument; it never goes through a shell. */
static noreturn void run_command(char *const *command, const char *message)
{
	size_t count = 0;
	const char *value = message;

	while (command[count] != NULL) {
		count++;
	}
	char **argv = xcalloc(count + 2, sizeof(*argv));
	memcpy(argv, command, count * sizeof(*argv));
	for (size_t i = 0; i < VARIABLES; i++) {
		(void)setenv(variables[i], value, 1);
		argv[count] = (char *)(uintptr_t)value;
		value += strlen(value) + 1;
	}
	(void)alarm(COMMAND_SECONDS); /* it stays over the exec: none hangs for ever */
	(void)execvp(argv[0], argv);
	_exit(EXIT_FAILURE);
}

/* Whether it is as notification_send() makes it. */
static bool is_whole(const char *message, size_t length)
{
	size_t strings = 0;

	for (size_t i = 0; i < length; i++) {
		strings += message[i] == '\0';
	}
	return strings == VARIABLES && message[length - 1] == '\0';
}

/* One command at a time; of what came meanwhile only the newest is told. */
static noreturn void serve(int fd, char *const *command)
{
	char message[NOTIFICATION_SIZE_MAX];
	ssize_t length;

	while ((length = recv(fd, message, sizeof(message), 0)) > 0) {
		ssize_t next;
		char later[NOTIFICATION_SIZE_MAX];
		while ((next = recv(fd, later, sizeof(later), MSG_DONTWAIT)) > 0) {
			memcpy(message, later, (size_t)next);
			length = next;
		}
		if (!is_whole(message, (size_t)length)) {
			continue;
		}
		const pid_t pid = fork();
		if (pid == 0) {
			run_command(command, message);
		}
		if (pid > 0) {
			(void)waitpid(pid, NULL, 0);
		}
	}
	_exit(EXIT_SUCCESS);
}

/* Holds nothing of ours: no terminal, no database, no front end's socket. */
static void leave_everything(int fd)
{
	const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int standard = 0; standard <= STDERR_FILENO; standard++) {
		(void)dup2(nothing, standard);
	}
	(void)setsid();
	(void)syscall(SYS_close_range, FIRST_OTHER, fd - 1, 0);
	(void)syscall(SYS_close_range, fd + 1, ~0U, 0);
}

int notifier_start(char *const *command, struct error *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		(void)error_set(err, ERROR_REFUSED, "socketpair: %s", strerror(errno));
		return -1;
	}
	const pid_t pid = fork();
	if (pid == 0) {
		/* The grandchild is nobody's to wait for. */
		if (fork() == 0) {
			leave_everything(pair[0]);
			serve(pair[0], command);
		}
		_exit(EXIT_SUCCESS);
	}
	(void)close(pair[0]);
	if (pid < 0) {
		(void)error_set(err, ERROR_REFUSED, "fork: %s", strerror(errno));
		(void)close(pair[1]);
		return -1;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
	return pair[1];
}
