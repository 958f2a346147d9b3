/* SPDX-License-Identifier: MIT */
#include "session/sockets.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "tracer/late.h"

#include <ifaddrs.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct socket_entry {
	uint64_t inode;
	uint64_t connection;
	struct socket_other *others; /* Unix only */
	size_t other_count;
	uint16_t port; /* internet only; 0: none */
	char *name;    /* abstract Unix name with its zero byte; or NULL */
	size_t name_length;
	uint32_t file_device, file_inode; /* of a Unix socket's file; 0: it has none */
};

struct sockets {
	struct socket_entry *entries; /* sorted by inode */
	size_t count, capacity;
};

enum { SEED_UNIX = 1, SEED_INTERNET };

/*
 * The same for both ends: the smaller name comes first. Connections are told apart by more
 * than 60 bits of it.
 */
static uint64_t pair_hash(
	uint64_t seed, const void *own, const void *other, size_t length)
{
	const bool is_first = memcmp(own, other, length) <= 0;
	uint64_t hash = hash_bytes(HASH_START, &seed, sizeof(seed));
	hash = hash_bytes(hash, is_first ? own : other, length);
	return hash_bytes(hash, is_first ? other : own, length);
}

static struct socket_entry *entry_add(struct sockets *sockets, uint64_t inode)
{
	if (sockets->count == sockets->capacity) {
		sockets->capacity = sockets->capacity * 2 + 64;
		sockets->entries = xreallocarray(
			sockets->entries, sockets->capacity, sizeof(*sockets->entries));
	}
	struct socket_entry *entry = &sockets->entries[sockets->count++];
	*entry = (struct socket_entry){.inode = inode, .connection = inode};
	return entry;
}

/* ---- Internet sockets ---- */

/* "ADDRESS:PORT" in hexadecimal digits, with IPv4-mapped addresses as IPv4. */
struct internet_end {
	char address[40];
	unsigned port;
};

static void address_unmap(struct internet_end *end)
{
	static const char mapped[] = "0000000000000000FFFF0000";
	if (strncmp(end->address, mapped, sizeof(mapped) - 1) == 0) {
		char tail[16];
		memcpy(tail, end->address + sizeof(mapped) - 1, 9);
		memset(end->address, 0, sizeof(end->address));
		memcpy(end->address, tail, 9);
	}
}

static void internet_line(struct sockets *sockets, const char *line)
{
	struct internet_end own = {0};
	struct internet_end other = {0};
	uint64_t inode;
	int fields = sscanf(line,
		" %*d: %32[0-9A-F]:%4x %32[0-9A-F]:%4x %*x %*x:%*x %*x:%*x %*x %*u %*u "
		"%" SCNu64,
		own.address, &own.port, other.address, &other.port, &inode);
	if (fields != 5 || inode == 0) {
		return; /* the head line, or a socket that nobody holds */
	}
	address_unmap(&own);
	address_unmap(&other);
	struct socket_entry *entry = entry_add(sockets, inode);
	entry->port = (uint16_t)own.port;
	if (other.port != 0) {
		entry->connection = pair_hash(SEED_INTERNET, &own, &other, sizeof(own));
	}
}

static void internet_take(struct sockets *sockets)
{
	static const char *const files[] = {"/proc/net/tcp", "/proc/net/tcp6",
		"/proc/net/udp", "/proc/net/udp6", "/proc/net/udplite",
		"/proc/net/udplite6"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *file = fopen(files[i], "re");
		char line[512];
		while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
			internet_line(sockets, line);
		}
		if (file != NULL) {
			(void)fclose(file); /* only read */
		}
	}
}

/* ---- Unix sockets ---- */

/* Who is not accepted yet has the inode 0 for the other end. */
static void others_add(
	struct socket_entry *entry, const uint32_t *inodes, size_t count, bool waits)
{
	entry->others = xreallocarray(
		entry->others, entry->other_count + count + 1, sizeof(*entry->others));
	for (size_t i = 0; i < count; i++) {
		if (inodes[i] != 0) {
			entry->others[entry->other_count++] =
				(struct socket_other){inodes[i], waits};
		}
	}
}

