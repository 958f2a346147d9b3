/* SPDX-License-Identifier: MIT */
/*
 * Reads of the secret and changes of the protected file: every call that does it, in
 * every form of naming the file.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/place.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

/* One call (or pair of calls) that does something to one file. */
struct file_operation {
	const char *name;
	const char *syscalls;
	enum effect effect;
	unsigned takes; /* enum form_needs that this call can serve */
	long (*run)(const struct place *place);
	long flags; /* for the open family */
};

enum { TAKES_ALL = FORM_FOLDER | FORM_FOLLOWS, NEW_OWNER = 12345 };

static const struct file_operation *current;

static const char text[] = "changed by an attack\n";

static long fd_write(long fd)
{
	if (fd >= 0 && write((int)fd, text, sizeof(text) - 1) < 0) {
		return -1;
	}
	return fd;
}

static long fd_leak(long fd)
{
	if (fd >= 0) {
		leak((int)fd);
	}
	return fd;
}

/* What to do with a descriptor depends on what it was opened for. */
static long fd_use(long fd)
{
	return current->effect == EFFECT_SECRET ? fd_leak(fd) : fd_write(fd);
}

static long run_open(const struct place *place)
{
	return fd_use(syscall(SYS_open, place->path, current->flags, 0644));
}

static long run_openat(const struct place *place)
{
	return fd_use(
		syscall(SYS_openat, place->folder, place->path, current->flags, 0644));
}

static long run_openat_truncate(const struct place *place)
{
	return syscall(SYS_openat, place->folder, place->path, O_RDONLY | O_TRUNC);
}

static long run_openat2(const struct place *place)
{
	struct open_how how = {.flags = (uint64_t)current->flags};
	return fd_use(
		syscall(SYS_openat2, place->folder, place->path, &how, sizeof(how)));
}

static long run_creat(const struct place *place)
{
	return fd_write(syscall(SYS_creat, place->path, 0644));
}

/* A handle opened without any right, made into a real one through /proc. */
static long run_reopen(const struct place *place)
{
	char again[64];
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", fd);
	return fd < 0 ? fd : fd_use(syscall(SYS_open, again, current->flags, 0));
}

/* The same through openat2 with an empty path is refused by the kernel; this is not. */
static long run_reopen_device(const struct place *place)
{
	char again[64];
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	snprintf(again, sizeof(again), "/dev/fd/%ld", fd);
	return fd < 0 ? fd : fd_use(syscall(SYS_openat, -1, again, current->flags, 0));
}

/* Reading the file is allowed; the descriptor is then made into a writing one. */
static long run_upgrade(const struct place *place)
{
	char again[64];
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", fd);
	return fd < 0 ? fd : fd_write(syscall(SYS_open, again, O_RDWR, 0));
}

static long run_map(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDWR);
	if (fd < 0) {
		return fd;
	}
	char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	memcpy(bytes, "mapped", 6);
	return msync(bytes, 4096, MS_SYNC);
}

static long run_truncate(const struct place *place)
{
	return syscall(SYS_truncate, place->path, 3L);
}

static long run_unlink(const struct place *place)
{
	return syscall(SYS_unlink, place->path);
}

static long run_unlinkat(const struct place *place)
{
	return syscall(SYS_unlinkat, place->folder, place->path, 0);
}

static long run_chmod(const struct place *place)
{
	return syscall(SYS_chmod, place->path, 0777);
}

static long run_chmod_junk(const struct place *place)
{
	return syscall(SYS_chmod, place->path, 0xdead00000000l | 04755);
}

static long run_fchmod(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd : syscall(SYS_fchmod, fd, 0777);
}

static long run_fchmodat(const struct place *place)
{
	return syscall(SYS_fchmodat, place->folder, place->path, 0777);
}

static long run_fchmodat_descriptor(const struct place *place)
{
	char again[64];
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", fd);
	return fd < 0 ? fd : syscall(SYS_fchmodat, AT_FDCWD, again, 0777);
}

static long run_fchmodat2(const struct place *place)
{
	return syscall(SYS_fchmodat2, place->folder, place->path, 0777, 0);
}

