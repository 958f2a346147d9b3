/* SPDX-License-Identifier: MIT */
#include "session/sockets.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool may_be_ours(const char *text)
{
	struct endpoint endpoint;
	cr_assert(endpoint_parse(text_of(text), &endpoint), "%s", text);
	return sockets_may_be_ours(&endpoint);
}

Test(sockets, other_machines_are_told_from_this_one)
{
	static const char *const ours[] = {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80",
		"224.0.0.1:5353", "255.255.255.255:67", "[ff02::1]:80", "unix:/run/x",
		"unix:@x"};
	static const char *const others[] = {
		"192.0.2.1:80", "[2001:db8::1]:80", "netlink:route", "vsock:2:1024"};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		cr_expect(may_be_ours(ours[i]), "%s", ours[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		cr_expect(not(may_be_ours(others[i])), "%s", others[i]);
	}
}

static uint64_t inode_of(int fd)
{
	struct stat status;
	cr_assert(eq(int, fstat(fd, &status), 0));
	return status.st_ino;
}

Test(sockets, both_ends_of_a_pair_are_one_connection)
{
	int pair[2];
	int other[2];
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_DGRAM, 0, other), 0));
	struct sockets *sockets = sockets_take();
	const uint64_t connection = sockets_connection(sockets, inode_of(pair[0]));
	cr_expect(eq(u64, sockets_connection(sockets, inode_of(pair[1])), connection));
	cr_expect(ne(u64, sockets_connection(sockets, inode_of(other[0])), connection));
	sockets_destroy(sockets);
	close(pair[0]);
	close(pair[1]);
	close(other[0]);
	close(other[1]);
}

Test(sockets, who_is_bound_to_a_name_is_found)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	char endpoint[128];
	int length = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
		"duenna-test-sockets-%d", getpid());
	(void)snprintf(endpoint, sizeof(endpoint), "unix:@%s", name.sun_path + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert(eq(int,
		bind(fd, (const struct sockaddr *)(const void *)&name,
			(socklen_t)(sizeof(sa_family_t) + 1) + (socklen_t)length),
		0));
	struct sockets *sockets = sockets_take();
	cr_expect(sockets_is_bound(sockets, inode_of(fd), text_of(endpoint)));
	cr_expect(not(sockets_is_bound(sockets, inode_of(fd), text_of("unix:@other"))));
	sockets_destroy(sockets);
	close(fd);
}
