/* SPDX-License-Identifier: MIT */
/*
 * A table of blocking calls, each disturbed by signals that are ignored, by default or
 * expressly, and by one that is handled with and without SA_RESTART: what each call
 * returns must not depend on being traced.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Long: for calls that a signal ends, however late a busy machine sends it. */
enum { SHORT_MS = 80, LONG_MS = 1000, SIGNAL_EVERY_MS = 10 };

static int timeout_ms;
static struct timespec timeout;
static struct timeval socket_timeout;
static int pipe_ends[2], epoll_fd, semaphore_id, pair[2];
static sigset_t only_usr2;

static long call_epoll_wait(void)
{
	struct epoll_event event;
	return epoll_wait(epoll_fd, &event, 1, timeout_ms);
}

static long call_epoll_pwait2(void)
{
	struct epoll_event event;
	return syscall(SYS_epoll_pwait2, epoll_fd, &event, 1, &timeout, NULL, 8L);
}

static long call_poll(void)
{
	struct pollfd one = {.fd = pipe_ends[0], .events = POLLIN};
	return poll(&one, 1, timeout_ms);
}

static long call_ppoll(void)
{
	struct pollfd one = {.fd = pipe_ends[0], .events = POLLIN};
	return ppoll(&one, 1, &timeout, NULL);
}

static long call_select(void)
{
	struct timeval left = socket_timeout;
	return select(0, NULL, NULL, NULL, &left);
}

static long call_pselect(void)
{
	return pselect(0, NULL, NULL, NULL, &timeout, NULL);
}

static long call_nanosleep(void)
{
	return nanosleep(&timeout, NULL);
}

static long call_clock_nanosleep(void)
{
	errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &timeout, NULL);
	return errno == 0 ? 0 : -1;
}

static long call_semtimedop(void)
{
	struct sembuf operation = {.sem_op = -1};
	return semtimedop(semaphore_id, &operation, 1, &timeout);
}

static long call_sigtimedwait(void)
{
	return sigtimedwait(&only_usr2, NULL, &timeout);
}

static long call_recv(void)
{
	char byte;
	return recv(pair[0], &byte, 1, 0);
}

static long call_recvmsg(void)
{
	char byte;
	struct iovec vector = {&byte, 1};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
	return recvmsg(pair[0], &header, 0);
}

static long call_accept(void)
{
	static int listener = -1;
	if (listener < 0) {
		struct sockaddr_in any = {.sin_family = AF_INET};
		any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		listener = socket(AF_INET, SOCK_STREAM, 0);
		if (bind(listener, (struct sockaddr *)&any, sizeof(any)) < 0 ||
			listen(listener, 1) < 0) {
			return -1;
		}
		setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &socket_timeout,
			sizeof(socket_timeout));
	}
	return accept(listener, NULL, NULL);
}

static long call_sem_timedwait(void)
{
	static sem_t never;
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += timeout.tv_sec;
	end.tv_nsec += timeout.tv_nsec;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return sem_timedwait(&never, &end);
}

static long call_io_getevents(void)
{
	static unsigned long context;
	char event[32];
	struct timespec left = timeout;
	if (context == 0 && syscall(SYS_io_setup, 1, &context) < 0) {
		return -1;
	}
	return syscall(SYS_io_getevents, context, 1L, 1L, event, &left);
}

static void *write_byte(void *nothing)
{
	usleep((useconds_t)timeout_ms * 1000);
	return write(pipe_ends[1], "x", 1) == 1 ? nothing : NULL;
}

/* Calls without a timeout end when another thread has written. */
static long call_read(void)
{
	char byte;
	return read(pipe_ends[0], &byte, 1);
}

static long call_wait(void)
{
	pid_t child = fork();
	if (child == 0) {
		usleep((useconds_t)timeout_ms * 1000);
		_exit(0);
	}
	long result = waitpid(child, NULL, 0);
	int error = errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	errno = error;
	return result;
}

static long call_open_fifo(void)
{
	pid_t child = fork();
	if (child == 0) {
		usleep((useconds_t)timeout_ms * 1000);
		int fd = open("fifo", O_WRONLY | O_NONBLOCK);
		usleep((useconds_t)timeout_ms * 1000);
		close(fd);
		_exit(0);
	}
	int fd = open("fifo", O_RDONLY);
	int error = errno;
	close(fd);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	errno = error;
	return fd;
}