static long run_fchmodat2_empty(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	return fd < 0 ? fd : syscall(SYS_fchmodat2, fd, "", 0777, AT_EMPTY_PATH);
}

/* The errno of a user who may not give files away says nothing about Duenna. */
static long give_away(long result)
{
	if (result < 0 && getuid() != 0) {
		not_applicable("chown");
	}
	return result;
}

static long run_chown(const struct place *place)
{
	return give_away(syscall(SYS_chown, place->path, NEW_OWNER, NEW_OWNER));
}

static long run_lchown(const struct place *place)
{
	return give_away(syscall(SYS_lchown, place->path, NEW_OWNER, NEW_OWNER));
}

static long run_fchown(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return give_away(fd < 0 ? fd : syscall(SYS_fchown, fd, NEW_OWNER, NEW_OWNER));
}

static long run_fchownat(const struct place *place)
{
	return give_away(syscall(
		SYS_fchownat, place->folder, place->path, NEW_OWNER, NEW_OWNER, 0));
}

static long run_fchownat_empty(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	return give_away(fd < 0 ? fd
				: syscall(SYS_fchownat, fd, "", NEW_OWNER, NEW_OWNER,
					  AT_EMPTY_PATH));
}

static long run_utime(const struct place *place)
{
	struct utimbuf times = {1000, 1000};
	return syscall(SYS_utime, place->path, &times);
}

static long run_utimes(const struct place *place)
{
	struct timeval times[2] = {{1000, 0}, {1000, 0}};
	return syscall(SYS_utimes, place->path, times);
}

static long run_futimesat(const struct place *place)
{
	struct timeval times[2] = {{1000, 0}, {1000, 0}};
	return syscall(SYS_futimesat, place->folder, place->path, times);
}

static long run_futimesat_descriptor(const struct place *place)
{
	struct timeval times[2] = {{1000, 0}, {1000, 0}};
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd : syscall(SYS_futimesat, fd, NULL, times);
}

static const struct timespec old_times[2] = {{1000, 0}, {1000, 0}};

static long run_utimensat(const struct place *place)
{
	return syscall(SYS_utimensat, place->folder, place->path, old_times, 0);
}

static long run_utimensat_nofollow(const struct place *place)
{
	return syscall(SYS_utimensat, place->folder, place->path, old_times,
		AT_SYMLINK_NOFOLLOW);
}

static long run_utimensat_now(const struct place *place)
{
	return syscall(SYS_utimensat, place->folder, place->path, NULL, 0);
}

static long run_futimens(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd : syscall(SYS_utimensat, fd, NULL, old_times, 0);
}

static long run_utimensat_empty(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	return fd < 0 ? fd : syscall(SYS_utimensat, fd, "", old_times, AT_EMPTY_PATH);
}

static long run_setxattr(const struct place *place)
{
	return syscall(SYS_setxattr, place->path, "user.attack", "x", 1L, 0);
}

static long run_lsetxattr(const struct place *place)
{
	return syscall(SYS_lsetxattr, place->path, "user.attack", "x", 1L, 0);
}

static long run_fsetxattr(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd : syscall(SYS_fsetxattr, fd, "user.attack", "x", 1L, 0);
}

static long run_setxattrat(const struct place *place)
{
	struct xattr_arguments arguments = {.value = (uintptr_t) "x", .size = 1};
	return syscall(SYS_setxattrat, place->folder, place->path, 0, "user.attack",
		&arguments, sizeof(arguments));
}

static long run_setxattrat_empty(const struct place *place)
{
	struct xattr_arguments arguments = {.value = (uintptr_t) "x", .size = 1};
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd
		      : syscall(SYS_setxattrat, fd, "", AT_EMPTY_PATH, "user.attack",
				&arguments, sizeof(arguments));
}

static long run_removexattr(const struct place *place)
{
	return syscall(SYS_removexattr, place->path, "user.mark");
}

static long run_lremovexattr(const struct place *place)
{
	return syscall(SYS_lremovexattr, place->path, "user.mark");
}

