/* SPDX-License-Identifier: MIT */
/* Opens on behalf compared with the kernel's own, over flags, modes and objects. */
#include "twins.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static char long_name[NAME_MAX + 1], longer_name[NAME_MAX + 2];
static char below_file[2 * NAME_MAX], below_closed[2 * NAME_MAX];
static char long_path[PATH_MAX], longer_path[PATH_MAX + 1];

static const char *const names[] = {
	"file",
	"dir",
	"dir/",
	"file/",
	"link",
	"link/",
	"link2",
	"dirlink",
	"dirlink/",
	"slashlink",
	"dangling",
	"dangling/",
	"dangling-slash",
	"dangling-deep",
	"loop",
	"loop/x",
	"fifo",
	"socket",
	"null",
	"absent",
	"absent/",
	"absent/x",
	"file/x",
	"dir/absent",
	"dir/absent/",
	"dirlink/absent",
	"dirlink/inner",
	"closed",
	"closed/inner",
	"closed/absent",
	"noread",
	"readonly",
	"",
	".",
	"..",
	"./file",
	"./absent",
	"dir/../file",
	"dir/./inner",
	"dir//inner",
	"dirlink/../file",
	"dir/../absent",
	"dir/up",
	"sticky/inner",
	"setgid/absent",
	"absolute",
	"dir/.",
	"dir/..",
	"/",
	"/.",
	"//",
	"/dev/null",
	"/dev/zero",
	"/tmp",
	"/absent-here/x",
	"file/.",
	"file/..",
	"absent/..",
	"../tree/file",
	"dir/empty/../inner",
	"file/absent/",
	"closed/absent/",
	long_name,
	longer_name,
	below_file,
	below_closed,
	long_path,
	longer_path,
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

/* Each alone or with any others; the extra ones change little and come in turn. */
static const int bits[] = {
	O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK};
static const int extra_bits[] = {0, O_APPEND, O_CLOEXEC, O_APPEND | O_CLOEXEC | O_SYNC};

enum { BIT_COUNT = sizeof(bits) / sizeof(bits[0]) };

static void fill_names(void)
{
	memset(long_name, 'n', NAME_MAX);
	memset(longer_name, 'n', NAME_MAX + 1);
	(void)snprintf(below_file, sizeof(below_file), "file/%s", longer_name);
	(void)snprintf(below_closed, sizeof(below_closed), "closed/%s", longer_name);
	for (size_t i = 0; i + 2 < PATH_MAX; i += 2) {
		memcpy(long_path + i, "./", 2);
	}
	memset(longer_path, '/', PATH_MAX);
}

/* What an open gave, as text that does not depend on the folder. */
static void describe(int64_t fd, const char *folder, char *text, size_t size)
{
	struct stat status;
	char link[64], target[PATH_MAX] = "";
	const char *shown = target;

	if (fd < 0) {
		(void)snprintf(text, size, "errno %d", (int)-fd);
		return;
	}
	cr_assert(fstat((int)fd, &status) == 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)fd);
	const ssize_t length = readlink(link, target, sizeof(target) - 1);

	target[length > 0 ? length : 0] = '\0';
	char *const unnamed = strstr(target, "/#");

	if (unnamed) {
		*unnamed = '\0'; /* an inode number follows */
	}
	if (strncmp(target, folder, strlen(folder)) == 0) {
		shown = target + strlen(folder);
	} else if (strstr(target, "duenna-twins")) {
		shown = "parent";
	}
	(void)snprintf(text, size, "%s mode %o size %ld flags %o", shown,
		status.st_mode, S_ISREG(status.st_mode) ? (long)status.st_size : 0L,
		(unsigned)fcntl((int)fd, F_GETFL));
	(void)close((int)fd);
}

static bool may_wait(const char *name, int flags)
{
	return strcmp(name, "fifo") == 0 && (flags & (O_NONBLOCK | O_PATH)) == 0 &&
	       (flags & O_ACCMODE) != O_RDWR;
}

/* Compares one case; returns the number of differences, 0 or 1. */
static int compare(struct twins *twins, const char *name, int flags, mode_t mode)
{
	char native[PATH_MAX + 128], other[PATH_MAX + 128];
	const uint64_t arguments[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(&twins->caller, 0, name), (uint64_t)flags, mode};
	const long fd = syscall(SYS_openat, AT_FDCWD, name, flags, mode);

	describe(fd < 0 ? -errno : fd, twins->native, native, sizeof(native));
	describe(caller_run(&twins->caller, SYS_openat, arguments), twins->other, other,
		sizeof(other));
	if (strcmp(native, other) == 0) {
		return 0;
	}
	cr_log_error("open(\"%.80s\", 0%o, 0%o): native %s, on behalf %s", name,
		(unsigned)flags, mode, native, other);
	return 1;
}

