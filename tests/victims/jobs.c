/* SPDX-License-Identifier: MIT */
/* Children that are stopped and continued, and what their parent hears of it. */
#include "victim.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

static void say_status(const char *what, int status)
{
	say("%s: %s %d\n", what,
		WIFSTOPPED(status)     ? "stopped"
		: WIFCONTINUED(status) ? "continued"
		: WIFSIGNALED(status)  ? "killed"
				       : "exited",
		WIFSTOPPED(status)    ? WSTOPSIG(status)
		: WIFSIGNALED(status) ? WTERMSIG(status)
				      : WEXITSTATUS(status));
}

static void stop_and_continue(pid_t child, int sig)
{
	int status = 0;

	kill(child, sig);
	if (waitpid(child, &status, WUNTRACED) == child) {
		say_status("stop", status);
	}
	kill(child, SIGCONT);
	if (waitpid(child, &status, WCONTINUED) == child) {
		say_status("continue", status);
	}
}

static void control(pid_t child)
{
	int status = 0;

	setpgid(child, child); /* SIGTSTP stops nobody in an orphaned group */
	for (int i = 0; i < 10; i++) {
		stop_and_continue(child, i % 2 ? SIGSTOP : SIGTSTP);
	}
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGTERM); /* waits for the continuation */
	say("early %d\n", waitpid(child, &status, WNOHANG));
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	say_status("end", status);
}

static void control_waiting(void)
{
	pid_t child = fork();

	if (child == 0) {
		for (;;) {
			pause();
		}
	}
	control(child);
}

static void control_opening(void)
{
	pid_t child = fork();

	if (child == 0) {
		for (;;) {
			close(open("/etc/passwd", O_RDONLY));
		}
	}
	control(child);
}

static void *opening_thread(void *unused)
{
	for (;;) {
		close(open("/etc/passwd", O_RDONLY));
	}
	return unused;
}

static void control_threads(void)
{
	pid_t child = fork();

	if (child == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, opening_thread, NULL);
		pthread_create(&thread, NULL, opening_thread, NULL);
		for (;;) {
			pause();
		}
	}
	control(child);
}

static void control_executing(void)
{
	pid_t child = fork();

	if (child == 0) {
		for (;;) {
			if (vfork() == 0) {
				execl("/bin/true", "true", NULL);
				_exit(127);
			}
			while (waitpid(-1, NULL, WNOHANG) > 0) {
			}
		}
	}
	control(child);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Interrupted again and again, yet each file is made once, and no call says EINTR. */
static void create_in_storm(void)
{
	char folder[] = "/tmp/stormXXXXXX";
	struct sigaction action = {.sa_handler = nothing};
	struct itimerval storm = {{0, 500}, {0, 500}};
	int wrong = 0;

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		_exit(3);
	}
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &storm, NULL);
	for (int i = 0; i < 2000; i++) {
		char name[32];
		char other[32];
		snprintf(name, sizeof(name), "f%d", i);
		snprintf(other, sizeof(other), "g%d", i);
		int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (fd < 0 || close(fd) != 0) {
			say("open %s: %d\n", name, errno);
			wrong++;
		}
		if (rename(name, other) != 0 || unlink(other) != 0 ||
			mkdir(other, 0700) != 0 || rmdir(other) != 0) {
			say("name %s: %d\n", name, errno);
			wrong++;
		}
	}
	storm = (struct itimerval){0};
	setitimer(ITIMER_PROF, &storm, NULL);
	(void)rmdir(folder);
	say("%d wrong\n", wrong);
}

/* A stop of one whole process by its own hand. */
static void stop_itself(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		raise(SIGSTOP);
		_exit(5);
	}
	waitpid(child, &status, WUNTRACED);
	say_status("stop", status);
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	say_status("end", status);
}

static const struct behaviour behaviours[] = {
	{"control_waiting", control_waiting},
	{"control_opening", control_opening},
	{"control_threads", control_threads},
	{"control_executing", control_executing},
	{"create_in_storm", create_in_storm},
	{"stop_itself", stop_itself},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
