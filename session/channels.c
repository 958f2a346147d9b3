/* SPDX-License-Identifier: MIT */
#include "session/channels.h"

#include "base/xalloc.h"
#include "session/channels_internal.h"
#include "session/sockets.h"

#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>

struct channels {
	struct holder *holders;
	size_t count;
	struct sockets *sockets;
};

/* ---- All of it ---- */

static int end_compare(const void *a, const void *b)
{
	const struct end *left = a;
	const struct end *right = b;
	return (left->id > right->id) - (left->id < right->id);
}

static uint64_t relay_id(
	const struct sockets *sockets, const struct channel_relay *relay, size_t side)
{
	char name[40];
	if (relay->is_socket) {
		return sockets_connection(sockets, relay->inodes[side]);
	}
	(void)snprintf(name, sizeof(name), "pipe:[%" PRIu64 "]", relay->inodes[side]);
	return channel_name_id(name);
}

/* What is said on one side is said on the other. */
static void relays_join(struct holder *holder, const struct sockets *sockets,
	const struct channel_relay *relays, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint64_t from = relay_id(sockets, &relays[i], 0);
		const uint64_t to = relay_id(sockets, &relays[i], 1);
		for (size_t j = 0; j < holder->count; j++) {
			if (holder->ends[j].id == from) {
				holder->ends[j].id = to;
			}
		}
	}
}

/* By its own number, too, as those are that somebody else is connected to. */
static void socket_take(
	struct holder *holder, const struct sockets *sockets, uint64_t inode)
{
	const uint64_t connection = sockets_connection(sockets, inode);
	size_t count;
	const struct socket_other *others = sockets_others(sockets, inode, &count);

	channel_end_add(holder, (struct end){connection, END_ANY, true, true});
	if (connection != inode) {
		channel_end_add(holder, (struct end){inode, END_ANY, true, true});
	}
	for (size_t i = 0; i < count; i++) {
		channel_end_add(holder,
			(struct end){others[i].inode, END_ANY, others[i].waits, true});
	}
}

static void holder_take(struct holder *holder, const struct channel_process *process,
	const struct channels *channels, const struct channel_relay *relays,
	size_t relay_count)
{
	for (size_t i = 0; i < process->opening_count; i++) {
		channel_opening_add(holder, &process->openings[i]);
	}
	channel_descriptors_take(holder);
	channel_mappings_take(holder);
	for (size_t i = 0; i < holder->socket_count; i++) {
		socket_take(holder, channels->sockets, holder->sockets[i]);
	}
	relays_join(holder, channels->sockets, relays, relay_count);
	if (holder->count > 0) {
		qsort(holder->ends, holder->count, sizeof(*holder->ends), end_compare);
	}
}

struct channels *channels_take(const struct channel_process *processes, size_t count,
	const struct channel_relay *relays, size_t relay_count)
{
	struct channels *channels = xcalloc(1, sizeof(*channels));
	channels->holders = xcalloc(count + 1, sizeof(*channels->holders));
	channels->sockets = sockets_take();
	for (size_t i = 0; i < count; i++) {
		channels->holders[i] = (struct holder){
			.pid = processes[i].pid,
			.is_opaque = processes[i].is_opaque,
			.counts_system = processes[i].counts_system,
			.endpoints = processes[i].endpoints,
			.endpoint_count = processes[i].endpoint_count,
		};
		holder_take(&channels->holders[i], &processes[i], channels, relays,
			relay_count);
	}
	channels->count = count;
	return channels;
}

void channels_destroy(struct channels *channels)
{
	if (channels == NULL) {
		return;
	}
	for (size_t i = 0; i < channels->count; i++) {
		struct holder *holder = &channels->holders[i];
		while (holder->written_count > 0) {
			free(holder->written[--holder->written_count]);
		}
		free(holder->written);
		free(holder->ends);
		free(holder->sockets);
	}
	sockets_destroy(channels->sockets);
	free(channels->holders);
	free(channels);
}

static bool ends_meet(const struct end *from, const struct end *to)
{
	bool is_one_terminal_side = from->kind != END_ANY && from->kind == to->kind;
	return from->can_write && to->can_read && !is_one_terminal_side;
}

/* Both lists are sorted. */
static bool holders_share(const struct holder *from, const struct holder *to)
{
	size_t left = 0;
	size_t right = 0;
	while (left < from->count && right < to->count) {
		const struct end *a = &from->ends[left];
		const struct end *b = &to->ends[right];
		if (a->id != b->id) {
			left += a->id < b->id;
			right += b->id < a->id;
			continue;
		}
		for (size_t i = right; i < to->count && to->ends[i].id == a->id; i++) {
			if (ends_meet(a, &to->ends[i])) {
				return true;
			}
		}
		left++;
	}
	return false;
}

/* A connection that was not accepted yet, or is over by now. */
static bool holder_reached(const struct channels *channels, const struct holder *client,
	const struct holder *server)
{
	for (size_t i = 0; i < client->endpoint_count; i++) {
		for (size_t j = 0; j < server->socket_count; j++) {
			if (sockets_is_bound(channels->sockets, server->sockets[j],
				    client->endpoints[i])) {
				return true;
			}
		}
	}
	return false;
}

bool channels_lead(const struct channels *channels, size_t from, size_t to)
{
	const struct holder *a = &channels->holders[from];
	const struct holder *b = &channels->holders[to];
	return a->is_opaque || b->is_opaque || holders_share(a, b) ||
	       holder_reached(channels, a, b) || holder_reached(channels, b, a) ||
	       channel_kcmp(a->pid, b->pid, KCMP_VM);
}

const char *channels_written(const struct channels *channels, size_t process, size_t i)
{
	const struct holder *holder = &channels->holders[process];
	return i < holder->written_count ? holder->written[i] : NULL;
}
