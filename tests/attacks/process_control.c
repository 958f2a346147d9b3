/* SPDX-License-Identifier: MIT */
/* Honest processes: they start others, wait for them, signal each other and stop. */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void show_wait(const char *what, int status)
{
	if (WIFEXITED(status)) {
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		printf("%s: signal %d\n", what, WTERMSIG(status));
	} else if (WIFSTOPPED(status)) {
		printf("%s: stopped %d\n", what, WSTOPSIG(status));
	} else {
		printf("%s: continued\n", what);
	}
	fflush(stdout);
}

static void control_exits(const struct attack *attack)
{
	int status;
	(void)attack;
	for (int i = 0; i < 4; i++) {
		pid_t child = fork();
		if (child == 0) {
			if (i == 3) {
				raise(SIGKILL);
			}
			_exit(i * 7);
		}
		need(waitpid(child, &status, 0), "waitpid");
		show_wait("child", status);
	}
	show("nobody left", wait(&status));
}

static void control_programs(const struct attack *attack)
{
	(void)attack;
	setenv("VALUE", "of the environment", 1);
	show_number("shell", system("echo shell; exit 3"));
	show_number("pipes", system("printf 'b\\na\\n' | sort | tr a-z A-Z"));
	show_number("variables", system("echo $VALUE $(( 3 * 4 ))"));
	show_number("missing", system("no-such-program 2> /dev/null"));
	show_number("loop", system("for i in 1 2 3; do /bin/echo $i; done"));
}

static void control_spawn(const struct attack *attack)
{
	char *arguments[] = {"sh", "-c", "echo spawned; exit 4", NULL};
	pid_t child;
	int status;
	(void)attack;
	int error = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ);
	waitpid(child, &status, 0);
	show_number("spawn", error);
	show_wait("spawned", status);
	show_number("missing", posix_spawn(&child, "/usr/bin/no-such-program", NULL,
				       NULL, arguments, environ));
	child = vfork();
	if (child == 0) {
		execv("/bin/sh", arguments);
		_exit(127);
	}
	waitpid(child, &status, 0);
	show_wait("vfork", status);
}

static void script_make(const char *name, const char *text)
{
	write_file(name, text);
	need(chmod(name, 0755), name);
}

static void control_scripts(const struct attack *attack)
{
	(void)attack;
	script_make("script", "#!/bin/sh -e\necho \"$0\" \"$#\" \"$1\"\n");
	script_make("outer", "#!./script with an argument\n");
	show_number("script", system("./script 'one two'"));
	show_number("absolute", system("\"$PWD\"/script x | sed s,.*project,project,"));
	show_number("nested", system("./outer more"));
	need(chmod("script", 0644), "chmod");
	show_number("not executable", system("./script 2> /dev/null"));
	script_make("bad", "#!/usr/bin/no-such-interpreter\n");
	char *arguments[] = {"bad", NULL};
	show("no interpreter", execv("./bad", arguments));
	show("folder", execv("/usr", arguments));
	show("missing", execv("./missing", arguments));
	script_make("format", "no program at all");
	show("format", execv("./format", arguments));
}

static void control_exec_descriptor(const struct attack *attack)
{
	char *arguments[] = {"echo", "by descriptor", NULL};
	(void)attack;
	if (fork() == 0) {
		int fd = open("/bin/echo", O_RDONLY | O_CLOEXEC);
		fexecve(fd, arguments, environ);
		_exit(1);
	}
	int status;
	wait(&status);
	show_wait("fexecve", status);
	if (fork() == 0) {
		int folder = open("/bin", O_PATH | O_CLOEXEC);
		syscall(SYS_execveat, folder, "echo", arguments, environ, 0);
		_exit(1);
	}
	wait(&status);
	show_wait("execveat", status);
}

static void *exec_from_thread(void *nothing)
{
	char *arguments[] = {"echo", "from a thread", NULL};
	execv("/bin/echo", arguments);
	return nothing;
}

static void *wait_forever(void *nothing)
{
	pause();
	return nothing;
}

