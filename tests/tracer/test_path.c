/* SPDX-License-Identifier: MIT */
/* How names are resolved where neither flags nor objects are what matters. */
#include "tracer/path.h"
#include "twins.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Resolves in the caller's folder; the errno, and the name in path. */
static int pin(struct twins *twins, struct path *path, const char *text, unsigned flags)
{
	const uint64_t arguments[6] = {0};
	const struct call call = caller_call(&twins->caller, SYS_openat, arguments);
	const struct path_request request = {.call = &call,
		.folder = AT_FDCWD,
		.text = text,
		.length = strlen(text),
		.flags = flags};

	return path_pin(path, &request);
}

/* The name below the caller's folder, or all of it. */
static const char *name_of(const struct twins *twins, const struct path *path)
{
	const size_t length = strlen(twins->other);

	return strncmp(path->name, twins->other, length) == 0 ? path->name + length
							      : path->name;
}

Test(path, names_are_canonical, .timeout = 30)
{
	static const struct {
		const char *text;
		unsigned flags;
		const char *name;
	} rows[] = {
		{"file", 0, "/file"},
		{"./dir/../dirlink/up", 0, "/file"},
		{"dirlink/up", PATH_NO_FOLLOW, "/dir/up"},
		{"link", PATH_ENTRY, "/link"},
		{"dirlink/absent", PATH_ENTRY, "/dir/absent"},
		{"dirlink/empty//", PATH_ENTRY, "/dir/empty"},
		{"dangling-deep", PATH_CREATE, "/dir/absent"},
		{"absent", PATH_CREATE, "/absent"},
		{"/", 0, "/"},
		{"/../..", 0, "/"},
		{"/..", PATH_ENTRY, "/"},
		{"/dev/../absent-here", PATH_ENTRY, "/absent-here"},
		{"/absent-here", PATH_CREATE, "/absent-here"},
	};
	struct twins twins;
	static struct path path;

	twins_start(&twins);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int result = pin(&twins, &path, rows[i].text, rows[i].flags);

		cr_expect(eq(int, result, 0), "%s", rows[i].text);
		cr_expect(
			eq(str, (char *)name_of(&twins, &path), (char *)rows[i].name));
		cr_expect(eq(sz, strlen(path.name), path.name_length));
		path_finish(&path);
	}
	twins_finish(&twins);
}

Test(path, a_deleted_file_keeps_the_name_that_it_had, .timeout = 30)
{
	struct twins twins;
	static struct path path;
	char name[TWINS_PATH_SIZE + 32];

	twins_start(&twins);
	/* A real name that looks as if it were deleted. */
	(void)snprintf(name, sizeof(name), "%s/file (deleted)", twins.other);
	cr_assert(close(open(name, O_WRONLY | O_CREAT, 0600)) == 0);
	cr_expect(eq(int, pin(&twins, &path, "./file (deleted)", 0), 0));
	cr_expect(eq(str, (char *)name_of(&twins, &path), "/file (deleted)"));
	cr_expect(not(path.is_deleted));
	path_finish(&path);

	(void)snprintf(name, sizeof(name), "%s/file", twins.other);
	cr_assert(unlink(name) == 0);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", TWINS_FILE);
	cr_expect(eq(int, pin(&twins, &path, name, 0), 0));
	cr_expect(eq(str, (char *)name_of(&twins, &path), "/file"));
	cr_expect(path.is_deleted);
	path_finish(&path);
	twins_finish(&twins);
}

