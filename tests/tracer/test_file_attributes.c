/* SPDX-License-Identifier: MIT */
/* Modes, owners, times, sizes, attributes on behalf, compared with the kernel's way. */
#include "twins.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

enum { FCHMODAT2 = 452, SETXATTRAT = 463, REMOVEXATTRAT = 466, FILE_SETATTR = 469 };

static const char *const names[] = {"file", "file/", "dir", "dir/", "dir/inner", "link",
	"link/", "dirlink", "dirlink/", "dirlink/inner", "dangling", "loop", "fifo",
	"socket", "absent", "absent/", "absent/x", "file/x", "closed", "closed/inner",
	"", ".", "dir/.", "absolute", "sticky/inner", "readonly", "noread", "dir/hard",
	"null"};

static const int descriptors[] = {TWINS_FILE, TWINS_READER, TWINS_FOLDER, TWINS_HANDLE,
	TWINS_INOTIFY, TWINS_PIPE, TWINS_NONE, -1, AT_FDCWD};

enum {
	NAME_COUNT = sizeof(names) / sizeof(names[0]),
	DESCRIPTOR_COUNT = sizeof(descriptors) / sizeof(descriptors[0]),
};

static struct twins_argument number(uint64_t value)
{
	return (struct twins_argument){.value = value};
}

static struct twins_argument text(const char *string)
{
	return (struct twins_argument){.bytes = string, .size = strlen(string) + 1};
}

#define BYTES(OBJECT)                                                                  \
	((struct twins_argument){.bytes = &(OBJECT), .size = sizeof(OBJECT)})

/* A call with a place for a name or a descriptor, or both (…at). */
struct attribute_call {
	const char *label;
	int number;
	int name;   /* position of the name, or -1 */
	int folder; /* position of a descriptor, or -1 */
	struct twins_argument arguments[6];
	bool spares_null; /* natively it would change /dev/null */
};

static int compare(struct twins *twins, const struct attribute_call *call,
	const char *name, int descriptor)
{
	char label[128];
	struct twins_argument arguments[6];

	memcpy(arguments, call->arguments, sizeof(arguments));
	if (call->name >= 0) {
		arguments[call->name] = text(name);
	}
	if (call->folder >= 0) {
		arguments[call->folder] = number((uint64_t)descriptor);
	}
	(void)snprintf(
		label, sizeof(label), "%s(%d, \"%s\")", call->label, descriptor, name);
	return twins_agree(twins, call->number, arguments, label) ? 0 : 1;
}

static int compare_names(const struct attribute_call *call)
{
	struct twins twins;
	int differences = 0;

	twins_start(&twins);
	for (size_t i = 0; i < NAME_COUNT && call->name >= 0; i++) {
		if (strcmp(names[i], "null") != 0 || call->spares_null) {
			differences += compare(&twins, call, names[i], AT_FDCWD);
		}
	}
	twins_finish(&twins);
	return differences;
}

static int compare_descriptors(const struct attribute_call *call)
{
	int differences = 0;

	for (size_t i = 0; i < DESCRIPTOR_COUNT && call->folder >= 0; i++) {
		struct twins twins;

		/* Some kernels take it for the working folder here, too. */
		if (call->number == SYS_fsetxattr && descriptors[i] == AT_FDCWD) {
			continue;
		}
		/* What the descriptors lead to is changed: each gets its own. */
		twins_start(&twins);
		differences += compare(&twins, call, "", descriptors[i]);
		if (call->name >= 0) {
			differences += compare(&twins, call, "inner", descriptors[i]);
		}
		twins_finish(&twins);
	}
	return differences;
}

static void expect_no_difference(const struct attribute_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const int differences =
			compare_names(&calls[i]) + compare_descriptors(&calls[i]);

		cr_expect(differences == 0, "%s: %d differences", calls[i].label,
			differences);
	}
}

#define EXPECT_NO_DIFFERENCE(CALLS)                                                    \
	expect_no_difference(CALLS, sizeof(CALLS) / sizeof((CALLS)[0]))

