/* SPDX-License-Identifier: MIT */
/* Ways to be born, to become another program, and to end. */
#include "victim.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdnoreturn.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

extern char **environ;
static const char *own_path;

static void exit_seven(void)
{
	say("leaving\n");
	_exit(7);
}

static void kill_itself(void)
{
	say("killing\n");
	raise(SIGKILL);
}

static void crash(void)
{
	say("crashing\n");
	static volatile int *volatile nowhere = NULL;
	*nowhere = 1;
}

static void end_by_alarm(void)
{
	say("ending\n");
	raise(SIGALRM);
}

static void report_birth(const char *how, pid_t child)
{
	say("%s %d %d\n", how, (int)getpid(), (int)child);
}

static int cloned_child(void *unused)
{
	(void)unused;
	_exit(0);
}

static void *idle_thread(void *unused)
{
	say("thread %d %d\n", (int)getpid(), (int)gettid());
	return unused;
}

static void found_family(void)
{
	static char stack[65536];
	char *const arguments[] = {"true", NULL};
	pthread_t thread;
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();
		if (grandchild == 0) {
			_exit(0);
		}
		report_birth("fork", grandchild);
		waitpid(grandchild, NULL, 0);
		_exit(0);
	}
	report_birth("fork", child);
	waitpid(child, NULL, 0);
	child = vfork();
	if (child == 0) {
		execv("/bin/true", arguments);
		_exit(127);
	}
	report_birth("vfork", child);
	waitpid(child, NULL, 0);
	child = clone(cloned_child, stack + sizeof(stack), SIGCHLD, NULL);
	report_birth("clone", child);
	waitpid(child, NULL, 0);
	child = clone(cloned_child, stack + sizeof(stack), CLONE_VM, NULL);
	report_birth("clone", child);
	waitpid(child, NULL, __WCLONE);
	if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) == 0) {
		report_birth("spawn", child);
		waitpid(child, NULL, 0);
	}
	pthread_create(&thread, NULL, idle_thread, NULL);
	pthread_join(thread, NULL);
}

static void *executing_thread(void *unused)
{
	execl(own_path, "lives", "exit_seven", NULL);
	say("exec failed: %d\n", errno);
	return unused;
}

static void say_name(void)
{
	say("executed as %s\n", (const char *)getauxval(AT_EXECFN));
}

/* Each way to name a program, and what the new image is told of it. */
static void execute_as(int folder, const char *name, int flags)
{
	char *const arguments[] = {"lives", "say_name", NULL};
	int status;
	pid_t child = fork();

	if (child == 0) {
		execveat(folder, name, arguments, environ, flags);
		say("cannot execute %s: %d\n", name, errno);
		_exit(1);
	}
	waitpid(child, &status, 0);
	say("status %x\n", (unsigned)status);
}

static void execute_in_all_ways(void)
{
	char link[] = "/tmp/linkXXXXXX";
	char folder_path[4096];
	const char *name = strrchr(own_path, '/') + 1;

	snprintf(folder_path, sizeof(folder_path), "%.*s", (int)(name - own_path),
		own_path);
	int folder = dup2(open(folder_path, O_RDONLY | O_DIRECTORY), 40);
	int program = dup2(open(own_path, O_PATH), 41);
	execute_as(AT_FDCWD, own_path, 0);
	execute_as(folder, name, 0);
	execute_as(program, "", AT_EMPTY_PATH);
	execute_as(folder, own_path, 0);
	execute_as(folder, "no-such-file", 0);
	if (chdir(folder_path) == 0) {
		execute_as(AT_FDCWD, name, 0);
	}
	close(mkstemp(link));
	if (unlink(link) == 0 && symlink(own_path, link) == 0) {
		int linked = dup2(open(link, O_PATH), 42);
		execute_as(linked, "", AT_EMPTY_PATH);
		unlink(link);
	}
}

static void execute_in_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, executing_thread, NULL);
	for (;;) {
		pause();
	}
}

/* What still works when the first thread of the process has ended. */
static void *remaining_thread(void *unused)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};
	char line[256] = "";

	do { /* until the leader is a zombie */
		int fd = open("/proc/self/status", O_RDONLY);
		ssize_t length = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
		line[length > 0 ? length : 0] = '\0';
		if (fd < 0) {
			say("status %d\n", errno);
		}
		close(fd);
	} while (!strstr(line, "State:\tZ"));
	int fd = open("/etc/passwd", O_RDONLY);
	say("open %d\n", fd >= 0 ? 0 : errno);
	int at = openat(fd, "x", O_RDONLY);
	say("openat %d\n", at >= 0 ? 0 : errno);
	int end = socket(AF_UNIX, SOCK_STREAM, 0);
	say("connect %d\n",
		connect(end, (struct sockaddr *)&address, sizeof(address)) ? errno : 0);
	return executing_thread(unused);
}

static void *late_thread(void *leader)
{
	const struct timespec moment = {.tv_nsec = 50000000};

	/* Nothing that is judged happens before the leader is gone. */
	pthread_join(*(pthread_t *)leader, NULL);
	nanosleep(&moment, NULL);
	int fd = open("/etc/passwd", O_RDONLY);
	say("open %d\n", fd >= 0 ? 0 : errno);
	return executing_thread(NULL);
}

static void leave_other_threads_at_once(void)
{
	static pthread_t leader, thread;
	int status;
	pid_t child = fork();

	if (child == 0) {
		leader = pthread_self();
		pthread_create(&thread, NULL, late_thread, &leader);
		syscall(SYS_exit, 0); /* pthread_exit(3) would open a library */
	}
	waitpid(child, &status, 0);
	say("status %x\n", (unsigned)status);
}