static long run_fremovexattr(const struct place *place)
{
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd : syscall(SYS_fremovexattr, fd, "user.mark");
}

static long run_removexattrat(const struct place *place)
{
	return syscall(SYS_removexattrat, place->folder, place->path, 0, "user.mark");
}

/* chattr +d: a flag that the owner may set. */
static long run_setflags(const struct place *place)
{
	int flags = 0;
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	if (fd < 0 || ioctl((int)fd, FS_IOC_GETFLAGS, &flags) < 0) {
		return -1;
	}
	flags |= FS_NODUMP_FL;
	return syscall(SYS_ioctl, fd, FS_IOC_SETFLAGS, &flags);
}

static long run_setflags_junk(const struct place *place)
{
	int flags = FS_NODUMP_FL;
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	return fd < 0 ? fd
		      : syscall(SYS_ioctl, fd, 0xdead00000000ul | FS_IOC_SETFLAGS,
				&flags);
}

static long run_fssetxattr(const struct place *place)
{
	struct fsxattr attributes = {0};
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	if (fd < 0 || ioctl((int)fd, FS_IOC_FSGETXATTR, &attributes) < 0) {
		return -1;
	}
	attributes.fsx_xflags |= FS_XFLAG_NODUMP;
	return syscall(SYS_ioctl, fd, FS_IOC_FSSETXATTR, &attributes);
}

static long run_file_setattr(const struct place *place)
{
	struct file_attributes attributes = {.xflags = FS_XFLAG_NODUMP};
	return syscall(SYS_file_setattr, place->folder, place->path, &attributes,
		sizeof(attributes), 0);
}

