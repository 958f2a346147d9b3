/* SPDX-License-Identifier: MIT */
/*
 * The start of a tree.
 *
 *   parent                                child
 *   fork                                  waits for a byte
 *   PTRACE_SEIZE, all options             .
 *   writes the byte                       session, terminal, descriptors
 *   .                                     no_new_privs, filter (with the listener)
 *   .                                     says the listener's number, waits
 *   pidfd_getfd of the listener           .
 *   PR_SET_DUMPABLE 0, writes a byte      closes all, execve (stops at the filter)
 *
 * The filter comes after the tracer, since a traced call without tracer fails. The
 * supervisor becomes undumpable only after SEIZE: an ordinary user's undumpable parent
 * could not seize the child, which inherits the flag.
 */
#include "tracer/spawn.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "tracer/sealed_reads.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const long trace_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
				  PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
				  PTRACE_O_EXITKILL;

/* What the child says when it cannot go on: where, and the errno. */
struct child_report {
	int listener_fd;
	int error;
	char step[32];
};

enum { TO_CHILD, FROM_CHILD };

enum { OOM_SCORE_STEP = 200, OOM_SCORE_MAX = 1000 }; /* proc(5) */

static char *join_path(const char *folder, size_t length, const char *name)
{
	return length == 0 ? xasprintf("./%s", name)
			   : xasprintf("%.*s/%s", (int)length, folder, name);
}

/* 0, or the errno with which the file cannot be run. */
static int check_program(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		return errno;
	}
	if (S_ISDIR(status.st_mode)) {
		return EACCES;
	}
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static const char *find_variable(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++) {
		if (strncmp(*environment, name, length) == 0 &&
			(*environment)[length] == '=') {
			return *environment + length + 1;
		}
	}
	return NULL;
}

char *spawn_find_program(const char *name, char *const *environment, struct error *err)
{
	const char *path = find_variable(environment, "PATH");
	int failure = ENOENT;

	if (strchr(name, '/')) {
		failure = check_program(name);
		if (failure == 0) {
			return xstrdup(name);
		}
		path = NULL;
	} else if (!path) {
		path = "/bin:/usr/bin";
	}
	while (path && *name) {
		size_t length = strcspn(path, ":");
		char *candidate = join_path(path, length, name);
		int result = check_program(candidate);
		if (result == 0) {
			return candidate;
		}
		/* A folder that may not be searched hides nothing, as for shells. */
		if (result == EACCES && access(candidate, F_OK) == 0) {
			failure = EACCES;
		}
		free(candidate);
		path = path[length] ? path + length + 1 : NULL;
	}
	if (failure == EACCES) {
		(void)error_set(
			err, EACCES, "cannot run %s: it is not executable", name);
	} else {
		(void)error_set(err, ENOENT, "cannot run %s: no such program", name);
	}
	return NULL;
}

static noreturn void child_fail(int report_fd, const char *step)
{
	struct child_report report = {.listener_fd = -1, .error = errno ? errno : EIO};

	(void)strncpy(report.step, step, sizeof(report.step) - 1);
	(void)!write(report_fd, &report, sizeof(report));
	_exit(125);
}

static void child_take_terminal(const struct tracer_options *options, int report_fd)
{
	if (options->new_session &&
		(setsid() < 0 || ioctl(options->stdio[0], TIOCSCTTY, 0) != 0)) {
		child_fail(report_fd, "taking its terminal");
	}
	/* The three may be each other's numbers: move them away first. */
	int copies[3];
	for (int i = 0; i < 3; i++) {
		copies[i] = fcntl(options->stdio[i], F_DUPFD_CLOEXEC, 10);
		if (copies[i] < 0 && errno != EBADF) {
			child_fail(report_fd, "copying descriptors");
		}
	}
	for (int i = 0; i < 3; i++) {
		if (copies[i] < 0) {
			close(i);
		} else if (dup2(copies[i], i) < 0) {
			child_fail(report_fd, "copying descriptors");
		}
	}
}

