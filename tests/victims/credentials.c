/* SPDX-License-Identifier: MIT */
/*
 * Changes credentials in one way at a time and then makes every call that changes files
 * on objects of several owners: says what each came to, and what then lies there. Of
 * these tries it makes each N-th, as its first argument says. If the second is "thread",
 * one thread of the process changes and calls, and the other must be what it was. To be
 * run in an empty folder; all that it says is the same each time.
 */
#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { FILE_LIMIT = 100, OLDEST_NOW = 1500000000 };

static bool is_root;

/* Raw calls, since the C library would change every thread. */
static void set_ids(long real, long effective, long saved)
{
	(void)syscall(SYS_setresuid, real, effective, saved);
}

static void all_ids(void)
{
	set_ids(STRANGER, STRANGER, STRANGER);
}

static void real_id(void)
{
	set_ids(STRANGER, -1, -1);
}

static void effective_id(void)
{
	set_ids(-1, STRANGER, -1);
}

static void saved_id(void)
{
	set_ids(-1, -1, STRANGER);
}

static void all_group_ids(void)
{
	(void)syscall(SYS_setresgid, STRANGER, STRANGER, STRANGER);
}

static void real_group_id(void)
{
	(void)syscall(SYS_setresgid, STRANGER, -1, -1);
}

static void effective_group_id(void)
{
	(void)syscall(SYS_setresgid, -1, STRANGER, -1);
}

static void no_groups(void)
{
	(void)syscall(SYS_setgroups, 0, NULL);
}

static void other_group(void)
{
	const gid_t groups[] = {STRANGER};

	(void)syscall(SYS_setgroups, 1, groups);
}

static void file_user_id(void)
{
	(void)syscall(SYS_setfsuid, STRANGER);
}

static void file_group_id(void)
{
	(void)syscall(SYS_setfsgid, STRANGER);
}

static void member(void)
{
	other_group();
	set_ids(STRANGER + 1, STRANGER + 1, STRANGER + 1);
}

static void keep_effective(uint64_t kept)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	(void)syscall(SYS_capget, &header, data);
	data[0].effective &= (uint32_t)kept;
	data[1].effective &= (uint32_t)(kept >> 32);
	(void)syscall(SYS_capset, &header, data);
}

static void no_capabilities(void)
{
	keep_effective(0);
}

static void no_permitted(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

	(void)syscall(SYS_capset, &header, none);
}

#define WITHOUT(NAME, CAPABILITY)                                                      \
	static void NAME(void)                                                         \
	{                                                                              \
		keep_effective(~(UINT64_C(1) << (CAPABILITY)));                        \
	}
WITHOUT(without_override, CAP_DAC_OVERRIDE)
WITHOUT(without_search, CAP_DAC_READ_SEARCH)
WITHOUT(without_owner, CAP_FOWNER)
WITHOUT(without_set_id, CAP_FSETID)
WITHOUT(without_chown, CAP_CHOWN)
WITHOUT(without_mknod, CAP_MKNOD)
WITHOUT(without_ptrace, CAP_SYS_PTRACE)
WITHOUT(without_immutable, CAP_LINUX_IMMUTABLE)
WITHOUT(without_admin, CAP_SYS_ADMIN)
WITHOUT(without_file_capabilities, CAP_SETFCAP)

/* A stranger who keeps what root may. */
static void kept_capabilities(void)
{
	(void)prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
	all_ids();
}

static void kept_owner(void)
{
	kept_capabilities();
	keep_effective(UINT64_C(1) << CAP_FOWNER);
}

static void no_root(void)
{
	(void)prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS);
}

