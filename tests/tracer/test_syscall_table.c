/* SPDX-License-Identifier: MIT */
#include "tracer/operation_family.h"
#include "tracer/syscall_numbers_x86_64.h"
#include "tracer/syscall_table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <seccomp.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct syscall_options judged = {.judge_reads = true};

static struct syscall_decision decide(const char *name, uint64_t a0, uint64_t a1,
	uint64_t a2, uint64_t a3, uint64_t a4)
{
	uint64_t arguments[6] = {a0, a1, a2, a3, a4, 0};
	int number = syscall_table_number(name);

	cr_assert(number >= 0, "no row named %s", name);
	return syscall_table_decide(&judged, (uint64_t)number, arguments);
}

Test(syscall_table, has_exactly_the_calls_of_linux_6_18)
{
	char path[4096];
	char line[256];
	bool listed[SYSCALL_COUNT] = {false};

	const char *source = getenv("DUENNA_SOURCE");
	snprintf(path, sizeof(path), "%s/tests/tracer/linux-6.18-x86_64.tbl",
		source ? source : ".");
	FILE *file = fopen(path, "re");
	cr_assert(file != NULL, "cannot open %s", path);
	while (fgets(line, sizeof(line), file)) {
		unsigned number;
		char name[64];
		if (sscanf(line, "%u %63s", &number, name) != 2) {
			continue;
		}
		const struct syscall_row *row = syscall_table_row(number);
		cr_assert(row != NULL, "no row for %u %s", number, name);
		cr_expect(eq(str, (char *)row->name, name));
		cr_expect(eq(int, syscall_table_number(name), (int)number));
		listed[number] = true;
	}
	fclose(file);
	for (unsigned number = 0; number < SYSCALL_COUNT; number++) {
		bool has_row = syscall_table_row(number) != NULL;
		cr_expect(has_row == listed[number], "number %u", number);
	}
}

Test(syscall_table, agrees_with_the_names_of_libseccomp)
{
	for (int number = 0; number < SYSCALL_COUNT; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);
		if (name) {
			const struct syscall_row *row =
				syscall_table_row((uint64_t)number);
			cr_assert(row != NULL, "no row for %s", name);
			cr_expect(eq(str, (char *)row->name, name));
			free(name);
		}
	}
}

Test(syscall_table, answers_unknown_numbers_with_enosys)
{
	static const uint64_t numbers[] = {337, 423, 470, 512, 1u << 30, UINT32_MAX,
		UINT64_MAX, UINT64_C(1) << 32};
	uint64_t arguments[6] = {0};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct syscall_decision decision =
			syscall_table_decide(&judged, numbers[i], arguments);
		cr_expect(decision.class == CLASS_UNKNOWN && decision.error == ENOSYS);
	}
}

static void check_class(const struct syscall_row *row, enum syscall_class class,
	enum operation operation, int error)
{
	const enum operation_family family = operation_family(operation);

	switch (class) {
	case CLASS_UNKNOWN:
		cr_fail("%s has no class", row->name);
		break;
	case CLASS_PASS:
		cr_expect(operation == OPERATION_NONE, "%s", row->name);
		break;
	case CLASS_ABSENT:
		cr_expect(error == ENOSYS, "%s", row->name);
		break;
	case CLASS_REFUSED:
		cr_expect(error > 0 && operation == OPERATION_NONE, "%s", row->name);
		break;
	case CLASS_FILE:
	case CLASS_FILE_STOP:
		cr_expect(family == FAMILY_FILE, "%s", row->name);
		break;
	case CLASS_STOP:
		cr_expect(family == FAMILY_EXEC || family == FAMILY_NETWORK ||
				  family == FAMILY_PROCESS,
			"%s", row->name);
		break;
	}
}

