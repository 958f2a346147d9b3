/* SPDX-License-Identifier: MIT */
/*
 * What is particular to link and linkat: the old file may be one that is open and has no
 * name, for which the kernel looks at who opened it.
 */
#include "tracer/anchors.h"
#include "tracer/credentials.h"
#include "tracer/file_internal.h"
#include "tracer/opened_files.h"
#include "tracer/path_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

static bool may_link_opened(const struct file_call *file, const struct stat *status)
{
	struct caller_status caller;

	return opened_files_may_have(file->call.opened, &file->call, status) ||
	       (caller_status_read(file->call.tid, &caller) &&
		       (caller.effective & UINT64_C(1) << CAP_DAC_READ_SEARCH) != 0);
}

/*
 * AT_EMPTY_PATH says so of the descriptor that the name starts from, even where there is a
 * name. Handles (O_PATH) are not seen when they are opened, nor is what has no name.
 */
int file_link_check_opened(const struct file_call *file)
{
	const int number = file_folder_argument(file, file->call.row->folder);
	struct stat status;

	if ((file->flags & AT_EMPTY_PATH) == 0 || number == AT_FDCWD ||
		file->text[0] == '/' || file->path.is_unnamed) {
		return 0;
	}
	const int fd = path_take_descriptor(&file->call, number);

	if (fd < 0) {
		return fd;
	}
	const bool is_seen = (fcntl(fd, F_GETFL) & O_PATH) == 0;
	const bool may =
		fstat(fd, &status) == 0 && (!is_seen || may_link_opened(file, &status));

	(void)close(fd);
	return may ? 0 : -ENOENT;
}

/*
 * Older kernels leave this to those who may; for this one we open the file ourselves, with
 * the credentials that we have now.
 */
static int64_t change_link_opened(struct file_call *file)
{
	const struct fd_text number = fd_text_of(file->path.fd);
	const int fd = openat(anchors_get()->self_fd, number.text, O_PATH | O_CLOEXEC);
	const int result = fd < 0 ? -1
				  : linkat(fd, "", file->path2.folder, file->path2.last,
					    AT_EMPTY_PATH);
	const int failed = errno;

	if (fd >= 0) {
		(void)close(fd);
	}
	return result < 0 ? -failed : 0;
}

int64_t file_link_change(struct file_call *file)
{
	if (file->text[0] == '\0') {
		return change_link_opened(file);
	}
	const struct fd_text number = fd_text_of(file->path.fd);
	const int result = linkat(anchors_get()->self_fd, number.text,
		file->path2.folder, file->path2.last, AT_SYMLINK_FOLLOW);

	return result < 0 ? -errno : 0;
}