/* Takes away what opens with O_CREAT or O_TRUNC left behind. */
static void tidy(struct twins *twins)
{
	static const char *const created[] = {"absent", "dir/absent", "setgid/absent",
		long_name, "closed/absent", "dir/file"};
	static const char *const kept[] = {"file", "other", "noread", "readonly",
		"dir/inner", "sticky/inner", "closed/inner"};
	const char *const folders[] = {twins->native, twins->other};

	for (int i = 0; i < 2; i++) {
		const int folder = open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		for (size_t j = 0; j < sizeof(created) / sizeof(created[0]); j++) {
			(void)unlinkat(folder, created[j], 0);
		}
		for (size_t j = 0; j < sizeof(kept) / sizeof(kept[0]); j++) {
			const int fd = openat(folder, kept[j], O_WRONLY | O_CLOEXEC);

			(void)!write(fd, "hello", fd < 0 ? 0 : 5);
			(void)close(fd);
		}
		(void)close(folder);
	}
}

static int compare_flags(struct twins *twins, int flags)
{
	int differences = 0;

	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (may_wait(names[i], flags)) {
			continue;
		}
		differences += compare(twins, names[i], flags, 0664);
		if (flags & (O_CREAT | O_TRUNC)) {
			differences += twins_are_equal(twins) ? 0 : 1;
			tidy(twins);
		}
	}
	return differences;
}

Test(file_open, gives_what_the_kernel_gives_for_all_flags, .timeout = 240)
{
	struct twins twins;
	int differences = 0;

	fill_names();
	twins_start(&twins);
	for (int access = O_RDONLY; access <= O_ACCMODE; access++) {
		for (unsigned set = 0; set < 1U << BIT_COUNT; set++) {
			int flags = access | extra_bits[(set + (unsigned)access) % 4];

			for (int bit = 0; bit < BIT_COUNT; bit++) {
				flags |= set & 1U << bit ? bits[bit] : 0;
			}
			differences += compare_flags(&twins, flags);
		}
	}
	twins_finish(&twins);
	cr_assert(differences == 0, "%d differences", differences);
}

Test(file_open, gives_what_the_kernel_gives_for_rare_flags, .timeout = 120)
{
	static const int rare[] = {O_ASYNC, O_NOATIME, O_DIRECT, O_DSYNC, O_NOCTTY,
		1 << 30, O_DIRECT | O_NOFOLLOW, O_NOATIME | O_NOFOLLOW, O_PATH,
		O_PATH | O_CREAT | O_RDWR, O_PATH | O_NOFOLLOW, O_PATH | O_DIRECTORY,
		O_ASYNC | O_CREAT, O_DIRECT | O_CREAT | O_EXCL};
	struct twins twins;
	int differences = 0;

	fill_names();
	twins_start(&twins);
	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++) {
		differences += compare_flags(&twins, rare[i] | O_NONBLOCK);
		differences += compare_flags(&twins, rare[i] | O_RDWR);
	}
	twins_finish(&twins);
	cr_assert(differences == 0, "%d differences", differences);
}

/* How openat2 is asked, compared with the kernel as above. */
static int compare_how(
	struct twins *twins, const char *name, const struct open_how *how, size_t size)
{
	char native[PATH_MAX + 128], other[PATH_MAX + 128];
	char padded[64] = {0};

	memcpy(padded, how, sizeof(*how));
	const uint64_t arguments[6] = {TWINS_FOLDER,
		caller_put_text(&twins->caller, 0, name),
		caller_put(&twins->caller, 1, padded, sizeof(padded)), size};
	const long fd = syscall(SYS_openat2, TWINS_FOLDER, name, padded, size);

	describe(fd < 0 ? -errno : fd, twins->native, native, sizeof(native));
	describe(caller_run(&twins->caller, SYS_openat2, arguments), twins->other,
		other, sizeof(other));
	if (strcmp(native, other) == 0) {
		return 0;
	}
	cr_log_error(
		"openat2(\"%.80s\", 0%lo, 0%lo, %lx, %zu): native %s, on behalf %s",
		name, (unsigned long)how->flags, (unsigned long)how->mode,
		(unsigned long)how->resolve, size, native, other);
	return 1;
}

