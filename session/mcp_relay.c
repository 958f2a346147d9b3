/* SPDX-License-Identifier: MIT */
#include "session/mcp_relay.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 64 << 10,
	READ_MAX = 1 << 20, /* at once */
	OUT_MAX = 1 << 20,  /* waiting for the reader; beyond, nothing more is read */
	IN_MAX = MCP_LINE_MAX + READ_MAX,
};

/* Which end it is, in its data. */
enum { DATA_TO = 1 << 8, DATA_CLIENT = 1 << 9 };

static bool is_socket(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/*
 * A descriptor to wait on. A pipe is opened anew, so that O_NONBLOCK is ours alone;
 * sockets are spoken to with MSG_DONTWAIT.
 */
static int own_descriptor(int fd, int access)
{
	char path[40];

	if (is_socket(fd)) {
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static void close_all(int *fds, size_t count)
{
	int error = errno;

	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
		fds[i] = -1;
	}
	errno = error;
}

static bool same_file(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* ends[0]: the program's; ends[1]: ours. */
static bool make_channel(bool wants_socket, bool program_reads, int ends[2])
{
	int pair[2];

	if (wants_socket) {
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
	}
	if (pipe2(pair, O_CLOEXEC) != 0) {
		return false;
	}
	ends[0] = pair[program_reads ? 0 : 1];
	ends[1] = pair[program_reads ? 1 : 0];
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	return true;
}

/* Fills in what the program gets and our two other ends. */
static bool make_channels(const int client[2], int program[2], int ours[2])
{
	int ends[2] = {-1, -1};

	if (!make_channel(is_socket(client[0]), true, ends)) {
		return false;
	}
	program[0] = ends[0];
	ours[0] = ends[1];
	if (same_file(client[0], client[1])) {
		program[1] = fcntl(program[0], F_DUPFD_CLOEXEC, 3);
		ours[1] = fcntl(ours[0], F_DUPFD_CLOEXEC, 3);
		return program[1] >= 0 && ours[1] >= 0;
	}
	if (!make_channel(is_socket(client[1]), false, ends)) {
		return false;
	}
	program[1] = ends[0];
	ours[1] = ends[1];
	return true;
}

static bool remember(struct mcp_relay *relay, const int client[2], const int program[2])
{
	for (int i = 0; i < 2; i++) {
		struct stat status, before;
		if (fstat(program[i], &status) != 0 || fstat(client[i], &before) != 0) {
			return false;
		}
		relay->client_inodes[i] = before.st_ino;
		relay->are_sockets[i] = S_ISSOCK(before.st_mode);
		relay->devices[i] = status.st_dev;
		relay->inodes[i] = status.st_ino;
	}
	return true;
}

bool mcp_relay_open(struct mcp_relay *relay, int epoll_fd, uint64_t data,
	const int client[2], int program[2])
{
	int fds[6] = {-1, -1, -1, -1, -1, -1}; /* client's, program's, ours */

	fds[0] = own_descriptor(client[0], O_RDONLY);
	fds[1] = own_descriptor(client[1], O_WRONLY);
	if (fds[0] < 0 || fds[1] < 0 || !make_channels(client, fds + 2, fds + 4) ||
		!remember(relay, client, fds + 2)) {
		close_all(fds, 6);
		return false;
	}
	relay->epoll_fd = epoll_fd;
	relay->streams[MCP_TO_SERVER].from =
		(struct mcp_end){.fd = fds[0], .data = data | DATA_CLIENT};
	relay->streams[MCP_TO_SERVER].to =
		(struct mcp_end){.fd = fds[4], .data = data | DATA_TO};
	relay->streams[MCP_TO_CLIENT].from =
		(struct mcp_end){.fd = fds[5], .data = data};
	relay->streams[MCP_TO_CLIENT].to =
		(struct mcp_end){.fd = fds[1], .data = data | DATA_TO | DATA_CLIENT};
	for (int i = 0; i < MCP_DIRECTION_COUNT; i++) {
		struct mcp_stream *stream = &relay->streams[i];
		stream->from.is_socket = is_socket(stream->from.fd);
		stream->to.is_socket = is_socket(stream->to.fd);
	}
	program[0] = fds[2];
	program[1] = fds[3];
	return true;
}

/* how: SHUT_RD or SHUT_WR, as the same socket may serve the other direction. */
static void end_close(struct mcp_relay *relay, struct mcp_end *end, int how)
{
	if (end->fd < 0) {
		return;
	}
	if (end->is_watched) {
		(void)epoll_ctl(relay->epoll_fd, EPOLL_CTL_DEL, end->fd, NULL);
	}
	if (end->is_socket) {
		(void)shutdown(end->fd, how);
	}
	close(end->fd);
	*end = (struct mcp_end){.fd = -1};
}

void mcp_relay_close(struct mcp_relay *relay)
{
	for (int i = 0; i < MCP_DIRECTION_COUNT; i++) {
		struct mcp_stream *stream = &relay->streams[i];
		end_close(relay, &stream->from, SHUT_RD);
		end_close(relay, &stream->to, SHUT_WR);
		mcp_lines_finish(&stream->in);
		mcp_lines_finish(&stream->out);
	}
}

bool mcp_relay_has(const struct mcp_relay *relay, const int stdio[2])
{
	for (int i = 0; i < 2; i++) {
		struct stat status;
		if (fstat(stdio[i], &status) == 0 &&
			status.st_dev == relay->devices[i] &&
			status.st_ino == relay->inodes[i]) {
			return true;
		}
	}
	return false;
}

bool mcp_relay_has_process(const struct mcp_relay *relay, pid_t pid)
{
	for (int i = 0; i < 2; i++) {
		struct stat status;
		char path[40];
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, i);
		if (stat(path, &status) != 0 || status.st_dev != relay->devices[i] ||
			status.st_ino != relay->inodes[i]) {
			return false;
		}
	}
	return true;
}

static ssize_t end_read(const struct mcp_end *end, char *bytes, size_t size)
{
	return end->is_socket ? recv(end->fd, bytes, size, MSG_DONTWAIT)
			      : read(end->fd, bytes, size);
}

static ssize_t end_write(const struct mcp_end *end, struct text bytes)
{
	return end->is_socket ? send(end->fd, bytes.bytes, bytes.length,
					MSG_DONTWAIT | MSG_NOSIGNAL)
			      : write(end->fd, bytes.bytes, bytes.length);
}

static bool may_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static bool wants_more(const struct mcp_stream *stream)
{
	return stream->from.fd >= 0 && mcp_lines_length(&stream->out) < OUT_MAX &&
	       mcp_lines_length(&stream->in) < IN_MAX;
}

bool mcp_relay_read(struct mcp_relay *relay, enum mcp_direction direction)
{
	struct mcp_stream *stream = &relay->streams[direction];
	size_t total = 0;

	while (total < READ_MAX && wants_more(stream)) {
		ssize_t got = end_read(
			&stream->from, mcp_lines_room(&stream->in, CHUNK), CHUNK);
		if (got > 0) {
			mcp_lines_filled(&stream->in, (size_t)got);
			total += (size_t)got;
			continue;
		}
		if (got == 0 || !may_wait()) {
			stream->has_ended = true;
			end_close(relay, &stream->from, SHUT_RD);
			return true;
		}
		break;
	}
	return total > 0;
}

void mcp_relay_say(
	struct mcp_relay *relay, enum mcp_direction direction, struct text bytes)
{
	struct mcp_stream *stream = &relay->streams[direction];

	if (stream->to.fd >= 0) {
		mcp_lines_add(&stream->out, bytes);
	}
}

/* Nobody reads any more: who writes shall learn of it as it would without us. */
static void stream_break(struct mcp_relay *relay, struct mcp_stream *stream)
{
	end_close(relay, &stream->to, SHUT_WR);
	end_close(relay, &stream->from, SHUT_RD);
	stream->has_ended = true;
	mcp_lines_finish(&stream->in);
	mcp_lines_finish(&stream->out);
}

static void stream_write(struct mcp_relay *relay, struct mcp_stream *stream)
{
	while (stream->to.fd >= 0 && mcp_lines_length(&stream->out) > 0) {
		ssize_t done = end_write(&stream->to, mcp_lines_all(&stream->out));
		if (done > 0) {
			mcp_lines_drop(&stream->out, (size_t)done);
		} else if (done < 0 && may_wait()) {
			return;
		} else {
			stream_break(relay, stream);
		}
	}
}

/* Without an event that is wanted an end that was hung up would be reported for ever. */
static void end_watch(const struct mcp_relay *relay, struct mcp_end *end,
	uint32_t events, bool is_wanted)
{
	struct epoll_event event = {.events = events, .data.u64 = end->data};

	if (end->fd < 0 || (is_wanted == end->is_watched && events == end->events)) {
		return;
	}
	int what = end->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	(void)epoll_ctl(
		relay->epoll_fd, is_wanted ? what : EPOLL_CTL_DEL, end->fd, &event);
	end->is_watched = is_wanted;
	end->events = events;
}

void mcp_relay_settle(struct mcp_relay *relay, bool is_waiting)
{
	for (int i = 0; i < MCP_DIRECTION_COUNT; i++) {
		struct mcp_stream *stream = &relay->streams[i];
		bool may_say_more = i == MCP_TO_SERVER && is_waiting;

		stream_write(relay, stream);
		if (stream->has_ended && !may_say_more &&
			mcp_lines_length(&stream->in) == 0 &&
			mcp_lines_length(&stream->out) == 0) {
			end_close(relay, &stream->to, SHUT_WR);
		}
		end_watch(relay, &stream->from, EPOLLIN, wants_more(stream));
		end_watch(relay, &stream->to,
			mcp_lines_length(&stream->out) > 0 ? EPOLLOUT : 0, true);
	}
}

enum mcp_direction mcp_relay_notice(
	struct mcp_relay *relay, uint64_t data, uint32_t events)
{
	bool is_to = (data & DATA_TO) != 0;
	bool is_client = (data & DATA_CLIENT) != 0;
	enum mcp_direction direction =
		is_to == is_client ? MCP_TO_CLIENT : MCP_TO_SERVER;

	if (is_to && (events & (EPOLLERR | EPOLLHUP)) != 0) {
		stream_break(relay, &relay->streams[direction]);
	}
	return direction;
}

bool mcp_relay_is_over(const struct mcp_relay *relay)
{
	for (int i = 0; i < MCP_DIRECTION_COUNT; i++) {
		if (relay->streams[i].to.fd >= 0) {
			return false;
		}
	}
	return true;
}