static void no_new_privileges(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void open_mask(void)
{
	(void)umask(0);
}

static void closed_mask(void)
{
	(void)umask(0777);
}

static void small_files(void)
{
	const struct rlimit limit = {FILE_LIMIT, FILE_LIMIT};

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void small_files_fatal(void)
{
	small_files();
	(void)signal(SIGXFSZ, SIG_DFL);
}

static void nothing(void)
{
}

static const struct change {
	const char *name;
	void (*make)(void);
	bool is_roots; /* nobody else can */
} changes[] = {
	{"nothing", nothing, false},
	{"setresuid", all_ids, true},
	{"setresuid, real", real_id, true},
	{"setresuid, effective", effective_id, true},
	{"setresuid, saved", saved_id, true},
	{"setresgid", all_group_ids, true},
	{"setresgid, real", real_group_id, true},
	{"setresgid, effective", effective_group_id, true},
	{"setgroups, none", no_groups, true},
	{"setgroups, other", other_group, true},
	{"setfsuid", file_user_id, true},
	{"setfsgid", file_group_id, true},
	{"setgroups and setresuid", member, true},
	{"capset, none", no_capabilities, false},
	{"capset, none permitted", no_permitted, false},
	{"without CAP_DAC_OVERRIDE", without_override, true},
	{"without CAP_DAC_READ_SEARCH", without_search, true},
	{"without CAP_FOWNER", without_owner, true},
	{"without CAP_FSETID", without_set_id, true},
	{"without CAP_CHOWN", without_chown, true},
	{"without CAP_MKNOD", without_mknod, true},
	{"without CAP_SYS_PTRACE", without_ptrace, true},
	{"without CAP_LINUX_IMMUTABLE", without_immutable, true},
	{"without CAP_SYS_ADMIN", without_admin, true},
	{"without CAP_SETFCAP", without_file_capabilities, true},
	{"kept capabilities", kept_capabilities, true},
	{"kept CAP_FOWNER", kept_owner, true},
	{"securebits", no_root, true},
	{"no_new_privs", no_new_privileges, false},
	{"umask 0", open_mask, false},
	{"umask 0777", closed_mask, false},
	{"RLIMIT_FSIZE", small_files, false},
	{"RLIMIT_FSIZE, fatal", small_files_fatal, false},
};

static void need(bool is_done, const char *what)
{
	if (!is_done) {
		perror(what);
		exit(1);
	}
}

static void own(const char *name, uid_t user, gid_t group, mode_t mode)
{
	need(!is_root || lchown(name, user, group) == 0, name);
	need(chmod(name, mode) == 0, name);
}

static void make_folder(const char *name, uid_t user, gid_t group, mode_t mode)
{
	need(mkdir(name, 0700) == 0, name);
	own(name, user, group, mode);
}

static void make_file(const char *name, uid_t user, gid_t group, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	need(fd >= 0 && write(fd, "content", 7) == 7, name);
	(void)close(fd);
	(void)setxattr(name, "user.there", "old", 3, 0);
	(void)setxattr(name, "trusted.there", "old", 3, 0);
	(void)setxattr(name, "security.there", "old", 3, 0);
	own(name, user, group, mode);
}

static void make_objects(void)
{
	make_folder("theirs", STRANGER, STRANGER, 0755);
	make_folder("shared", 0, STRANGER, 02775);
	make_folder("sticky", 0, 0, 01777);
	make_folder("public", 0, 0, 0777);
	make_folder("closed", 0, 0, 0700);
	make_folder("empty", 0, 0, 0755);
	make_folder("inherits", STRANGER, STRANGER, 0755);
	make_folder("theirs/empty", STRANGER, STRANGER, 0755);
	make_folder("shared/empty", 0, STRANGER, 0775);
	make_folder("sticky/empty", 0, 0, 0755);
	make_file("root", 0, 0, 0600);
	make_file("public/file", 0, 0, 0666);
	make_file("readable", 0, 0, 0644);
	make_file("hidden", STRANGER, STRANGER, 0);
	make_file("of_theirs", STRANGER, STRANGER, 0644);
	make_file("of_group", 0, STRANGER, 0664);
	make_file("setid", STRANGER, STRANGER, 06775);
	make_file("theirs/file", STRANGER, STRANGER, 0644);
	make_file("sticky/root", 0, 0, 0666);
	make_file("sticky/of_theirs", STRANGER, STRANGER, 0644);
	make_file("closed/file", 0, 0, 0644);
	need(symlink("of_theirs", "link") == 0, "link");
	/* As call_rows has it, but for everybody: a default access list. */
	static const uint32_t list[] = {2, 0x70001, -1U, 0x60002, STRANGER, 0x50004,
		-1U, 0x70010, -1U, 0x00020, -1U};
	(void)setxattr("inherits", "system.posix_acl_default", list, sizeof(list), 0);
}

static int say_one(
	const char *name, const struct stat *status, int kind, struct FTW *at)
{
	char names[1024];
	const ssize_t length = llistxattr(name, names, sizeof(names));

	(void)at;
	if (kind == FTW_NS) {
		printf(" %s cannot be seen\n", name + 2);
		return 0;
	}
	printf(" %s %o %u:%u %ld %ld", name + 2, status->st_mode, status->st_uid,
		status->st_gid, S_ISREG(status->st_mode) ? (long)status->st_size : 0L,
		(long)status->st_nlink);
	if (status->st_mtime < OLDEST_NOW) {
		printf(" %ld.%ld", (long)status->st_mtime, status->st_mtim.tv_nsec);
	}
	for (ssize_t i = 0; i < length; i += (ssize_t)strlen(names + i) + 1) {
		char value[256];
		const ssize_t size = lgetxattr(name, names + i, value, sizeof(value));
		unsigned sum = 0;
		for (ssize_t j = 0; j < size; j++) {
			sum = sum * 31 + (unsigned char)value[j];
		}
		printf(" %s=%x", names + i, sum);
	}
	putchar('\n');
	return 0;
}

static int remove_one(
	const char *name, const struct stat *status, int kind, struct FTW *at)
{
	(void)kind;
	if (S_ISREG(status->st_mode)) {
		const int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		int flags = 0;
		if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
			(flags & FS_APPEND_FL) != 0) {
			printf(" %s only grows\n", name);
			flags &= ~FS_APPEND_FL;
			need(ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0, name);
		}
		(void)close(fd);
	}
	return at->level > 0 ? remove(name) : 0;
}

static int open_one(
	const char *name, const struct stat *status, int kind, struct FTW *at)
{
	(void)at;
	if (kind == FTW_DNR || (S_ISDIR(status->st_mode) && !is_root)) {
		(void)chmod(name, 0700);
	}
	return 0;
}

static void make_anew(void)
{
	(void)nftw(".", say_one, 16, FTW_PHYS);
	(void)nftw(".", open_one, 16, FTW_PHYS);
	need(nftw(".", remove_one, 16, FTW_PHYS | FTW_DEPTH) == 0, "remove");
	make_objects();
}

static void put(int fd, int number)
{
	need(fd >= 0 && dup2(fd, number) == number, "open");
	(void)close(fd);
}

static void open_all(void)
{
	put(open(".", O_RDONLY | O_DIRECTORY), FD_TOP);
	put(open("of_theirs", O_RDWR), FD_FILE);
	put(open("readable", O_RDONLY), FD_READER);
	put(open("theirs", O_RDONLY | O_DIRECTORY), FD_FOLDER);
	put(open("of_group", O_PATH), FD_HANDLE);
}

struct
try {
	const struct change *change;
	const struct call_row *row;
	const char *target;
	long result;
	int error;
};

static void *change_and_call(void *data)
{
	struct try *try = data;
	const void *const *from = try->row->arguments;
	long arguments[CALL_ARGUMENTS];

	for (int i = 0; i < CALL_ARGUMENTS; i++) {
		arguments[i] = (long)(uintptr_t)(i == try->row->target ? try->target
								       : from[i]);
	}
	try->change->make();
	errno = 0;
	try->result = syscall(try->row->number, arguments[0], arguments[1],
		arguments[2], arguments[3], arguments[4], arguments[5]);
	try->error = errno;
	return NULL;
}

/* In a child: ends with the error, or 0. */
static void try_in_thread(struct try *try)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, change_and_call, try) == 0, "thread");
	(void)pthread_join(thread, NULL);
	/* This thread is what it was, but for what a process has but once. */
	(void)mkdir("public/main", 0777);
	_exit(try->result < 0 ? try->error : 0);
}

