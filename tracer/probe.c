/* SPDX-License-Identifier: MIT */
/*
 * Each feature is tried in the cheapest way that cannot be mistaken: with arguments that
 * a kernel that knows the feature refuses for another reason than one that does not.
 * What would change this process is tried in a child.
 */
#include "tracer/probe.h"

#include "tracer/syscall_numbers_x86_64.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Newer than the oldest headers that we build with. */
enum {
	SECCOMP_WAIT_KILLABLE = 1 << 5,
	NOTIFY_SYNC_WAKE = 1 << 0,
	ADDFD_SEND = 1 << 1,
	THREAD_PIDFD = O_EXCL,
	REQUEST_SET_SYSCALL_INFO = 0x4212,
	LANDLOCK_VERSION = 1 << 0,
};
#define NOTIFY_SET_FLAGS SECCOMP_IOW(4, uint64_t)

/* What the child that takes the listener slot found; its exit status. */
enum listener_finding {
	FOUND_LISTENER = 1 << 0,
	FOUND_SYNC_WAKE = 1 << 1,
	FOUND_ADDFD_SEND = 1 << 2,
};

static const struct {
	const char *name;
	size_t offset;
} switches[] = {
	{"listener", offsetof(struct probe_features, listener_free)},
	{"sync-wake", offsetof(struct probe_features, sync_wake)},
	{"wait-killable", offsetof(struct probe_features, wait_killable)},
	{"addfd-send", offsetof(struct probe_features, addfd_send)},
	{"thread-pidfd", offsetof(struct probe_features, thread_pidfd)},
	{"mseal", offsetof(struct probe_features, mseal)},
	{"set-syscall-info", offsetof(struct probe_features, set_syscall_info)},
};

/* The first whole number after prefix in a file of /proc; absent if there is none. */
static long number_in_file(const char *path, const char *prefix, int base, long absent)
{
	char buffer[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return absent;
	}
	ssize_t length = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	if (length <= 0) {
		return absent;
	}
	buffer[length] = '\0';
	const char *at = strstr(buffer, prefix);
	return at ? (long)strtoull(at + strlen(prefix), NULL, base) : absent;
}

static bool has_seccomp_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* Unknown flags are EINVAL before the missing program is EFAULT. */
static bool has_seccomp_flag(unsigned flag)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) != 0 &&
	       errno == EFAULT;
}

static bool has_openat2(void)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

	if (fd < 0) {
		return false;
	}
	close(fd);
	return true;
}

static bool has_thread_pidfd(void)
{
	const int fd = (int)syscall(SYS_pidfd_open, gettid(), THREAD_PIDFD);

	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0;
}

static bool has_pidfd_getfd(void)
{
	return syscall(SYS_pidfd_getfd, -1, 0, 0) != 0 && errno == EBADF;
}

static bool has_capability(void)
{
	return number_in_file("/proc/self/status", "\nCapPrm:", 16, 0) != 0;
}

static bool has_user_namespaces(void)
{
	return number_in_file("/proc/sys/user/max_user_namespaces", "", 10, 0) > 0 &&
	       number_in_file(
		       "/proc/sys/kernel/unprivileged_userns_clone", "", 10, 1) != 0 &&
	       number_in_file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		       "", 10, 0) == 0;
}

/* A filter that lets all pass, with a listener: is the slot free, what can it do? */
static int child_try_listener(void)
{
	struct sock_filter pass = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = 1, .filter = &pass};
	struct seccomp_notif_addfd addfd = {.flags = ADDFD_SEND, .srcfd = 0};
	int found = FOUND_LISTENER;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		return 0;
	}
	int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0) {
		return 0;
	}
	if (ioctl(fd, NOTIFY_SET_FLAGS, (unsigned long)NOTIFY_SYNC_WAKE) == 0) {
		found |= FOUND_SYNC_WAKE;
	}
	addfd.srcfd = (uint32_t)fd;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) != 0 && errno == ENOENT) {
		found |= FOUND_ADDFD_SEND;
	}
	return found;
}

static bool child_wait(pid_t child, int *status)
{
	while (waitpid(child, status, __WALL) != child) {
		if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void probe_listener(struct probe_features *features)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		_exit(child_try_listener());
	}
	if (child < 0 || !child_wait(child, &status) || !WIFEXITED(status)) {
		return;
	}
	int found = WEXITSTATUS(status);
	features->listener_free = found & FOUND_LISTENER;
	features->sync_wake = found & FOUND_SYNC_WAKE;
	features->addfd_send = found & FOUND_ADDFD_SEND;
}

