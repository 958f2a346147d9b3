/* SPDX-License-Identifier: MIT */
/*
 * Changes of the guarded folder itself: new names, names that go, files that move in,
 * out, over or across, and hard links in both directions.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/place.h"
#include "tests/attacks/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* What the form is made to name. */
enum target { TARGET_NEW, TARGET_FILE, TARGET_FOLDER, TARGET_SECRET };

struct folder_operation {
	const char *name;
	const char *syscalls;
	enum target target;
	unsigned takes;
	long (*run)(const struct place *place);
	enum effect effect;
	unsigned flags;
};

static const char *own_file(void)
{
	char *path = path_in(arena.project, "own");
	write_file(path, "from the project\n");
	return path;
}

static const char *own_folder(void)
{
	char *path = path_in(arena.project, "own_folder");
	need(mkdir(path, 0755), path);
	return path;
}

static long run_create(const struct place *place)
{
	return syscall(SYS_open, place->path, O_RDONLY | O_CREAT, 0644);
}

static long run_create_exclusive(const struct place *place)
{
	return syscall(SYS_openat, place->folder, place->path,
		O_WRONLY | O_CREAT | O_EXCL, 0644);
}

static long run_create2(const struct place *place)
{
	struct open_how how = {.flags = O_WRONLY | O_CREAT, .mode = 0600};
	return syscall(SYS_openat2, place->folder, place->path, &how, sizeof(how));
}

static long run_creat(const struct place *place)
{
	return syscall(SYS_creat, place->path, 0644);
}

static long run_mkdir(const struct place *place)
{
	return syscall(SYS_mkdir, place->path, 0755);
}

static long run_mkdirat(const struct place *place)
{
	return syscall(SYS_mkdirat, place->folder, place->path, 0755);
}

static long run_mknod(const struct place *place)
{
	return syscall(SYS_mknod, place->path, S_IFREG | 0644, 0);
}

static long run_mkfifo(const struct place *place)
{
	return syscall(SYS_mknodat, place->folder, place->path, S_IFIFO | 0644, 0);
}

static long run_mksocket(const struct place *place)
{
	return syscall(SYS_mknodat, place->folder, place->path, S_IFSOCK | 0644, 0);
}

static long run_mkdevice(const struct place *place)
{
	return syscall(
		SYS_mknodat, place->folder, place->path, S_IFCHR | 0666, makedev(1, 3));
}

static long run_symlink(const struct place *place)
{
	return syscall(SYS_symlink, "/etc/passwd", place->path);
}

static long run_symlinkat(const struct place *place)
{
	return syscall(SYS_symlinkat, "/etc/passwd", place->folder, place->path);
}

static long run_link_in(const struct place *place)
{
	return syscall(SYS_link, own_file(), place->path);
}

static long run_linkat_in(const struct place *place)
{
	return syscall(SYS_linkat, AT_FDCWD, own_file(), place->folder, place->path, 0);
}

static long run_linkat_empty_in(const struct place *place)
{
	long fd = open(own_file(), O_RDONLY);
	return syscall(SYS_linkat, fd, "", place->folder, place->path, AT_EMPTY_PATH);
}

static long run_linkat_descriptor_in(const struct place *place)
{
	char own[64];
	snprintf(own, sizeof(own), "/proc/self/fd/%d", open(own_file(), O_RDONLY));
	return syscall(SYS_linkat, AT_FDCWD, own, place->folder, place->path,
		AT_SYMLINK_FOLLOW);
}

/* A file without a name, first made in the project. */
static long run_temporary_in(const struct place *place)
{
	char own[64];
	int fd = open(arena.project, O_TMPFILE | O_RDWR, 0644);
	need(fd, "O_TMPFILE");
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	return syscall(SYS_linkat, AT_FDCWD, own, place->folder, place->path,
		AT_SYMLINK_FOLLOW);
}

static long run_rename_in(const struct place *place)
{
	return syscall(SYS_rename, own_file(), place->path);
}

static long run_renameat_in(const struct place *place)
{
	return syscall(SYS_renameat, AT_FDCWD, own_file(), place->folder, place->path);
}

static long run_renameat2_in(const struct place *place)
{
	return syscall(SYS_renameat2, AT_FDCWD, own_file(), place->folder, place->path,
		RENAME_NOREPLACE);
}

static long run_rename_folder_in(const struct place *place)
{
	return syscall(SYS_rename, own_folder(), place->path);
}

static long run_bind(const struct place *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(place->path) >= sizeof(address.sun_path)) {
		need(chdir(arena.guarded), "chdir");
		strcpy(address.sun_path, "new");
	} else {
		strcpy(address.sun_path, place->path);
	}
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return syscall(SYS_bind, fd, &address, sizeof(address));
}

