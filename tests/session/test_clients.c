/* SPDX-License-Identifier: MIT */
#include "session/peer.h"
#include "session/supervisor.h"
#include "tests/session/stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(clients, .timeout = 120);

static struct stage stage;
static struct process *agent;

static void start(enum ask_mode ask)
{
	stage_init(&stage, ask, "allow read /free\n");
	agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
}

static void end(void)
{
	stage_end(&stage);
	stage_finish(&stage);
}

static void await_running(void)
{
	(void)fake_wait_answer(fake_request(agent, VERB_READ, "/free"));
}

static void send_new(struct protocol_stream *client, json_t *body)
{
	protocol_stream_send(client, body);
	protocol_stream_flush(client);
}

/* Waits until the session has closed the connection. */
static void await_closed(struct protocol_stream *client)
{
	struct pollfd wait = {.fd = client->fd, .events = POLLIN};
	while (!client->is_closed && poll(&wait, 1, 20000) > 0) {
		protocol_stream_receive(client);
		client->in.start = client->in.end;
	}
	cr_expect(client->is_closed);
}

Test(clients, hello_says_what_the_session_is)
{
	start(ASK_DENY);
	await_running();
	struct protocol_stream client = stage_connect(&stage, false);
	struct protocol_message message = stage_await(&client, "hello");
	struct protocol_hello hello;
	cr_assert(protocol_hello_read(message.body, &hello));
	cr_expect(eq(i64, hello.session, 1));
	cr_expect(eq(sz, hello.argc, 2));
	cr_expect(eq(int, hello.state, SESSION_RUNNING));
	cr_expect(not(hello.has_terminal));
	protocol_hello_finish(&hello);
	protocol_message_finish(&message);
	protocol_stream_finish(&client);
	end();
}

Test(clients, events_are_fed_to_who_wants_them)
{
	start(ASK_DENY);
	await_running();
	struct protocol_stream client = stage_connect(&stage, false);
	struct protocol_message message = stage_await(&client, "ready");
	protocol_message_finish(&message);
	await_running();
	message = stage_await(&client, "event");
	struct protocol_event event;
	cr_assert(protocol_event_read(message.body, &event));
	cr_expect(eq(str, (char *)event.object.bytes, "/free"));
	cr_expect(eq(str, (char *)event.program.bytes, "/usr/bin/agent"));
	protocol_event_finish(&event);
	protocol_message_finish(&message);
	protocol_stream_finish(&client);
	end();
}

Test(clients, a_peer_of_the_tree_is_shown_the_door)
{
	start(ASK_DENY);
	await_running();
	fake_extra_process = getpid();
	struct error err = {0};
	struct protocol_stream client;
	int fd = protocol_socket_connect(stage.database, 1, &err);
	cr_assert(fd >= 0);
	protocol_stream_init(&client, fd);
	await_closed(&client);
	protocol_stream_finish(&client);
	/* And so is one whose parent is of the tree. */
	fake_extra_process = getppid();
	fd = protocol_socket_connect(stage.database, 1, &err);
	cr_assert(fd >= 0);
	protocol_stream_init(&client, fd);
	await_closed(&client);
	protocol_stream_finish(&client);
	end();
}

/* In a child: 0 if the session says hello, 1 if it hangs up, 2 if it cannot be reached. */
static noreturn void greet(const struct sockaddr_un *address, bool is_held)
{
	static const char hello[] = "{\"type\":\"hello\",\"protocol\":1}\n";
	char answer;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_held && ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
		_exit(3);
	}
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		_exit(2);
	}
	/* A traced process stops at a SIGPIPE, ignored or not. */
	(void)send(fd, hello, sizeof(hello) - 1, MSG_NOSIGNAL);
	_exit(read(fd, &answer, 1) == 1 ? 0 : 1);
}

static int greet_as(bool is_held)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error err = {0};
	int status = 0;
	cr_assert(protocol_socket_path(
		stage.database, 1, address.sun_path, sizeof(address.sun_path), &err));
	pid_t child = fork();
	if (child == 0) {
		greet(&address, is_held);
	}
	cr_assert(eq(int, waitpid(child, &status, 0), child));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* As the processes of every other session are, whose rules may not know this socket. */
Test(clients, a_peer_that_another_tracer_holds_is_shown_the_door)
{
	start(ASK_DENY);
	await_running();
	cr_expect(eq(int, greet_as(false), 0));
	cr_expect(eq(int, greet_as(true), 1));
	end();
}

Test(clients, a_peer_of_whom_nothing_can_be_seen_is_not_admitted)
{
	const struct supervisor supervisor = {0};
	struct rlimit before;
	int pair[2];

	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	cr_expect(eq(int, peer_admit(&supervisor, pair[0]), getpid()));
	cr_assert(eq(int, getrlimit(RLIMIT_NOFILE, &before), 0));
	const struct rlimit none = {0, before.rlim_max};
	cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &none), 0));
	const pid_t admitted = peer_admit(&supervisor, pair[0]);
	cr_assert(eq(int, setrlimit(RLIMIT_NOFILE, &before), 0));
	cr_expect(eq(int, admitted, 0));
	close(pair[0]);
	close(pair[1]);
}

