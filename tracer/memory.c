/* SPDX-License-Identifier: MIT */
/*
 * Reading a caller's memory through its kept /proc/PID/mem, never beyond the page that
 * is needed: a string may end just before an unmapped page.
 */
#include "tracer/call.h"
#include "tracer/late.h"
#include "tracer/watchdog.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Most names are shorter, and copying less is faster. */
enum { PAGE_BYTES = 4096, FIRST_CHUNK = 256 };

/* One read, watched: the page may be backed by something that does not answer. */
static ssize_t read_some(
	const struct call *call, uint64_t address, void *buffer, size_t size)
{
	watchdog_enter(call->pid);
	const ssize_t got =
		call->is_fresh
			? pread(call->memory_fd, buffer, size, (off_t)address)
			: late_pread(call->memory_fd, buffer, size, (off_t)address);
	watchdog_leave();
	return got;
}

bool call_read(const struct call *call, uint64_t address, void *buffer, size_t size)
{
	char *to = buffer;
	size_t done = 0;

	while (done < size) {
		const ssize_t got =
			read_some(call, address + done, to + done, size - done);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return false;
		}
		done += (size_t)got;
	}
	return true;
}

ssize_t call_read_string(
	const struct call *call, uint64_t address, char *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const uint64_t at = address + done;
		size_t chunk = PAGE_BYTES - at % PAGE_BYTES;

		if (done == 0 && chunk > FIRST_CHUNK) {
			chunk = FIRST_CHUNK;
		}
		if (chunk > size - done) {
			chunk = size - done;
		}
		const ssize_t got = read_some(call, at, buffer + done, chunk);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return -EFAULT;
		}
		const char *end = memchr(buffer + done, '\0', (size_t)got);

		if (end) {
			return end - buffer;
		}
		done += (size_t)got;
	}
	return -ENAMETOOLONG;
}

bool call_write(
	const struct call *call, uint64_t address, const void *buffer, size_t size)
{
	return late_write_memory(call->tid, address, buffer, size) == (ssize_t)size;
}
