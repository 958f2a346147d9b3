/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

/* Since Linux 6.6, 6.13 and 6.17; absent ones fail alike in both ways. */
enum { CALL_FCHMODAT2 = 452, CALL_SETXATTRAT = 463, CALL_REMOVEXATTRAT = 466 };
enum { CALL_FILE_SETATTR = 469, FILE_ATTRIBUTES_SIZE = 24, NO_ATIME = 0x80 };

/* What linux/openat2.h and linux/xattr.h say, which older headers lack. */
struct how {
	uint64_t flags, mode, resolve;
};
struct attribute_arguments {
	uint64_t value;
	uint32_t size, flags;
};
struct access_list {
	uint32_t version;
	struct {
		uint16_t tag, permissions;
		uint32_t id;
	} entries[5];
};

static const char *const created[] = {"new", "theirs/new", "shared/new", "sticky/new",
	"closed/new", "inherits/new", "public/new", NULL};
static const char *const files[] = {"root", "public", "of_theirs", "of_group", "setid",
	"sticky/root", "sticky/of_theirs", "closed/file", "readable", "hidden", NULL};
static const char *const any[] = {"root", "public", "of_theirs", "of_group", "setid",
	"sticky/root", "sticky/of_theirs", "closed/file", "theirs", "shared", "link",
	"theirs/empty", NULL};
static const char *const folders[] = {
	"theirs/empty", "shared/empty", "sticky/empty", "empty", "closed", NULL};
static const char *const own[] = {"/proc/self/fd/51", "/dev/fd/53", "/proc/self/fd",
	"/proc/thread-self/fd/51", "/proc/self/cwd", "/proc/self/exe",
	"/proc/self/environ", "/proc/self/root", "/proc/self/maps", "/proc/self/status",
	"/proc/self/fdinfo", "/proc/self/fdinfo/51", "/proc/thread-self/fdinfo/51",
	"/proc/self/fdinfo/99", "/proc/self/fd/99", "/proc/self/task",
	"/proc/self/ns/pid", "/proc/self/attr/current", "/proc/self/io",
	"/proc/self/stat", "/proc/self/stack", "/proc/self/syscall",
	"/proc/self/pagemap", "/proc/self/auxv", "/proc/self/comm",
	"/proc/self/clear_refs", "/proc/self/coredump_filter",
	"/proc/self/oom_score_adj", "/proc/self/timerslack_ns", "/proc/self/loginuid",
	"/proc/self/sessionid", "/proc/self/uid_map", "/proc/self/setgroups",
	"/proc/self/mountinfo", "/proc/self/map_files", "/proc/self/net/unix", NULL};

static const struct how new_file = {O_WRONLY | O_CREAT, 0666, 0};
static const struct timespec old_times[2] = {{1000000000, 5}, {1000000001, 6}};
static const struct timeval old_values[2] = {{1000000000, 5}, {1000000001, 6}};
static const struct utimbuf old_seconds = {1000000000, 1000000001};
static const struct attribute_arguments attribute = {0, 0, 0};
static const uint64_t attributes[FILE_ATTRIBUTES_SIZE / 8] = {NO_ATIME};
static const struct fsxattr extended = {.fsx_xflags = NO_ATIME};
static const struct fsxattr append_only = {.fsx_xflags = FS_XFLAG_APPEND};
/* Without the second, ext4 wants to change how the file is stored. */
static const int no_access_time = FS_NOATIME_FL | FS_EXTENT_FL;
/* VFS_CAP_REVISION_2 with CAP_NET_BIND_SERVICE. */
static const uint32_t capability[5] = {0x02000001, 1 << 10, 0, 0, 0};
static const struct access_list list = {
	2, {{0x01, 7, -1U}, {0x02, 6, STRANGER}, {0x04, 5, -1U}, {0x10, 7, -1U},
		   {0x20, 0, -1U}}};

#define N(NUMBER) ((const void *)(uintptr_t)(NUMBER))
#define TOP N(FD_TOP)
#define ROW(NAME, TARGET, TARGETS, ...)                                                \
	{                                                                              \
#NAME, SYS_##NAME, TARGET, TARGETS,                                    \
		{                                                                      \
			__VA_ARGS__                                                    \
		}                                                                      \
	}
#define NAMED(NAME, NUMBER, TARGET, TARGETS, ...)                                      \
	{                                                                              \
		NAME, NUMBER, TARGET, TARGETS,                                         \
		{                                                                      \
			__VA_ARGS__                                                    \
		}                                                                      \
	}