/* clang-format off */
static const struct file_operation operations[] = {
	{"open", "open", EFFECT_SECRET, FORM_FOLLOWS, run_open, O_RDONLY},
	{"openat", "openat", EFFECT_SECRET, TAKES_ALL, run_openat, O_RDONLY},
	{"openat2", "openat2", EFFECT_SECRET, TAKES_ALL, run_openat2, O_RDONLY},
	{"openat_nofollow", "openat", EFFECT_SECRET, FORM_FOLDER, run_openat, O_RDONLY | O_NOFOLLOW},
	{"openat_junk_flags", "openat", EFFECT_SECRET, TAKES_ALL, run_openat, 0xdead00000000l | O_RDONLY},
	{"openat_noatime", "openat", EFFECT_SECRET, TAKES_ALL, run_openat, O_RDONLY | O_NOATIME},
	{"openat_rdwr", "openat", EFFECT_SECRET, TAKES_ALL, run_openat, O_RDWR},
	{"reopen", "openat open", EFFECT_SECRET, FORM_FOLDER, run_reopen, O_RDONLY},
	{"reopen_device", "openat", EFFECT_SECRET, FORM_FOLDER, run_reopen_device, O_RDONLY},
	{"open_write", "open", EFFECT_CHANGED, FORM_FOLLOWS, run_open, O_WRONLY},
	{"open_truncate", "open", EFFECT_CHANGED, FORM_FOLLOWS, run_open, O_WRONLY | O_TRUNC},
	{"openat_write", "openat", EFFECT_CHANGED, TAKES_ALL, run_openat, O_WRONLY},
	{"openat_junk_write", "openat", EFFECT_CHANGED, TAKES_ALL, run_openat, 0xdead00000000l | O_WRONLY},
	{"openat_append", "openat", EFFECT_CHANGED, TAKES_ALL, run_openat, O_WRONLY | O_APPEND},
	{"openat_create", "openat", EFFECT_CHANGED, TAKES_ALL, run_openat, O_RDWR | O_CREAT},
	{"openat_read_truncate", "openat", EFFECT_CHANGED, TAKES_ALL, run_openat_truncate, 0},
	{"openat2_write", "openat2", EFFECT_CHANGED, TAKES_ALL, run_openat2, O_WRONLY},
	{"creat", "creat", EFFECT_CHANGED, FORM_FOLLOWS, run_creat, 0},
	{"reopen_write", "openat open", EFFECT_CHANGED, FORM_FOLDER, run_reopen, O_WRONLY},
	{"reopen_upgrade", "openat open", EFFECT_CHANGED, TAKES_ALL, run_upgrade, 0},
	{"map", "openat", EFFECT_CHANGED, TAKES_ALL, run_map, 0},
	{"truncate", "truncate", EFFECT_CHANGED, FORM_FOLLOWS, run_truncate, 0},
	{"unlink", "unlink", EFFECT_CHANGED, 0, run_unlink, 0},
	{"unlinkat", "unlinkat", EFFECT_CHANGED, FORM_FOLDER, run_unlinkat, 0},
	{"chmod", "chmod", EFFECT_CHANGED, FORM_FOLLOWS, run_chmod, 0},
	{"chmod_junk", "chmod", EFFECT_CHANGED, FORM_FOLLOWS, run_chmod_junk, 0},
	{"fchmod", "fchmod", EFFECT_CHANGED, TAKES_ALL, run_fchmod, 0},
	{"fchmodat", "fchmodat", EFFECT_CHANGED, TAKES_ALL, run_fchmodat, 0},
	{"fchmodat_descriptor", "fchmodat", EFFECT_CHANGED, FORM_FOLDER, run_fchmodat_descriptor, 0},
	{"fchmodat2", "fchmodat2", EFFECT_CHANGED, TAKES_ALL, run_fchmodat2, 0},
	{"fchmodat2_empty", "fchmodat2", EFFECT_CHANGED, FORM_FOLDER, run_fchmodat2_empty, 0},
	{"chown", "chown", EFFECT_CHANGED, FORM_FOLLOWS, run_chown, 0},
	{"lchown", "lchown", EFFECT_CHANGED, 0, run_lchown, 0},
	{"fchown", "fchown", EFFECT_CHANGED, TAKES_ALL, run_fchown, 0},
	{"fchownat", "fchownat", EFFECT_CHANGED, TAKES_ALL, run_fchownat, 0},
	{"fchownat_empty", "fchownat", EFFECT_CHANGED, FORM_FOLDER, run_fchownat_empty, 0},
	{"utime", "utime", EFFECT_CHANGED, FORM_FOLLOWS, run_utime, 0},
	{"utimes", "utimes", EFFECT_CHANGED, FORM_FOLLOWS, run_utimes, 0},
	{"futimesat", "futimesat", EFFECT_CHANGED, TAKES_ALL, run_futimesat, 0},
	{"futimesat_descriptor", "futimesat", EFFECT_CHANGED, TAKES_ALL, run_futimesat_descriptor, 0},
	{"utimensat", "utimensat", EFFECT_CHANGED, TAKES_ALL, run_utimensat, 0},
	{"utimensat_nofollow", "utimensat", EFFECT_CHANGED, FORM_FOLDER, run_utimensat_nofollow, 0},
	{"utimensat_now", "utimensat", EFFECT_CHANGED, TAKES_ALL, run_utimensat_now, 0},
	{"utimensat_empty", "utimensat", EFFECT_CHANGED, FORM_FOLDER, run_utimensat_empty, 0},
	{"futimens", "utimensat", EFFECT_CHANGED, TAKES_ALL, run_futimens, 0},
	{"setxattr", "setxattr", EFFECT_CHANGED, FORM_FOLLOWS, run_setxattr, 0},
	{"lsetxattr", "lsetxattr", EFFECT_CHANGED, 0, run_lsetxattr, 0},
	{"fsetxattr", "fsetxattr", EFFECT_CHANGED, TAKES_ALL, run_fsetxattr, 0},
	{"setxattrat", "setxattrat", EFFECT_CHANGED, TAKES_ALL, run_setxattrat, 0},
	{"setxattrat_empty", "setxattrat", EFFECT_CHANGED, TAKES_ALL, run_setxattrat_empty, 0},
	{"removexattr", "removexattr", EFFECT_CHANGED, FORM_FOLLOWS, run_removexattr, 0},
	{"lremovexattr", "lremovexattr", EFFECT_CHANGED, 0, run_lremovexattr, 0},
	{"fremovexattr", "fremovexattr", EFFECT_CHANGED, TAKES_ALL, run_fremovexattr, 0},
	{"removexattrat", "removexattrat", EFFECT_CHANGED, TAKES_ALL, run_removexattrat, 0},
	{"setflags", "ioctl", EFFECT_CHANGED, TAKES_ALL, run_setflags, 0},
	{"setflags_junk", "ioctl", EFFECT_CHANGED, TAKES_ALL, run_setflags_junk, 0},
	{"fssetxattr", "ioctl", EFFECT_CHANGED, TAKES_ALL, run_fssetxattr, 0},
	{"file_setattr", "file_setattr", EFFECT_CHANGED, TAKES_ALL, run_file_setattr, 0},
};
/* clang-format on */