Test(syscall_table, gives_each_operation_a_family)
{
	for (int operation = 0; operation < OPERATION_COUNT; operation++) {
		const enum operation_family family =
			operation_family((enum operation)operation);
		cr_expect(family != FAMILY_MISSING, "operation %d", operation);
		cr_expect(eq(int, family == FAMILY_NONE, operation == OPERATION_NONE),
			"operation %d", operation);
	}
	cr_expect(operation_family(OPERATION_COUNT) == FAMILY_MISSING);
}

Test(syscall_table, gives_each_class_what_it_needs)
{
	for (uint64_t number = 0; number < SYSCALL_COUNT; number++) {
		const struct syscall_row *row = syscall_table_row(number);
		if (!row) {
			continue;
		}
		check_class(row, row->class, row->operation, row->error);
		for (size_t i = 0; i < row->rule_count; i++) {
			const struct argument_rule *rule = &row->rules[i];
			check_class(row, rule->class, rule->operation, rule->error);
		}
	}
}

Test(syscall_table, places_the_object_of_each_file_call)
{
	for (uint64_t number = 0; number < SYSCALL_COUNT; number++) {
		const struct syscall_row *row = syscall_table_row(number);
		if (row &&
			(row->class == CLASS_FILE || row->class == CLASS_FILE_STOP)) {
			bool has_object = (row->path == POSITION_NONE) !=
					  (row->fd == POSITION_NONE);
			cr_expect(has_object, "%s", row->name);
			cr_expect(row->folder == POSITION_NONE ||
					  row->path == row->folder + 1,
				"%s", row->name);
			cr_expect(row->folder2 == POSITION_NONE ||
					  row->path2 == row->folder2 + 1,
				"%s", row->name);
		}
	}
}

Test(syscall_table, lets_everyday_calls_pass)
{
	static const char *const names[] = {"read", "write", "pread64", "pwrite64",
		"readv", "writev", "preadv2", "pwritev2", "lseek", "close",
		"close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll",
		"select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait",
		"epoll_pwait2", "eventfd2", "timerfd_create", "signalfd4", "futex",
		"futex_waitv", "futex_wait", "mmap", "munmap", "mremap", "mprotect",
		"madvise", "brk", "msync", "mincore", "mseal", "map_shadow_stack",
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
		"nanosleep", "clock_gettime", "clock_nanosleep", "getpid", "gettid",
		"getrandom", "uname", "sysinfo", "times", "getrusage", "wait4",
		"waitid", "set_tid_address", "set_robust_list", "rseq", "membarrier",
		"sched_yield", "sched_getaffinity", "getcpu", "umask", "getcwd",
		"chdir", "fchdir", "fsync", "fdatasync", "sync", "syncfs", "flock",
		"fstat", "fstatfs", "getdents64", "readahead", "fadvise64", "cachestat",
		"sendfile", "splice", "tee", "vmsplice", "copy_file_range", "ftruncate",
		"fallocate", "recvfrom", "recvmsg", "recvmmsg", "accept", "accept4",
		"shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername",
		"io_setup", "io_submit", "io_getevents", "memfd_create", "setpgid",
		"setsid", "getpgid", "setuid", "setresuid", "capget", "capset", "fork",
		"vfork", "lsm_get_self_attr", "uretprobe", "uprobe", "exit",
		"exit_group", "restart_syscall", "time", "gettimeofday", "stat",
		"lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2",
		"readlink", "readlinkat", "getxattr", "lgetxattr", "getxattrat",
		"listxattr", "statfs", "file_getattr", "statmount", "listmount",
		"name_to_handle_at", "pidfd_open", "setrlimit", "prlimit64",
		"sched_setaffinity", "clone", "seccomp", "ioctl", "fcntl", "prctl",
		"personality", "unshare", "sendto"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct syscall_decision decision = decide(names[i], 0, 0, 0, 0, 0);
		cr_expect(decision.class == CLASS_PASS, "%s", names[i]);
	}
}