static void control_exec_in_thread(const struct attack *attack)
{
	int status;
	(void)attack;
	for (int i = 0; i < 10; i++) {
		if (fork() == 0) {
			pthread_t thread;
			pthread_create(&thread, NULL, wait_forever, NULL);
			pthread_create(&thread, NULL, exec_from_thread, NULL);
			pthread_join(thread, NULL);
			_exit(1);
		}
		wait(&status);
		show_wait("thread", status);
	}
}

static void *count_in_thread(void *counter)
{
	char name[64];
	int number = __atomic_add_fetch((int *)counter, 1, __ATOMIC_SEQ_CST);
	snprintf(name, sizeof(name), "thread%d", number);
	close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	return NULL;
}

static void control_threads(const struct attack *attack)
{
	enum { THREADS = 50 };
	pthread_t threads[THREADS];
	int counter = 0;
	(void)attack;
	for (int i = 0; i < THREADS; i++) {
		pthread_create(&threads[i], NULL, count_in_thread, &counter);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
	}
	show_number("threads", counter);
}

static void control_many_children(const struct attack *attack)
{
	enum { CHILDREN = 200 };
	int sum = 0, status;
	(void)attack;
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			_exit(i % 100);
		}
	}
	while (wait(&status) > 0) {
		sum += WEXITSTATUS(status);
	}
	show_number("sum", sum);
}

static volatile sig_atomic_t caught, caught_value;

static void catch (int number, siginfo_t *info, void *context)
{
	(void)context;
	caught = number;
	caught_value = info->si_value.sival_int;
}

static void catch_signal(int number, int flags)
{
	struct sigaction action = {
		.sa_sigaction = catch, .sa_flags = SA_SIGINFO | flags};
	sigaction(number, &action, NULL);
}

static void control_signals(const struct attack *attack)
{
	(void)attack;
	catch_signal(SIGUSR1, 0);
	catch_signal(SIGRTMIN, 0);
	show("self", kill(getpid(), SIGUSR1));
	show_number("caught", caught);
	show("thread", (long)syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
	union sigval value = {.sival_int = 42};
	show("queue", sigqueue(getpid(), SIGRTMIN, value));
	show_number("value", caught_value);
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	int status;
	show("child", kill(child, SIGTERM));
	waitpid(child, &status, 0);
	show_wait("child", status);
	show("gone", kill(child, 0));
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	long fd = syscall(SYS_pidfd_open, child, 0);
	show("handle", syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
	show("wait", waitid((idtype_t)3, (id_t)fd, &(siginfo_t){0}, WEXITED));
}

static void control_groups(const struct attack *attack)
{
	int status, ends[2];
	(void)attack;
	need(pipe(ends), "pipe");
	pid_t leader = fork();
	if (leader == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			(void)!write(ends[1], "x", 1);
			pause();
		}
		(void)!write(ends[1], "x", 1);
		pause();
	}
	char two[2];
	(void)!read(ends[0], two, 1);
	(void)!read(ends[0], two, 1);
	show("group", kill(-leader, SIGKILL));
	waitpid(leader, &status, 0);
	show_wait("leader", status);
	pid_t session = fork();
	if (session == 0) {
		show_number("session", setsid() == getpid());
		show("again", setsid());
		signal(SIGUSR2, SIG_IGN);
		show("own group", kill(0, SIGUSR2));
		_exit(0);
	}
	waitpid(session, &status, 0);
	show_wait("session", status);
}

static void control_stop(const struct attack *attack)
{
	int status, ends[2];
	char byte;
	(void)attack;
	need(pipe(ends), "pipe");
	pid_t child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		(void)!read(ends[0], &byte, 1);
		raise(SIGTSTP);
		_exit(9);
	}
	waitpid(child, &status, WUNTRACED);
	show_wait("stop", status);
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	show_wait("continue", status);
	(void)!write(ends[1], "x", 1);
	waitpid(child, &status, WUNTRACED);
	show_wait("stop again", status);
	show_number("still", waitpid(child, &status, WNOHANG));
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	show_wait("end", status);
}