static void run_file_attack(const struct attack *attack)
{
	static struct place place;
	current = attack->operation;
	form_apply(attack->form,
		current->effect == EFFECT_SECRET ? arena.secret : arena.protected,
		&place);
	if (current->run(&place) >= 0) {
		return;
	}
	if (errno == ENOSYS || errno == EOPNOTSUPP || errno == ENOTTY) {
		not_applicable(current->name);
	}
	failed(current->name);
}

/* A link that is absolute within another root: it leads back to the secret. */
static void run_in_root(const struct attack *attack)
{
	const struct open_how how = {
		.flags = O_RDONLY, .resolve = (uintptr_t)attack->operation};
	int above = (int)need(open("..", O_PATH | O_DIRECTORY), "open");
	need(symlink("/outside/secret", "innocent"), "symlink");
	long fd = syscall(SYS_openat2, above, "project/innocent", &how, sizeof(how));
	leak((int)need(fd, "openat2"));
}

static void run_beneath(const struct attack *attack)
{
	const struct open_how how = {
		.flags = O_RDONLY, .resolve = (uintptr_t)attack->operation};
	int above = (int)need(open("..", O_PATH | O_DIRECTORY), "open");
	need(symlink("../outside", "shelf"), "symlink");
	long fd =
		syscall(SYS_openat2, above, "project/shelf/secret", &how, sizeof(how));
	leak((int)need(fd, "openat2"));
}

/* clang-format off */
static const struct attack_row resolve_rows[] = {
	{"in_root", EFFECT_SECRET, 0, "openat2", run_in_root, (void *)RESOLVE_IN_ROOT},
	{"in_root_beneath", EFFECT_SECRET, 0, "openat2", run_beneath, (void *)RESOLVE_IN_ROOT},
	{"beneath", EFFECT_SECRET, 0, "openat2", run_beneath, (void *)RESOLVE_BENEATH},
	{"no_magic_links", EFFECT_SECRET, 0, "openat2", run_beneath, (void *)RESOLVE_NO_MAGICLINKS},
	{"no_crossing", EFFECT_SECRET, 0, "openat2", run_beneath, (void *)RESOLVE_NO_XDEV},
	{NULL},
};
/* clang-format on */

/* Quick runs take each operation in its plain form and in a few others. */
static bool is_left_to_full_run(size_t operation, size_t form)
{
	enum { EVERY_FORM_OF = 3, ONE_IN = 11 };
	return form != 0 && operation >= EVERY_FORM_OF &&
	       (operation + form) % ONE_IN != 0;
}

void file_attacks(void)
{
	attack_add_rows("openat2_resolve", resolve_rows);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct file_operation *operation = &operations[i];
		for (size_t j = 0; j < form_count; j++) {
			unsigned needs = forms[j].needs;
			if (needs & ~operation->takes & TAKES_ALL) {
				continue;
			}
			struct attack attack = {
				.effect = operation->effect,
				.flags = (needs & FORM_BYSTANDER ? ATTACK_BYSTANDER
								 : 0) |
					 (is_left_to_full_run(i, j) ? ATTACK_FULL : 0),
				.syscalls = operation->syscalls,
				.run = run_file_attack,
				.operation = operation,
				.form = &forms[j],
			};
			attack_add(&attack, "%s/%s", operation->name, forms[j].name);
		}
	}
}
