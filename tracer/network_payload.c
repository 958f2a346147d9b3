/* SPDX-License-Identifier: MIT */
#include "tracer/network_payload.h"

#include <sys/uio.h>

size_t network_payload_read(
	const struct msghdr *header, const struct call *call, void *buffer, size_t size)
{
	enum { PIECES_MAX = 16 };
	struct iovec pieces[PIECES_MAX];
	size_t length = 0;

	if (header->msg_iovlen > PIECES_MAX ||
		!call_read(call, (uint64_t)(uintptr_t)header->msg_iov, pieces,
			header->msg_iovlen * sizeof(pieces[0]))) {
		return 0;
	}
	for (size_t i = 0; i < header->msg_iovlen; i++) {
		if (pieces[i].iov_len > size - length ||
			!call_read(call, (uint64_t)(uintptr_t)pieces[i].iov_base,
				(uint8_t *)buffer + length, pieces[i].iov_len)) {
			return 0;
		}
		length += pieces[i].iov_len;
	}
	return length;
}
