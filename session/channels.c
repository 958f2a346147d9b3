/* SPDX-License-Identifier: MIT */
#include "session/channels.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "session/sockets.h"
#include "tracer/late.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What an open file is, as far as data passes through it. */
enum end_kind {
	END_ANY,    /* whoever reads it gets what others write */
	END_MASTER, /* of a terminal: reads what slaves write, and the reverse */
	END_SLAVE,
};

struct end {
	uint64_t id; /* the same for all ends of one channel */
	enum end_kind kind;
	bool can_read, can_write;
};

struct holder {
	pid_t pid;
	bool is_opaque; /* it could not be looked at */
	struct end *ends;
	size_t count, capacity;
	uint64_t *sockets; /* inodes */
	size_t socket_count, socket_capacity;
	char **written; /* paths of plain files */
	size_t written_count, written_capacity;
	const struct text *endpoints;
	size_t endpoint_count;
};

struct channels {
	struct holder *holders;
	size_t count;
	struct sockets *sockets;
};

static uint64_t name_id(const char *name)
{
	return hash_text(HASH_START, text_of(name));
}

static void end_add(struct holder *holder, struct end end)
{
	if (holder->count == holder->capacity) {
		holder->capacity = holder->capacity * 2 + 16;
		holder->ends = xreallocarray(
			holder->ends, holder->capacity, sizeof(*holder->ends));
	}
	holder->ends[holder->count++] = end;
}

static void socket_add(struct holder *holder, uint64_t inode)
{
	if (holder->socket_count == holder->socket_capacity) {
		holder->socket_capacity = holder->socket_capacity * 2 + 8;
		holder->sockets = xreallocarray(holder->sockets,
			holder->socket_capacity, sizeof(*holder->sockets));
	}
	holder->sockets[holder->socket_count++] = inode;
}

static void written_add(struct holder *holder, const char *path)
{
	if (holder->written_count == holder->written_capacity) {
		holder->written_capacity = holder->written_capacity * 2 + 8;
		holder->written = xreallocarray(holder->written,
			holder->written_capacity, sizeof(*holder->written));
	}
	holder->written[holder->written_count++] = xstrdup(path);
}

/* ---- Descriptors ---- */

bool channels_keep(struct text path)
{
	static const char *const apart[] = {"/dev/", "/proc/", "/sys/"};
	bool is_apart = !text_starts_with(path, "/");
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		is_apart = is_apart || text_starts_with(path, apart[i]);
	}
	return !is_apart || text_starts_with(path, "/dev/shm/");
}

/* The number of the terminal that this open /dev/ptmx made; -1: none (proc(5)). */
static int terminal_index(int folder, const char *descriptor)
{
	char path[64];
	char text[512];
	int index = -1;
	(void)snprintf(path, sizeof(path), "../fdinfo/%.20s", descriptor);
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (got > 0) {
		text[got] = '\0';
		const char *line = strstr(text, "tty-index:");
		if (line != NULL) {
			index = (int)strtol(line + strlen("tty-index:"), NULL, 10);
		}
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return index;
}

static void terminal_add(struct holder *holder, enum end_kind kind, int index)
{
	char name[32];
	(void)snprintf(name, sizeof(name), "terminal %d", index);
	end_add(holder, (struct end){name_id(name), kind, true, true});
}

static void descriptor_add(
	struct holder *holder, int folder, const char *descriptor, const char *target)
{
	struct stat status;
	uint64_t inode;
	int index;
	if (sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1) {
		socket_add(holder, inode);
	} else if (strcmp(target, "/dev/ptmx") == 0 ||
		   strcmp(target, "/dev/pts/ptmx") == 0) {
		terminal_add(holder, END_MASTER, terminal_index(folder, descriptor));
	} else if (sscanf(target, "/dev/pts/%d", &index) == 1) {
		terminal_add(holder, END_SLAVE, index);
	} else if ((strncmp(target, "pipe:", strlen("pipe:")) == 0 ||
			   channels_keep(text_of(target))) &&
		   /* The link's own mode says how the file is open (proc(5)). */
		   fstatat(folder, descriptor, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		const bool can_write = (status.st_mode & S_IWUSR) != 0;
		end_add(holder, (struct end){name_id(target), END_ANY,
					(status.st_mode & S_IRUSR) != 0, can_write});
		if (can_write && target[0] == '/') {
			written_add(holder, target);
		}
	}
}

/* False if the folder cannot be opened though the thread is there. */
static bool folder_open(pid_t pid, const char *thread, const char *name, DIR **folder)
{
	char path[64];
	(void)snprintf(
		path, sizeof(path), "/proc/%d/task/%.20s/%s", (int)pid, thread, name);
	*folder = opendir(path);
	return *folder != NULL || errno == ENOENT || errno == ESRCH;
}

static void descriptors_take(struct holder *holder, const char *thread)
{
	enum { TARGET_MAX = 4096 };
	DIR *folder;
	char *target = xmalloc(TARGET_MAX + 1);
	const struct dirent *entry;
	holder->is_opaque |= !folder_open(holder->pid, thread, "fd", &folder);
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		ssize_t length =
			readlinkat(dirfd(folder), entry->d_name, target, TARGET_MAX);
		if (length > 0) {
			target[length] = '\0';
			descriptor_add(holder, dirfd(folder), entry->d_name, target);
		} else if (length < 0 && errno == EACCES) {
			holder->is_opaque = true;
		}
	}
	free(target);
	if (folder != NULL) {
		(void)closedir(folder);
	}
}

static bool share(pid_t a, pid_t b, int what)
{
	return syscall(SYS_kcmp, a, b, what, 0, 0) == 0;
}

/* A thread may have descriptors of its own, by unshare(2) or clone(2). */
static void all_descriptors_take(struct holder *holder)
{
	DIR *threads = NULL;
	const struct dirent *entry;
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)holder->pid);
	threads = opendir(path);
	holder->is_opaque |= threads == NULL && errno != ENOENT && errno != ESRCH;
	while (threads != NULL && (entry = readdir(threads)) != NULL) {
		const pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
		if (thread > 0 && (thread == holder->pid ||
					  !share(holder->pid, thread, KCMP_FILES))) {
			descriptors_take(holder, entry->d_name);
		}
	}
	if (threads != NULL) {
		(void)closedir(threads);
	}
}