Test(clients, hostile_input_costs_no_more_than_the_connection)
{
	static const char *const cases[] = {
		"garbage\n",
		"{\"type\":\"answer\",\"question\":1}\n",
		"{\"type\":\"hello\"}\n",
		"{\"type\":\"hello\",\"protocol\":1,\"client\":7}\n",
		"{\"type\":\"hello\",\"protocol\":1}\n{\"type\":\"hello\",\"protocol\":"
		"1}\n",
		"{\"type\":\"hello\",\"protocol\":1}\n{\"type\":\"window\",\"rows\":"
		"70000}\n",
		"{\"type\":\"hello\",\"protocol\":1}\n{\"type\":\"kill\",\"pid\":\"x\"}"
		"\n",
		"{\"type\":\"hello\",\"protocol\":1}\n{\"type\":\"undo\",\"request\":[]"
		"}\n",
		"{\"type\":\"hello\",\"protocol\":1}\n{\"type\":\"input\",\"length\":"
		"1e9}\n",
	};
	start(ASK_TUI);
	await_running();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {0};
		struct protocol_stream client;
		int fd = protocol_socket_connect(stage.database, 1, &err);
		cr_assert(fd >= 0);
		protocol_stream_init(&client, fd);
		cr_expect(send(fd, cases[i], strlen(cases[i]), MSG_NOSIGNAL) > 0);
		await_closed(&client);
		protocol_stream_finish(&client);
	}
	await_running();
	end();
}

Test(clients, unknown_messages_are_ignored_and_wrong_answers_refused)
{
	start(ASK_TUI);
	send_new(&stage.front_end, protocol_new("of_the_future"));
	stage_answer(&stage.front_end, 99, VERDICT_ALLOW, SCOPE_ONCE);
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	send_new(&stage.front_end, protocol_new("answer"));
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	end();
}

Test(clients, pause_resume_kill_and_stop_reach_the_tree)
{
	start(ASK_TUI);
	send_new(&stage.front_end, protocol_new("pause"));
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(fake_deeds.paused);
	send_new(&stage.front_end, protocol_new("resume"));
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(not(fake_deeds.paused));
	json_t *body = protocol_new("kill");
	json_object_set_new(body, "pid", json_integer(agent->pid));
	send_new(&stage.front_end, body);
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(eq(int, fake_deeds.killed_process, agent->pid));
	body = protocol_new("kill");
	json_object_set_new(body, "pid", json_integer(1));
	send_new(&stage.front_end, body);
	cr_expect(ne(str, (char *)stage_reply(&stage.front_end), ""));
	send_new(&stage.front_end, protocol_new("stop"));
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	cr_expect(fake_deeds.killed);
	end();
}

Test(clients, the_process_list_is_the_tree)
{
	start(ASK_TUI);
	struct process *child = fake_process_start("/usr/bin/child", agent);
	await_running();
	await_running(); /* the first is done with by then */
	json_t *body = protocol_new("processes");
	json_object_set_new(body, "request", json_integer(5));
	send_new(&stage.front_end, body);
	struct protocol_message message = stage_await(&stage.front_end, "processes");
	struct protocol_processes list;
	cr_assert(protocol_processes_read(message.body, &list));
	cr_assert(eq(sz, list.count, 2));
	cr_expect(eq(i64, list.processes[0].pid, child->pid));
	cr_expect(eq(i64, list.processes[0].parent, agent->pid));
	cr_expect(eq(i64, list.processes[0].judged, 0));
	cr_expect(ge(i64, list.processes[1].judged, 1));
	cr_expect(eq(i64, list.processes[1].denied, 0));
	protocol_processes_finish(&list);
	protocol_message_finish(&message);
	end();
}

Test(clients, the_end_comes_with_the_exit_status)
{
	start(ASK_TUI);
	fake_end(5 << 8);
	struct protocol_message message = stage_await(&stage.front_end, "end");
	cr_expect(eq(
		i64, json_integer_value(json_object_get(message.body, "status")), 5));
	protocol_message_finish(&message);
	stage_wait(&stage);
	cr_expect(eq(int, stage.status, 5));
	stage_finish(&stage);
}

/* The slave end of the tree's terminal, as the command would get it. */
static int open_terminal(void)
{
	return dup(fake_deeds.stdio[0]);
}

