/* SPDX-License-Identifier: MIT */
/*
 * The unspecified address means this machine: its loopback address, unless the sender says
 * from which of its addresses it sends. Then it is that one.
 */
#include "tests/attacks/control.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char message[] = "from the attack";

static struct sockaddr_in unspecified(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
}

/* The port is allowed at the loopback address, but not at its neighbour. */
static void run_packet_info(const struct attack *attack)
{
	struct sockaddr_in address = unspecified(arena.udp_allowed);
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 1)};
	char control[CMSG_SPACE(sizeof(info))] = {0};
	struct iovec text = {(void *)(uintptr_t)message, sizeof(message)};
	struct msghdr header = {.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);

	(void)attack;
	*item = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO};
	memcpy(CMSG_DATA(item), &info, sizeof(info));
	need(sendmsg(socket(AF_INET, SOCK_DGRAM, 0), &header, 0), "sendmsg");
}

static void show_peer(int fd)
{
	struct sockaddr_in peer = {.sin_family = AF_UNSPEC};
	socklen_t size = sizeof(peer);
	show("peer", getpeername(fd, (struct sockaddr *)&peer, &size));
	show_text("address", inet_ntoa(peer.sin_addr));
}

static void control_unspecified(const struct attack *attack)
{
	struct sockaddr_in tcp = unspecified(arena.tcp_allowed);
	struct sockaddr_in udp = unspecified(arena.udp_allowed);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)attack;
	show("stream", connect(fd, (struct sockaddr *)&tcp, sizeof(tcp)));
	show_peer(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	show("datagram", connect(fd, (struct sockaddr *)&udp, sizeof(udp)));
	show_peer(fd);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	show_number("sendto", sendto(fd, message, sizeof(message), 0,
				      (struct sockaddr *)&udp, sizeof(udp)));
}

/* clang-format off */
static const struct attack_row rows[] = {
	{"packet_info", EFFECT_REACHED, 0, "sendmsg", run_packet_info, NULL},
	{NULL},
};

static const struct attack_row controls[] = {
	{"unspecified", EFFECT_NONE, 0, "connect sendto", control_unspecified, NULL},
	{NULL},
};
/* clang-format on */

void source_address_attacks(void)
{
	attack_add_rows("source_address", rows);
	attack_add_rows("control_source_address", controls);
}
