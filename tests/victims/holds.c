/* SPDX-License-Identifier: MIT */
/* Calls that may be held: opening /etc/hostname, connecting to 127.9.9.9:9, running true. */
#include "victim.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

static void say_result(const char *call, long result)
{
	say("%s %s\n", call, result >= 0 ? "done" : strerrorname_np(errno));
}

static int open_held(void)
{
	return open("/etc/hostname", O_RDONLY);
}

static int connect_held(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "127.9.9.9", &address.sin_addr);
	return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static void *sibling(void *unused)
{
	char byte;

	while (read(0, &byte, 1) == 1) {
		int fd = open("/etc/passwd", O_RDONLY);
		say("sibling %c %d\n", byte, fd >= 0);
		close(fd);
		if (byte == 'x') {
			_exit(9);
		}
		if (byte == 'e') {
			execl("/bin/echo", "echo", "executed", NULL);
		}
	}
	return unused;
}

static void start_sibling(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, sibling, NULL);
}

static void hold_open(void)
{
	start_sibling();
	say_result("open", open_held());
}

static void hold_connect(void)
{
	start_sibling();
	say_result("connect", connect_held());
}

static void hold_exec(void)
{
	start_sibling();
	execl("/bin/true", "true", NULL);
	say_result("exec", -1);
}

static void hold_vfork_exec(void)
{
	start_sibling();
	pid_t child = vfork();
	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(errno);
	}
	int status = 0;
	waitpid(child, &status, 0);
	say("child %x\n", (unsigned)status);
}

static void hold_vfork_alone(void)
{
	pid_t child = vfork();

	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(errno);
	}
	say("child ended\n");
}

static void hold_vfork_open(void)
{
	pid_t child = vfork();

	if (child == 0) {
		_exit(open_held() < 0 ? errno : 0);
	}
	say("child ended\n");
}

static void hold_create(void)
{
	char folder[] = "/tmp/holdXXXXXX";

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(3);
	}
	say_result("mkdir", mkdir("once-held", 0700));
	say_result("rmdir", rmdir("once-held"));
	(void)rmdir(folder);
}

/* What a shell does: the job in front holds, and the keys are a person's. */
static void control_holding_job(void (*job)(void))
{
	char byte;
	int status = 0;
	const int master = posix_openpt(O_RDWR | O_NOCTTY);

	setsid();
	if (unlockpt(master) != 0) {
		_exit(3);
	}
	const int terminal = open(ptsname(master), O_RDWR);
	const pid_t child = fork();
	if (child == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(terminal, getpid());
		job();
		_exit(0);
	}
	setpgid(child, child);
	(void)!read(0, &byte, 1);
	(void)!write(master, "\x1a", 1);
	waitpid(child, &status, WUNTRACED);
	say("stopped by %d\n", WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
	kill(-child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	say("continued %d\n", WIFCONTINUED(status));
	(void)!read(0, &byte, 1);
	(void)!write(master, "\x03", 1);
	waitpid(child, &status, 0);
	say("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void open_alone(void)
{
	say_result("open", open_held());
}

static void *open_in_thread(void *unused)
{
	open_alone();
	return unused;
}

static void open_beside_others(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, open_in_thread, NULL);
	for (;;) {
		close(open("/etc/passwd", O_RDONLY));
	}
}

static void connect_alone(void)
{
	say_result("connect", connect_held());
}

static void execute_alone(void)
{
	execl("/bin/true", "true", NULL);
}

static void hold_job_open(void)
{
	control_holding_job(open_alone);
}

static void hold_job_open_beside_others(void)
{
	control_holding_job(open_beside_others);
}

static void hold_job_connect(void)
{
	control_holding_job(connect_alone);
}

static void hold_job_exec(void)
{
	control_holding_job(execute_alone);
}

static void nothing(int sig)
{
	say("handler %d\n", sig == SIGUSR1);
}

static void handle_usr1(int flags)
{
	struct sigaction action = {.sa_handler = nothing, .sa_flags = flags};

	sigaction(SIGUSR1, &action, NULL);
}

static void hold_open_restarting(void)
{
	handle_usr1(SA_RESTART);
	say_result("open", open_held());
}

static void hold_open_interrupted(void)
{
	handle_usr1(0);
	say_result("open", open_held());
}

static void hold_connect_restarting(void)
{
	handle_usr1(SA_RESTART);
	say_result("connect", connect_held());
}

static void hold_connect_interrupted(void)
{
	handle_usr1(0);
	say_result("connect", connect_held());
}

/* Both kinds of calls, many times: each has to come to its end. */
static void hold_many(void)
{
	enum { MANY = 4000 };
	int done = 0;

	for (int i = 0; i < MANY; i++) {
		int fd = open_held();
		done += fd >= 0 && connect_held() >= 0;
		close_range(3, ~0U, 0);
	}
	say("done %d of %d\n", done, MANY);
}

static void count_signal(int sig)
{
	(void)sig;
}

static void hold_many_with_signals(void)
{
	const struct itimerval often = {{0, 100}, {0, 100}};
	const struct sigaction action = {
		.sa_handler = count_signal, .sa_flags = SA_RESTART};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	hold_many();
}

static const struct behaviour behaviours[] = {
	{"hold_open", hold_open},
	{"hold_connect", hold_connect},
	{"hold_exec", hold_exec},
	{"hold_vfork_exec", hold_vfork_exec},
	{"hold_vfork_alone", hold_vfork_alone},
	{"hold_vfork_open", hold_vfork_open},
	{"hold_create", hold_create},
	{"hold_job_open", hold_job_open},
	{"hold_job_open_beside_others", hold_job_open_beside_others},
	{"hold_job_connect", hold_job_connect},
	{"hold_job_exec", hold_job_exec},
	{"hold_open_restarting", hold_open_restarting},
	{"hold_open_interrupted", hold_open_interrupted},
	{"hold_connect_restarting", hold_connect_restarting},
	{"hold_connect_interrupted", hold_connect_interrupted},
	{"hold_many", hold_many},
	{"hold_many_with_signals", hold_many_with_signals},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