static long run_rename_over(const struct place *place)
{
	return syscall(SYS_rename, own_file(), place->path);
}

static long run_renameat_over(const struct place *place)
{
	return syscall(SYS_renameat, AT_FDCWD, own_file(), place->folder, place->path);
}

static long run_renameat2_over(const struct place *place)
{
	return syscall(
		SYS_renameat2, AT_FDCWD, own_file(), place->folder, place->path, 0);
}

static long run_exchange(const struct place *place)
{
	return syscall(SYS_renameat2, AT_FDCWD, own_file(), place->folder, place->path,
		RENAME_EXCHANGE);
}

/* The ends the other way round: what is named first is judged as well. */
static long run_exchange_back(const struct place *place)
{
	return syscall(SYS_renameat2, place->folder, place->path, AT_FDCWD, own_file(),
		RENAME_EXCHANGE);
}

static long run_whiteout(const struct place *place)
{
	return syscall(SYS_renameat2, place->folder, place->path, AT_FDCWD,
		path_in(arena.project, "stolen"), RENAME_WHITEOUT);
}

static long run_rename_out(const struct place *place)
{
	return syscall(SYS_rename, place->path, path_in(arena.project, "stolen"));
}

static long run_renameat_out(const struct place *place)
{
	return syscall(SYS_renameat, place->folder, place->path, AT_FDCWD, "stolen");
}

static long run_renameat2_out(const struct place *place)
{
	return syscall(
		SYS_renameat2, place->folder, place->path, AT_FDCWD, "stolen", 0);
}

static long run_rename_within(const struct place *place)
{
	return syscall(SYS_renameat, place->folder, place->path, AT_FDCWD,
		path_in(arena.guarded, "elsewhere"));
}

/* A hard link in the project, written by its new name. */
static long write_by_name(long result, const char *name)
{
	if (result >= 0) {
		write_file(name, "through another name\n");
	}
	return result;
}

static long run_link_out(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	return write_by_name(syscall(SYS_link, place->path, name), name);
}

static long run_linkat_out(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	return write_by_name(syscall(SYS_linkat, place->folder, place->path, AT_FDCWD,
				     name, AT_SYMLINK_FOLLOW),
		name);
}

static long run_linkat_empty_out(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	return write_by_name(
		syscall(SYS_linkat, fd, "", AT_FDCWD, name, AT_EMPTY_PATH), name);
}

static long run_linkat_descriptor_out(const struct place *place)
{
	char again[64];
	const char *name = path_in(arena.project, "stolen");
	long fd = syscall(SYS_openat, place->folder, place->path, O_RDONLY);
	snprintf(again, sizeof(again), "/proc/self/fd/%ld", fd);
	return write_by_name(
		syscall(SYS_linkat, AT_FDCWD, again, AT_FDCWD, name, AT_SYMLINK_FOLLOW),
		name);
}

static long leak_by_name(long result, const char *name)
{
	if (result >= 0) {
		leak(open(name, O_RDONLY));
	}
	return result;
}

static long run_link_secret(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	return leak_by_name(syscall(SYS_link, place->path, name), name);
}

static long run_linkat_secret(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	long fd = syscall(SYS_openat, place->folder, place->path, O_PATH);
	return leak_by_name(
		syscall(SYS_linkat, fd, "", AT_FDCWD, name, AT_EMPTY_PATH), name);
}

static long run_rename_secret(const struct place *place)
{
	const char *name = path_in(arena.project, "stolen");
	return leak_by_name(
		syscall(SYS_renameat, place->folder, place->path, AT_FDCWD, name),
		name);
}

/* The whole folder moves; its files keep their names below the new one. */
static long run_rename_outside(const struct place *place)
{
	(void)place;
	const char *name = path_in(arena.project, "moved");
	return leak_by_name(syscall(SYS_rename, arena.outside, name),
		path_in(arena.project, "moved/secret"));
}

/* A program that may be looked into, in the project; it is there when this returns. */
static pid_t start_neighbour(void)
{
	int started[2];
	char byte;

	need(pipe2(started, O_CLOEXEC), "pipe");
	const pid_t neighbour = (pid_t)need(fork(), "fork");
	if (neighbour == 0) {
		execl("/usr/bin/sleep", "sleep", "600", NULL);
		_exit(1);
	}
	close(started[1]);
	(void)!read(started[0], &byte, 1);
	return neighbour;
}

