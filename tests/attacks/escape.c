/* SPDX-License-Identifier: MIT */
/*
 * Ways out of the supervision itself: children that nobody traces, calls by another
 * road than the one that is watched, other filters, other roots and other namespaces.
 * Whoever gets out leaks the secret with a plain open.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[1 << 16] __attribute__((aligned(16)));

static int leak_and_exit(void *nothing)
{
	(void)nothing;
	leak_secret();
	_exit(0);
}

/* operation: flags of clone. */
static void run_clone(const struct attack *attack)
{
	int flags = (int)(intptr_t)attack->operation;
	pid_t child =
		clone(leak_and_exit, stack + sizeof(stack), flags | SIGCHLD, NULL);
	if (child < 0) {
		failed("clone");
	}
	waitpid(child, NULL, __WALL);
}

static void run_clone_junk(const struct attack *attack)
{
	(void)attack;
	long flags = (long)(0xdead00000000ul | CLONE_UNTRACED | SIGCHLD);
	long child = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (child == 0) {
		leak_and_exit(NULL);
	}
	waitpid((pid_t)need(child, "clone"), NULL, __WALL);
}

/* struct clone_args */
struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void run_clone3(const struct attack *attack)
{
	struct clone_arguments arguments = {
		.flags = (uintptr_t)attack->operation,
		.exit_signal = SIGCHLD,
	};
	long child = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (child == 0) {
		leak_and_exit(NULL);
	}
	waitpid((pid_t)need(child, "clone3"), NULL, __WALL);
}

static void run_vfork(const struct attack *attack)
{
	(void)attack;
	pid_t child = vfork();
	if (child == 0) {
		leak_secret();
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void *leak_in_thread(void *nothing)
{
	leak_secret();
	return nothing;
}

static void run_thread(const struct attack *attack)
{
	pthread_t thread;
	(void)attack;
	pthread_create(&thread, NULL, leak_in_thread, NULL);
	pthread_join(thread, NULL);
}

/* The command ends at once; its grandchild goes on alone in a session of its own. */
static void run_daemon(const struct attack *attack)
{
	(void)attack;
	if (fork() != 0) {
		return;
	}
	setsid();
	if (fork() != 0) {
		_exit(0);
	}
	usleep(20000);
	leak_secret();
}

/* The first thread ends, the process lives on in another. */
static void *leak_later(void *nothing)
{
	usleep(20000);
	leak_secret();
	exit(0);
	return nothing;
}

static void run_without_leader(const struct attack *attack)
{
	pthread_t thread;
	(void)attack;
	pthread_create(&thread, NULL, leak_later, NULL);
	pthread_exit(NULL);
}

static void leak_on_signal(int number)
{
	(void)number;
	leak_secret();
}

static void run_signal_handler(const struct attack *attack)
{
	(void)attack;
	signal(SIGUSR1, leak_on_signal);
	raise(SIGUSR1);
}

static void run_undumpable(const struct attack *attack)
{
	(void)attack;
	need(prctl(PR_SET_DUMPABLE, 0), "prctl");
	leak_secret();
}

/* A program that may not be read has memory that may not be read. */
static void run_unreadable(const struct attack *attack)
{
	(void)attack;
	char *arguments[] = {"attacks", "escape/plain", NULL};
	int from = open("/proc/self/exe", O_RDONLY);
	int to = (int)need(open("copy", O_WRONLY | O_CREAT, 0711), "copy");
	char buffer[65536];
	ssize_t n;
	while ((n = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, (size_t)n) != n) {
			failed("copy");
		}
	}
	need(fchmod(to, 0111), "fchmod");
	close(to);
	execv("./copy", arguments);
	failed("execv");
}

static void run_plain(const struct attack *attack)
{
	(void)attack;
	leak_secret();
}

/* The kernel writes a file into the working folder, without any call for it. */
static void run_core_file(const struct attack *attack)
{
	char pattern = '|';
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	(void)attack;
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
	if (fd >= 0) {
		need(read(fd, &pattern, 1), "read core_pattern");
	}
	if (pattern == '|' || pattern == '@' || pattern == '/') {
		not_applicable("core dumps do not go to the working folder");
	}
	need(chdir(arena.outside), "chdir");
	if (setrlimit(RLIMIT_CORE, &unlimited)) {
		struct rlimit soft;
		need(getrlimit(RLIMIT_CORE, &soft), "getrlimit");
		soft.rlim_cur = soft.rlim_max;
		need(setrlimit(RLIMIT_CORE, &soft), "setrlimit");
	}
	pid_t child = fork();
	if (child == 0) {
		abort();
	}
	int status;
	waitpid(child, &status, 0);
}

static void run_again(const struct attack *attack)
{
	char *arguments[] = {"attacks", "escape/plain", NULL};
	(void)attack;
	execv("/proc/self/exe", arguments);
	failed("execv");
}

static void *exec_from_thread(void *nothing)
{
	run_again(NULL);
	return nothing;
}

static void run_exec_from_thread(const struct attack *attack)
{
	pthread_t thread;
	(void)attack;
	pthread_create(&thread, NULL, exec_from_thread, NULL);
	pthread_join(thread, NULL);
}

/* Traces a child of its own and carries on in its place. */
static void run_trace_child(const struct attack *attack)
{
	(void)attack;
	pid_t child = fork();
	if (child == 0) {
		need(ptrace(PTRACE_TRACEME, 0, 0, 0), "PTRACE_TRACEME");
		raise(SIGSTOP);
		leak_secret();
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	if (WIFSTOPPED(status)) {
		ptrace(PTRACE_CONT, child, 0, 0);
		waitpid(child, &status, 0);
	}
}

static long filter_install(struct sock_filter *code, unsigned short length, int flags)
{
	struct sock_fprog program = {length, code};
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static struct sock_filter open_to[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* Answers its own child's notifications with "go on". */
static void run_own_listener(const struct attack *attack)
{
	int flags = (int)(intptr_t)attack->operation;
	struct seccomp_notif request;
	struct seccomp_notif_resp response = {0};
	int listener = (int)need(
		filter_install(open_to, 4, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER),
		"seccomp");
	pid_t child = fork();
	if (child == 0) {
		leak_secret();
		_exit(0);
	}
	memset(&request, 0, sizeof(request));
	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request), "receive");
	response.id = request.id;
	response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response), "send");
	waitpid(child, NULL, 0);
}