static int child_install_filter(const struct sock_fprog *program,
	unsigned long listener_flags, const char *const *sealed_folders, int report_fd)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW | listener_flags;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		child_fail(report_fd, "giving up new privileges");
	}
	if (sealed_folders && !sealed_reads_apply(sealed_folders)) {
		child_fail(report_fd, "sealing reads with Landlock");
	}
	long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	if (result < 0) {
		child_fail(report_fd, "installing the filter");
	}
	return listener_flags ? (int)result : -1;
}

/* Signals as the person's shell left them: the supervisor's own settings end here. */
static void child_reset_signals(const sigset_t *mask)
{
	static const int changed[] = {SIGPIPE, SIGTTOU, SIGTTIN, SIGTSTP};

	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		struct sigaction action;
		if (sigaction(changed[i], NULL, &action) == 0 &&
			action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
			(void)signal(changed[i], SIG_DFL);
		}
	}
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
}

/*
 * A crash writes a file into whatever folder the process has gone to, and nobody could
 * judge that. Where core dumps go to a program or socket instead, they stay as they are.
 */
static void child_give_up_core_files(void)
{
	const struct rlimit none = {0, 0};
	char first = '\0';
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!read(fd, &first, 1);
		close(fd);
	}
	if (first != '|' && first != '@') {
		(void)setrlimit(RLIMIT_CORE, &none);
	}
}

/* When memory is short, the tree goes before its supervisor. Not vital, so not checked. */
static void child_offer_memory(void)
{
	char text[16] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		return;
	}
	if (read(fd, text, sizeof(text) - 1) > 0) {
		long score = strtol(text, NULL, 10) + OOM_SCORE_STEP;
		int length = snprintf(text, sizeof(text), "%ld",
			score < OOM_SCORE_MAX ? score : OOM_SCORE_MAX);
		(void)!pwrite(fd, text, (size_t)length, 0);
	}
	close(fd);
}

/* The file's own header, before the filter is there; all zero if it has none. */
static void child_read_header(const char *path, Elf32_Ehdr *header)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	memset(header, 0, sizeof(*header));
	if (fd >= 0) {
		(void)!read(fd, header, sizeof(*header));
		close(fd);
	}
}

static bool is_machine_code(const Elf32_Ehdr *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0;
}

/* The file was there a moment ago: what is not is what shall run it. */
static const char *why_not_executed(int failure, const Elf32_Ehdr *header)
{
	if (failure == ENOENT) {
		return "the interpreter or loader that it names is missing";
	}
	if (is_machine_code(header) && header->e_ident[EI_CLASS] == ELFCLASS32) {
		return "32-bit programs cannot be supervised";
	}
	if (is_machine_code(header) && failure == ENOEXEC) {
		return "it is a program for another machine";
	}
	return strerror(failure);
}

static void child_say_exec_failed(
	const char *path, int failure, const Elf32_Ehdr *header)
{
	char *safe = escape_copy(text_of(path));
	char *line = xasprintf(
		"duenna: cannot run %s: %s\n", safe, why_not_executed(failure, header));

	(void)!write(STDERR_FILENO, line, strlen(line));
	free(line);
	free(safe);
	errno = failure;
}