static const struct timeval soon = {.tv_usec = 20000};

static void interrupt_soon(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value = soon}, NULL);
}

/* On a busy machine the first may come before the call has begun. */
static void interrupt_again_and_again(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){soon, soon}, NULL);
}

static void *write_later(void *fd)
{
	usleep(60000);
	(void)!write(*(int *)fd, "x", 1);
	return NULL;
}

static void control_interrupted(const struct attack *attack)
{
	int ends[2];
	char byte;
	pthread_t thread;
	sigset_t alarm_only;
	(void)attack;
	need(pipe(ends), "pipe");
	catch_signal(SIGALRM, 0);
	interrupt_again_and_again();
	show("read", read(ends[0], &byte, 1));
	show("poll", poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 1000));
	show("sleep", nanosleep(&(struct timespec){1, 0}, NULL));
	show("epoll", epoll_wait(epoll_create1(0), &(struct epoll_event){0}, 1, 1000));
	need(mkfifo("fifo", 0600), "mkfifo");
	show("open", open("fifo", O_RDONLY));
	catch_signal(SIGALRM, SA_RESTART);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	pthread_create(&thread, NULL, write_later, &ends[1]);
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	show("restarted read", read(ends[0], &byte, 1));
	pthread_join(thread, NULL);
}

static void *open_fifo_later(void *nothing)
{
	while (caught == 0) {
		usleep(1000);
	}
	usleep(10000);
	close(open("fifo", O_WRONLY));
	return nothing;
}

/* An open that blocks goes on after a handler that asks for it. */
static void control_restarted_open(const struct attack *attack)
{
	pthread_t thread;
	sigset_t alarm_only;
	(void)attack;
	need(mkfifo("fifo", 0600), "mkfifo");
	catch_signal(SIGALRM, SA_RESTART);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	pthread_create(&thread, NULL, open_fifo_later, NULL);
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	interrupt_soon();
	show("open", open("fifo", O_RDONLY));
	show_number("caught", caught);
	pthread_join(thread, NULL);
}

/* A fast timer must not disturb calls that are not interruptible. */
static void control_profiled(const struct attack *attack)
{
	enum { FILES = 2000 };
	struct itimerval timer = {.it_interval.tv_usec = 100, .it_value.tv_usec = 100};
	struct itimerval none = {0};
	int made = 0;
	(void)attack;
	catch_signal(SIGPROF, SA_RESTART);
	catch_signal(SIGALRM, 0);
	setitimer(ITIMER_PROF, &timer, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < FILES; i++) {
		int fd = open("file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		made += fd >= 0 && close(fd) == 0 && unlink("file") == 0;
	}
	setitimer(ITIMER_PROF, &none, NULL);
	setitimer(ITIMER_REAL, &none, NULL);
	show_number("made", made);
}

/*
 * By another process: of a process' own threads, any may take the signal that the kernel
 * woke another for, which then returns with EINTR without the tracer ever seeing it.
 */
static pid_t send_ignored(void)
{
	pid_t sender = fork();

	if (sender != 0) {
		return sender;
	}
	for (int i = 0; i < 5; i++) {
		usleep(5000);
		kill(getppid(), SIGWINCH);
		kill(getppid(), SIGURG);
		kill(getppid(), SIGCHLD);
		kill(getppid(), SIGUSR2);
	}
	_exit(0);
}

static void control_ignored(const struct attack *attack)
{
	struct sembuf operation = {.sem_op = -1};
	sigset_t only;
	(void)attack;
	signal(SIGUSR2, SIG_IGN);
	int epoll = epoll_create1(0);
	int semaphore = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	sigemptyset(&only);
	sigaddset(&only, SIGUSR1);
	sigprocmask(SIG_BLOCK, &only, NULL);
	pid_t sender = send_ignored();
	show("epoll_wait", epoll_wait(epoll, &(struct epoll_event){0}, 1, 60));
	waitpid(sender, NULL, 0);
	sender = send_ignored();
	show("epoll_pwait2", syscall(SYS_epoll_pwait2, epoll, &(struct epoll_event){0},
				     1, &(struct timespec){0, 60000000}, NULL, 8L));
	waitpid(sender, NULL, 0);
	sender = send_ignored();
	show("sigtimedwait",
		sigtimedwait(&only, NULL, &(struct timespec){0, 60000000}));
	waitpid(sender, NULL, 0);
	if (semaphore >= 0) {
		sender = send_ignored();
		show("semtimedop", semtimedop(semaphore, &operation, 1,
					   &(struct timespec){0, 60000000}));
		waitpid(sender, NULL, 0);
		semctl(semaphore, 0, IPC_RMID);
	}
}

static void control_descriptors(const struct attack *attack)
{
	uint64_t value = 3;
	sigset_t set;
	(void)attack;
	int event = eventfd(0, EFD_NONBLOCK);
	show("write", write(event, &value, 8));
	show("read", read(event, &value, 8));
	show_number("value", (long)value);
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(timer, 0, &(struct itimerspec){.it_value.tv_nsec = 1000}, NULL);
	show("timer", read(timer, &value, 8));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, 0);
	raise(SIGUSR1);
	struct signalfd_siginfo info;
	show("signal", read(signals, &info, sizeof(info)));
	show_number("own", (pid_t)info.ssi_pid == getpid());
}