/* A filter of its own that answers TRACE or ALLOW for the same calls. */
static void run_own_filter(const struct attack *attack)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, (unsigned)(uintptr_t)attack->operation)};
	need(filter_install(code, 1, 0), "seccomp");
	leak_secret();
}

/* Fills the chain until no filter fits; then tries as usual. */
static void run_many_filters(const struct attack *attack)
{
	struct sock_filter code[4096];
	(void)attack;
	for (size_t i = 0; i < 4096; i++) {
		code[i] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	for (int i = 0; i < 16 && filter_install(code, 4096, 0) == 0; i++) {
	}
	leak_secret();
}

static void run_personality(const struct attack *attack)
{
	(void)attack;
	personality((unsigned long)attack->operation);
	leak_secret();
}

/* System calls of this thread first become signals, then calls again. */
static void run_user_dispatch(const struct attack *attack)
{
	enum { SET_DISPATCH = 59, DISPATCH_ON = 1 };
	static char selector = 0;
	(void)attack;
	if (prctl(SET_DISPATCH, DISPATCH_ON, 0, 0, &selector) < 0) {
		not_applicable("PR_SET_SYSCALL_USER_DISPATCH");
	}
	leak_secret();
}

/* Numbers beyond those of the table, and with junk above their 32 bits. */
static void run_number(const struct attack *attack)
{
	long number = (long)attack->operation | SYS_openat;
	long fd = syscall(number, AT_FDCWD, arena.secret, O_RDONLY);
	if (fd < 0 && errno == ENOSYS) {
		not_applicable("this number");
	}
	leak((int)need(fd, "openat"));
}

static void map_user(const char *path, unsigned id)
{
	char text[64];
	snprintf(text, sizeof(text), "0 %u 1\n", id);
	int fd = (int)need(open(path, O_WRONLY), path);
	need(write(fd, text, strlen(text)), path);
	close(fd);
}

/* As an ordinary user the powers come from a user namespace. */
static void gain_power(int namespaces)
{
	unsigned uid = getuid(), gid = getgid();
	if (uid == 0) {
		return;
	}
	if (unshare(CLONE_NEWUSER | namespaces) < 0) {
		not_applicable("unshare");
	}
	write_file("/proc/self/setgroups", "deny");
	map_user("/proc/self/uid_map", uid);
	map_user("/proc/self/gid_map", gid);
}

static void leak_name(const char *name)
{
	leak((int)need(open(name, O_RDONLY), name));
}

static void run_user_namespace(const struct attack *attack)
{
	(void)attack;
	if (unshare(CLONE_NEWUSER) < 0) {
		not_applicable("unshare");
	}
	leak_secret();
}

static void run_mount_bind(const struct attack *attack)
{
	(void)attack;
	gain_power(CLONE_NEWNS);
	need(mkdir("shelf", 0755), "mkdir");
	need(syscall(SYS_mount, arena.outside, "shelf", NULL, 4096ul, NULL), "mount");
	leak_name("shelf/secret");
}

/* Something else takes the place of what may be read. */
static void run_mount_over(const struct attack *attack)
{
	(void)attack;
	gain_power(CLONE_NEWNS);
	need(syscall(SYS_mount, arena.outside, arena.guarded, NULL, 4096ul, NULL),
		"mount");
	leak_name(path_in(arena.guarded, "secret"));
}

static void run_move_mount(const struct attack *attack)
{
	enum { CLONE_TREE = 1, FROM_EMPTY_PATH = 4 };
	(void)attack;
	gain_power(CLONE_NEWNS);
	need(mkdir("shelf", 0755), "mkdir");
	long tree = need(syscall(SYS_open_tree, AT_FDCWD, arena.outside, CLONE_TREE),
		"open_tree");
	need(syscall(SYS_move_mount, tree, "", AT_FDCWD, "shelf", FROM_EMPTY_PATH),
		"move_mount");
	leak_name("shelf/secret");
}

/* The detached tree needs no place to be read from. */
static void run_open_tree(const struct attack *attack)
{
	enum { CLONE_TREE = 1 };
	long number = (long)attack->operation;
	gain_power(CLONE_NEWNS);
	long tree = syscall(number, AT_FDCWD, arena.outside, CLONE_TREE, NULL, 0);
	if (tree < 0 && errno == ENOSYS) {
		not_applicable("open_tree_attr");
	}
	leak((int)need(
		openat((int)need(tree, "open_tree"), "secret", O_RDONLY), "secret"));
}

static void run_chroot(const struct attack *attack)
{
	(void)attack;
	gain_power(0);
	need(syscall(SYS_chroot, arena.outside), "chroot");
	leak_name("/secret");
}

static void run_chroot_in_project(const struct attack *attack)
{
	(void)attack;
	gain_power(0);
	int above = (int)need(open("..", O_PATH | O_DIRECTORY), "open");
	need(syscall(SYS_chroot, arena.project), "chroot");
	need(fchdir(above), "fchdir");
	leak_name("outside/secret");
}

static void run_pivot_root(const struct attack *attack)
{
	(void)attack;
	gain_power(CLONE_NEWNS);
	if (getuid() == 0 && geteuid() == 0) {
		need(unshare(CLONE_NEWNS), "unshare");
	}
	syscall(SYS_mount, NULL, "/", NULL, 0x44000ul, NULL);
	need(syscall(SYS_mount, arena.outside, arena.outside, NULL, 4096ul, NULL),
		"mount");
	need(chdir(arena.outside), "chdir");
	need(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	leak_name("/secret");
}

static void run_setns(const struct attack *attack)
{
	(void)attack;
	if (getuid() != 0) {
		not_applicable("setns");
	}
	long fd = need(syscall(SYS_pidfd_open, arena.bystander, 0), "pidfd_open");
	need(syscall(SYS_setns, fd, CLONE_NEWNS), "setns");
	leak_secret();
}

static void run_open_by_handle(const struct attack *attack)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} place = {.handle.handle_bytes = 128};
	int mount;
	(void)attack;
	need(name_to_handle_at(AT_FDCWD, arena.secret, &place.handle, &mount, 0),
		"name_to_handle_at");
	int folder = (int)need(open(arena.project, O_RDONLY), arena.project);
	long fd = syscall(SYS_open_by_handle_at, folder, &place.handle, O_RDONLY);
	if (fd < 0 && errno == EPERM) {
		not_applicable("open_by_handle_at");
	}
	leak((int)need(fd, "open_by_handle_at"));
}