Test(path, as_many_links_are_followed_as_the_kernel_follows, .timeout = 30)
{
	struct twins twins;
	static struct path path;
	char link[64], target[64];

	twins_start(&twins);
	cr_assert(chdir(twins.other) == 0);
	for (int i = 1; i <= 42; i++) {
		(void)snprintf(link, sizeof(link), "chain%d", i);
		(void)snprintf(
			target, sizeof(target), i == 1 ? "file" : "chain%d", i - 1);
		cr_assert(symlink(target, link) == 0);
	}
	for (int i = 38; i <= 42; i++) {
		(void)snprintf(link, sizeof(link), "chain%d", i);
		const int native = open(link, O_PATH | O_CLOEXEC);

		cr_expect(
			eq(int, pin(&twins, &path, link, 0), native < 0 ? -errno : 0));
		path_finish(&path);
		/* The same by the long way. */
		(void)snprintf(link, sizeof(link), "/proc/self/cwd/chain%d", i);
		const int slow = open(link, O_PATH | O_CLOEXEC);
		const int expected = slow < 0 ? -errno : 0;

		cr_expect(eq(int, pin(&twins, &path, link, 0), expected), "%s", link);
		path_finish(&path);
		(void)close(native);
		(void)close(slow);
	}
	twins_finish(&twins);
}

enum { DEEP_LEVELS = 25, DEEP_NAME = 200 };
static char deep_name[DEEP_NAME + 1];

/* Stands in a folder too deep for its name to be told. */
static void go_deep(void *data)
{
	(void)data;
	for (int i = 0; i < DEEP_LEVELS; i++) {
		if (mkdir(deep_name, 0700) < 0 || chdir(deep_name) < 0) {
			_exit(1);
		}
	}
}

/* Nor can it be removed by its name. */
static void remove_deep(const char *folder)
{
	cr_assert(chdir(folder) == 0);
	for (int i = 0; i < DEEP_LEVELS; i++) {
		cr_assert(chdir(deep_name) == 0);
	}
	for (int i = 0; i < DEEP_LEVELS; i++) {
		cr_assert(chdir("..") == 0 && rmdir(deep_name) == 0);
	}
}

Test(path, what_has_too_long_a_name_is_refused, .timeout = 30)
{
	struct twins twins;
	struct caller deep;
	char text[64];

	memset(deep_name, 'd', DEEP_NAME);
	twins_start(&twins);
	caller_start(&deep, twins.other, go_deep, NULL);
	const uint64_t make[6] = {caller_put_text(&deep, 0, "new"), 0700};
	const uint64_t open_here[6] = {
		(uint64_t)AT_FDCWD, caller_put_text(&deep, 1, "."), O_RDONLY};

	caller_judge(&deep, SYS_mkdir, make, text, sizeof(text));
	cr_expect(eq(str, text, "refused 36"));
	caller_judge(&deep, SYS_openat, open_here, text, sizeof(text));
	cr_expect(eq(str, text, "refused 36"));
	caller_finish(&deep);
	remove_deep(twins.other);
	twins_finish(&twins);
}

/* A second look is shorter than the first, and must see the same. */
Test(path, what_was_missing_is_found_when_it_is_there, .timeout = 30)
{
	char file[TWINS_PATH_SIZE + 16], folder[TWINS_PATH_SIZE + 16];
	char below[TWINS_PATH_SIZE + 32];
	struct twins twins;
	static struct path path;

	twins_start(&twins);
	(void)snprintf(file, sizeof(file), "%s/late", twins.other);
	(void)snprintf(folder, sizeof(folder), "%s/later", twins.other);
	(void)snprintf(below, sizeof(below), "%s/empty", folder);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++) {
			cr_expect(
				eq(int, pin(&twins, &path, file, PATH_READ), -ENOENT));
			path_finish(&path);
			cr_expect(eq(int, pin(&twins, &path, below, 0), -ENOENT));
			path_finish(&path);
		}
		cr_assert(ge(int, mknod(file, S_IFREG | 0600, 0), 0));
		cr_assert(ge(int, symlink("dir", folder), 0));
		cr_expect(eq(int, pin(&twins, &path, file, PATH_READ), 0));
		cr_expect(path.fd >= 0 && !path.is_missing);
		path_finish(&path);
		cr_expect(eq(int, pin(&twins, &path, below, 0), 0));
		cr_expect(eq(str, (char *)name_of(&twins, &path), "/dir/empty"));
		path_finish(&path);
		cr_assert(eq(int, unlink(file), 0));
		cr_assert(eq(int, unlink(folder), 0));
	}
	twins_finish(&twins);
}