static void control_shared_memory(const struct attack *attack)
{
	(void)attack;
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (id < 0) {
		not_applicable("shmget");
	}
	char *text = shmat(id, NULL, 0);
	show("attach", text == (void *)-1 ? -1 : 0);
	if (fork() == 0) {
		strcpy(text, "from the child");
		_exit(0);
	}
	wait(NULL);
	show_text("text", text);
	show("detach", shmdt(text));
	show("remove", shmctl(id, IPC_RMID, NULL));
}

static void control_semaphores(const struct attack *attack)
{
	(void)attack;
	sem_t *both = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sem_init(&both[0], 1, 0);
	sem_init(&both[1], 1, 0);
	if (fork() == 0) {
		for (int i = 0; i < 100; i++) {
			sem_wait(&both[0]);
			sem_post(&both[1]);
		}
		_exit(0);
	}
	for (int i = 0; i < 100; i++) {
		sem_post(&both[0]);
		sem_wait(&both[1]);
	}
	wait(NULL);
	show_number("rounds", 100);
}

static void control_daemon(const struct attack *attack)
{
	int ends[2];
	char byte;
	(void)attack;
	need(pipe(ends), "pipe");
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			write_file("daemon", "wrote this\n");
			_exit(0);
		}
		_exit(0);
	}
	close(ends[1]);
	wait(NULL);
	show("all gone", read(ends[0], &byte, 1));
	show_file("daemon");
}

static void control_own_settings(const struct attack *attack)
{
	char name[16] = {0};
	struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
	cpu_set_t processors;
	(void)attack;
	show("limit", setrlimit(RLIMIT_NOFILE, &limit));
	show("nice", setpriority(PRIO_PROCESS, 0, 5));
	show_number("niceness", getpriority(PRIO_PROCESS, 0));
	show("affinity", sched_getaffinity(0, sizeof(processors), &processors));
	show("set affinity", sched_setaffinity(0, sizeof(processors), &processors));
	show("name", prctl(PR_SET_NAME, "controlled"));
	prctl(PR_GET_NAME, name);
	show_text("name", name);
	show("dumpable", prctl(PR_SET_DUMPABLE, 0));
	show_number("is dumpable", prctl(PR_GET_DUMPABLE));
	write_file("after", "still works\n");
	show_file("after");
}

static void control_limit_of_child(const struct attack *attack)
{
	struct rlimit limit = {.rlim_cur = 32, .rlim_max = 32};
	(void)attack;
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	show("limit", prlimit(child, RLIMIT_NOFILE, &limit, NULL));
	show("nice", setpriority(PRIO_PROCESS, (id_t)child, 7));
	show("affinity", sched_setaffinity(child, sizeof(cpu_set_t),
				 &(cpu_set_t){.__bits = {1}}));
	kill(child, SIGKILL);
	wait(NULL);
}