static void unix_attribute(struct socket_entry *entry, struct rtattr *attribute)
{
	const void *data = RTA_DATA(attribute);
	const size_t length = RTA_PAYLOAD(attribute);
	if (attribute->rta_type == UNIX_DIAG_PEER && length == sizeof(uint32_t)) {
		uint64_t peer = *(const uint32_t *)data;
		entry->connection =
			pair_hash(SEED_UNIX, &entry->inode, &peer, sizeof(peer));
		others_add(entry, data, 1, false);
	} else if (attribute->rta_type == UNIX_DIAG_ICONS) {
		others_add(entry, data, length / sizeof(uint32_t), true);
	} else if (attribute->rta_type == UNIX_DIAG_NAME && length > 0 &&
		   *(const char *)data == '\0') {
		free(entry->name);
		entry->name = xmemdup0(data, length);
		entry->name_length = length;
	} else if (attribute->rta_type == UNIX_DIAG_VFS &&
		   length == sizeof(struct unix_diag_vfs)) {
		const struct unix_diag_vfs *file = data;
		entry->file_device = file->udiag_vfs_dev;
		entry->file_inode = file->udiag_vfs_ino;
	}
}

/* False at the end of the list. */
static bool unix_message(struct sockets *sockets, struct nlmsghdr *message)
{
	if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
		return false;
	}
	struct unix_diag_msg *found = NLMSG_DATA(message);
	if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		message->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) ||
		found->udiag_ino == 0) {
		return true;
	}
	struct socket_entry *entry = entry_add(sockets, found->udiag_ino);
	struct rtattr *attribute = (struct rtattr *)(found + 1);
	size_t left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*found));
	while (RTA_OK(attribute, left)) {
		unix_attribute(entry, attribute);
		attribute = RTA_NEXT(attribute, left);
	}
	return true;
}

