/* SPDX-License-Identifier: MIT */
#include "tracer/keeper.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(keeper, .timeout = 30);

struct kept {
	struct keeper keeper;
	int pages;
	int pidfd;
};

static void start(struct kept *kept)
{
	struct error err = {0};

	kept->pages = memfd_create("pages", MFD_CLOEXEC);
	bool started = keeper_start(&kept->keeper, kept->pages,
		(struct keeper_ids){getuid(), getgid()}, &err);
	cr_assert(started, "%s", err.text);
	kept->pidfd = (int)syscall(SYS_pidfd_open, kept->keeper.pid, 0);
	cr_assert(ge(int, kept->pidfd, 0));
}

static void stop(struct kept *kept)
{
	keeper_stop(&kept->keeper);
	close(kept->pidfd);
	close(kept->pages);
}

/* As a traced thread does it: by numbers alone. */
static int take(const struct kept *kept, int number)
{
	return (int)syscall(SYS_pidfd_getfd, kept->pidfd, number, 0);
}

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

Test(keeper, holds_the_pages_read_only)
{
	struct kept kept = {0};

	start(&kept);
	int fd = take(&kept, kept.keeper.first);
	cr_assert(ge(int, fd, 0));
	cr_expect(is_same_file(fd, kept.pages));
	cr_expect(eq(int, fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY));
	close(fd);
	stop(&kept);
}

Test(keeper, gives_what_was_put_until_it_is_dropped)
{
	struct kept kept = {0};

	start(&kept);
	int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int number = keeper_put(&kept.keeper, file);
	cr_assert(gt(int, number, kept.keeper.first));
	int fd = take(&kept, number);
	cr_assert(ge(int, fd, 0));
	cr_expect(is_same_file(fd, file));
	keeper_drop(&kept.keeper, number);
	cr_expect(eq(int, take(&kept, number), -1));
	cr_expect(eq(int, errno, EBADF));
	close(fd);
	close(file);
	stop(&kept);
}

Test(keeper, gives_different_numbers_at_a_time)
{
	struct kept kept = {0};

	start(&kept);
	int first = keeper_put(&kept.keeper, kept.pages);
	int second = keeper_put(&kept.keeper, kept.pages);
	cr_expect(ne(int, first, second));
	stop(&kept);
}

Test(keeper, ends_with_its_user_and_is_no_child)
{
	struct kept kept = {0};

	start(&kept);
	cr_expect(eq(int, waitpid(-1, NULL, __WALL | WNOHANG), -1));
	keeper_stop(&kept.keeper);
	struct pollfd ended = {.fd = kept.pidfd, .events = POLLIN};
	cr_expect(eq(int, poll(&ended, 1, 20000), 1));
	close(kept.pidfd);
	close(kept.pages);
}
