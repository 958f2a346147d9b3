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
#include <unistd.h>

static char long_name[NAME_MAX + 1], longer_name[NAME_MAX + 2];
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
	long_name,
	longer_name,
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
	static const char *const created[] = {
		"absent", "dir/absent", "setgid/absent", long_name, "closed/absent"};
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