Test(clients, what_the_tree_writes_is_shown_and_what_is_typed_arrives)
{
	start(ASK_TUI);
	cr_expect(fake_deeds.new_session);
	int terminal = open_terminal();
	cr_assert(terminal >= 0);
	cr_expect(eq(i64, write(terminal, "hello", 5), 5));
	struct protocol_message message = stage_await(&stage.front_end, "output");
	cr_expect(text_equal_string(message.raw, "hello"));
	protocol_message_finish(&message);
	protocol_stream_send_raw(&stage.front_end, protocol_new("input"), "typed\n", 6);
	protocol_stream_flush(&stage.front_end);
	char line[16] = {0};
	cr_expect(eq(i64, read(terminal, line, sizeof(line)), 6));
	cr_expect(eq(str, line, "typed\n"));
	/* Who joins later sees what was there. */
	struct protocol_stream client = stage_connect(&stage, true);
	json_t *body = protocol_new("subscribe");
	json_object_set_new(body, "output", json_true());
	send_new(&client, body);
	message = stage_await(&client, "ready");
	protocol_message_finish(&message);
	protocol_stream_finish(&client);
	close(terminal);
	end();
}

Test(clients, the_terminal_has_the_size_that_the_front_end_says)
{
	start(ASK_TUI);
	int terminal = open_terminal();
	json_t *body = protocol_new("window");
	json_object_set_new(body, "rows", json_integer(50));
	json_object_set_new(body, "columns", json_integer(132));
	send_new(&stage.front_end, body);
	send_new(&stage.front_end, protocol_new("pause"));
	cr_expect(eq(str, (char *)stage_reply(&stage.front_end), ""));
	struct winsize size;
	cr_assert(eq(int, ioctl(terminal, TIOCGWINSZ, &size), 0));
	cr_expect(eq(int, size.ws_row, 50));
	cr_expect(eq(int, size.ws_col, 132));
	close(terminal);
	end();
}

Test(clients, the_terminal_is_hung_up_with_the_last_front_end)
{
	start(ASK_TUI);
	int terminal = open_terminal();
	protocol_stream_finish(&stage.front_end);
	struct pollfd wait = {.fd = terminal, .events = POLLIN};
	cr_assert(eq(int, poll(&wait, 1, 20000), 1));
	cr_expect(ne(int, wait.revents &POLLHUP, 0));
	close(terminal);
	end();
}

Test(clients, a_front_end_that_does_not_read_holds_nobody_up_for_good)
{
	start(ASK_TUI);
	int terminal = open_terminal();
	struct protocol_stream client = stage_connect(&stage, true);
	struct protocol_message message = stage_await(&client, "ready");
	protocol_message_finish(&message);
	/* Far more than sockets and buffers hold; the other front end never reads. */
	static char bytes[1 << 16];
	memset(bytes, 'x', sizeof(bytes));
	size_t written = 0;
	while (written < (24u << 20)) {
		ssize_t step = write(terminal, bytes, sizeof(bytes));
		cr_assert(step > 0);
		written += (size_t)step;
	}
	await_running();
	protocol_stream_finish(&client);
	close(terminal);
	end();
}

/* A client with a terminal of its own; says by a byte that it is in, and then waits. */
static void terminal_client(const char *terminal, int said_fd, int wait_fd)
{
	static const char hello[] =
		"{\"type\":\"hello\",\"protocol\":1,\"front_end\":true}\n";
	char byte;
	struct error err = {0};
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setsid();
	int slave = open(terminal, O_RDWR);
	int fd = protocol_socket_connect(stage.database, 1, &err);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0 || fd < 0) {
		_exit(1);
	}
	/* Once the session answers it has looked at who this is. */
	if (write(fd, hello, sizeof(hello) - 1) < 0 || read(fd, &byte, 1) != 1 ||
		write(said_fd, "x", 1) != 1) {
		_exit(1);
	}
	(void)!read(wait_fd, &byte, 1);
	_exit(0);
}

Test(clients, the_terminal_of_a_front_end_is_out_of_reach)
{
	stage_init(&stage, ASK_ATTACH, "allow any *\nallow any /**\n");
	agent = fake_process_start("/usr/bin/agent", NULL);
	stage_start(&stage);
	await_running();
	char terminal[64];
	char byte;
	int said[2];
	int wait[2];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	cr_assert(master >= 0 && unlockpt(master) == 0);
	cr_assert(eq(int, ptsname_r(master, terminal, sizeof(terminal)), 0));
	cr_assert(eq(int, pipe2(said, O_CLOEXEC), 0));
	cr_assert(eq(int, pipe2(wait, O_CLOEXEC), 0));
	struct request *request = fake_request(agent, VERB_WRITE, terminal);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_ALLOW));
	pid_t child = fork();
	if (child == 0) {
		close(wait[1]);
		terminal_client(terminal, said[1], wait[0]);
	}
	close(said[1]);
	cr_assert(eq(i64, read(said[0], &byte, 1), 1));
	request = fake_request(agent, VERB_WRITE, terminal);
	cr_expect(eq(int, fake_wait_answer(request).kind, ANSWER_DENY));
	close(wait[1]);
	(void)waitpid(child, NULL, 0);
	end();
}