Test(syscall_table, refuses_what_nobody_may)
{
	static const struct {
		const char *name;
		enum syscall_class class;
		int error;
	} cases[] = {
		{"clone3", CLASS_ABSENT, ENOSYS},
		{"landlock_create_ruleset", CLASS_ABSENT, ENOSYS},
		{"landlock_add_rule", CLASS_ABSENT, ENOSYS},
		{"landlock_restrict_self", CLASS_ABSENT, ENOSYS},
		{"io_uring_setup", CLASS_ABSENT, ENOSYS},
		{"io_uring_enter", CLASS_ABSENT, ENOSYS},
		{"io_uring_register", CLASS_ABSENT, ENOSYS},
		{"mount", CLASS_REFUSED, EPERM},
		{"umount2", CLASS_REFUSED, EPERM},
		{"pivot_root", CLASS_REFUSED, EPERM},
		{"chroot", CLASS_REFUSED, EPERM},
		{"open_tree", CLASS_REFUSED, EPERM},
		{"open_tree_attr", CLASS_REFUSED, EPERM},
		{"move_mount", CLASS_REFUSED, EPERM},
		{"fsopen", CLASS_REFUSED, EPERM},
		{"fsconfig", CLASS_REFUSED, EPERM},
		{"fsmount", CLASS_REFUSED, EPERM},
		{"fspick", CLASS_REFUSED, EPERM},
		{"mount_setattr", CLASS_REFUSED, EPERM},
		{"setns", CLASS_REFUSED, EPERM},
		{"ptrace", CLASS_REFUSED, EPERM},
		{"userfaultfd", CLASS_REFUSED, EPERM},
		{"open_by_handle_at", CLASS_REFUSED, EPERM},
		{"kexec_load", CLASS_REFUSED, EPERM},
		{"kexec_file_load", CLASS_REFUSED, EPERM},
		{"init_module", CLASS_REFUSED, EPERM},
		{"finit_module", CLASS_REFUSED, EPERM},
		{"delete_module", CLASS_REFUSED, EPERM},
		{"bpf", CLASS_REFUSED, EPERM},
		{"perf_event_open", CLASS_REFUSED, EPERM},
		{"fanotify_init", CLASS_REFUSED, EPERM},
		{"iopl", CLASS_REFUSED, EPERM},
		{"ioperm", CLASS_REFUSED, EPERM},
		{"modify_ldt", CLASS_REFUSED, ENOSYS},
		{"lsm_set_self_attr", CLASS_REFUSED, EPERM},
		{"pidfd_getfd", CLASS_REFUSED, EPERM},
		{"process_madvise", CLASS_REFUSED, EPERM},
		{"process_mrelease", CLASS_REFUSED, EPERM},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct syscall_decision decision = decide(cases[i].name, 0, 0, 0, 0, 0);
		cr_expect(decision.class == cases[i].class, "%s", cases[i].name);
		cr_expect(decision.error == cases[i].error, "%s", cases[i].name);
		cr_expect(decision.class == CLASS_ABSENT || decision.power, "%s",
			cases[i].name);
	}
}

Test(syscall_table, judges_every_call_that_changes_a_path)
{
	static const char *const names[] = {"open", "openat", "openat2", "creat",
		"mkdir", "mkdirat", "mknod", "mknodat", "unlink", "unlinkat", "rmdir",
		"rename", "renameat", "renameat2", "link", "linkat", "symlink",
		"symlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown",
		"lchown", "fchown", "fchownat", "utime", "utimes", "futimesat",
		"utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat",
		"removexattr", "lremovexattr", "fremovexattr", "removexattrat",
		"truncate", "file_setattr", "inotify_add_watch"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct syscall_decision decision = decide(names[i], 0, 0, 0, 0, 0);
		cr_expect(decision.class == CLASS_FILE ||
				  decision.class == CLASS_FILE_STOP,
			"%s", names[i]);
	}
}

#define JUNK (UINT64_C(0xdeadbeef) << 32)

