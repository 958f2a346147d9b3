/* SPDX-License-Identifier: MIT */
/* Socket addresses in words: what a sockaddr of the caller means and which rule object
 * it is. Inside tracer/ only. */
#ifndef TRACER_NETWORK_ADDRESS_H
#define TRACER_NETWORK_ADDRESS_H

#include "tracer/call.h"
#include "tracer/tracer.h"

#include <limits.h>
#include <sys/socket.h>

struct network_address {
	struct sockaddr_storage storage; /* as read */
	socklen_t length;
	int protocol; /* of the socket: IPPROTO_TCP …; or -1 */
	dev_t device; /* of the socket file, or of the folder that bind makes one in */
	ino_t inode;
	bool is_fickle;	 /* the text leads elsewhere without any change of names … */
	bool is_foreign; /* … when other processes than the caller's do something */
	bool keeps_text; /* see network_call_keep_text */
	char name[PATH_MAX + 8]; /* canonical path of a socket file */
	size_t name_length;
};

/* IPPROTO_TCP … of a socket; -1 if it is none. */
int network_protocol_of(int fd);

struct network_text {
	char bytes[PATH_MAX + 64];
};

/*
 * 0, or the negative errno with which the kernel refuses a socket file's name for an
 * internet socket, without looking for the file. It cannot be left to the kernel: another
 * thread could put another socket behind the number first.
 */
int network_address_check(
	const struct network_address *address, const struct call *call, int domain);

/*
 * Adds the action to request; none for AF_UNSPEC, which ends an association. 0, or the
 * negative errno that the kernel would give.
 */
int network_describe(struct network_address *address, const struct call *call,
	enum verb verb, struct request *request, struct network_text *object);

/* True if the name of a socket file leads elsewhere than when it was described. */
bool network_address_has_moved(
	struct network_address *address, const struct call *call, enum verb verb);

/* Becomes another address; left alone where its family cannot. */
void network_address_redirect(
	struct network_address *address, const struct endpoint *endpoint);

/* The same for listen(2) and for sockets that are no everyday ones. */
int network_describe_listen(
	int fd, struct request *request, struct network_text *object);
int network_describe_socket(
	const struct call *call, struct request *request, struct network_text *object);

/*
 * The address for the argument pages; returns its length. A fickle name that the caller
 * may not keep becomes the canonical path; 0 if that does not fit.
 */
socklen_t network_address_pinned(
	const struct network_address *address, struct sockaddr_storage *pinned);

#endif
