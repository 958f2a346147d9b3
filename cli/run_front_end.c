/* SPDX-License-Identifier: MIT */
#include "cli/run_front_end.h"

#include "cli/commands.h"
#include "cli/session_end.h"
#include "session/protocol.h"
#include "tui/app.h"
#include "tui/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_STATUS_BASE = 128 };

/*
 * Forks with a socket between both ends; *end is this side's. In the child, which gets a
 * session of its own so that the terminal's signals do not reach it, returns 0.
 */
static pid_t fork_supervisor(int *end, struct error *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		(void)error_set(err, ERROR_REFUSED, "socketpair: %s", strerror(errno));
		return -1;
	}
	pid_t pid = fork();
	if (pid < 0) {
		(void)error_set(err, ERROR_REFUSED, "fork: %s", strerror(errno));
		(void)close(pair[0]);
		(void)close(pair[1]);
		return -1;
	}
	*end = pair[pid == 0];
	(void)close(pair[pid != 0]);
	if (pid == 0) {
		(void)setsid();
	}
	return pid;
}

static bool run_supervisor(
	const struct session_options *options, int end, int *status, struct error *err)
{
	struct session_options own = *options;

	own.front_end = end;
	return session_run(&own, err, status);
}

/* What a front end hands to the supervisor, for the command. */
static bool is_passed_on(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT ||
	       number == SIGTERM || number == SIGUSR1 || number == SIGUSR2;
}

/*
 * The child has printed its own errors; its exit status becomes ours. A signal that we
 * passed on may end it before there is a command.
 */
static bool wait_for_supervisor(pid_t pid, int *status, struct error *err)
{
	int wait_status;

	while (waitpid(pid, &wait_status, 0) < 0) {
		if (errno != EINTR) {
			return error_set(
				err, ERROR_REFUSED, "waitpid: %s", strerror(errno));
		}
	}
	if (WIFSIGNALED(wait_status) && is_passed_on(WTERMSIG(wait_status))) {
		*status = SIGNAL_STATUS_BASE + WTERMSIG(wait_status);
		return true;
	}
	if (WIFSIGNALED(wait_status)) {
		return error_set(err, ERROR_REFUSED,
			"the supervisor was ended by signal %d (%s), and the command "
			"with it",
			WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
	}
	*status = WEXITSTATUS(wait_status);
	return true;
}

bool run_with_line_prompt(const struct session_options *options,
	const struct tui_settings *settings, int *status, struct error *err)
{
	struct line_options line = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.client = "line",
		.arming_ms = settings->arming_ms,
	};
	struct error front_end_err = {0};
	int front_end_status = 0;
	int end;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		return error_set(err, ERROR_REFUSED,
			"--ask line needs a terminal as standard input and output");
	}
	pid_t pid = fork_supervisor(&end, err);
	if (pid < 0) {
		return false;
	}
	if (pid == 0) {
		return run_supervisor(options, end, status, err);
	}
	line.supervisor = pid;
	(void)line_front_end_run(end, &line, &front_end_status, &front_end_err);
	/* A terminal that goes away ends the prompt, and is news for the command. */
	const bool is_hung_up = front_end_status == SIGNAL_STATUS_BASE + SIGHUP;
	if (is_hung_up) {
		(void)kill(pid, SIGHUP);
	}
	bool waited = wait_for_supervisor(pid, status, err);
	if (!is_hung_up) {
		session_end_print(options, pid);
	}
	return waited;
}

/*
 * Leaves the terminal to others: whoever waits for its end (ssh, a pipe) need not wait
 * for a session that goes on. What is said before it goes on is kept in errors.
 */
static bool leave_terminal(int errors)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
	       dup2(nothing, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0;
}

static void print_errors(int errors)
{
	off_t at = 0;
	char bytes[4096];
	ssize_t count;

	while ((count = pread(errors, bytes, sizeof(bytes), at)) > 0) {
		(void)fwrite(bytes, 1, (size_t)count, stderr);
		at += count;
	}
}

/* In the child: questions wait for the next front end, however the first one goes. */
static bool supervise_detached(const struct session_options *options, int errors,
	int end, int *status, struct error *err)
{
	struct session_options own = *options;

	own.detached = true;
	if (!leave_terminal(errors)) {
		return error_set(err, ERROR_REFUSED, "cannot leave the terminal: %s",
			strerror(errno));
	}
	return run_supervisor(&own, end, status, err);
}