/* Below its new name nothing may be made; that leads through another process. */
static void run_rename_by_neighbour(const struct attack *attack)
{
	char door[64];
	const pid_t neighbour = start_neighbour();

	(void)attack;
	need(mkdir(path_in(own_folder(), "inner"), 0755), "inner");
	snprintf(door, sizeof(door), "/proc/%d/cwd/../door", (int)neighbour);
	const int result = rename("own_folder", door);
	kill(neighbour, SIGKILL);
	need(result, "rename");
}

static long run_rmdir(const struct place *place)
{
	return syscall(SYS_rmdir, place->path);
}

static long run_unlinkat_folder(const struct place *place)
{
	return syscall(SYS_unlinkat, place->folder, place->path, AT_REMOVEDIR);
}

static long run_chmod_folder(const struct place *place)
{
	return syscall(SYS_fchmodat, place->folder, place->path, 0777);
}

static long run_temporary(const struct place *place)
{
	long fd = syscall(
		SYS_openat, place->folder, place->path, O_TMPFILE | O_RDWR, 0600);
	if (fd < 0) {
		return fd;
	}
	return syscall(SYS_linkat, fd, "", AT_FDCWD, path_in(arena.guarded, "new"),
		AT_EMPTY_PATH);
}

enum { BOTH = FORM_FOLDER | FORM_FOLLOWS };

/* clang-format off */
static const struct folder_operation operations[] = {
	{"create", "open", TARGET_NEW, FORM_FOLLOWS, run_create, EFFECT_CHANGED, 0},
	{"create_exclusive", "openat", TARGET_NEW, FORM_FOLDER, run_create_exclusive, EFFECT_CHANGED, 0},
	{"create2", "openat2", TARGET_NEW, BOTH, run_create2, EFFECT_CHANGED, 0},
	{"creat_new", "creat", TARGET_NEW, FORM_FOLLOWS, run_creat, EFFECT_CHANGED, 0},
	{"mkdir", "mkdir", TARGET_NEW, 0, run_mkdir, EFFECT_CHANGED, 0},
	{"mkdirat", "mkdirat", TARGET_NEW, FORM_FOLDER, run_mkdirat, EFFECT_CHANGED, 0},
	{"mknod", "mknod", TARGET_NEW, 0, run_mknod, EFFECT_CHANGED, 0},
	{"mkfifo", "mknodat", TARGET_NEW, FORM_FOLDER, run_mkfifo, EFFECT_CHANGED, 0},
	{"mksocket", "mknodat", TARGET_NEW, FORM_FOLDER, run_mksocket, EFFECT_CHANGED, 0},
	{"mkdevice", "mknodat", TARGET_NEW, FORM_FOLDER, run_mkdevice, EFFECT_CHANGED, ATTACK_ROOT},
	{"symlink", "symlink", TARGET_NEW, 0, run_symlink, EFFECT_CHANGED, 0},
	{"symlinkat", "symlinkat", TARGET_NEW, FORM_FOLDER, run_symlinkat, EFFECT_CHANGED, 0},
	{"link_in", "link", TARGET_NEW, 0, run_link_in, EFFECT_CHANGED, 0},
	{"linkat_in", "linkat", TARGET_NEW, FORM_FOLDER, run_linkat_in, EFFECT_CHANGED, 0},
	{"linkat_empty_in", "linkat", TARGET_NEW, FORM_FOLDER, run_linkat_empty_in, EFFECT_CHANGED, 0},
	{"linkat_descriptor_in", "linkat", TARGET_NEW, FORM_FOLDER, run_linkat_descriptor_in, EFFECT_CHANGED, 0},
	{"temporary_in", "openat linkat", TARGET_NEW, FORM_FOLDER, run_temporary_in, EFFECT_CHANGED, 0},
	{"temporary", "openat linkat", TARGET_FOLDER, BOTH, run_temporary, EFFECT_CHANGED, 0},
	{"rename_in", "rename", TARGET_NEW, 0, run_rename_in, EFFECT_CHANGED, 0},
	{"renameat_in", "renameat", TARGET_NEW, FORM_FOLDER, run_renameat_in, EFFECT_CHANGED, 0},
	{"renameat2_in", "renameat2", TARGET_NEW, FORM_FOLDER, run_renameat2_in, EFFECT_CHANGED, 0},
	{"rename_folder_in", "rename", TARGET_NEW, 0, run_rename_folder_in, EFFECT_CHANGED, 0},
	{"bind_in", "bind", TARGET_NEW, 0, run_bind, EFFECT_CHANGED, 0},
	{"rename_over", "rename", TARGET_FILE, 0, run_rename_over, EFFECT_CHANGED, 0},
	{"renameat_over", "renameat", TARGET_FILE, FORM_FOLDER, run_renameat_over, EFFECT_CHANGED, 0},
	{"renameat2_over", "renameat2", TARGET_FILE, FORM_FOLDER, run_renameat2_over, EFFECT_CHANGED, 0},
	{"exchange", "renameat2", TARGET_FILE, FORM_FOLDER, run_exchange, EFFECT_CHANGED, 0},
	{"exchange_back", "renameat2", TARGET_FILE, FORM_FOLDER, run_exchange_back, EFFECT_CHANGED, 0},
	{"whiteout", "renameat2", TARGET_FILE, FORM_FOLDER, run_whiteout, EFFECT_CHANGED, 0},
	{"rename_out", "rename", TARGET_FILE, 0, run_rename_out, EFFECT_CHANGED, 0},
	{"renameat_out", "renameat", TARGET_FILE, FORM_FOLDER, run_renameat_out, EFFECT_CHANGED, 0},
	{"renameat2_out", "renameat2", TARGET_FILE, FORM_FOLDER, run_renameat2_out, EFFECT_CHANGED, 0},
	{"rename_within", "renameat", TARGET_FILE, FORM_FOLDER, run_rename_within, EFFECT_CHANGED, 0},
	{"link_out", "link", TARGET_FILE, 0, run_link_out, EFFECT_CHANGED, 0},
	{"linkat_out", "linkat", TARGET_FILE, BOTH, run_linkat_out, EFFECT_CHANGED, 0},
	{"linkat_empty_out", "linkat", TARGET_FILE, FORM_FOLDER, run_linkat_empty_out, EFFECT_CHANGED, 0},
	{"linkat_descriptor_out", "linkat", TARGET_FILE, BOTH, run_linkat_descriptor_out, EFFECT_CHANGED, 0},
	{"link_secret", "link", TARGET_SECRET, 0, run_link_secret, EFFECT_SECRET, 0},
	{"linkat_secret", "linkat", TARGET_SECRET, FORM_FOLDER, run_linkat_secret, EFFECT_SECRET, 0},
	{"rename_secret", "renameat", TARGET_SECRET, FORM_FOLDER, run_rename_secret, EFFECT_SECRET, 0},
	{"rmdir", "rmdir", TARGET_FOLDER, 0, run_rmdir, EFFECT_CHANGED, 0},
	{"unlinkat_folder", "unlinkat", TARGET_FOLDER, FORM_FOLDER, run_unlinkat_folder, EFFECT_CHANGED, 0},
	{"chmod_folder", "fchmodat", TARGET_FOLDER, BOTH, run_chmod_folder, EFFECT_CHANGED, 0},
};
/* clang-format on */

