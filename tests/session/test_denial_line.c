/* SPDX-License-Identifier: MIT */
#include "session/denial_line.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

Test(denial_line, a_pipe_that_the_tree_fills_is_not_waited_for)
{
	int ends[2];
	cr_assert(zero(int, pipe(ends)));
	const int own = denial_line_open(ends[1]);
	cr_assert(ne(int, own, ends[1]));
	cr_expect(ne(int, fcntl(own, F_GETFL) & O_NONBLOCK, 0));
	/* The tree's own descriptor stays as it was. */
	cr_expect(zero(int, fcntl(ends[1], F_GETFL) & O_NONBLOCK));
	char bytes[4096] = {0};
	while (write(own, bytes, sizeof(bytes)) > 0) {
	}
	cr_expect(eq(int, errno, EAGAIN));
	close(own);
	close(ends[0]);
	close(ends[1]);
}

Test(denial_line, a_file_is_written_as_it_is)
{
	const int fd = open("/tmp", O_TMPFILE | O_WRONLY, 0600);
	if (fd < 0) {
		cr_skip("no file without a name can be made");
	}
	cr_expect(eq(int, denial_line_open(fd), fd));
	close(fd);
}
