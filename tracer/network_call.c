/* SPDX-License-Identifier: MIT */
#include "tracer/network_call.h"

#include "base/xalloc.h"
#include "tracer/arena.h"
#include "tracer/network_address.h"
#include "tracer/network_payload.h"
#include "tracer/path.h"
#include "tracer/source_route.h"

#include <assert.h>
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

/* Every descriptor that one message may carry, several times over. */
enum { CONTROL_MAX = 7936 };

/* One address, and the message that goes there. */
struct message {
	struct network_address address;
	struct msghdr header; /* sendmsg, sendmmsg: as read */
	void *control;	      /* what its msg_control points to, as read; owned */
	struct network_text object;
};

struct network_call {
	struct message *messages; /* one, but for sendmmsg */
	unsigned read;		  /* all that own something */
	unsigned count;		  /* those of them that are to be sent */
	unsigned current;	  /* the one that is being sent */
	int domain;		  /* of the socket: AF_INET … */
	int protocol;		  /* of the socket: IPPROTO_TCP …; or -1 */
	bool has_header;
	bool runs_as_it_is; /* nothing in memory is read: socket(2), listen(2) */
	bool is_on_behalf; /* a socket file: its name could lead elsewhere a moment later */
	int listening_fd; /* listen: our copy of the socket that was judged; or -1 */
};

/* What a slot of the argument pages has for one message. */
struct message_slot {
	struct msghdr header;
	struct sockaddr_storage name;
	char control[CONTROL_MAX] __attribute__((aligned(8)));
};
static_assert(sizeof(struct message_slot) <= ARENA_SLOT_SIZE, "fits a slot");

/* More of them are sent by the caller's next sendmmsg, as when a socket is full. */
enum { MESSAGES_MAX = 64 };