static void try_one(const struct try *what, bool is_threaded)
{
	struct try try = *what;
	int status = 0;

	(void)fflush(stdout);
	const pid_t child = fork();
	if (child == 0) {
		open_all();
		if (is_threaded) {
			try_in_thread(&try);
		}
		change_and_call(&try);
		_exit(try.result < 0 ? try.error : 0);
	}
	need(child > 0 && waitpid(child, &status, 0) == child, "fork");
	printf("%s: %s %s: %s %d\n", try.change->name, try.row->name,
		try.target ? try.target : "", WIFEXITED(status) ? "exit" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (status == 0 || is_threaded) {
		make_anew();
	}
}

/* Each step-th try, always the same ones. */
static void try_change(const struct change *change, bool is_threaded, unsigned step)
{
	static unsigned number;

	for (size_t i = 0; i < call_row_count; i++) {
		static const char *const none[] = {NULL, NULL};
		const struct call_row *row = &call_rows[i];
		const char *const *targets = row->target >= 0 ? row->targets : none;
		do {
			if (number++ % step == 0) {
				try_one(&(struct try){change, row, *targets, 0, 0},
					is_threaded);
			}
		} while (*targets && *++targets);
	}
}

int main(int argc, char **argv)
{
	const unsigned step = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	const bool is_threaded = argc > 2 && strcmp(argv[2], "thread") == 0;

	need(step > 0, "step");

	is_root = geteuid() == 0;
	(void)umask(027);
	make_objects();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (is_root || !changes[i].is_roots) {
			try_change(&changes[i], is_threaded, step);
		}
	}
	return 0;
}