static void control_file_limit(const struct attack *attack)
{
	struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
	(void)attack;
	signal(SIGXFSZ, SIG_IGN);
	need(setrlimit(RLIMIT_FSIZE, &limit), "setrlimit");
	write_file("file", "");
	show("truncate", truncate("file", 50));
	show("too long", truncate("file", 500));
	show_status("file");
}

static void control_parent_dies(const struct attack *attack)
{
	int ends[2];
	char byte;
	(void)attack;
	need(pipe(ends), "pipe");
	pid_t parent = fork();
	if (parent == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)!write(ends[1], "x", 1);
			pause();
		}
		pause();
	}
	(void)!read(ends[0], &byte, 1);
	close(ends[1]);
	kill(parent, SIGKILL);
	wait(NULL);
	show("both gone", read(ends[0], &byte, 1));
}

static void control_filter(const struct attack *attack)
{
	(void)attack;
	show("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	show("strict", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	write_file("file", "text\n");
	show_file("file");
}

static void control_working_folder_of_thread(const struct attack *attack)
{
	(void)attack;
	need(mkdir("folder", 0755), "mkdir");
	pid_t child = fork();
	if (child == 0) {
		need(unshare(CLONE_FS), "unshare");
		need(chdir("folder"), "chdir");
		umask(077);
		write_file("file", "in the folder\n");
		_exit(0);
	}
	wait(NULL);
	write_file("file", "above it\n");
	show_file("folder/file");
	show_file("file");
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"exits", EFFECT_NONE, 0, "fork", control_exits, NULL},
	{"programs", EFFECT_NONE, 0, "execve", control_programs, NULL},
	{"spawn", EFFECT_NONE, 0, "execve", control_spawn, NULL},
	{"scripts", EFFECT_NONE, 0, "execve", control_scripts, NULL},
	{"exec_descriptor", EFFECT_NONE, 0, "execveat", control_exec_descriptor, NULL},
	{"exec_in_thread", EFFECT_NONE, 0, "execve", control_exec_in_thread, NULL},
	{"threads", EFFECT_NONE, 0, "clone", control_threads, NULL},
	{"many_children", EFFECT_NONE, 0, "fork", control_many_children, NULL},
	{"signals", EFFECT_NONE, 0, "kill", control_signals, NULL},
	{"groups", EFFECT_NONE, 0, "kill", control_groups, NULL},
	{"stop", EFFECT_NONE, 0, "kill", control_stop, NULL},
	{"interrupted", EFFECT_NONE, 0, "read", control_interrupted, NULL},
	{"restarted_open", EFFECT_NONE, 0, "open", control_restarted_open, NULL},
	{"profiled", EFFECT_NONE, 0, "open", control_profiled, NULL},
	{"ignored", EFFECT_NONE, 0, "epoll_wait", control_ignored, NULL},
	{"descriptors", EFFECT_NONE, 0, "eventfd2", control_descriptors, NULL},
	{"shared_memory", EFFECT_NONE, 0, "shmget shmat", control_shared_memory, NULL},
	{"semaphores", EFFECT_NONE, 0, "futex", control_semaphores, NULL},
	{"daemon", EFFECT_NONE, 0, "fork", control_daemon, NULL},
	{"own_settings", EFFECT_NONE, 0, "prctl", control_own_settings, NULL},
	{"limit_of_child", EFFECT_NONE, 0, "prlimit64", control_limit_of_child, NULL},
	{"file_limit", EFFECT_NONE, 0, "truncate", control_file_limit, NULL},
	{"parent_dies", EFFECT_NONE, 0, "prctl", control_parent_dies, NULL},
	{"filter", EFFECT_NONE, 0, "prctl", control_filter, NULL},
	{"own_folder", EFFECT_NONE, 0, "unshare", control_working_folder_of_thread, NULL},
	{NULL},
};
/* clang-format on */

void process_controls(void)
{
	attack_add_rows("control_process", rows);
}
