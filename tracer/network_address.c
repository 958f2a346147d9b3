/* SPDX-License-Identifier: MIT */
#include "tracer/network_address.h"

#include "tracer/path.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const netlink_names[] = {
	[NETLINK_ROUTE] = "route",
	[NETLINK_USERSOCK] = "usersock",
	[NETLINK_FIREWALL] = "firewall",
	[NETLINK_SOCK_DIAG] = "sock_diag",
	[NETLINK_NFLOG] = "nflog",
	[NETLINK_XFRM] = "xfrm",
	[NETLINK_SELINUX] = "selinux",
	[NETLINK_ISCSI] = "iscsi",
	[NETLINK_AUDIT] = "audit",
	[NETLINK_FIB_LOOKUP] = "fib_lookup",
	[NETLINK_CONNECTOR] = "connector",
	[NETLINK_NETFILTER] = "netfilter",
	[NETLINK_KOBJECT_UEVENT] = "kobject_uevent",
	[NETLINK_GENERIC] = "generic",
	[NETLINK_CRYPTO] = "crypto",
};

int network_protocol_of(int fd)
{
	int protocol = -1;
	socklen_t size = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 ? protocol
									      : -1;
}

/* TCP, UDP or something else. */
static enum transport transport_of(int protocol)
{
	/* MPTCP is TCP to whoever is at the other end. */
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP ? TRANSPORT_TCP
	       : protocol == IPPROTO_UDP			    ? TRANSPORT_UDP
								    : TRANSPORT_OTHER;
}

static void describe_ipv4(
	const struct network_address *address, struct endpoint *endpoint)
{
	struct sockaddr_in in;

	memcpy(&in, &address->storage, sizeof(in));
	endpoint->family = ENDPOINT_IPV4;
	endpoint->port = ntohs(in.sin_port);
	memcpy(endpoint->address, &in.sin_addr, sizeof(in.sin_addr));
}

static void describe_ipv6(
	const struct network_address *address, struct endpoint *endpoint)
{
	struct sockaddr_in6 in;

	memset(&in, 0, sizeof(in));
	memcpy(&in, &address->storage,
		address->length < sizeof(in) ? address->length : sizeof(in));
	endpoint->port = ntohs(in.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
		endpoint->family = ENDPOINT_IPV4;
		memcpy(endpoint->address, in.sin6_addr.s6_addr + 12, 4);
	} else {
		endpoint->family = ENDPOINT_IPV6;
		memcpy(endpoint->address, &in.sin6_addr, sizeof(in.sin6_addr));
	}
}

/*
 * connect to the unspecified address reaches this machine itself, at its loopback address
 * or at the one that packets come from, which the caller chooses. True if it was that.
 */
static bool normalise_unspecified(struct endpoint *endpoint)
{
	static const uint8_t zeroes[16];
	bool is_ipv4 = endpoint->family == ENDPOINT_IPV4;

	if (memcmp(endpoint->address, zeroes, is_ipv4 ? 4 : 16) != 0) {
		return false;
	}
	endpoint->address[is_ipv4 ? 3 : 15] = 1;
	if (is_ipv4) {
		endpoint->address[0] = 127;
	}
	return true;
}

static size_t describe_internet(struct network_address *address, enum verb verb,
	struct endpoint *endpoint, struct network_text *object)
{
	if (address->storage.ss_family == AF_INET) {
		describe_ipv4(address, endpoint);
	} else {
		describe_ipv6(address, endpoint);
	}
	if (verb == VERB_CONNECT && normalise_unspecified(endpoint)) {
		network_address_redirect(address, endpoint);
	}
	endpoint->transport = transport_of(address->protocol);
	return endpoint_format(endpoint, object->bytes, sizeof(object->bytes));
}

/* A socket file: where it is, links followed; bind names a file that is not there yet. */
static int resolve_socket(struct network_address *address, const struct call *call,
	enum verb verb, struct text text)
{
	static _Thread_local struct path path;
	struct path_request request = {
		.call = call,
		.folder = AT_FDCWD,
		.text = text.bytes,
		.length = text.length,
		.flags =
			PATH_FROM_FOLDER |
			(verb == VERB_LISTEN ? PATH_CREATE | PATH_ENTRY | PATH_NO_FOLLOW
					     : 0U),
	};