/* The child is stopped by INTERRUPT, where both requests are answered. */
static void probe_stopped_child(struct probe_features *features, pid_t child)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_INTERRUPT, child, NULL, NULL) ||
		waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status)) {
		return;
	}
	features->ptrace_syscall_info =
		ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0;
	/* Too short a struct: EINVAL where the request is known, else EIO. */
	features->set_syscall_info =
		syscall(SYS_ptrace, REQUEST_SET_SYSCALL_INFO, child, 0, &info) != 0 &&
		errno == EINVAL;
}

static void probe_ptrace(struct probe_features *features)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pause();
		}
	}
	if (child < 0) {
		return;
	}
	if (ptrace(PTRACE_SEIZE, child, NULL, (void *)PTRACE_O_EXITKILL) == 0) {
		features->ptrace_allowed = true;
		probe_stopped_child(features, child);
	}
	kill(child, SIGKILL);
	do {
		if (!child_wait(child, &status)) {
			return;
		}
	} while (!WIFEXITED(status) && !WIFSIGNALED(status));
}

static bool list_names(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (*list) {
		size_t item = strcspn(list, ",");
		if ((item == length && memcmp(list, name, length) == 0) ||
			(item == 3 && memcmp(list, "all", 3) == 0)) {
			return true;
		}
		list += item + (list[item] == ',');
	}
	return false;
}

static void disable_for_tests(struct probe_features *features)
{
	const char *list = getenv("DUENNA_DISABLE");

	if (!list) {
		return;
	}
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (list_names(list, switches[i].name)) {
			*(bool *)((char *)features + switches[i].offset) = false;
		}
	}
	if (list_names(list, "landlock")) {
		features->landlock_abi = 0;
	}
}

bool probe_is_traced(void)
{
	return number_in_file("/proc/self/status", "\nTracerPid:", 10, 0) != 0;
}

void probe_run(struct probe_features *features)
{
	*features = (struct probe_features){
		.seccomp_trace = has_seccomp_action(SECCOMP_RET_TRACE),
		.seccomp_errno = has_seccomp_action(SECCOMP_RET_ERRNO),
		.seccomp_notify = has_seccomp_action(SECCOMP_RET_USER_NOTIF),
		.wait_killable = has_seccomp_flag(
			SECCOMP_WAIT_KILLABLE | SECCOMP_FILTER_FLAG_NEW_LISTENER),
		.openat2 = has_openat2(),
		.pidfd_getfd = has_pidfd_getfd(),
		.thread_pidfd = has_thread_pidfd(),
		.is_traced = probe_is_traced(),
		.mseal = syscall(SYSCALL_mseal, NULL, 0, 0) == 0,
		.yama_scope = (int)number_in_file(
			"/proc/sys/kernel/yama/ptrace_scope", "", 10, -1),
		.user_namespaces = has_user_namespaces(),
		.no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
		.privileged = has_capability(),
	};
	long abi = syscall(SYSCALL_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	features->landlock_abi = abi > 0 ? (int)abi : 0;
	probe_listener(features);
	probe_ptrace(features);
	disable_for_tests(features);
}

bool probe_sufficient(const struct probe_features *features, const char **missing)
{
	const struct {
		bool present;
		const char *words;
	} needs[] = {
		{!features->is_traced, "another tracer (strace, gdb, another Duenna) "
				       "holds this process, "
				       "and a process can have only one"},
		{features->ptrace_allowed,
			"the kernel does not let us trace our own child (Yama "
			"ptrace_scope 3, or a container without ptrace)"},
		{features->seccomp_trace && features->seccomp_errno,
			"the kernel has no seccomp filters"},
		{features->ptrace_syscall_info,
			"the kernel is too old: PTRACE_GET_SYSCALL_INFO came with "
			"Linux "
			"5.3"},
		{features->openat2, "openat2 is missing (Linux 5.6, or a filter around "
				    "us hides it)"},
		{features->pidfd_getfd, "pidfd_getfd is missing (Linux 5.6, or a "
					"filter around us hides "
					"it)"},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (!needs[i].present) {
			*missing = needs[i].words;
			return false;
		}
	}
	return true;
}