static bool unix_ask(int fd)
{
	const struct {
		struct nlmsghdr head;
		struct unix_diag_req ask;
	} message = {
		.head = {.nlmsg_len = sizeof(message),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.ask = {.sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS |
				      UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS},
	};
	return send(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message);
}

/* The kernel fills in the answer while it is read: this does not wait for anybody. */
static void unix_take(struct sockets *sockets)
{
	enum { ANSWER_SIZE = 32768 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct nlmsghdr *answer = xmalloc(ANSWER_SIZE);
	bool has_more = fd >= 0 && unix_ask(fd);
	while (has_more) {
		ssize_t got = recv(fd, answer, ANSWER_SIZE, MSG_DONTWAIT);
		size_t left = got > 0 ? (size_t)got : 0;
		has_more = got > 0;
		for (struct nlmsghdr *message = answer;
			has_more && NLMSG_OK(message, left);
			message = NLMSG_NEXT(message, left)) {
			has_more = unix_message(sockets, message);
		}
	}
	free(answer);
	if (fd >= 0) {
		(void)close(fd);
	}
}

/* ---- All of them ---- */

static int entry_compare(const void *a, const void *b)
{
	const struct socket_entry *left = a;
	const struct socket_entry *right = b;
	return (left->inode > right->inode) - (left->inode < right->inode);
}

struct sockets *sockets_take(void)
{
	struct sockets *sockets = xcalloc(1, sizeof(*sockets));
	internet_take(sockets);
	unix_take(sockets);
	if (sockets->count > 0) {
		qsort(sockets->entries, sockets->count, sizeof(*sockets->entries),
			entry_compare);
	}
	return sockets;
}

void sockets_destroy(struct sockets *sockets)
{
	if (sockets == NULL) {
		return;
	}
	for (size_t i = 0; i < sockets->count; i++) {
		free(sockets->entries[i].name);
		free(sockets->entries[i].others);
	}
	free(sockets->entries);
	free(sockets);
}

static bool address_is(const struct sockaddr *address, const struct endpoint *endpoint)
{
	if (address != NULL && address->sa_family == AF_INET) {
		const void *own =
			&((const struct sockaddr_in *)(const void *)address)->sin_addr;
		return endpoint->family == ENDPOINT_IPV4 &&
		       memcmp(own, endpoint->address, sizeof(struct in_addr)) == 0;
	}
	if (address != NULL && address->sa_family == AF_INET6) {
		const void *own = &((const struct sockaddr_in6 *)(const void *)address)
					   ->sin6_addr;
		return endpoint->family == ENDPOINT_IPV6 &&
		       memcmp(own, endpoint->address, sizeof(struct in6_addr)) == 0;
	}
	return false;
}

/* Groups reach this machine as well. */
static bool is_loopback_or_group(const struct endpoint *endpoint)
{
	static const uint8_t loopback[16] = {[15] = 1};
	enum { LOOPBACK = 127, GROUPS = 224, GROUPS_6 = 0xff };
	return endpoint->family == ENDPOINT_IPV4
		       ? endpoint->address[0] == LOOPBACK ||
				 endpoint->address[0] >= GROUPS
		       : endpoint->address[0] == GROUPS_6 ||
				 memcmp(endpoint->address, loopback,
					 sizeof(loopback)) == 0;
}

bool sockets_may_be_ours(const struct endpoint *endpoint)
{
	struct ifaddrs *interfaces;
	if (endpoint->family == ENDPOINT_UNIX ||
		endpoint->family == ENDPOINT_ABSTRACT) {
		return true;
	}
	if (endpoint->family != ENDPOINT_IPV4 && endpoint->family != ENDPOINT_IPV6) {
		return false;
	}
	if (is_loopback_or_group(endpoint) || getifaddrs(&interfaces) != 0) {
		return true;
	}
	bool is_ours = false;
	for (const struct ifaddrs *at = interfaces; at != NULL; at = at->ifa_next) {
		is_ours = is_ours || address_is(at->ifa_addr, endpoint) ||
			  ((at->ifa_flags & IFF_BROADCAST) != 0 &&
				  address_is(at->ifa_broadaddr, endpoint));
	}
	freeifaddrs(interfaces);
	return is_ours;
}

static const struct socket_entry *entry_find(
	const struct sockets *sockets, uint64_t inode)
{
	const struct socket_entry key = {.inode = inode};
	return sockets->count == 0 ? NULL
				   : bsearch(&key, sockets->entries, sockets->count,
					     sizeof(*sockets->entries), entry_compare);
}

uint64_t sockets_connection(const struct sockets *sockets, uint64_t inode)
{
	const struct socket_entry *entry = entry_find(sockets, inode);
	return entry == NULL ? inode : entry->connection;
}

const struct socket_other *sockets_others(
	const struct sockets *sockets, uint64_t inode, size_t *count)
{
	const struct socket_entry *entry = entry_find(sockets, inode);
	*count = entry == NULL ? 0 : entry->other_count;
	return entry == NULL ? NULL : entry->others;
}

/* The device number as unix_diag gives it: the kernel's own form, not stat's. */
static uint32_t kernel_device(dev_t device)
{
	enum { MINOR_BITS = 20 };
	return (uint32_t)(major(device) << MINOR_BITS | minor(device));
}

static bool is_bound_unix(const struct socket_entry *entry, struct text name)
{
	if (name.length > 0 && name.bytes[0] == '@') {
		return entry->name_length == name.length &&
		       memcmp(entry->name + 1, name.bytes + 1, name.length - 1) == 0;
	}
	char *path = text_copy(name);
	struct stat status;
	bool is_same = entry->file_inode != 0 && late_stat(path, 0, &status) == 0 &&
		       entry->file_inode == (uint32_t)status.st_ino &&
		       entry->file_device == kernel_device(status.st_dev);
	free(path);
	return is_same;
}

bool sockets_is_bound(
	const struct sockets *sockets, uint64_t inode, struct text endpoint)
{
	static const char unix_prefix[] = "unix:";
	const struct socket_entry *entry = entry_find(sockets, inode);
	struct endpoint parsed;
	if (entry == NULL) {
		return false;
	}
	if (text_starts_with(endpoint, unix_prefix)) {
		const size_t skip = sizeof(unix_prefix) - 1;
		return is_bound_unix(entry,
			(struct text){endpoint.bytes + skip, endpoint.length - skip});
	}
	return endpoint_parse(endpoint, &parsed) && parsed.port != 0 &&
	       entry->port == parsed.port;
}
