/* SPDX-License-Identifier: MIT */
#include "tracer/source_route.h"

#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

Test(source_route, options)
{
	cr_expect(source_route_is_option(IPPROTO_IP, IP_OPTIONS, 8));
	cr_expect(source_route_is_option(IPPROTO_IPV6, IPV6_RTHDR, 24));
	cr_expect(source_route_is_option(IPPROTO_IPV6, IPV6_2292PKTOPTIONS, 40));
	cr_expect(source_route_is_option(IPPROTO_IPV6, IPV6_RTHDR, -1));
	cr_expect(source_route_is_option(IPPROTO_IPV6, 32, 32 + 40));
	cr_expect_not(source_route_is_option(IPPROTO_IPV6, 32, 32));
	cr_expect_not(source_route_is_option(IPPROTO_IP, IP_MULTICAST_IF, 40));
	cr_expect_not(source_route_is_option(IPPROTO_IPV6, IPV6_RTHDR, 0));
	cr_expect_not(source_route_is_option(IPPROTO_IP, IP_TTL, 4));
	cr_expect_not(source_route_is_option(IPPROTO_TCP, IP_OPTIONS, 4));
	cr_expect_not(source_route_is_option(SOL_SOCKET, IPV6_RTHDR, 4));
}

/* The header, whose data C does not let a struct end with, and room for them. */
struct item {
	size_t length;
	int level, type;
	char data[8];
};

static struct item item_of(int level, int type, size_t data)
{
	return (struct item){CMSG_LEN(data), level, type, ""};
}

Test(source_route, is_found_behind_other_messages)
{
	const struct item items[] = {item_of(IPPROTO_IP, IP_TTL, 4),
		item_of(SOL_SOCKET, SCM_RIGHTS, 8), item_of(IPPROTO_IP, IP_RETOPTS, 8)};

	cr_expect(source_route_is_in(items, sizeof(items)));
	cr_expect_not(source_route_is_in(items, sizeof(items) - sizeof(items[0])));
}

Test(source_route, of_both_versions_of_the_header)
{
	const struct item new = item_of(IPPROTO_IPV6, IPV6_RTHDR, 8);
	const struct item old = item_of(IPPROTO_IPV6, IPV6_2292RTHDR, 8);

	cr_expect(source_route_is_in(&new, sizeof(new)));
	cr_expect(source_route_is_in(&old, sizeof(old)));
}

Test(source_route, of_an_empty_message)
{
	const struct item item = item_of(IPPROTO_IP, IP_RETOPTS, 0);

	cr_expect(source_route_is_in(&item, sizeof(struct cmsghdr)));
}

Test(source_route, walks_no_further_than_the_kernel)
{
	struct item items[] = {
		item_of(IPPROTO_IP, IP_TTL, 4), item_of(IPPROTO_IP, IP_RETOPTS, 8)};

	items[0].length = 1; /* shorter than itself */
	cr_expect_not(source_route_is_in(items, sizeof(items)));
	items[0].length = sizeof(items) + 1;
	cr_expect_not(source_route_is_in(items, sizeof(items)));
	items[0].length = SIZE_MAX;
	cr_expect_not(source_route_is_in(items, sizeof(items)));
	cr_expect_not(source_route_is_in(items, sizeof(struct cmsghdr) - 1));
	cr_expect_not(source_route_is_in(items, 0));
}
