/* SPDX-License-Identifier: MIT */
#include "tracer/source_route.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* linux/in6.h, which cannot be included beside netinet/in.h */
enum { FLOW_LABEL_MANAGER = 32, FLOW_LABEL_REQUEST_SIZE = 32 };

bool source_route_is_option(int level, int option, int length)
{
	if (length == 0) {
		return false;
	}
	/* What follows the request are control messages for all packets of the label. */
	const bool has_messages = length < 0 || length > FLOW_LABEL_REQUEST_SIZE;

	return (level == IPPROTO_IP && option == IP_OPTIONS) ||
	       (level == IPPROTO_IPV6 &&
		       (option == IPV6_RTHDR || option == IPV6_2292PKTOPTIONS ||
			       (option == FLOW_LABEL_MANAGER && has_messages)));
}

static bool is_route(const struct cmsghdr *item)
{
	return (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RETOPTS) ||
	       (item->cmsg_level == IPPROTO_IPV6 &&
		       (item->cmsg_type == IPV6_RTHDR ||
			       item->cmsg_type == IPV6_2292RTHDR));
}

/* As far as the kernel walks them: it stops at the first that is wrong. */
bool source_route_is_in(const void *control, size_t length)
{
	const char *next = control;
	struct cmsghdr item;

	while (length >= sizeof(item)) {
		memcpy(&item, next, sizeof(item));
		if (item.cmsg_len < sizeof(item) || item.cmsg_len > length) {
			return false;
		}
		if (is_route(&item)) {
			return true;
		}
		const size_t step = CMSG_ALIGN(item.cmsg_len);
		if (step >= length) {
			return false;
		}
		next += step;
		length -= step;
	}
	return false;
}