	path_init(&path);
	int failure = path_pin(&path, &request);
	if (failure == 0 && verb == VERB_LISTEN && !path.is_missing) {
		failure = -EADDRINUSE;
	}
	if (failure == 0) {
		memcpy(address->name, path.name, path.name_length + 1);
		address->name_length = path.name_length;
		address->device = path.status.st_dev;
		address->inode = path.status.st_ino;
		address->is_fickle = text.bytes[0] != '/' || path.has_jumped;
		address->is_foreign = path.through != 0 || path.is_elsewhere;
	}
	path_finish(&path);
	return failure;
}

static int describe_unix(struct network_address *address, const struct call *call,
	enum verb verb, struct endpoint *endpoint, struct text *object,
	struct network_text *text)
{
	struct sockaddr_un un;
	size_t prefix = offsetof(struct sockaddr_un, sun_path);

	memset(&un, 0, sizeof(un));
	memcpy(&un, &address->storage,
		address->length < sizeof(un) ? address->length : sizeof(un));
	size_t length = address->length > prefix ? address->length - prefix : 0;
	if (length > sizeof(un.sun_path)) {
		return -EINVAL;
	}
	if (length == 0 || un.sun_path[0] == '\0') {
		endpoint->family = ENDPOINT_ABSTRACT;
		int written = snprintf(text->bytes, sizeof(text->bytes), "unix:@");
		if (length > 1) {
			memcpy(text->bytes + written, un.sun_path + 1, length - 1);
			written += (int)length - 1;
		}
		*object = (struct text){text->bytes, (size_t)written};
		return 0;
	}
	endpoint->family = ENDPOINT_UNIX;
	char path[sizeof(un.sun_path) + 1];
	size_t path_length = strnlen(un.sun_path, length);
	memcpy(path, un.sun_path, path_length);
	path[path_length] = '\0';
	int failure =
		resolve_socket(address, call, verb, (struct text){path, path_length});
	int written =
		snprintf(text->bytes, sizeof(text->bytes), "unix:%s", address->name);
	*object = (struct text){text->bytes, (size_t)written};
	return failure;
}

static size_t name_netlink(int protocol, struct network_text *object)
{
	const char *name = NULL;

	if (protocol >= 0 &&
		(size_t)protocol < sizeof(netlink_names) / sizeof(netlink_names[0])) {
		name = netlink_names[protocol];
	}
	int length = name ? snprintf(object->bytes, sizeof(object->bytes), "netlink:%s",
				    name)
			  : snprintf(object->bytes, sizeof(object->bytes), "netlink:%d",
				    protocol);
	return (size_t)length;
}

static size_t describe_other(const struct network_address *address,
	struct endpoint *endpoint, struct network_text *object)
{
	if (address->storage.ss_family == AF_VSOCK) {
		struct sockaddr_vm vm;
		memcpy(&vm, &address->storage, sizeof(vm));
		endpoint->family = ENDPOINT_VSOCK;
		return (size_t)snprintf(object->bytes, sizeof(object->bytes),
			"vsock:%u:%u", vm.svm_cid, vm.svm_port);
	}
	endpoint->family = ENDPOINT_OTHER;
	return (size_t)snprintf(object->bytes, sizeof(object->bytes), "family:%u",
		address->storage.ss_family);
}

static void add_action(struct request *request, enum verb verb,
	const struct endpoint *endpoint, struct text object)
{
	request->actions[request->action_count++] =
		(struct action){.verb = verb, .object = object, .endpoint = *endpoint};
}

int network_address_check(
	const struct network_address *address, const struct call *call, int domain)
{
	/* As much of sockaddr_in6 as RFC 2133 had. */
	const socklen_t size = domain == AF_INET
				       ? sizeof(struct sockaddr_in)
				       : offsetof(struct sockaddr_in6, sin6_scope_id);

	if (address->storage.ss_family != AF_UNIX ||
		(domain != AF_INET && domain != AF_INET6)) {
		return 0;
	}
	bool sends = call->operation != OPERATION_BIND &&
		     call->operation != OPERATION_CONNECT;
	return address->length < size || (sends && domain == AF_INET6) ? -EINVAL
								       : -EAFNOSUPPORT;
}

int network_describe(struct network_address *address, const struct call *call,
	enum verb verb, struct request *request, struct network_text *object)
{
	struct endpoint endpoint = {0};
	struct text text = {object->bytes, 0};
	int failure = 0;