static const char *target_path(enum target target)
{
	switch (target) {
	case TARGET_NEW:
		return path_in(arena.guarded, "new");
	case TARGET_FILE:
		return arena.protected;
	case TARGET_FOLDER:
		return path_in(arena.guarded, "empty");
	case TARGET_SECRET:
		return arena.secret;
	}
	return NULL;
}

static void run_folder_attack(const struct attack *attack)
{
	static struct place place;
	const struct folder_operation *operation = attack->operation;
	form_apply(attack->form, target_path(operation->target), &place);
	need(operation->run(&place), operation->name);
}

static void run_outside_attack(const struct attack *attack)
{
	(void)attack;
	need(run_rename_outside(NULL), "rename");
}

static bool is_left_to_full_run(size_t operation, size_t form)
{
	enum { ONE_IN = 11 };
	return form != 0 && (operation + form) % ONE_IN != 0;
}

/* A descriptor of the folder that a form takes from its text would be the wrong one. */
static bool is_possible(
	const struct folder_operation *operation, const struct form *form)
{
	return (form->needs & ~operation->takes & BOTH) == 0;
}

void folder_attacks(void)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct folder_operation *operation = &operations[i];
		for (size_t j = 0; j < form_count; j++) {
			if (!is_possible(operation, &forms[j])) {
				continue;
			}
			unsigned bystander = forms[j].needs & FORM_BYSTANDER;
			struct attack attack = {
				.effect = operation->effect,
				.flags = operation->flags |
					 (bystander ? ATTACK_BYSTANDER : 0) |
					 (is_left_to_full_run(i, j) ? ATTACK_FULL : 0),
				.syscalls = operation->syscalls,
				.run = run_folder_attack,
				.operation = operation,
				.form = &forms[j],
			};
			attack_add(&attack, "%s/%s", operation->name, forms[j].name);
		}
	}
	static const struct attack_row rows[] = {
		{"whole_folder", EFFECT_SECRET, 0, "rename", run_outside_attack, NULL},
		{"by_neighbour", EFFECT_CHANGED, 0, "rename", run_rename_by_neighbour,
			NULL},
		{NULL},
	};
	attack_add_rows("rename_outside", rows);
}
