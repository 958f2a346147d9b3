/* SPDX-License-Identifier: MIT */
/*
 * A process outside of the tree. It holds a secret in its memory, in a descriptor, in a
 * memory file, in a file of the project that it has removed, in its environment and in
 * System V and POSIX objects, counts opens of its named pipe and the signals that reach
 * it, and tells on request, line by line on stdin, how it is.
 *
 * usage: bystander SECRET-FILE; the secret is in SECRET of the environment as well.
 *
 * Objects outlive a process that is killed, and users have limits for them: a janitor,
 * the same program once more with their numbers, waits for its end and removes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t signals;
static int watch = -1, opens;
static char secret[4096] __attribute__((aligned(4096)));
static int shared_memory = -1, semaphores = -1, messages = -1;
static char queue_name[64];
static mqd_t queue = -1;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void take_signals(void)
{
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
	for (int i = 1; i <= SIGRTMAX; i++) {
		if (i != SIGSEGV && i != SIGBUS && i != SIGABRT) {
			sigaction(i, &action, NULL);
		}
	}
}

/* Under a number that attacks know. */
static void keep_secret(int fd, int number)
{
	(void)!write(fd, secret, strlen(secret));
	dup2(fd, number);
	close(fd);
}

static void make_files(void)
{
	enum { MEMORY_NUMBER = 100, REMOVED_NUMBER = 101 };
	static const char removed[] = "../project/removed";
	keep_secret(memfd_create("bystander", 0), MEMORY_NUMBER);
	keep_secret(open(removed, O_RDWR | O_CREAT, 0600), REMOVED_NUMBER);
	unlink(removed);
}

static void make_objects(void)
{
	make_files();
	key_t key = (key_t)(0x64750000 + getpid());
	shared_memory = shmget(key, 4096, IPC_CREAT | 0600);
	if (shared_memory >= 0) {
		char *text = shmat(shared_memory, NULL, 0);
		strcpy(text, secret);
	}
	semaphores = semget(key, 1, IPC_CREAT | 0600);
	messages = msgget(key, IPC_CREAT | 0600);
	snprintf(queue_name, sizeof(queue_name), "/bystander-%d", getpid());
	queue = mq_open(queue_name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, NULL);
	if (queue >= 0) {
		mq_send(queue, secret, strlen(secret), 0);
	}
	if (messages >= 0) {
		struct {
			long type;
			char text[256];
		} message = {.type = 1};
		snprintf(message.text, sizeof(message.text), "%.255s", secret);
		msgsnd(messages, &message, sizeof(message.text), IPC_NOWAIT);
	}
}

static void watch_pipe(void)
{
	static const char name[] = "pipe";
	mkfifo(name, 0600);
	watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	inotify_add_watch(watch, name, IN_OPEN);
}

/* Alike events in a row are one: whether there were any is what counts. */
static void count_opens(void)
{
	struct inotify_event event;
	while (read(watch, &event, sizeof(event)) == sizeof(event)) {
		opens++;
	}
}

static void start_janitor(void)
{
	int ends[2];
	char numbers[3][16];
	if (pipe2(ends, O_CLOEXEC) != 0 || fork() != 0) {
		return; /* the writing end stays open until the bystander is gone */
	}
	setsid();
	dup2(ends[0], STDIN_FILENO);
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	snprintf(numbers[0], sizeof(numbers[0]), "%d", shared_memory);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", semaphores);
	snprintf(numbers[2], sizeof(numbers[2]), "%d", messages);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	char *arguments[] = {
		"janitor", numbers[0], numbers[1], numbers[2], queue_name, NULL};
	char *environment[] = {NULL};
	execve("/proc/self/exe", arguments, environment);
	_exit(1);
}

static int be_janitor(char **objects)
{
	char byte;
	prctl(PR_SET_NAME, "janitor");
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
	}
	shmctl(atoi(objects[0]), IPC_RMID, NULL);
	semctl(atoi(objects[1]), 0, IPC_RMID);
	msgctl(atoi(objects[2]), IPC_RMID, NULL);
	mq_unlink(objects[3]);
	return 0;
}

static unsigned checksum(const char *bytes, size_t size)
{
	unsigned sum = 0;
	for (size_t i = 0; i < size; i++) {
		sum = sum * 31 + (unsigned char)bytes[i];
	}
	return sum;
}

/* What others can set of it through /proc. */
static void report_name(void)
{
	char name[16] = {0}, score[16] = {0};
	int fd = open("/proc/self/oom_score_adj", O_RDONLY);
	prctl(PR_GET_NAME, name);
	if (fd >= 0 && read(fd, score, sizeof(score) - 1) > 0) {
		score[strcspn(score, "\n")] = '\0';
	}
	close(fd);
	printf("name=%s score=%s ", name, score);
}

static void report(void)
{
	report_name();
	count_opens();
	struct rlimit limit;
	struct shmid_ds memory = {0};
	struct msqid_ds message_state = {0};
	struct mq_attr queue_state = {0};
	cpu_set_t processors;
	CPU_ZERO(&processors);
	sched_getaffinity(0, sizeof(processors), &processors);
	getrlimit(RLIMIT_NOFILE, &limit);
	int has_memory = shmctl(shared_memory, IPC_STAT, &memory) == 0;
	int has_messages = msgctl(messages, IPC_STAT, &message_state) == 0;
	/* By its name: the name may lead elsewhere by now. */
	mqd_t named = mq_open(queue_name, O_RDONLY);
	if (named >= 0) {
		mq_getattr(named, &queue_state);
		mq_close(named);
	}
	printf("signals=%d opens=%d memory=%x files=%lu nice=%d disk=%ld processors=%d "
	       "scheduler=%d semaphore=%d shared=%d,%lu messages=%d,%lu queue=%ld\n",
		signals, opens, checksum(secret, sizeof(secret)), limit.rlim_cur,
		getpriority(PRIO_PROCESS, 0), syscall(SYS_ioprio_get, 1, 0),
		CPU_COUNT(&processors), sched_getscheduler(0),
		semctl(semaphores, 0, GETVAL), has_memory,
		has_memory ? memory.shm_perm.mode + 0ul : 0, has_messages,
		has_messages ? message_state.msg_qnum : 0, queue_state.mq_curmsgs);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[64];
	if (argc == 5) {
		return be_janitor(argv + 1);
	}
	if (argc != 2 || getenv("SECRET") == NULL) {
		return 2;
	}
	snprintf(secret, sizeof(secret), "%s", getenv("SECRET"));
	int fd = open(argv[1], O_RDONLY);
	take_signals();
	make_objects();
	start_janitor();
	watch_pipe();
	printf("%d %#lx %zu %d %d %d %d %s\n", getpid(),
		(unsigned long)(uintptr_t)secret, sizeof(secret), fd, shared_memory,
		semaphores, messages, queue_name);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL || errno == EINTR) {
		if (feof(stdin)) {
			break;
		}
		clearerr(stdin);
		report();
	}
	return 0;
}
