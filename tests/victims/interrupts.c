/* SPDX-License-Identifier: MIT */
/* Waits of all kinds that Duenna has nothing to do with, and opens; see disturb.h. */
#include "disturb.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void limit_receiving(int fd)
{
	setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &socket_timeout, sizeof(socket_timeout));
}

static long call_recv(void)
{
	char byte;
	limit_receiving(pair[0]);
	return recv(pair[0], &byte, 1, 0);
}

static long call_recvmsg(void)
{
	char byte;
	struct iovec vector = {&byte, 1};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
	limit_receiving(pair[0]);
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
	}
	limit_receiving(listener);
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

static void write_byte(void)
{
	(void)!write(pipe_ends[1], "x", 1);
}

/* Calls without a timeout end when another thread has done something. */
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

static long call_futex(void)
{
	static int word;
	return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, &timeout, NULL, 0);
}

static long call_epoll_pwait(void)
{
	struct epoll_event event;
	return epoll_pwait(epoll_fd, &event, 1, timeout_ms, &only_usr2);
}

static long call_waitid(void)
{
	siginfo_t info;
	pid_t child = fork();
	if (child == 0) {
		usleep((useconds_t)timeout_ms * 1000);
		_exit(0);
	}
	long result = waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	int error = errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	errno = error;
	return result;
}

static long call_record_lock(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open("lock", O_RDWR | O_CREAT, 0600), ready[2];
	char byte;
	if (pipe(ready) < 0) {
		return -1;
	}
	pid_t child = fork();
	if (child == 0) {
		fcntl(fd, F_SETLK, &lock);
		(void)!write(ready[1], "x", 1);
		usleep((useconds_t)timeout_ms * 1000);
		_exit(0);
	}
	while (read(ready[0], &byte, 1) < 0 && errno == EINTR) {
	}
	long result = fcntl(fd, F_SETLKW, &lock);
	int error = errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
	}
	close(ready[0]);
	close(ready[1]);
	close(fd);
	errno = error;
	return result;
}

static long call_timer(void)
{
	uint64_t count;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec once = {.it_value = timeout};
	timerfd_settime(fd, 0, &once, NULL);
	long result = read(fd, &count, sizeof(count));
	int error = errno;
	close(fd);
	errno = error;
	return result;
}

static const struct blocking_call calls[] = {
	{"epoll_wait", call_epoll_wait, NULL, false},
	{"epoll_pwait2", call_epoll_pwait2, NULL, false},
	{"poll", call_poll, NULL, false},
	{"ppoll", call_ppoll, NULL, false},
	{"select", call_select, NULL, false},
	{"pselect", call_pselect, NULL, false},
	{"nanosleep", call_nanosleep, NULL, false},
	{"clock_nanosleep", call_clock_nanosleep, NULL, false},
	{"semtimedop", call_semtimedop, NULL, false},
	{"sigtimedwait", call_sigtimedwait, NULL, false},
	{"recv", call_recv, NULL, false},
	{"recvmsg", call_recvmsg, NULL, false},
	{"accept", call_accept, NULL, false},
	{"sem_timedwait", call_sem_timedwait, NULL, true},
	{"io_getevents", call_io_getevents, NULL, false},
	{"read", call_read, write_byte, true},
	{"wait", call_wait, NULL, true},
	{"open_fifo", call_open_fifo, NULL, true},
	{"flock", call_flock, NULL, true},
	{"futex", call_futex, NULL, false},
	{"epoll_pwait", call_epoll_pwait, NULL, false},
	{"waitid", call_waitid, NULL, true},
	{"record_lock", call_record_lock, NULL, true},
	{"timer", call_timer, NULL, true},
};

static void prepare(void)
{
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
	disturb_all(calls, sizeof(calls) / sizeof(calls[0]));
	semctl(semaphore_id, 0, IPC_RMID);
	return 0;
}