/* ---- Shared mappings ---- */

/* Files that only the administrator changes are mapped by everybody. */
static bool is_of_system(const char *path)
{
	return strncmp(path, "/usr/", strlen("/usr/")) == 0 ||
	       strncmp(path, "/lib", strlen("/lib")) == 0;
}

/*
 * The supervisor's argument pages, which every process of the tree may have. A name of
 * theirs proves nothing: the supervisor's own mapping does.
 */
static bool is_argument_pages(const char *path, const char *device, uint64_t inode)
{
	char *line = NULL;
	size_t size = 0;
	bool is_same = false;
	FILE *own = strncmp(path, "/memfd:duenna-arguments", 23) == 0
			    ? fopen("/proc/self/maps", "re")
			    : NULL;

	while (own != NULL && !is_same && getline(&line, &size, own) > 0) {
		char own_device[16];
		uint64_t own_inode;
		is_same = sscanf(line, "%*x-%*x rw-s %*x %15s %" SCNu64, own_device,
				  &own_inode) == 2 &&
			  own_inode == inode && strcmp(own_device, device) == 0;
	}
	free(line);
	if (own != NULL) {
		(void)fclose(own); /* only read */
	}
	return is_same;
}

/*
 * A mapping that may not be written now may be made so later if its file was opened for
 * it, which is not shown here: it counts as one that can.
 */
static void mapping_add(struct holder *holder, const char *line)
{
	char permissions[8];
	char device[16];
	uint64_t inode;
	int path_at = 0;
	if (sscanf(line, "%*x-%*x %7s %*x %15s %" SCNu64 " %n", permissions, device,
		    &inode, &path_at) != 3 ||
		permissions[3] != 's') {
		return;
	}
	char path[4200];
	(void)snprintf(path, sizeof(path), "%s", line + path_at);
	path[strcspn(path, "\n")] = '\0';
	if (is_argument_pages(path, device, inode) || is_of_system(path)) {
		return;
	}
	char anonymous[64];
	(void)snprintf(
		anonymous, sizeof(anonymous), "memory %s %" PRIu64, device, inode);
	const bool has_name = channels_keep(text_of(path)) &&
			      strncmp(path, "/SYSV", strlen("/SYSV")) != 0;
	end_add(holder, (struct end){name_id(has_name ? path : anonymous), END_ANY,
				permissions[0] == 'r', true});
}

static void mappings_take(struct holder *holder)
{
	enum { TEXT_MAX = 16 << 20 };
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)holder->pid);
	char *text = late_read_file(path, TEXT_MAX);
	if (text == NULL) {
		holder->is_opaque |= errno != ENOENT && errno != ESRCH;
		return;
	}
	holder->is_opaque |= strlen(text) >= TEXT_MAX; /* not all of it was read */
	char *position = NULL;
	for (const char *line = strtok_r(text, "\n", &position); line != NULL;
		line = strtok_r(NULL, "\n", &position)) {
		mapping_add(holder, line);
	}
	free(text);
}

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
	return name_id(name);
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

static void holder_take(struct holder *holder, const struct channels *channels,
	const struct channel_relay *relays, size_t relay_count)
{
	all_descriptors_take(holder);
	mappings_take(holder);
	for (size_t i = 0; i < holder->socket_count; i++) {
		uint64_t id = sockets_connection(channels->sockets, holder->sockets[i]);
		end_add(holder, (struct end){id, END_ANY, true, true});
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
			.endpoints = processes[i].endpoints,
			.endpoint_count = processes[i].endpoint_count,
		};
		holder_take(&channels->holders[i], channels, relays, relay_count);
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
	       share(a->pid, b->pid, KCMP_VM);
}

const char *channels_written(const struct channels *channels, size_t process, size_t i)
{
	const struct holder *holder = &channels->holders[process];
	return i < holder->written_count ? holder->written[i] : NULL;
}