/* The number of the session as soon as it runs; 0 if it ended before. */
static int64_t await_session(struct protocol_stream *stream)
{
	const struct protocol_client client = {
		.protocol = PROTOCOL_VERSION,
		.client = text_of("run"),
	};
	struct protocol_message message;
	int64_t session = 0;

	protocol_stream_send(stream, protocol_client_write(&client));
	while (session == 0 && !stream->is_closed) {
		struct pollfd wait = {.fd = stream->fd, .events = POLLIN};
		protocol_stream_flush(stream);
		(void)poll(&wait, 1, -1);
		protocol_stream_receive(stream);
		while (protocol_stream_next(stream, &message, NULL) ==
			PROTOCOL_MESSAGE) {
			struct protocol_hello hello = {0};
			if (strcmp(message.type, "hello") == 0 &&
				protocol_hello_read(message.body, &hello)) {
				session = hello.session;
				protocol_hello_finish(&hello);
			}
			protocol_message_finish(&message);
		}
	}
	return session;
}

bool run_detached(const struct session_options *options, int *status, struct error *err)
{
	int errors = memfd_create("duenna-errors", MFD_CLOEXEC);
	int end;
	pid_t pid = fork_supervisor(&end, err);

	if (pid < 0) {
		return false;
	}
	if (pid == 0) {
		return supervise_detached(options, errors, end, status, err);
	}
	struct protocol_stream stream = {0};
	protocol_stream_init(&stream, end);
	int64_t session = await_session(&stream);
	if (session > 0) {
		printf("session %lld is running; `duenna attach %lld` shows it\n",
			(long long)session, (long long)session);
		protocol_stream_send(&stream, protocol_new("detach"));
		protocol_stream_flush(&stream);
	}
	protocol_stream_finish(&stream);
	if (session > 0) {
		*status = EXIT_DONE;
		return true;
	}
	bool waited = wait_for_supervisor(pid, status, err);
	print_errors(errors);
	return waited;
}

/*
 * What the command left on its terminal, as if it had been this one; what the session
 * said at its end, and where it is if it goes on.
 */
static void tell_end(const struct tui_end *end)
{
	if (end->left != NULL) {
		(void)fputs(end->left, stdout);
		(void)fflush(stdout);
	}
	if (end->text != NULL) {
		(void)fprintf(stderr, "duenna: %s\n", end->text);
	}
	if (end->is_detached) {
		printf("detached; session %lld goes on, and `duenna attach %lld` shows "
		       "it\n",
			(long long)end->session, (long long)end->session);
	}
}

bool attach_with_tui(int session_fd, const struct front_end *own, const char *client,
	struct tui_end *end, struct error *err)
{
	const struct tui_options options = {
		.input = STDIN_FILENO,
		.output = STDOUT_FILENO,
		.client = client,
		.arming_ms = own->settings->arming_ms,
		.settings = own->settings,
		.memory = own->memory,
		.supervisor = own->supervisor,
	};
	const bool done = tui_front_end_run(session_fd, &options, end, err);

	tell_end(end);
	free(end->text);
	free(end->left);
	end->text = end->left = NULL;
	return done;
}

bool run_with_tui(const struct session_options *options,
	const struct front_end *front_end, int *status, struct error *err)
{
	struct tui_end front_end_end;
	struct error front_end_err = {0};
	int errors = memfd_create("duenna-errors", MFD_CLOEXEC);
	int end;

	if (!tui_is_possible(STDIN_FILENO, STDOUT_FILENO)) {
		return error_set(err, ERROR_REFUSED,
			"--ask tui needs a terminal that can be drawn on as standard "
			"input and output; --ask line needs no more than lines");
	}
	pid_t pid = fork_supervisor(&end, err);
	if (pid < 0) {
		return false;
	}
	if (pid == 0) {
		return supervise_detached(options, errors, end, status, err);
	}
	struct front_end own = *front_end;
	own.supervisor = pid;
	(void)attach_with_tui(end, &own, "tui", &front_end_end, &front_end_err);
	if (front_end_end.is_detached) {
		*status = EXIT_DONE;
		return true;
	}
	bool waited = wait_for_supervisor(pid, status, err);
	print_errors(errors);
	session_end_print(options, pid);
	return waited;
}