#define VARIANT(NAME, KIND, TARGET, TARGETS, ...)                                      \
	{                                                                              \
#NAME " " KIND, SYS_##NAME, TARGET, TARGETS,                           \
		{                                                                      \
			__VA_ARGS__                                                    \
		}                                                                      \
	}

const struct call_row call_rows[] = {
	/* Opens. */
	VARIANT(open, "to create", 0, created, NULL, N(O_WRONLY | O_CREAT), N(0666)),
	VARIANT(open, "exclusively", 0, created, NULL, N(O_RDWR | O_CREAT | O_EXCL),
		N(04751)),
	VARIANT(open, "to create or use", 0, files, NULL, N(O_WRONLY | O_CREAT),
		N(0666)),
	VARIANT(open, "to read", 0, any, NULL, N(O_RDONLY)),
	VARIANT(open, "to write", 0, any, NULL, N(O_WRONLY)),
	VARIANT(open, "to truncate", 0, files, NULL, N(O_WRONLY | O_TRUNC)),
	VARIANT(open, "without access time", 0, files, NULL, N(O_RDONLY | O_NOATIME)),
	VARIANT(open, "without a name", 0, folders, NULL, N(O_TMPFILE | O_RDWR),
		N(0666)),
	VARIANT(openat, "to create", 1, created, TOP, NULL, N(O_WRONLY | O_CREAT),
		N(0640)),
	VARIANT(openat2, "to create", 1, created, TOP, NULL, &new_file,
		N(sizeof(new_file))),
	ROW(creat, 0, created, NULL, N(02755)),
	VARIANT(open, "what is its own", 0, own, NULL, N(O_RDONLY)),
	VARIANT(open, "what is its own, to write", 0, own, NULL, N(O_WRONLY)),
	VARIANT(open, "what is its own, or to create", 0, own, NULL,
		N(O_RDONLY | O_CREAT), N(0600)),
	VARIANT(open, "what is its own, as a handle", 0, own, NULL, N(O_PATH)),
	/* Names. */
	ROW(mkdir, 0, created, NULL, N(01777)),
	ROW(mkdirat, 1, created, TOP, NULL, N(0750)),
	VARIANT(mknod, "a file", 0, created, NULL, N(S_IFREG | 0666), N(0)),
	VARIANT(mknod, "a pipe", 0, created, NULL, N(S_IFIFO | 0666), N(0)),
	VARIANT(mknod, "a device", 0, created, NULL, N(S_IFCHR | 0666), N(0x103)),
	VARIANT(mknodat, "no device", 1, created, TOP, NULL, N(S_IFCHR | 0666), N(0)),
	ROW(symlink, 1, created, "public", NULL),
	ROW(symlinkat, 2, created, "public", TOP, NULL),
	ROW(unlink, 0, any, NULL),
	ROW(unlinkat, 1, any, TOP, NULL, N(0)),
	ROW(rmdir, 0, folders, NULL),
	VARIANT(unlinkat, "a folder", 1, folders, TOP, NULL, N(AT_REMOVEDIR)),
	VARIANT(link, "from", 0, any, NULL, "theirs/new"),
	VARIANT(link, "to", 1, created, "of_theirs", NULL),
	VARIANT(linkat, "a descriptor", 3, created, N(-1), "/proc/self/fd/51", TOP,
		NULL, N(AT_SYMLINK_FOLLOW)),
	VARIANT(linkat, "what is open", 3, created, N(FD_FILE), "", TOP, NULL,
		N(AT_EMPTY_PATH)),
	VARIANT(linkat, "from a folder", 3, created, TOP, "of_theirs", TOP, NULL,
		N(AT_EMPTY_PATH)),
	VARIANT(rename, "from", 0, any, NULL, "theirs/new"),
	VARIANT(rename, "to", 1, created, "sticky/of_theirs", NULL),
	VARIANT(rename, "over", 1, files, "sticky/of_theirs", NULL),
	VARIANT(renameat, "over", 3, folders, TOP, "theirs/empty", TOP, NULL),
	VARIANT(renameat2, "exchanged", 3, any, TOP, "theirs/file", TOP, NULL,
		N(RENAME_EXCHANGE)),
	VARIANT(renameat2, "without replacing", 3, created, TOP, "theirs/file", TOP,
		NULL, N(RENAME_NOREPLACE)),
	/* Modes and owners. */
	ROW(chmod, 0, any, NULL, N(0640)),
	VARIANT(chmod, "with set-id bits", 0, any, NULL, N(06755)),
	ROW(fchmod, -1, NULL, N(FD_FILE), N(06711)),
	ROW(fchmodat, 1, any, TOP, NULL, N(02770)),
	NAMED("fchmodat2", CALL_FCHMODAT2, 1, any, TOP, NULL, N(04711),
		N(AT_SYMLINK_NOFOLLOW)),
	VARIANT(chown, "to nobody", 0, any, NULL, N(-1), N(-1)),
	VARIANT(chown, "to a stranger", 0, any, NULL, N(STRANGER), N(-1)),
	VARIANT(chown, "to a group", 0, any, NULL, N(-1), N(STRANGER)),
	VARIANT(lchown, "to root", 0, any, NULL, N(0), N(0)),
	VARIANT(fchown, "to a group", -1, NULL, N(FD_FILE), N(-1), N(STRANGER)),
	VARIANT(fchown, "to root", -1, NULL, N(FD_FILE), N(0), N(0)),
	VARIANT(fchownat, "to a group", 1, any, TOP, NULL, N(-1), N(STRANGER),
		N(AT_SYMLINK_NOFOLLOW)),
	VARIANT(fchownat, "of a handle", -1, NULL, N(FD_HANDLE), "", N(STRANGER), N(0),
		N(AT_EMPTY_PATH)),
	/* Times. */
	ROW(utime, 0, any, NULL, &old_seconds),
	VARIANT(utime, "to now", 0, any, NULL, NULL),
	ROW(utimes, 0, any, NULL, old_values),
	ROW(futimesat, 1, any, TOP, NULL, old_values),
	ROW(utimensat, 1, any, TOP, NULL, old_times, N(AT_SYMLINK_NOFOLLOW)),
	VARIANT(utimensat, "to now", 1, any, TOP, NULL, NULL, N(0)),
	VARIANT(utimensat, "of a descriptor", -1, NULL, N(FD_READER), NULL, old_times,
		N(0)),
	/* Attributes. */
	VARIANT(setxattr, "user", 0, any, NULL, "user.a", "value", N(5), N(0)),
	VARIANT(setxattr, "trusted", 0, any, NULL, "trusted.a", "value", N(5), N(0)),
	VARIANT(setxattr, "security", 0, any, NULL, "security.a", "value", N(5), N(0)),
	VARIANT(setxattr, "capability", 0, files, NULL, "security.capability",
		&capability, N(sizeof(capability)), N(0)),
	VARIANT(setxattr, "access list", 0, any, NULL, "system.posix_acl_access", &list,
		N(sizeof(list)), N(0)),
	VARIANT(setxattr, "default list", 0, any, NULL, "system.posix_acl_default",
		&list, N(sizeof(list)), N(0)),
	VARIANT(lsetxattr, "user", 0, any, NULL, "user.there", "value", N(5),
		N(XATTR_REPLACE)),
	VARIANT(fsetxattr, "user", -1, NULL, N(FD_READER), "user.a", "value", N(5),
		N(0)),
	VARIANT(fsetxattr, "trusted", -1, NULL, N(FD_FILE), "trusted.a", "value", N(5),
		N(0)),
	VARIANT(removexattr, "user", 0, any, NULL, "user.there"),
	VARIANT(removexattr, "trusted", 0, any, NULL, "trusted.there"),
	VARIANT(lremovexattr, "security", 0, any, NULL, "security.there"),
	VARIANT(fremovexattr, "user", -1, NULL, N(FD_FILE), "user.there"),
	NAMED("setxattrat", CALL_SETXATTRAT, 1, any, TOP, NULL, N(0), "user.a",
		&attribute, N(sizeof(attribute))),
	NAMED("removexattrat", CALL_REMOVEXATTRAT, 1, any, TOP, NULL, N(0),
		"user.there"),
	/* Sizes and flags. */
	VARIANT(truncate, "shorter", 0, any, NULL, N(3)),
	VARIANT(truncate, "longer", 0, files, NULL, N(200)),
	VARIANT(ftruncate, "longer", -1, NULL, N(FD_FILE), N(200)),
	NAMED("file_setattr", CALL_FILE_SETATTR, 1, any, TOP, NULL, attributes,
		N(sizeof(attributes)), N(0)),
	VARIANT(ioctl, "flags", -1, NULL, N(FD_READER), N(FS_IOC_SETFLAGS),
		&no_access_time),
	VARIANT(ioctl, "append only", -1, NULL, N(FD_FILE), N(FS_IOC_FSSETXATTR),
		&append_only),
	VARIANT(ioctl, "extended", -1, NULL, N(FD_READER), N(FS_IOC_FSSETXATTR),
		&extended),
};
const size_t call_row_count = sizeof(call_rows) / sizeof(call_rows[0]);