Test(file_open, keeps_the_meaning_of_openat2, .timeout = 120)
{
	static const char *const paths[] = {"inner", "empty", "up", "up/", "../file",
		"/file", "/inner", "/etc/passwd", "absent", "absent/", "empty/../inner",
		"..", ".", "", "empty/../../file", "../dir/inner", "../dirlink/inner",
		"../dangling-deep", "../null", "/dev/null", "../loop", "hard",
		"../closed/inner"};
	static const uint64_t resolves[] = {0, RESOLVE_NO_SYMLINKS,
		RESOLVE_NO_MAGICLINKS, RESOLVE_NO_XDEV, RESOLVE_BENEATH,
		RESOLVE_IN_ROOT, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
		RESOLVE_IN_ROOT | RESOLVE_NO_XDEV, RESOLVE_BENEATH | RESOLVE_IN_ROOT,
		0x1000};
	static const struct {
		uint64_t flags, mode;
	} hows[] = {{O_RDONLY, 0}, {O_RDWR, 0}, {O_RDONLY | O_DIRECTORY, 0},
		{O_PATH, 0}, {O_PATH | O_NOFOLLOW, 0}, {O_RDONLY | O_NOFOLLOW, 0},
		{O_RDONLY, 0644}, {O_RDWR | O_CREAT, 0666},
		{O_RDWR | O_CREAT | O_EXCL, 0666}, {O_RDWR | O_CREAT, 010666},
		{O_PATH | O_CREAT, 0}, {O_RDONLY | 1 << 30, 0},
		{O_TMPFILE | O_RDWR, 0600}, {O_TMPFILE | O_RDONLY, 0600},
		{O_RDONLY | 1ULL << 40, 0}};
	struct twins twins;
	int differences = 0;

	twins_start(&twins);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (size_t j = 0; j < sizeof(resolves) / sizeof(resolves[0]); j++) {
			for (size_t k = 0; k < sizeof(hows) / sizeof(hows[0]); k++) {
				const struct open_how how = {
					hows[k].flags, hows[k].mode, resolves[j]};

				differences += compare_how(
					&twins, paths[i], &how, sizeof(how));
				tidy(&twins);
			}
		}
	}
	const struct open_how how = {.flags = O_RDONLY};
	static const size_t sizes[] = {0, 8, 23, 32, 48, 64, 4097};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		differences += compare_how(&twins, "inner", &how, sizes[i]);
	}
	twins_finish(&twins);
	cr_assert(differences == 0, "%d differences", differences);
}

Test(file_open, makes_files_without_a_name_as_natively, .timeout = 60)
{
	static const int flags[] = {O_RDWR, O_WRONLY, O_RDONLY, O_RDWR | O_EXCL,
		O_RDWR | O_CREAT, O_RDWR | O_NOFOLLOW, O_WRONLY | O_APPEND};
	struct twins twins;
	int differences = 0;

	twins_start(&twins);
	for (size_t i = 0; i < NAME_COUNT; i++) {
		for (size_t j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
			differences +=
				compare(&twins, names[i], O_TMPFILE | flags[j], 02666);
			/* The bit alone, without O_DIRECTORY. */
			differences += compare(&twins, names[i],
				(O_TMPFILE & ~O_DIRECTORY) | flags[j], 0666);
		}
	}
	twins_finish(&twins);
	cr_assert(differences == 0, "%d differences", differences);
}

/* A default ACL: owner, group and others may do all, user 1 may read. */
static void set_default_acl(const char *folder)
{
	static const unsigned char acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255,
		2, 0, 4, 0, 1, 0, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0,
		255, 255, 255, 255, 32, 0, 6, 0, 255, 255, 255, 255};
	char name[TWINS_PATH_SIZE + 8];

	(void)snprintf(name, sizeof(name), "%s/dir", folder);
	if (setxattr(name, "system.posix_acl_default", acl, sizeof(acl), 0) < 0) {
		cr_skip_test("no access control lists here");
	}
}

Test(file_open, lets_a_default_acl_win_over_the_umask, .timeout = 60)
{
	struct twins twins;

	twins_start(&twins);
	set_default_acl(twins.native);
	set_default_acl(twins.other);
	const int differences = compare(&twins, "dir/absent", O_CREAT | O_RDWR, 0666) +
				compare(&twins, "dir", O_TMPFILE | O_RDWR, 0777) +
				compare(&twins, "absent", O_CREAT | O_RDWR, 0777);

	cr_expect(twins_are_equal(&twins));
	twins_finish(&twins);
	cr_assert(differences == 0, "%d differences", differences);
}
