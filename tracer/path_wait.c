/* SPDX-License-Identifier: MIT */
/*
 * Names on slow file systems are not looked up by threads that must not wait. What a name
 * leads to can be told without touching such a file system: by its text where that is
 * canonical, or by reading the links on the way. A name that changes in between may still
 * lead there; but nobody of the tree can mount anything to wait for.
 */
#include "tracer/anchors.h"
#include "tracer/mounts.h"
#include "tracer/path_internal.h"
#include "tracer/slow_mounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Thread_local bool may_wait, has_waited, is_beside;
static atomic_bool is_slow_used;

void path_may_wait(bool may)
{
	may_wait = may;
	is_beside = true;
}

bool path_memory_may_wait(void)
{
	return atomic_load_explicit(&is_slow_used, memory_order_relaxed) &&
	       !is_beside && mounts_exist(MOUNT_SLOW);
}

bool path_take_wait(void)
{
	const bool result = has_waited;

	has_waited = false;
	return result;
}

static bool is_watched(void)
{
	return !may_wait && mounts_exist(MOUNT_SLOW);
}

static bool note(bool waits)
{
	if (waits) {
		has_waited = true;
		atomic_store(&is_slow_used, true);
	}
	return waits;
}

/* The name from the root on; false if it is too long, or starts at nothing with a name. */
static bool whole_text(const struct path_request *request, char text[2 * PATH_MAX])
{
	size_t length = 0;

	if (request->text[0] != '/' || (request->resolve & RESOLVE_IN_ROOT) != 0) {
		char link[64];
		(void)snprintf(link, sizeof(link),
			request->folder == AT_FDCWD ? "%d/cwd" : "%d/fd/%d",
			(int)request->call->tid, request->folder);
		const ssize_t folder =
			readlinkat(anchors_get()->proc, link, text, PATH_MAX - 1);
		if (folder <= 0 || text[0] != '/') {
			return false;
		}
		length = (size_t)folder;
		text[length++] = '/';
	}
	if (request->length >= PATH_MAX) {
		return false;
	}
	memcpy(text + length, request->text, request->length);
	text[length + request->length] = '\0';
	return true;
}

bool path_waits_by_text(const struct path_request *request)
{
	char text[2 * PATH_MAX];

	if (!is_watched() || !whole_text(request, text)) {
		return false;
	}
	return note(path_is_clean(text, strlen(text))
			    ? mounts_have(MOUNT_SLOW, text_of(text))
			    : slow_mounts_are_behind(request->call, text));
}

bool path_waits_by_link(const struct path_request *request)
{
	char text[2 * PATH_MAX];

	return is_watched() && whole_text(request, text) &&
	       note(slow_mounts_are_behind(request->call, text));
}

bool path_is_slow(int fd)
{
	char name[PATH_MAX];
	const struct fd_text number = fd_text_of(fd);

	if (!is_watched()) {
		return false;
	}
	const ssize_t length =
		readlinkat(anchors_get()->self_fd, number.text, name, sizeof(name) - 1);
	if (length <= 0) {
		return false;
	}
	name[length] = '\0';
	return mounts_have(MOUNT_SLOW, text_of(name));
}

bool path_waits_by_descriptor(int fd)
{
	return note(path_is_slow(fd));
}

void path_note_open_files(const int *descriptors, size_t count, bool opens_unseen)
{
	atomic_store(&is_slow_used, opens_unseen);
	for (size_t i = 0; i < count; i++) {
		(void)path_waits_by_descriptor(descriptors[i]);
	}
	(void)path_take_wait();
}