	/* bind(2) and datagrams take an unspecified family for IPv4; connect(2) ends an
	 * association, which needs no judging. */
	if (address->storage.ss_family == AF_UNSPEC) {
		if (call->operation == OPERATION_CONNECT) {
			return 0;
		}
		address->storage.ss_family = AF_INET;
	}
	switch (address->storage.ss_family) {
	case AF_INET:
	case AF_INET6:
		text.length = describe_internet(address, verb, &endpoint, object);
		break;
	case AF_UNIX:
		failure = describe_unix(address, call, verb, &endpoint, &text, object);
		break;
	case AF_NETLINK:
		return 0; /* judged at socket(2); the kernel is the only peer */
	default:
		text.length = describe_other(address, &endpoint, object);
		break;
	}
	if (failure == 0) {
		add_action(request, verb, &endpoint, text);
	}
	return failure;
}

/* The address that a socket is bound to: by then it was judged, but for port 0. */
int network_describe_listen(
	int fd, struct request *request, struct network_text *object)
{
	struct network_address address = {.protocol = network_protocol_of(fd)};
	struct endpoint endpoint = {0};
	socklen_t length = sizeof(address.storage);
	int failed = getsockname(fd, (struct sockaddr *)&address.storage, &length);
	sa_family_t family = address.storage.ss_family;
	if (failed || (family != AF_INET && family != AF_INET6)) {
		return 0; /* a socket file or a name, which bind was judged for */
	}
	address.length = length;
	size_t written = describe_internet(&address, VERB_LISTEN, &endpoint, object);
	add_action(
		request, VERB_LISTEN, &endpoint, (struct text){object->bytes, written});
	return 0;
}

/* A kind of socket that is a power of its own, or a netlink protocol to talk to. */
int network_describe_socket(
	const struct call *call, struct request *request, struct network_text *object)
{
	/* No rule of socket(2) depends on how the session was started. */
	const struct syscall_options any = {.judge_reads = true};
	struct syscall_decision decision =
		syscall_table_decide(&any, call->number, call->arguments);
	struct endpoint endpoint = {.family = ENDPOINT_NETLINK};

	if (decision.power) {
		request->actions[request->action_count++] = (struct action){
			.verb = VERB_SYSTEM, .object = text_of(decision.power)};
		return 0;
	}
	size_t length = name_netlink((int)call->arguments[2], object);
	add_action(
		request, VERB_CONNECT, &endpoint, (struct text){object->bytes, length});
	return 0;
}

void network_address_redirect(
	struct network_address *address, const struct endpoint *endpoint)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&address->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address->storage;
	bool is_ipv4 = endpoint->family == ENDPOINT_IPV4;

	if (address->storage.ss_family == AF_INET && is_ipv4) {
		in->sin_port = htons(endpoint->port);
		memcpy(&in->sin_addr, endpoint->address, sizeof(in->sin_addr));
	} else if (address->storage.ss_family == AF_INET6) {
		in6->sin6_port = htons(endpoint->port);
		in6->sin6_scope_id = 0;
		if (is_ipv4) {
			memset(&in6->sin6_addr, 0, 10);
			memset(in6->sin6_addr.s6_addr + 10, 0xff, 2);
		}
		memcpy(in6->sin6_addr.s6_addr + (is_ipv4 ? 12 : 0), endpoint->address,
			is_ipv4 ? 4 : 16);
	}
}

bool network_address_has_moved(
	struct network_address *address, const struct call *call, enum verb verb)
{
	struct network_address now = *address;
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address->storage;
	size_t prefix = offsetof(struct sockaddr_un, sun_path);
	size_t size = address->length - prefix;
	char path[sizeof(un->sun_path) + 1];
	size_t length = strnlen(un->sun_path, size);

	memcpy(path, un->sun_path, length);
	path[length] = '\0';
	if (resolve_socket(&now, call, verb, (struct text){path, length}) != 0 ||
		now.device != address->device || now.inode != address->inode ||
		strcmp(now.name, address->name) != 0) {
		return true;
	}
	/* It may lead there by another way by now. */
	address->is_fickle = now.is_fickle;
	address->is_foreign = now.is_foreign;
	return false;
}

socklen_t network_address_pinned(
	const struct network_address *address, struct sockaddr_storage *pinned)
{
	struct sockaddr_un *un = (struct sockaddr_un *)pinned;

	memcpy(pinned, &address->storage, sizeof(*pinned));
	if (address->name_length == 0 || !address->is_fickle ||
		(address->keeps_text && !address->is_foreign)) {
		return address->length;
	}
	if (address->name_length >= sizeof(un->sun_path)) {
		return 0;
	}
	memset(un->sun_path, 0, sizeof(un->sun_path));
	memcpy(un->sun_path, address->name, address->name_length);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			   address->name_length + 1);
}