Test(file_attributes, modes_change_as_natively, .timeout = 120)
{
	const struct attribute_call calls[] = {
		{"chmod", SYS_chmod, 0, -1, {[1] = number(0612)}},
		{"chmod", SYS_chmod, 0, -1, {[1] = number(0177000 | 06711)}},
		{"fchmod", SYS_fchmod, -1, 0, {[1] = number(0601)}},
		{"fchmodat", SYS_fchmodat, 1, 0, {[2] = number(0606)}},
		{"fchmodat2", FCHMODAT2, 1, 0, {[2] = number(0606)}},
		{"fchmodat2 empty", FCHMODAT2, 1, 0,
			{[2] = number(0607), [3] = number(AT_EMPTY_PATH)}},
		{"fchmodat2 link", FCHMODAT2, 1, 0,
			{[2] = number(0607), [3] = number(AT_SYMLINK_NOFOLLOW)}},
		{"fchmodat2 odd", FCHMODAT2, 1, 0,
			{[2] = number(0607), [3] = number(AT_REMOVEDIR)}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, owners_change_as_natively, .timeout = 120)
{
	const struct twins_argument same = number((uint64_t)-1);
	const struct twins_argument other = number(4711);
	const struct attribute_call calls[] = {
		{"chown", SYS_chown, 0, -1, {[1] = other, [2] = same}},
		{"lchown", SYS_lchown, 0, -1, {[1] = same, [2] = other}},
		{"fchown", SYS_fchown, -1, 0, {[1] = other, [2] = other}},
		{"fchown same", SYS_fchown, -1, 0, {[1] = same, [2] = same}},
		{"fchownat", SYS_fchownat, 1, 0,
			{[2] = same, [3] = same, [4] = number(AT_EMPTY_PATH)}},
		{"fchownat link", SYS_fchownat, 1, 0,
			{[2] = other, [3] = other, [4] = number(AT_SYMLINK_NOFOLLOW)}},
		{"fchownat odd", SYS_fchownat, 1, 0,
			{[2] = same, [3] = same, [4] = number(AT_SYMLINK_FOLLOW)}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, times_change_as_natively, .timeout = 120)
{
	const struct utimbuf seconds = {100, 200};
	const struct timeval micro[2] = {{300, 5}, {400, 6}};
	const struct timeval bad_micro[2] = {{300, 1000000}, {400, 6}};
	const struct timespec nano[2] = {{500, 7}, {600, 8}};
	const struct timespec bad_nano[2] = {{500, -7}, {600, 8}};
	const struct timespec omit[2] = {{500, UTIME_OMIT}, {600, UTIME_OMIT}};
	const struct timespec half[2] = {{500, UTIME_OMIT}, {600, 5}};
	const struct attribute_call calls[] = {
		{"utime", SYS_utime, 0, -1, {[1] = BYTES(seconds)}},
		{"utime now", SYS_utime, 0, -1, {{0}}},
		{"utime nowhere", SYS_utime, 0, -1, {[1] = number(8)}},
		{"utimes", SYS_utimes, 0, -1, {[1] = BYTES(micro)}},
		{"utimes bad", SYS_utimes, 0, -1, {[1] = BYTES(bad_micro)}},
		{"futimesat", SYS_futimesat, 1, 0, {[2] = BYTES(micro)}},
		{"futimesat no name", SYS_futimesat, -1, 0, {[2] = BYTES(micro)}},
		{"utimensat", SYS_utimensat, 1, 0, {[2] = BYTES(nano)}},
		{"utimensat no name", SYS_utimensat, -1, 0, {[2] = BYTES(nano)}},
		{"utimensat no name, flag", SYS_utimensat, -1, 0,
			{[2] = BYTES(nano), [3] = number(AT_SYMLINK_NOFOLLOW)}},
		{"utimensat link", SYS_utimensat, 1, 0,
			{[2] = BYTES(nano), [3] = number(AT_SYMLINK_NOFOLLOW)}},
		{"utimensat empty", SYS_utimensat, 1, 0,
			{[2] = BYTES(nano), [3] = number(AT_EMPTY_PATH)}},
		{"utimensat bad", SYS_utimensat, 1, 0, {[2] = BYTES(bad_nano)}},
		{"utimensat omit", SYS_utimensat, 1, 0, {[2] = BYTES(omit)}},
		{"utimensat half", SYS_utimensat, 1, 0, {[2] = BYTES(half)}},
		{"utimensat odd", SYS_utimensat, 1, 0,
			{[2] = BYTES(nano), [3] = number(AT_REMOVEDIR)}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, sizes_change_as_natively, .timeout = 120)
{
	const struct attribute_call calls[] = {
		{"truncate", SYS_truncate, 0, -1, {[1] = number(2)}},
		{"truncate longer", SYS_truncate, 0, -1, {[1] = number(200000)}},
		{"truncate negative", SYS_truncate, 0, -1,
			{[1] = number((uint64_t)-1)}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, extended_attributes_change_as_natively, .timeout = 120)
{
	static char long_name[300], value[65537];
	const struct twins_argument name = text("user.duenna");
	const struct twins_argument three = number(3);
	const struct {
		uint64_t value;
		uint32_t size, flags;
	} at = {0, 0, 0}, odd = {0, 0, 8};

	memset(long_name, 'x', sizeof(long_name) - 1);
	const struct attribute_call calls[] = {
		{"setxattr", SYS_setxattr, 0, -1,
			{[1] = name, [2] = text("abc"), [3] = three}},
		{"setxattr empty", SYS_setxattr, 0, -1, {[1] = name}},
		{"setxattr replace", SYS_setxattr, 0, -1,
			{[1] = name,
				[2] = text("abc"),
				[3] = three,
				[4] = number(XATTR_REPLACE)}},
		{"setxattr odd", SYS_setxattr, 0, -1, {[1] = name, [4] = number(4)}},
		{"setxattr nameless", SYS_setxattr, 0, -1, {[1] = text("")}},
		{"setxattr long", SYS_setxattr, 0, -1, {[1] = text(long_name)}},
		{"setxattr nowhere", SYS_setxattr, 0, -1, {[1] = number(8)}},
		{"setxattr unknown", SYS_setxattr, 0, -1, {[1] = text("nonsense.x")}},
		{"setxattr big", SYS_setxattr, 0, -1,
			{[1] = name, [2] = text("abc"), [3] = number(sizeof(value))}},
		{"setxattr no value", SYS_setxattr, 0, -1,
			{[1] = name, [2] = number(8), [3] = three}},
		{"lsetxattr", SYS_lsetxattr, 0, -1,
			{[1] = name, [2] = text("abc"), [3] = three}},
		{"lsetxattr trusted", SYS_lsetxattr, 0, -1,
			{[1] = text("trusted.x"), [2] = text("abc"), [3] = three}},
		{"fsetxattr", SYS_fsetxattr, -1, 0,
			{[1] = name, [2] = text("abc"), [3] = three}},
		{"removexattr", SYS_removexattr, 0, -1, {[1] = name}},
		{"lremovexattr", SYS_lremovexattr, 0, -1, {[1] = name}},
		{"fremovexattr", SYS_fremovexattr, -1, 0, {[1] = name}},
		{"setxattrat", SETXATTRAT, 1, 0,
			{[2] = number(AT_EMPTY_PATH),
				[3] = name,
				[4] = BYTES(at),
				[5] = number(sizeof(at))}},
		{"setxattrat odd", SETXATTRAT, 1, 0,
			{[3] = name, [4] = BYTES(odd), [5] = number(sizeof(odd))}},
		{"setxattrat short", SETXATTRAT, 1, 0,
			{[3] = name, [4] = BYTES(at), [5] = number(8)}},
		{"removexattrat", REMOVEXATTRAT, 1, 0,
			{[2] = number(AT_SYMLINK_NOFOLLOW), [3] = name}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, flags_change_as_natively, .timeout = 120)
{
	/* Giving up extents would depend on where the file lies. */
	const int flags = FS_NODUMP_FL | FS_EXTENT_FL;
	const struct fsxattr attributes = {.fsx_xflags = FS_XFLAG_NODUMP};
	const struct attribute_call calls[] = {
		{"FS_IOC_SETFLAGS", SYS_ioctl, -1, 0,
			{[1] = number(FS_IOC_SETFLAGS), [2] = BYTES(flags)}},
		{"FS_IOC_FSSETXATTR", SYS_ioctl, -1, 0,
			{[1] = number(FS_IOC_FSSETXATTR), [2] = BYTES(attributes)}},
		{"FS_IOC_SETFLAGS nowhere", SYS_ioctl, -1, 0,
			{[1] = number(FS_IOC_SETFLAGS), [2] = number(8)}},
	};

	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, attributes_of_files_change_as_natively, .timeout = 120)
{
	const struct {
		uint64_t xflags;
		uint32_t extent, next, project, cow;
	} attributes = {FS_XFLAG_NODUMP, 0, 0, 0, 0};

	const struct attribute_call calls[] = {
		{"file_setattr", FILE_SETATTR, 1, 0,
			{[2] = BYTES(attributes),
				[3] = number(sizeof(attributes)),
				[4] = number(AT_EMPTY_PATH)}},
		{"file_setattr link", FILE_SETATTR, 1, 0,
			{[2] = BYTES(attributes),
				[3] = number(sizeof(attributes)),
				[4] = number(AT_SYMLINK_NOFOLLOW)}},
		{"file_setattr short", FILE_SETATTR, 1, 0,
			{[2] = BYTES(attributes), [3] = number(8)}},
	};

	if (syscall(FILE_SETATTR, -1, NULL, NULL, 0, -1) < 0 && errno == ENOSYS) {
		cr_skip_test("the kernel has no file_setattr");
	}
	EXPECT_NO_DIFFERENCE(calls);
}

Test(file_attributes, watches_are_added_as_natively, .timeout = 120)
{
	struct attribute_call calls[] = {
		{"inotify", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_INOTIFY), [2] = number(IN_MODIFY)}, true},
		{"inotify link", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_INOTIFY),
				[2] = number(IN_MODIFY | IN_DONT_FOLLOW)},
			true},
		{"inotify folder", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_INOTIFY),
				[2] = number(IN_CREATE | IN_ONLYDIR)},
			true},
		{"inotify nothing", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_INOTIFY), [2] = number(0)}, true},
		{"inotify file", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_FILE), [2] = number(IN_CREATE)}, true},
		{"inotify none", SYS_inotify_add_watch, 1, -1,
			{[0] = number(TWINS_NONE), [2] = number(IN_CREATE)}, true},
	};

	EXPECT_NO_DIFFERENCE(calls);
}
