/* SPDX-License-Identifier: MIT */
#include "tests/attacks/place.h"

#include "tests/attacks/attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void place_set(struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void place_set(struct place *place, const char *format, ...)
{
	__builtin_va_list arguments;
	__builtin_va_start(arguments, format);
	int length = vsnprintf(place->path, sizeof(place->path), format, arguments);
	__builtin_va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(place->path)) {
		failed("path too long");
	}
}

static int folder_open(const char *path)
{
	return (int)need(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
}

/* A symbolic link in the project; its text may be anything. */
static void link_make(const char *text, const char *name)
{
	need(symlink(text, path_in(arena.project, name)), "symlink");
}

static void make_absolute(struct place *place, const char *folder, const char *name)
{
	place_set(place, "%s/%s", folder, name);
}

static void make_relative(struct place *place, const char *folder, const char *name)
{
	place_set(place, "../%s/%s", strrchr(folder, '/') + 1, name);
}

static void make_changed_folder(
	struct place *place, const char *folder, const char *name)
{
	need(chdir(folder), folder);
	place_set(place, "%s", name);
}

static void make_fchdir(struct place *place, const char *folder, const char *name)
{
	need(fchdir(folder_open(folder)), folder);
	place_set(place, "./%s", name);
}

static void make_descriptor(struct place *place, const char *folder, const char *name)
{
	place->folder = folder_open(folder);
	place_set(place, "%s", name);
}

static void make_junk_descriptor(
	struct place *place, const char *folder, const char *name)
{
	place->folder = (long)((unsigned long)folder_open(folder) | 0xdead00000000ul);
	place_set(place, "%s", name);
}

static void make_descriptor_above(
	struct place *place, const char *folder, const char *name)
{
	place->folder = folder_open(arena.project);
	place_set(place, "../%s/%s", strrchr(folder, '/') + 1, name);
}

/* An absolute path makes the kernel ignore the descriptor, however wrong. */
static void make_ignored_descriptor(
	struct place *place, const char *folder, const char *name)
{
	place->folder = 999;
	place_set(place, "%s/%s", folder, name);
}

static void make_working_folder_junk(
	struct place *place, const char *folder, const char *name)
{
	need(chdir(folder), folder);
	place->folder = (long)(0xdeadbeef00000000ul | (unsigned)AT_FDCWD);
	place_set(place, "%s", name);
}

static void make_link_to_file(struct place *place, const char *folder, const char *name)
{
	char target[PATH_MAX];
	snprintf(target, sizeof(target), "%s/%s", folder, name);
	link_make(target, "innocent");
	place_set(place, "innocent");
}

static void make_link_to_link(struct place *place, const char *folder, const char *name)
{
	char target[PATH_MAX];
	snprintf(target, sizeof(target), "../%s/%s", strrchr(folder, '/') + 1, name);
	link_make(target, "second");
	link_make("second", "first");
	place_set(place, "%s/first", arena.project);
}

static void make_link_to_folder(
	struct place *place, const char *folder, const char *name)
{
	link_make(folder, "shelf");
	place_set(place, "shelf/%s", name);
}

static void make_link_chain(struct place *place, const char *folder, const char *name)
{
	link_make(folder, "c");
	link_make("c/.", "b");
	link_make("./b/", "a");
	place_set(place, "%s/a/%s", arena.project, name);
}

static void make_link_upwards(struct place *place, const char *folder, const char *name)
{
	need(mkdir(path_in(arena.project, "deep"), 0755), "mkdir");
	link_make("..", "deep/up");
	place_set(place, "deep/up/../%s/%s", strrchr(folder, '/') + 1, name);
}

/* ".." is taken from where a link leads, not from where its name lies. */
static void make_link_then_up(struct place *place, const char *folder, const char *name)
{
	link_make(folder, "shelf");
	place_set(place, "shelf/../%s/%s", strrchr(folder, '/') + 1, name);
}

static void make_dots(struct place *place, const char *folder, const char *name)
{
	place_set(place, "/.//.%s/.//../%s///./%s", folder, strrchr(folder, '/') + 1,
		name);
}

static void make_long(struct place *place, const char *folder, const char *name)
{
	char dots[3001];
	for (size_t i = 0; i + 1 < sizeof(dots); i += 2) {
		dots[i] = '.';
		dots[i + 1] = '/';
	}
	dots[sizeof(dots) - 1] = '\0';
	place_set(place, "%s../%s/%s", dots, strrchr(folder, '/') + 1, name);
}

static void make_own_working_folder(
	struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/self/cwd/../%s/%s", strrchr(folder, '/') + 1, name);
}

static void make_own_root(struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/self/root%s/%s", folder, name);
}

static void make_thread_root(struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/thread-self/root%s/%s", folder, name);
}

static void make_task_root(struct place *place, const char *folder, const char *name)
{
	place_set(
		place, "/proc/%d/task/%d/root%s/%s", getpid(), getpid(), folder, name);
}

static void make_parent_root(struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/%d/root%s/%s", getppid(), folder, name);
}

static void make_own_descriptor(
	struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/self/fd/%d/%s", folder_open(folder), name);
}

static void make_device_descriptor(
	struct place *place, const char *folder, const char *name)
{
	place_set(place, "/dev/fd/%d/%s", folder_open(folder), name);
}

static void make_task_descriptor(
	struct place *place, const char *folder, const char *name)
{
	place->folder = folder_open("/proc/self/fd");
	place_set(place, "%d/%s", folder_open(folder), name);
}

static void make_bystander_root(
	struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/%d/root%s/%s", arena.bystander, folder, name);
}

/* The bystander works in the outside folder. */
static void make_bystander_folder(
	struct place *place, const char *folder, const char *name)
{
	place_set(place, "/proc/%d/cwd/../%s/%s", arena.bystander,
		strrchr(folder, '/') + 1, name);
}

/* clang-format off */
const struct form forms[] = {
	{"absolute", 0, make_absolute},
	{"relative", 0, make_relative},
	{"chdir", 0, make_changed_folder},
	{"fchdir", 0, make_fchdir},
	{"descriptor", FORM_FOLDER, make_descriptor},
	{"junk_descriptor", FORM_FOLDER, make_junk_descriptor},
	{"descriptor_above", FORM_FOLDER, make_descriptor_above},
	{"ignored_descriptor", FORM_FOLDER, make_ignored_descriptor},
	{"junk_working_folder", FORM_FOLDER, make_working_folder_junk},
	{"link_to_file", FORM_FOLLOWS, make_link_to_file},
	{"link_to_link", FORM_FOLLOWS, make_link_to_link},
	{"link_to_folder", 0, make_link_to_folder},
	{"link_chain", 0, make_link_chain},
	{"link_upwards", 0, make_link_upwards},
	{"link_then_up", 0, make_link_then_up},
	{"dots", 0, make_dots},
	{"long", 0, make_long},
	{"own_working_folder", 0, make_own_working_folder},
	{"own_root", 0, make_own_root},
	{"thread_root", 0, make_thread_root},
	{"task_root", 0, make_task_root},
	{"parent_root", 0, make_parent_root},
	{"own_descriptor", 0, make_own_descriptor},
	{"device_descriptor", 0, make_device_descriptor},
	{"task_descriptor", FORM_FOLDER, make_task_descriptor},
	{"bystander_root", FORM_BYSTANDER, make_bystander_root},
	{"bystander_folder", FORM_BYSTANDER, make_bystander_folder},
};
/* clang-format on */
const size_t form_count = sizeof(forms) / sizeof(forms[0]);

void form_apply(const struct form *form, const char *path, struct place *place)
{
	char folder[PATH_MAX];
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	*slash = '\0';
	place->folder = AT_FDCWD;
	form->make(place, folder, slash + 1);
}