static noreturn void child_main(const struct tracer_options *options,
	const struct sock_fprog *program, unsigned long listener_flags,
	const char *path, const int pipes[2])
{
	char byte;
	sigset_t none;
	Elf32_Ehdr header;

	child_read_header(path, &header);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
		read(pipes[TO_CHILD], &byte, 1) != 1) {
		_exit(125);
	}
	child_take_terminal(options, pipes[FROM_CHILD]);
	child_offer_memory();
	child_give_up_core_files();
	(void)prctl(PR_SET_PDEATHSIG, 0);
	struct child_report report = {
		.listener_fd = child_install_filter(program, listener_flags,
			options->sealed_folders, pipes[FROM_CHILD])};
	if (write(pipes[FROM_CHILD], &report, sizeof(report)) != sizeof(report) ||
		read(pipes[TO_CHILD], &byte, 1) != 1) {
		_exit(125);
	}
	(void)syscall(SYS_close_range, 3, ~0U, 0);
	sigemptyset(&none);
	child_reset_signals(&none);
	execve(path, options->argv, options->environment);
	/* A text file without #! is a shell script, as execvp(3) has it. */
	if (errno == ENOEXEC && !is_machine_code(&header)) {
		size_t argc = 0;
		while (options->argv[argc]) {
			argc++;
		}
		const char **shell_argv = xcalloc(argc + 2, sizeof(*shell_argv));
		shell_argv[0] = "/bin/sh";
		shell_argv[1] = path;
		for (size_t i = 1; i < argc; i++) {
			shell_argv[i + 1] = options->argv[i];
		}
		execve("/bin/sh", (char *const *)(uintptr_t)shell_argv,
			options->environment);
	}
	child_say_exec_failed(path, errno, &header);
	_exit(errno == ENOENT ? 127 : 126);
}

static int open_pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Brings the child behind the filter; *listener_fd is -1 without a listener. */
static bool parent_guide(
	pid_t pid, const int pipes[2], int *listener_fd, struct error *err)
{
	struct child_report report;

	if (ptrace(PTRACE_SEIZE, pid, NULL, trace_options) != 0) {
		return error_set(err, errno,
			"cannot trace the command: %s (see duenna doctor)",
			strerror(errno));
	}
	if (write(pipes[TO_CHILD], "", 1) != 1 ||
		read(pipes[FROM_CHILD], &report, sizeof(report)) != sizeof(report)) {
		return error_set(
			err, EIO, "the command's process ended before it started");
	}
	if (report.error != 0) {
		return error_set(err, report.error,
			"cannot start the command: %.31s: %s", report.step,
			strerror(report.error));
	}
	*listener_fd = -1;
	if (report.listener_fd >= 0) {
		int pidfd = open_pidfd_of(pid);
		*listener_fd =
			(int)syscall(SYS_pidfd_getfd, pidfd, report.listener_fd, 0);
		int failure = errno;
		if (pidfd >= 0) {
			close(pidfd);
		}
		if (*listener_fd < 0) {
			return error_set(err, failure,
				"cannot take the filter's listener: %s",
				strerror(failure));
		}
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
		write(pipes[TO_CHILD], "", 1) != 1) {
		return error_set(
			err, errno, "cannot start the command: %s", strerror(errno));
	}
	return true;
}

static void close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

bool spawn_command(const struct tracer_options *options,
	const struct sock_fprog *program, unsigned long listener_flags,
	struct spawned *spawned, struct error *err)
{
	int to_child[2];
	int from_child[2];
	char *path = spawn_find_program(options->argv[0], options->environment, err);

	if (!path) {
		return false;
	}
	if (pipe2(to_child, O_CLOEXEC) != 0) {
		free(path);
		return error_set(err, errno, "cannot make a pipe: %s", strerror(errno));
	}
	if (pipe2(from_child, O_CLOEXEC) != 0) {
		free(path);
		close_pair(to_child);
		return error_set(err, errno, "cannot make a pipe: %s", strerror(errno));
	}
	pid_t pid = fork();
	if (pid == 0) {
		child_main(options, program, listener_flags, path,
			(int[]){to_child[0], from_child[1]});
	}
	bool started = pid > 0 && parent_guide(pid, (int[]){to_child[1], from_child[0]},
					  &spawned->listener_fd, err);
	if (pid < 0) {
		(void)error_set(
			err, errno, "cannot start a process: %s", strerror(errno));
	} else if (!started) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, __WALL);
	}
	spawned->pid = pid;
	close_pair(to_child);
	close_pair(from_child);
	free(path);
	return started;
}