static void leave_other_threads(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, remaining_thread, NULL);
	pthread_exit(NULL);
}

/* Says something when its command is gone, and ends when told to. */
static void leave_daemon(void)
{
	char byte;
	int ends[2];

	if (pipe(ends) != 0 || fork() != 0) {
		_exit(3);
	}
	setsid();
	close(ends[1]);
	say("daemon\n");
	(void)!read(0, &byte, 1);
	int fd = open("/etc/passwd", O_RDONLY);
	say("daemon opened %d\n", fd >= 0);
}

static void have_many_children(void)
{
	int failed = 0;

	for (int i = 0; i < 300; i++) {
		pid_t child = fork();
		if (child == 0) {
			pid_t grandchild = fork();
			_exit(grandchild < 0);
		}
		failed += child < 0;
	}
	int status;
	int ended = 0;
	while (wait(&status) > 0) {
		failed += status != 0;
		ended++;
	}
	say("%d ended, %d failed\n", ended, failed);
}

static void *waiting_thread(void *barrier)
{
	pthread_barrier_wait(barrier);
	int fd = open("/dev/null", O_RDONLY);
	if (fd < 0) {
		say("open: %d\n", errno);
		return barrier;
	}
	close(fd);
	return NULL;
}

static void have_many_threads(void)
{
	enum { THREADS = 1000 };
	static pthread_t threads[THREADS];
	pthread_barrier_t barrier;
	pthread_attr_t attributes;
	int failed = 0;

	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(
			    &threads[i], &attributes, waiting_thread, &barrier) != 0) {
			say("cannot make thread %d\n", i);
			_exit(1);
		}
	}
	for (int i = 0; i < THREADS; i++) {
		void *result;
		pthread_join(threads[i], &result);
		failed += result != NULL;
	}
	say("%d failed\n", failed);
}

static volatile bool was_there;

static noreturn int odd_thread(void *unused)
{
	(void)unused;
	was_there = true;
	for (;;) {
		syscall(SYS_exit, 0);
	}
}

/* Threads whose birth is reported like that of a process. */
static void make_odd_threads(void)
{
	static char stacks[2][65536];
	static const int flags[] = {SIGCHLD, CLONE_VFORK};

	for (int i = 0; i < 2; i++) {
		was_there = false;
		pid_t tid = clone(odd_thread, stacks[i] + sizeof(stacks[i]),
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				CLONE_SYSVSEM | CLONE_THREAD | flags[i],
			NULL);
		while (tid > 0 &&
			(!was_there || syscall(SYS_tgkill, getpid(), tid, 0) == 0)) {
			usleep(1000);
		}
		say("thread made: %d\n", tid > 0);
	}
}

/* Children that are killed at any moment of their opening and creating. */
static void kill_children(void)
{
	int killed = 0;
	unsigned seed = 1;

	for (int i = 0; i < 100; i++) {
		pid_t child = fork();
		if (child == 0) {
			for (;;) {
				close(open("/etc/passwd", O_RDONLY));
				if (vfork() == 0) {
					_exit(0);
				}
				while (waitpid(-1, NULL, WNOHANG) > 0) {
				}
			}
		}
		struct timespec moment = {.tv_nsec = rand_r(&seed) % 3000000};
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		int status;
		waitpid(child, &status, 0);
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	say("%d killed\n", killed);
}

static void *execute_nothing(void *unused)
{
	execl("/bin/true", "true", NULL);
	return unused;
}

/* Killed at any moment of an exec by another thread than the leader. */
static void kill_executing(void)
{
	unsigned seed = 1;
	char byte;

	for (int i = 0; i < 400; i++) {
		pthread_t threads[4];
		pid_t child = fork();
		if (child == 0) {
			for (int j = 0; j < 4; j++) {
				pthread_create(
					&threads[j], NULL, execute_nothing, NULL);
			}
			pthread_exit(NULL);
		}
		struct timespec moment = {.tv_nsec = rand_r(&seed) % 3000000};
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	say("all are gone\n");
	(void)!read(STDIN_FILENO, &byte, 1);
}

/* With and without room for one more descriptor. */
static void run_out_of_descriptors(void)
{
	struct rlimit limit = {16, 16};
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};
	int end = socket(AF_UNIX, SOCK_DGRAM, 0);

	setrlimit(RLIMIT_NOFILE, &limit);
	while (open("/etc/passwd", O_RDONLY) >= 0) {
	}
	say("errno %d, all open: %d\n", errno, dup(0) < 0);
	close(15);
	int fd = open("/etc/passwd", O_RDONLY);
	say("again %d\n", fd);
	close(fd);
	say("connect %d\n",
		connect(end, (struct sockaddr *)&address, sizeof(address)) ? errno : 0);
}

static const struct behaviour behaviours[] = {
	{"exit_seven", exit_seven},
	{"kill_itself", kill_itself},
	{"crash", crash},
	{"end_by_alarm", end_by_alarm},
	{"found_family", found_family},
	{"say_name", say_name},
	{"execute_in_all_ways", execute_in_all_ways},
	{"execute_in_thread", execute_in_thread},
	{"leave_other_threads", leave_other_threads},
	{"leave_other_threads_at_once", leave_other_threads_at_once},
	{"leave_daemon", leave_daemon},
	{"have_many_children", have_many_children},
	{"have_many_threads", have_many_threads},
	{"make_odd_threads", make_odd_threads},
	{"kill_children", kill_children},
	{"kill_executing", kill_executing},
	{"run_out_of_descriptors", run_out_of_descriptors},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	own_path = argv[0];
	return behave(behaviours, argc, argv);
}