Test(syscall_table, refines_calls_by_their_arguments)
{
	static const struct {
		const char *name;
		uint64_t arguments[5];
		enum syscall_class class;
		enum operation operation;
		const char *power;
		int error;
	} cases[] = {
		{"clone", {0x11}, CLASS_PASS, 0, NULL, 0},
		{"clone", {0x3d0f00}, CLASS_PASS, 0, NULL, 0}, /* a thread */
		{"clone", {0x10000000}, CLASS_REFUSED, 0, "namespace", EPERM},
		{"clone", {0x00800011}, CLASS_REFUSED, 0, "untraced-child", EPERM},
		{"clone", {JUNK | 0x11}, CLASS_PASS, 0, NULL, 0},
		{"unshare", {0x400}, CLASS_PASS, 0, NULL, 0},
		{"unshare", {0x80}, CLASS_REFUSED, 0, "namespace", EPERM},
		{"unshare", {JUNK | 0x20000}, CLASS_REFUSED, 0, "namespace", EPERM},
		{"seccomp", {1, 0}, CLASS_PASS, 0, NULL, 0},
		{"seccomp", {1, 8}, CLASS_REFUSED, 0, "seccomp-listener", EBUSY},
		{"seccomp", {1, JUNK | 0x2a}, CLASS_REFUSED, 0, "seccomp-listener",
			EBUSY},
		{"mknod", {0, 0100644}, CLASS_FILE, OPERATION_MKNOD, NULL, 0},
		{"mknod", {0, 0644}, CLASS_FILE, OPERATION_MKNOD, NULL, 0},
		{"mknod", {0, 0020644}, CLASS_FILE, OPERATION_MKNOD, NULL, 0},
		{"mknodat", {0, 0, 0060644}, CLASS_FILE, OPERATION_MKNOD, NULL, 0},
		{"renameat2", {0, 0, 0, 0, 2}, CLASS_FILE, OPERATION_RENAME, NULL, 0},
		{"renameat2", {0, 0, 0, 0, 4}, CLASS_REFUSED, 0, "whiteout", EPERM},
		{"sendto", {3, 0, 0, 0, JUNK}, CLASS_STOP, OPERATION_SENDTO, NULL, 0},
		{"sendto", {3, 0, 0, 0, 1}, CLASS_STOP, OPERATION_SENDTO, NULL, 0},
		{"socket", {1, 2, 0}, CLASS_PASS, 0, NULL, 0},
		{"socket", {2, 0x80801, 6}, CLASS_PASS, 0, NULL, 0},
		{"socket", {10, JUNK | 2, 17}, CLASS_PASS, 0, NULL, 0},
		{"socket", {16, 3, 0}, CLASS_PASS, 0, NULL, 0},
		{"socket", {16, 3, 4}, CLASS_STOP, OPERATION_SOCKET, NULL,
			EPROTONOSUPPORT},
		{"socket", {2, 3, 1}, CLASS_STOP, OPERATION_SOCKET, "raw-socket",
			EPERM},
		{"socket", {2, 10, 1}, CLASS_STOP, OPERATION_SOCKET, "packet-socket",
			EPERM},
		{"socket", {17, 3, 0}, CLASS_STOP, OPERATION_SOCKET, "packet-socket",
			EPERM},
		{"socket", {2, 1, 132}, CLASS_STOP, OPERATION_SOCKET, "rare-socket",
			EPROTONOSUPPORT},
		{"socket", {2, 2, 17}, CLASS_PASS, 0, NULL, 0},
		{"socket", {10, 2 | 02000000, 58}, CLASS_PASS, 0, NULL, 0},
		{"socket", {2, 2, 115}, CLASS_STOP, OPERATION_SOCKET, "rare-socket",
			EPROTONOSUPPORT}, /* L2TP */
		{"socket", {38, 5, 0}, CLASS_STOP, OPERATION_SOCKET, "rare-socket",
			EAFNOSUPPORT},
		{"kill", {1, 0}, CLASS_PASS, 0, NULL, 0},
		{"kill", {1, JUNK}, CLASS_PASS, 0, NULL, 0},
		{"kill", {1, 9}, CLASS_STOP, OPERATION_SIGNAL, NULL, EPERM},
		{"tgkill", {1, 1, 9}, CLASS_STOP, OPERATION_SIGNAL, NULL, EPERM},
		{"prlimit64", {1}, CLASS_STOP, OPERATION_PROCESS, NULL, EPERM},
		{"setpriority", {0, 0}, CLASS_PASS, 0, NULL, 0},
		{"setpriority", {1, 0}, CLASS_STOP, OPERATION_PROCESS, NULL, EPERM},
		{"ioprio_set", {1, 0}, CLASS_PASS, 0, NULL, 0},
		{"ioprio_set", {2, 0}, CLASS_STOP, OPERATION_PROCESS, NULL, EPERM},
		{"shmget", {0}, CLASS_STOP, OPERATION_IPC, "shared-memory", EACCES},
		{"shmat", {42}, CLASS_STOP, OPERATION_IPC, "shared-memory", EACCES},
		{"mq_open", {42}, CLASS_STOP, OPERATION_IPC, "message-queue", EACCES},
		{"reboot", {0}, CLASS_STOP, OPERATION_POWER, "reboot", EPERM},
		{"keyctl", {0}, CLASS_STOP, OPERATION_POWER, "keyring", EPERM},
		{"ioctl", {0, 0x5401}, CLASS_PASS, 0, NULL, 0},
		{"ioctl", {0, 0x5412}, CLASS_REFUSED, 0, "terminal-injection", EPERM},
		{"ioctl", {0, JUNK | 0x5412}, CLASS_REFUSED, 0, "terminal-injection",
			EPERM},
		{"ioctl", {0, 0x541c}, CLASS_REFUSED, 0, "terminal-injection", EPERM},
		{"ioctl", {0, 0x4b36}, CLASS_REFUSED, 0, "io-ports", EPERM},
		{"ioctl", {0, 0x8940}, CLASS_STOP, OPERATION_POWER, "rare-socket",
			EPERM},
		{"ioctl", {0, 0x8983}, CLASS_STOP, OPERATION_POWER, "rare-socket",
			EPERM},
		{"ioctl", {0, 0x89a0}, CLASS_STOP, OPERATION_POWER, "rare-socket",
			EPERM},
		{"ioctl", {0, 0x8942}, CLASS_PASS, 0, NULL, 0},
		{"socketpair", {2, 1, 0}, CLASS_PASS, 0, NULL, 0},
		{"socketpair", {10, JUNK | 02000005, 132}, CLASS_STOP, OPERATION_SOCKET,
			"rare-socket", EOPNOTSUPP},
		{"ioctl", {0, 0x8902}, CLASS_STOP, OPERATION_OWNER, NULL, EPERM},
		{"ioctl", {0, 0x40086602}, CLASS_FILE, OPERATION_IOCTL_ATTRIBUTES, NULL,
			0},
		{"ioctl", {0, 0x401c5820}, CLASS_FILE, OPERATION_IOCTL_ATTRIBUTES, NULL,
			0},
		{"ioctl", {0, 0x80086601}, CLASS_PASS, 0, NULL, 0},
		{"ioctl", {0, 0x40049409}, CLASS_PASS, 0, NULL, 0}, /* FICLONE */
		{"ioctl", {0, 0x5000940f}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x40086610}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0xc0606610}, CLASS_PASS, 0, NULL, 0}, /* PAGEMAP_SCAN */
		{"ioctl", {0, 0xc0506617}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x6611}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0xc0686611}, CLASS_PASS, 0, NULL, 0}, /* PROCMAP_QUERY */
		{"ioctl", {0, 0x40046629}, CLASS_PASS, 0, NULL, 0}, /* GETSTATE */
		{"ioctl", {0, 0x4004662b}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x4008662c}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x8008662c}, CLASS_PASS, 0, NULL,
			0}, /* EXT4_IOC_GETFSUUID */
		{"ioctl", {0, 0xc020660b}, CLASS_PASS, 0, NULL, 0}, /* FS_IOC_FIEMAP */
		{"ioctl", {0, 0xc0096616}, CLASS_PASS, 0, NULL,
			0}, /* encryption policy */
		{"ioctl", {0, 0xc0406618}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x401c6680}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"ioctl", {0, 0x4020bc10}, CLASS_REFUSED, 0, "file-system", EPERM},
		{"fcntl", {0, 4, 04002}, CLASS_PASS, 0, NULL, 0},
		{"fcntl", {0, 4, JUNK | 020000}, CLASS_STOP, OPERATION_INPUT_SIGNALS,
			NULL, EPERM},
		{"ioctl", {0, 0x5452}, CLASS_STOP, OPERATION_INPUT_SIGNALS, NULL,
			EPERM},
		{"fcntl", {0, 8, 1}, CLASS_STOP, OPERATION_OWNER, NULL, EPERM},
		{"fcntl", {0, 15, 1}, CLASS_STOP, OPERATION_OWNER, NULL, EPERM},
		{"fcntl", {0, 1040, 1}, CLASS_REFUSED, 0, "file-lease", EINVAL},
		{"fcntl", {0, 1024, 1}, CLASS_REFUSED, 0, "file-lease", EINVAL},
		{"prctl", {4, 0}, CLASS_STOP, OPERATION_DUMPABLE, NULL, EINVAL},
		{"prctl", {3}, CLASS_STOP, OPERATION_DUMPABLE, NULL, EINVAL},
		{"prctl", {35}, CLASS_REFUSED, 0, "memory-layout", EPERM},
		{"prctl", {22, 2}, CLASS_PASS, 0, NULL, 0},
		{"personality", {0xffffffff}, CLASS_PASS, 0, NULL, 0},
		{"personality", {0x0040000}, CLASS_PASS, 0, NULL, 0},
		{"personality", {0x0400000}, CLASS_REFUSED, 0, "personality", EPERM},
		{"arch_prctl", {0x1002}, CLASS_PASS, 0, NULL, 0},
		{"arch_prctl", {0x3001}, CLASS_PASS, 0, NULL, 0},
		{"arch_prctl", {0x1012}, CLASS_REFUSED, 0, "arch-prctl", EINVAL},
		{"arch_prctl", {0x4002}, CLASS_REFUSED, 0, "arch-prctl", EINVAL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t *a = cases[i].arguments;
		struct syscall_decision got =
			decide(cases[i].name, a[0], a[1], a[2], a[3], a[4]);
		cr_expect(
			got.class == cases[i].class, "case %zu, %s", i, cases[i].name);
		cr_expect(got.operation == cases[i].operation, "case %zu, %s", i,
			cases[i].name);
		cr_expect(
			got.error == cases[i].error, "case %zu, %s", i, cases[i].name);
		bool same_power =
			cases[i].power ? got.power && !strcmp(got.power, cases[i].power)
				       : !got.power;
		cr_expect(same_power, "case %zu, %s", i, cases[i].name);
	}
}