/* Reads the address at a pointer; 0 or the kernel's negative errno. */
static int read_address(struct network_address *address, const struct call *call,
	uint64_t pointer, uint64_t length)
{
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

/* What goes with the message: descriptors, or options for its way. */
static int read_control(struct message *message, const struct call *call)
{
	const struct msghdr *header = &message->header;
	const uint64_t pointer = (uint64_t)(uintptr_t)header->msg_control;

	if (header->msg_controllen == 0) {
		return 0;
	}
	if (header->msg_controllen > CONTROL_MAX) {
		return -ENOBUFS;
	}
	message->control = xmalloc(header->msg_controllen);
	return call_read(call, pointer, message->control, header->msg_controllen)
		       ? 0
		       : -EFAULT;
}

static int read_message(
	struct message *message, const struct call *call, uint64_t pointer)
{
	struct msghdr *header = &message->header;

	if (!call_read(call, pointer, header, sizeof(*header))) {
		return -EFAULT;
	}
	const int failure = read_control(message, call);
	if (failure != 0) {
		return failure;
	}
	if (!header->msg_name) {
		header->msg_namelen = 0;
		return 0;
	}
	/* The kernel cuts a long name off rather than refusing it. */
	uint64_t length = header->msg_namelen;
	if ((int)length < 0) {
		return -EINVAL;
	}
	if (length > sizeof(message->address.storage)) {
		length = sizeof(message->address.storage);
	}
	return read_address(
		&message->address, call, (uint64_t)(uintptr_t)header->msg_name, length);
}

/* A message that cannot be read ends the list, unless it is the first. */
static int read_messages(struct network_call *network, const struct call *call)
{
	unsigned asked = (unsigned)call->arguments[2];

	network->messages = xreallocarray(network->messages,
		asked < MESSAGES_MAX ? asked + 1 : MESSAGES_MAX,
		sizeof(network->messages[0]));
	for (unsigned i = 0; i < asked && i < MESSAGES_MAX; i++) {
		network->messages[i] = (struct message){0};
		network->read = i + 1;
		int failure = read_message(&network->messages[i], call,
			call->arguments[1] + i * sizeof(struct mmsghdr));
		if (failure != 0) {
			return i == 0 ? failure : 0;
		}
		network->count = i + 1;
	}
	return 0;
}

static int read_arguments(struct network_call *network, const struct call *call)
{
	const uint64_t *arguments = call->arguments;
	struct message *message = network->messages;

	network->read = network->count = 1;
	switch ((int)call->operation) {
	case OPERATION_CONNECT:
	case OPERATION_BIND:
		return read_address(
			&message->address, call, arguments[1], arguments[2]);
	case OPERATION_SENDTO:
		return read_address(
			&message->address, call, arguments[4], arguments[5]);
	case OPERATION_SENDMMSG:
		network->has_header = true;
		network->read = network->count = 0;
		return read_messages(network, call);
	case OPERATION_SENDMSG:
		network->has_header = true;
		return read_message(message, call, arguments[1]);
	default:
		network->runs_as_it_is = true;
		return 0;
	}
}

/* Drops an action that is there already: the same verb on the same object. */
static void drop_repeated(struct request *request)
{
	const struct action *last = &request->actions[request->action_count - 1];

	for (size_t i = 0; i + 1 < request->action_count; i++) {
		if (text_equal(request->actions[i].object, last->object)) {
			request->action_count--;
			return;
		}
	}
}

/* As many messages as one request has room for; the others are left to the next call. */
static int describe_messages(struct network_call *network, const struct call *call,
	struct request *request, enum verb verb)
{
	for (unsigned i = 0; i < network->count; i++) {
		struct message *message = &network->messages[i];
		if (message->address.length < sizeof(sa_family_t)) {
			continue; /* no address: the kernel says what it thinks of that */
		}
		if (request->action_count == REQUEST_ACTIONS_MAX) {
			network->count = i;
			return 0;
		}
		size_t before = request->action_count;
		message->address.protocol = network->protocol;
		int failure =
			network_address_check(&message->address, call, network->domain);
		if (failure == 0) {
			failure = network_describe(&message->address, call, verb,
				request, &message->object);
		}
		if (failure != 0) {
			network->count = i;
			return i == 0 ? failure : 0;
		}
		if (request->action_count > before) {
			drop_repeated(request);
		}
	}
	return 0;
}

/* What the call would reach, as an action; none where there is no address. */
static int list_action(
	struct network_call *network, const struct call *call, struct request *request)
{
	bool listens = call->operation == OPERATION_BIND ||
		       call->operation == OPERATION_LISTEN;

	if (call->operation == OPERATION_SOCKET_OPTION) {
		return 0;
	}
	if (call->operation == OPERATION_SOCKET) {
		return network_describe_socket(
			call, request, &network->messages[0].object);
	}
	if (call->operation == OPERATION_LISTEN) {
		network->listening_fd =
			path_take_descriptor(call, (int)call->arguments[0]);
		return network->listening_fd < 0
			       ? network->listening_fd
			       : network_describe_listen(network->listening_fd, request,
					 &network->messages[0].object);
	}
	return describe_messages(
		network, call, request, listens ? VERB_LISTEN : VERB_CONNECT);
}

static void refuse_source_route(const struct network_call *network,
	const struct call *call, struct request *request)
{
	bool is_found = call->operation == OPERATION_SOCKET_OPTION &&
			source_route_is_option((int)call->arguments[1],
				(int)call->arguments[2], (int)call->arguments[4]);

	for (unsigned i = 0; i < network->count; i++) {
		const struct message *message = &network->messages[i];
		is_found = is_found || (message->control &&
					       source_route_is_in(message->control,
						       message->header.msg_controllen));
	}
	if (is_found) {
		request->refused = EPERM;
		request->reason = "packets would not go straight to their address";
		request->actions[0] = (struct action){
			.verb = VERB_SYSTEM, .object = text_of("source-route")};
		request->action_count = 1;
	}
}

/* A descriptor that is no socket fails before anything else is looked at. */
static int check_socket(struct network_call *network, const struct call *call)
{
	struct stat status;
	socklen_t size = sizeof(network->domain);

	if (call->operation == OPERATION_SOCKET) {
		return 0;
	}
	int fd = path_take_descriptor(call, (int)call->arguments[0]);
	if (fd < 0) {
		return fd;
	}
	bool is_socket =
		fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) &&
		getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &network->domain, &size) == 0;
	network->protocol = network_protocol_of(fd);
	close(fd);
	return is_socket ? 0 : -ENOTSOCK;
}

int network_call_prepare(
	struct network_call **result, const struct call *call, struct request *request)
{
	struct network_call *network = xcalloc(1, sizeof(*network));

	*result = network;
	network->listening_fd = -1;
	network->messages = xcalloc(1, sizeof(network->messages[0]));
	int failure = check_socket(network, call);
	if (failure == 0) {
		failure = read_arguments(network, call);
	}
	if (failure == 0) {
		failure = list_action(network, call, request);
	}
	if (failure == 0 && network->count == 0) {
		network->runs_as_it_is = true; /* sendmmsg of nothing */
	}
	network->is_on_behalf =
		call->operation == OPERATION_LISTEN && request->action_count > 0;
	if (failure == 0) {
		refuse_source_route(network, call, request);
	}
	return failure;
}

