/* SPDX-License-Identifier: MIT */
/* Children that are stopped and continued, and what their parent hears of it. */
#include "victim.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static volatile int children_heard;
static volatile int last_code;

static void hear_child(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	children_heard++;
	last_code = info->si_code;
}

/* A child that goes on can be waited for before its parent has the signal. */
static void say_heard(const char *what, int expected)
{
	while (children_heard < expected) {
		usleep(1000);
	}
	say("%s: %d heard, code %d\n", what, children_heard, last_code);
	children_heard = 0;
}

static void say_waited(const char *what, idtype_t type, pid_t id, int options)
{
	siginfo_t info = {0};
	const int result = waitid(type, (id_t)id, &info, options);

	say("%s: %s, code %d status %d signal %d\n", what,
		result == 0 ? "done" : strerrorname_np(errno), info.si_code,
		info.si_status, info.si_signo);
}

/* A child that waits for signals, in a group of its own. */
static pid_t make_child(void)
{
	const pid_t child = fork();

	if (child == 0) {
		for (;;) {
			pause();
		}
	}
	setpgid(child, child);
	return child;
}

static void wait_in_all_ways(void)
{
	struct sigaction action = {
		.sa_sigaction = hear_child, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(SIGCHLD, &action, NULL);
	pid_t child = make_child();
	const int handle = (int)syscall(SYS_pidfd_open, child, 0);
	say_waited("nothing yet", P_PID, child, WEXITED | WSTOPPED | WNOHANG);
	kill(child, SIGTSTP);
	say_waited("stopped, kept", P_PID, child, WSTOPPED | WNOWAIT);
	say_heard("stopped", 1);
	say_waited("stopped", P_PGID, child, WSTOPPED);
	say_waited("told once", P_PID, child, WSTOPPED | WNOHANG);
	kill(child, SIGCONT);
	say_waited("continued", P_ALL, 0, WCONTINUED);
	say_heard("continued", 1);
	action.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
	kill(child, SIGSTOP);
	say_waited("stopped unheard", P_PIDFD, handle, WSTOPPED);
	say_heard("stopped unheard", 0);
	kill(child, SIGKILL);
	say_waited("killed, kept", P_PID, child, WEXITED | WNOWAIT);
	say_heard("killed", 1);
	say_waited("not by __WCLONE", P_PID, child, WEXITED | __WCLONE | WNOHANG);
	say_waited("killed", P_PIDFD, handle, WEXITED | __WALL);
	say_waited("gone", P_PID, child, WEXITED);
	close(handle);
}

static void wait_for_ends(void)
{
	struct rusage usage = {0};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		_exit(200);
	}
	say_waited("exited", P_PID, child, WEXITED | WNOWAIT);
	say("rusage %d", wait4(child, &status, 0, &usage) == child);
	say(" %x %d\n", (unsigned)status, usage.ru_maxrss > 0);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		abort();
	}
	say_waited("aborted", P_PID, child, WEXITED);
}

static void wait_for_orphans(void)
{
	pid_t child;

	/* Nobody may learn of children that are not asked for. */
	signal(SIGCHLD, SIG_IGN);
	child = fork();
	if (child == 0) {
		_exit(1);
	}
	say_waited("ignored", P_PID, child, WEXITED);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			usleep(20000);
			_exit(getppid() == 1 ? 1 : 42);
		}
		_exit(0);
	}
	say_waited("its maker", P_PID, child, WEXITED);
	say_waited("orphan", P_ALL, 0, WEXITED);
	int ready[2];
	char byte;
	if (pipe(ready) != 0) {
		_exit(3);
	}
	child = fork();
	if (child == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGUSR2);
			(void)!write(ready[1], "x", 1);
			for (;;) {
				pause();
			}
		}
		(void)!read(ready[0], &byte, 1);
		_exit(0);
	}
	say_waited("its maker", P_PID, child, WEXITED);
	say_waited("told of its parent's death", P_ALL, 0, WEXITED);
	say_waited("no more", P_ALL, 0, WEXITED);
}

static const struct behaviour behaviours[] = {
	{"control_waiting", control_waiting},
	{"control_opening", control_opening},
	{"control_threads", control_threads},
	{"control_executing", control_executing},
	{"create_in_storm", create_in_storm},
	{"stop_itself", stop_itself},
	{"wait_in_all_ways", wait_in_all_ways},
	{"wait_for_ends", wait_for_ends},
	{"wait_for_orphans", wait_for_orphans},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	return behave(behaviours, argc, argv);
}