#define VALUE(number) ((const void *)(uintptr_t)(number))

/* clang-format off */
static const struct attack_row rows[] = {
	{"plain", EFFECT_SECRET, 0, "openat", run_plain, NULL},
	{"clone", EFFECT_SECRET, 0, "clone", run_clone, VALUE(0)},
	{"clone_untraced", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_UNTRACED)},
	{"clone_untraced_shared", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_UNTRACED | CLONE_VM | CLONE_FILES | CLONE_FS)},
	{"clone_untraced_vfork", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_UNTRACED | CLONE_VM | CLONE_VFORK)},
	{"clone_junk", EFFECT_SECRET, 0, "clone", run_clone_junk, NULL},
	{"clone_parent", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_PARENT)},
	{"clone_shared", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_VM | CLONE_FILES | CLONE_FS)},
	{"clone_new_user", EFFECT_SECRET, 0, "clone", run_clone, VALUE(CLONE_NEWUSER)},
	{"clone3", EFFECT_SECRET, 0, "clone3", run_clone3, VALUE(0)},
	{"clone3_untraced", EFFECT_SECRET, 0, "clone3", run_clone3, VALUE(CLONE_UNTRACED)},
	{"clone3_new_user", EFFECT_SECRET, 0, "clone3", run_clone3, VALUE(CLONE_NEWUSER)},
	{"vfork", EFFECT_SECRET, 0, "vfork", run_vfork, NULL},
	{"thread", EFFECT_SECRET, 0, "clone", run_thread, NULL},
	{"daemon", EFFECT_SECRET, 0, "fork", run_daemon, NULL},
	{"without_leader", EFFECT_SECRET, 0, "clone", run_without_leader, NULL},
	{"signal_handler", EFFECT_SECRET, 0, "openat", run_signal_handler, NULL},
	{"undumpable", EFFECT_SECRET, 0, "prctl", run_undumpable, NULL},
	{"unreadable_program", EFFECT_SECRET, 0, "execve", run_unreadable, NULL},
	{"core_file", EFFECT_CHANGED, 0, "setrlimit prlimit64", run_core_file, NULL},
	{"again", EFFECT_SECRET, 0, "execve", run_again, NULL},
	{"exec_from_thread", EFFECT_SECRET, 0, "execve", run_exec_from_thread, NULL},
	{"trace_child", EFFECT_SECRET, 0, "ptrace", run_trace_child, NULL},
	{"own_listener", EFFECT_SECRET, 0, "seccomp", run_own_listener, VALUE(0)},
	{"own_listener_quiet", EFFECT_SECRET, 0, "seccomp", run_own_listener, VALUE(SECCOMP_FILTER_FLAG_SPEC_ALLOW)},
	{"own_filter_allow", EFFECT_SECRET, 0, "seccomp", run_own_filter, VALUE(SECCOMP_RET_ALLOW)},
	{"own_filter_log", EFFECT_SECRET, 0, "seccomp", run_own_filter, VALUE(SECCOMP_RET_LOG)},
	{"many_filters", EFFECT_SECRET, 0, "seccomp", run_many_filters, NULL},
	{"personality_32", EFFECT_SECRET, 0, "personality", run_personality, VALUE(PER_LINUX32)},
	{"user_dispatch", EFFECT_SECRET, 0, "prctl", run_user_dispatch, NULL},
	{"number_x32", EFFECT_SECRET, 0, "openat", run_number, VALUE(0x40000000)},
	{"number_junk", EFFECT_SECRET, 0, "openat", run_number, VALUE(0xdead00000000)},
	{"number_negative_half", EFFECT_SECRET, 0, "openat", run_number, VALUE(0xffffffff00000000)},
	{"user_namespace", EFFECT_SECRET, 0, "unshare", run_user_namespace, NULL},
	{"mount_bind", EFFECT_SECRET, 0, "mount", run_mount_bind, NULL},
	{"mount_over", EFFECT_SECRET, 0, "mount", run_mount_over, NULL},
	{"move_mount", EFFECT_SECRET, 0, "open_tree move_mount", run_move_mount, NULL},
	{"open_tree", EFFECT_SECRET, 0, "open_tree", run_open_tree, VALUE(SYS_open_tree)},
	{"open_tree_attributes", EFFECT_SECRET, 0, "open_tree_attr", run_open_tree, VALUE(SYS_open_tree_attr)},
	{"chroot", EFFECT_SECRET, 0, "chroot", run_chroot, NULL},
	{"chroot_above", EFFECT_SECRET, 0, "chroot", run_chroot_in_project, NULL},
	{"pivot_root", EFFECT_SECRET, 0, "mount pivot_root", run_pivot_root, NULL},
	{"setns", EFFECT_SECRET, ATTACK_BYSTANDER | ATTACK_ROOT, "setns", run_setns, NULL},
	{"open_by_handle", EFFECT_SECRET, 0, "open_by_handle_at", run_open_by_handle, NULL},
	{NULL},
};
/* clang-format on */

void escape_attacks(void)
{
	attack_add_rows("escape", rows);
}
