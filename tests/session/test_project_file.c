/* SPDX-License-Identifier: MIT */
#include "session/project_file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/duenna-project-file.XXXXXX";

static void begin(void)
{
	cr_assert(mkdtemp(folder) != NULL);
	cr_assert(eq(int, chdir(folder), 0));
}

static void end(void)
{
	static const char *const names[] = {"file", "link", "pipe"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)unlink(names[i]);
	}
	(void)rmdir(folder);
}

TestSuite(project_file, .init = begin, .fini = end);

static void make_file(const char *text)
{
	FILE *file = fopen("file", "w");
	cr_assert(file != NULL);
	(void)fputs(text, file);
	cr_assert(eq(int, fclose(file), 0));
}

static int fails(const char *name, size_t max)
{
	struct error err = {0};
	size_t length = 0;
	char *bytes = project_file_bytes(name, max, &length, &err);
	cr_expect(bytes == NULL);
	free(bytes);
	return err.code;
}

Test(project_file, is_read_also_by_a_link)
{
	size_t length = 0;
	make_file("some text");
	cr_assert(eq(int, symlink("file", "link"), 0));
	char *bytes = project_file_bytes("link", 9, &length, NULL);
	cr_assert(bytes != NULL);
	cr_expect(eq(str, bytes, "some text"));
	cr_expect(eq(sz, length, 9));
	free(bytes);
}

Test(project_file, says_why_it_is_not_read)
{
	make_file("some text");
	cr_expect(eq(int, fails("file", 8), EFBIG));
	cr_expect(eq(int, fails("link", 8), ENOENT));
	cr_expect(eq(int, fails(".", 8), EINVAL));
}

/* As the kernel tells it: a device would begin to act. */
Test(project_file, opens_nothing_that_is_no_file)
{
	struct inotify_event event;
	cr_assert(eq(int, mkfifo("pipe", 0600), 0));
	cr_assert(eq(int, symlink("pipe", "link"), 0));
	const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	cr_assert(inotify_add_watch(watch, "pipe", IN_OPEN) >= 0);
	cr_expect(eq(int, fails("link", 100), EINVAL));
	cr_expect(lt(i64, read(watch, &event, sizeof(event)), 0), "it was opened");
	const int fd = open("pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_expect(gt(i64, read(watch, &event, sizeof(event)), 0), "opens are told");
	(void)close(fd);
	(void)close(watch);
}