Test(syscall_table, lets_only_reading_opens_pass_when_reads_are_not_judged)
{
	static const uint64_t changes[] = {01, 02, 03, 0100, 01000, 02000, 020200000};
	struct syscall_options sealed = {.judge_reads = false};
	uint64_t reading[6] = {0, 0, JUNK | 02200000};

	cr_expect(syscall_table_decide(&sealed, SYSCALL_openat, reading).class ==
		  CLASS_PASS);
	cr_expect(syscall_table_decide(&sealed, SYSCALL_openat2, reading).class ==
		  CLASS_FILE_STOP);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint64_t arguments[6] = {0, 0, changes[i]};
		struct syscall_decision decision =
			syscall_table_decide(&sealed, SYSCALL_openat, arguments);
		cr_expect(decision.class == CLASS_FILE, "flags %#lx", changes[i]);
	}
}

Test(syscall_table, guards_the_window_from_every_side)
{
	struct syscall_options guarded = {.judge_reads = true, .guard_window = 0x1235};
	static const struct {
		uint64_t address, length;
		bool stops;
	} cases[] = {
		{UINT64_C(0x1235) << 32, 4096, true},
		{(UINT64_C(0x1236) << 32) - 4096, 4096, true},
		{UINT64_C(0x1234) << 32, 4096, true},
		{(UINT64_C(0x1234) << 32) - 4096, 4096, false},
		{UINT64_C(0x1236) << 32, 4096, false},
		{UINT64_C(0x7fff) << 32, 4096, false},
		{UINT64_C(0x1000) << 32, UINT64_C(1) << 32, true},
		{UINT64_C(0x1000) << 32, UINT32_MAX, false},
		{0, UINT64_MAX, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t arguments[6] = {cases[i].address, cases[i].length, 0, 0x10};
		static const int numbers[] = {SYSCALL_munmap, SYSCALL_mprotect,
			SYSCALL_pkey_mprotect, SYSCALL_remap_file_pages, SYSCALL_mmap};
		for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++) {
			struct syscall_decision decision = syscall_table_decide(
				&guarded, (uint64_t)numbers[j], arguments);
			bool stops = decision.operation == OPERATION_MEMORY_MAP;
			cr_expect(stops == cases[i].stops, "case %zu, number %d", i,
				numbers[j]);
		}
	}
}