static long call_flock(void)
{
	int held = open("lock", O_RDWR | O_CREAT, 0600), fd = open("lock", O_RDWR);
	flock(held, LOCK_EX);
	pid_t child = fork();
	if (child == 0) {
		usleep((useconds_t)timeout_ms * 1000);
		flock(held, LOCK_UN);
		_exit(0);
	}
	long result = flock(fd, LOCK_EX);
	int error = errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	close(fd);
	close(held);
	errno = error;
	return result;
}

static const struct {
	const char *name;
	long (*call)(void);
	bool needs_writer;
	bool restarts; /* after a handler with SA_RESTART */
} calls[] = {
	{"epoll_wait", call_epoll_wait, false, false},
	{"epoll_pwait2", call_epoll_pwait2, false, false},
	{"poll", call_poll, false, false},
	{"ppoll", call_ppoll, false, false},
	{"select", call_select, false, false},
	{"pselect", call_pselect, false, false},
	{"nanosleep", call_nanosleep, false, false},
	{"clock_nanosleep", call_clock_nanosleep, false, false},
	{"semtimedop", call_semtimedop, false, false},
	{"sigtimedwait", call_sigtimedwait, false, false},
	{"recv", call_recv, false, false},
	{"recvmsg", call_recvmsg, false, false},
	{"accept", call_accept, false, false},
	{"sem_timedwait", call_sem_timedwait, false, true},
	{"io_getevents", call_io_getevents, false, false},
	{"read", call_read, true, true},
	{"wait", call_wait, false, true},
	{"open_fifo", call_open_fifo, false, true},
	{"flock", call_flock, false, true},
};

static pthread_t main_thread;

static volatile bool is_over;

/* A busy machine may start the call late: signals come until it has ended. */
static void *disturb(void *number)
{
	while (!is_over) {
		usleep(SIGNAL_EVERY_MS * 1000);
		pthread_kill(main_thread, *(int *)number);
	}
	return NULL;
}

static void on_signal(int number)
{
	(void)number;
}

static void set_timeout(int ms)
{
	timeout_ms = ms;
	timeout = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
	socket_timeout = (struct timeval){ms / 1000, ms % 1000 * 1000L};
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &socket_timeout,
		sizeof(socket_timeout));
}

static void try(size_t index, const char *kind, int number)
{
	pthread_t helper, writer;
	sigset_t all, before;
	/* Helpers take no signals of their own. */
	is_over = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_create(&helper, NULL, disturb, &number);
	if (calls[index].needs_writer) {
		pthread_create(&writer, NULL, write_byte, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	long result = calls[index].call();
	printf("%s, %s: %s\n", calls[index].name, kind,
		result < 0 ? strerrorname_np(errno) : "done");
	is_over = true;
	pthread_join(helper, NULL);
	if (calls[index].needs_writer) {
		pthread_join(writer, NULL);
		if (result < 0) {
			call_read();
		}
	}
}

static void prepare(void)
{
	main_thread = pthread_self();
	if (pipe(pipe_ends) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
		exit(1);
	}
	epoll_fd = epoll_create1(0);
	semaphore_id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	mkfifo("fifo", 0600);
	sigemptyset(&only_usr2);
	sigaddset(&only_usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &only_usr2, NULL);
}

int main(void)
{
	prepare();
	signal(SIGHUP, SIG_IGN);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct sigaction action = {.sa_handler = on_signal};
		set_timeout(SHORT_MS);
		try(i, "SIGWINCH by default", SIGWINCH);
		try(i, "SIGCONT by default", SIGCONT);
		try(i, "SIGHUP ignored", SIGHUP);
		sigaction(SIGUSR1, &action, NULL);
		set_timeout(LONG_MS);
		try(i, "handled", SIGUSR1);
		action.sa_flags = SA_RESTART;
		sigaction(SIGUSR1, &action, NULL);
		set_timeout(calls[i].restarts ? SHORT_MS : LONG_MS);
		try(i, "handled and restarted", SIGUSR1);
	}
	semctl(semaphore_id, 0, IPC_RMID);
	return 0;
}
