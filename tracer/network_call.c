/* SPDX-License-Identifier: MIT */
#include "tracer/network_call.h"

#include "base/xalloc.h"
#include "tracer/arena.h"
#include "tracer/network_address.h"
#include "tracer/path.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

struct network_call {
	struct network_address address;
	struct msghdr header; /* sendmsg, sendmmsg: as read */
	unsigned count;	      /* sendmmsg: messages asked for */
	bool has_header;
	bool runs_as_it_is; /* nothing in memory is read: socket(2), listen(2) */
	bool is_on_behalf; /* a socket file: its name could lead elsewhere a moment later */
	int listening_fd; /* listen: our copy of the socket that was judged; or -1 */
	struct network_text object;
};

/* Reads the address at a pointer; 0 or the kernel's negative errno. */
static int read_address(struct network_call *network, const struct call *call,
	uint64_t pointer, uint64_t length)
{
	struct network_address *address = &network->address;

	if ((int)length < 0 || (unsigned)length > sizeof(address->storage)) {
		return -EINVAL;
	}
	address->length = (socklen_t)length;
	if (address->length > 0 &&
		!call_read(call, pointer, &address->storage, address->length)) {
		return -EFAULT;
	}
	return 0;
}

/* The message header of sendmsg, or of the first message of sendmmsg. */
static int read_header(struct network_call *network, const struct call *call)
{
	uint64_t pointer = call->arguments[1];

	network->has_header = true;
	if (!call_read(call, pointer, &network->header, sizeof(network->header))) {
		return -EFAULT;
	}
	if (!network->header.msg_name) {
		network->header.msg_namelen = 0;
		return 0;
	}
	/* The kernel cuts a long name off rather than refusing it. */
	uint64_t length = network->header.msg_namelen;
	if ((int)length < 0) {
		return -EINVAL;
	}
	if (length > sizeof(network->address.storage)) {
		length = sizeof(network->address.storage);
	}
	return read_address(
		network, call, (uint64_t)(uintptr_t)network->header.msg_name, length);
}

static int read_arguments(struct network_call *network, const struct call *call)
{
	const uint64_t *arguments = call->arguments;

	switch ((int)call->operation) {
	case OPERATION_CONNECT:
	case OPERATION_BIND:
		return read_address(network, call, arguments[1], arguments[2]);
	case OPERATION_SENDTO:
		return read_address(network, call, arguments[4], arguments[5]);
	case OPERATION_SENDMMSG:
		network->count = (unsigned)arguments[2];
		if (network->count == 0) {
			return 0;
		}
		return read_header(network, call);
	case OPERATION_SENDMSG:
		return read_header(network, call);
	default:
		network->runs_as_it_is = true;
		return 0;
	}
}

/* What the call would reach, as an action; none where there is no address. */
static int list_action(
	struct network_call *network, const struct call *call, struct request *request)
{
	bool listens = call->operation == OPERATION_BIND ||
		       call->operation == OPERATION_LISTEN;

	if (call->operation == OPERATION_SOCKET) {
		return network_describe_socket(call, request, &network->object);
	}
	if (call->operation == OPERATION_LISTEN) {
		network->listening_fd =
			path_take_descriptor(call, (int)call->arguments[0]);
		return network->listening_fd < 0
			       ? network->listening_fd
			       : network_describe_listen(network->listening_fd, call,
					 request, &network->object);
	}
	if (network->address.length < sizeof(sa_family_t)) {
		return 0; /* no address: the kernel says what it thinks of that */
	}
	return network_describe(&network->address, call,
		listens ? VERB_LISTEN : VERB_CONNECT, request, &network->object);
}

/* A descriptor that is no socket fails before anything else is looked at. */
static int check_socket(const struct call *call)
{
	struct stat status;

	if (call->operation == OPERATION_SOCKET) {
		return 0;
	}
	int fd = path_take_descriptor(call, (int)call->arguments[0]);
	if (fd < 0) {
		return fd;
	}
	bool is_socket = fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
	close(fd);
	return is_socket ? 0 : -ENOTSOCK;
}

int network_call_prepare(
	struct network_call **result, const struct call *call, struct request *request)
{
	struct network_call *network = xcalloc(1, sizeof(*network));

	*result = network;
	network->listening_fd = -1;
	int failure = check_socket(call);
	if (failure == 0) {
		failure = read_arguments(network, call);
	}
	if (failure == 0) {
		failure = list_action(network, call, request);
	}
	network->is_on_behalf =
		call->operation == OPERATION_LISTEN && request->action_count > 0;
	return failure;
}

void network_call_destroy(struct network_call *network)
{
	if (network) {
		if (network->listening_fd >= 0) {
			close(network->listening_fd);
		}
		free(network);
	}
}

bool network_call_names_file(const struct network_call *network)
{
	return network->address.name_length > 0;
}

bool network_call_leads_elsewhere(struct network_call *network, const struct call *call)
{
	bool listens = call->operation == OPERATION_BIND;

	return network_address_has_moved(
		&network->address, call, listens ? VERB_LISTEN : VERB_CONNECT);
}

void network_call_keep_text(struct network_call *network, bool relative)
{
	network->address.keeps_relative = relative;
}

bool network_call_needs_pin(const struct network_call *network)
{
	return !network->runs_as_it_is && !network->is_on_behalf;
}

bool network_call_is_on_behalf(const struct network_call *network)
{
	return network->is_on_behalf;
}

bool network_call_names_socket(const struct network_call *network)
{
	return network->listening_fd >= 0;
}

struct message_slot {
	struct msghdr header;
	struct sockaddr_storage name;
};

void network_call_pin(const struct network_call *network, const struct call *call,
	void *memory, uint64_t slot_address, struct registers *registers)
{
	struct message_slot *slot = memory;
	uint64_t name = slot_address + offsetof(struct message_slot, name);
	socklen_t length = network_address_pinned(&network->address, &slot->name);

	if (network->has_header) {
		slot->header = network->header;
		slot->header.msg_name =
			length > 0 ? (void *)(uintptr_t)name : NULL; // NOLINT: theirs
		slot->header.msg_namelen = length;
		registers_set_argument(registers, 1, slot_address);
		if (call->operation == OPERATION_SENDMMSG) {
			/* One at a time: the kernel would write the lengths to the pages. */
			registers_set_number(registers, SYS_sendmsg);
			registers_set_argument(registers, 2, call->arguments[3]);
		}
		return;
	}
	int position = call->operation == OPERATION_SENDTO ? 4 : 1;
	registers_set_argument(registers, position, name);
	registers_set_argument(registers, position + 1, length);
}

int64_t network_call_result(
	const struct network_call *network, const struct call *call, int64_t result)
{
	if (call->operation != OPERATION_SENDMMSG || result < 0) {
		return result;
	}
	/* struct mmsghdr: the header, then how much of it was sent. */
	unsigned sent = (unsigned)result;
	uint64_t address = call->arguments[1] + sizeof(network->header);
	return call_write(call, address, &sent, sizeof(sent)) ? 1 : -EFAULT;
}

int64_t network_call_perform(
	const struct network_call *network, const struct call *call)
{
	int backlog = (int)call->arguments[1];

	return listen(network->listening_fd, backlog) == 0 ? 0 : -errno;
}