Test(syscall_table, notes_credentials_only_of_a_privileged_tree)
{
	struct syscall_options privileged = {.judge_reads = true, .privileged = true};
	static const struct {
		int number;
		uint64_t argument;
	} cases[] = {
		{SYSCALL_setuid, 1000},
		{SYSCALL_setresgid, 1000},
		{SYSCALL_setgroups, 0},
		{SYSCALL_setfsuid, 1000},
		{SYSCALL_capset, 0},
		{SYSCALL_prctl, PR_CAPBSET_DROP},
		{SYSCALL_prctl, PR_SET_SECUREBITS},
		{SYSCALL_prctl, PR_CAP_AMBIENT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t arguments[6] = {cases[i].argument};
		uint64_t number = (uint64_t)cases[i].number;
		enum operation operation =
			syscall_table_decide(&privileged, number, arguments).operation;
		cr_expect(operation == OPERATION_CREDENTIALS, "case %zu", i);
		enum syscall_class class =
			syscall_table_decide(&judged, number, arguments).class;
		cr_expect(class == CLASS_PASS, "case %zu", i);
	}
}

Test(syscall_table, looks_at_what_a_privileged_tree_asks_of_core_files)
{
	struct syscall_options privileged = {.judge_reads = true, .privileged = true};
	uint64_t set[6] = {RLIMIT_CORE, 0x1000};
	uint64_t set_own[6] = {0, RLIMIT_CORE, 0x1000};
	uint64_t get_own[6] = {0, RLIMIT_CORE, 0, 0x1000};
	uint64_t other_limit[6] = {RLIMIT_NOFILE, 0x1000};

	cr_expect(syscall_table_decide(&privileged, SYSCALL_setrlimit, set).operation ==
		  OPERATION_CORE_LIMIT);
	cr_expect(syscall_table_decide(&privileged, SYSCALL_prlimit64, set_own)
			  .operation == OPERATION_CORE_LIMIT);
	cr_expect(syscall_table_decide(&privileged, SYSCALL_prlimit64, get_own).class ==
		  CLASS_PASS);
	cr_expect(
		syscall_table_decide(&privileged, SYSCALL_setrlimit, other_limit).class
		== CLASS_PASS);
	cr_expect(syscall_table_decide(&judged, SYSCALL_prlimit64, set_own).class ==
		  CLASS_PASS);
}