void network_call_destroy(struct network_call *network)
{
	if (network) {
		if (network->listening_fd >= 0) {
			close(network->listening_fd);
		}
		for (unsigned i = 0; i < network->read; i++) {
			free(network->messages[i].control);
		}
		free(network->messages);
		free(network);
	}
}

bool network_call_names_file(const struct network_call *network)
{
	for (unsigned i = 0; i < network->count; i++) {
		if (network->messages[i].address.name_length > 0) {
			return true;
		}
	}
	return false;
}

bool network_call_leads_elsewhere(struct network_call *network, const struct call *call)
{
	bool listens = call->operation == OPERATION_BIND;

	for (unsigned i = 0; i < network->count; i++) {
		struct network_address *address = &network->messages[i].address;
		if (address->name_length > 0 &&
			network_address_has_moved(
				address, call, listens ? VERB_LISTEN : VERB_CONNECT)) {
			return true;
		}
	}
	return false;
}

bool network_call_is_fickle(const struct network_call *network)
{
	for (unsigned i = 0; i < network->count; i++) {
		if (network->messages[i].address.is_fickle) {
			return true;
		}
	}
	return false;
}

void network_call_keep_text(struct network_call *network, bool keeps)
{
	for (unsigned i = 0; i < network->count; i++) {
		network->messages[i].address.keeps_text = keeps;
	}
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

void network_call_redirect(
	struct network_call *network, const struct endpoint *endpoint)
{
	if (network->count == 1) {
		network_address_redirect(&network->messages[0].address, endpoint);
	}
}

size_t network_call_read_message(const struct network_call *network,
	const struct call *call, size_t number, void *buffer, size_t size)
{
	if (number >= network->count ||
		network->messages[number].address.length < sizeof(sa_family_t)) {
		return 0;
	}
	if (network->has_header) {
		return network_payload_read(
			&network->messages[number].header, call, buffer, size);
	}
	if (call->operation != OPERATION_SENDTO || call->arguments[2] > size ||
		!call_read(call, call->arguments[1], buffer, call->arguments[2])) {
		return 0;
	}
	return call->arguments[2];
}

void network_call_pin(const struct network_call *network, const struct call *call,
	void *memory, uint64_t slot_address, struct registers *registers)
{
	struct message_slot *slot = memory;
	uint64_t name = slot_address + offsetof(struct message_slot, name);
	const struct message *message = &network->messages[network->current];
	socklen_t length = network_address_pinned(&message->address, &slot->name);

	if (network->has_header) {
		slot->header = message->header;
		slot->header.msg_name =
			length > 0 ? (void *)(uintptr_t)name : NULL; // NOLINT: theirs
		slot->header.msg_namelen = length;
		if (message->control) {
			memcpy(slot->control, message->control,
				message->header.msg_controllen);
			slot->header.msg_control =
				(void *)(uintptr_t)( // NOLINT: theirs
					slot_address +
					offsetof(struct message_slot, control));
		}
		registers_set_argument(registers, 1, slot_address);
		if (call->operation == OPERATION_SENDMMSG) {
			/* One after the other: the kernel cannot write lengths to the pages. */
			registers_set_number(registers, SYS_sendmsg);
			registers_set_argument(registers, 2, call->arguments[3]);
		}
		return;
	}
	int position = call->operation == OPERATION_SENDTO ? 4 : 1;
	registers_set_argument(registers, position, name);
	registers_set_argument(registers, position + 1, length);
}

/* One message is sent: its length goes where the kernel would have written it. */
static bool note_sent(
	const struct network_call *network, const struct call *call, unsigned sent)
{
	uint64_t address = call->arguments[1] +
			   network->current * sizeof(struct mmsghdr) +
			   offsetof(struct mmsghdr, msg_len);

	return call_write(call, address, &sent, sizeof(sent));
}

bool network_call_continues(
	struct network_call *network, const struct call *call, int64_t *result)
{
	if (call->operation != OPERATION_SENDMMSG) {
		return false;
	}
	if (*result < 0 || !note_sent(network, call, (unsigned)*result)) {
		int64_t failure = *result < 0 ? *result : -EFAULT;
		*result = network->current > 0 ? network->current : failure;
		return false;
	}
	network->current++;
	*result = network->current;
	return network->current < network->count;
}

unsigned network_call_sent(const struct network_call *network)
{
	return network->current;
}

int64_t network_call_perform(
	const struct network_call *network, const struct call *call)
{
	int backlog = (int)call->arguments[1];

	return listen(network->listening_fd, backlog) == 0 ? 0 : -errno;
}
