/* SPDX-License-Identifier: MIT */
/* Descriptors and shared mappings of a process, read from /proc. */
#include "base/hash.h"
#include "base/xalloc.h"
#include "session/channels_internal.h"
#include "session/peer.h"
#include "tracer/late.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

uint64_t channel_name_id(const char *name)
{
	return hash_text(HASH_START, text_of(name));
}

void channel_end_add(struct holder *holder, struct end end)
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

bool channels_is_terminal(struct text path)
{
	return text_starts_with(path, "/dev/pts/") ||
	       text_equal_string(path, "/dev/tty");
}

void channels_identity(char text[CHANNELS_IDENTITY_SIZE], unsigned major,
	unsigned minor, uint64_t inode)
{
	(void)snprintf(text, CHANNELS_IDENTITY_SIZE, "file %x:%x %" PRIu64, major,
		minor, inode);
}

/* A number that is told of an open file, "NAME:\t5"; -1: it has none (proc(5)). */
static int number_of(int folder, const char *descriptor, const char *name)
{
	char path[64];
	char text[512];
	int number = -1;
	(void)snprintf(path, sizeof(path), "../fdinfo/%.20s", descriptor);
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (got > 0) {
		text[got] = '\0';
		const char *line = strstr(text, name);
		if (line != NULL) {
			number = (int)strtol(line + strlen(name), NULL, 10);
		}
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return number;
}

static void terminal_add(struct holder *holder, enum end_kind kind, int index)
{
	char name[32];
	(void)snprintf(name, sizeof(name), "terminal %d", index);
	channel_end_add(holder, (struct end){channel_name_id(name), kind, true, true});
}

/* Which terminal "/dev/tty" was for who opened it, the open file itself says. */
static void own_terminal_add(struct holder *holder, const char *descriptor)
{
	enum { PTS_MAJOR_FIRST = 136, MINORS_PER_MAJOR = 256 };
	const int process =
		holder->is_leader ? (int)syscall(SYS_pidfd_open, holder->pid, 0) : -1;
	const int fd = (int)syscall(
		SYS_pidfd_getfd, process, (int)strtol(descriptor, NULL, 10), 0);
	unsigned device = 0;

	if (fd >= 0 && ioctl(fd, TIOCGDEV, &device) == 0) {
		terminal_add(holder, END_SLAVE,
			(int)((major(device) - PTS_MAJOR_FIRST) * MINORS_PER_MAJOR +
				minor(device)));
	} else {
		holder->is_opaque = true;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	if (process >= 0) {
		(void)close(process);
	}
}

/* A file, by the name that it was opened by and by what it is under any. */
static void file_add(struct holder *holder, int folder, const char *descriptor,
	const char *name, struct end end)
{
	char identity[CHANNELS_IDENTITY_SIZE];
	struct statx status;

	channel_end_add(holder, end);
	if (end.can_write) {
		written_add(holder, name);
	}
	/* Only what the kernel knows by itself: this waits for nobody. */
	if (statx(folder, descriptor, AT_STATX_DONT_SYNC, STATX_INO | STATX_NLINK,
		    &status) != 0) {
		return;
	}
	channels_identity(
		identity, status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
	end.id = channel_name_id(identity);
	channel_end_add(holder, end);
	if (end.can_write && status.stx_nlink > 1) {
		written_add(holder, identity);
	}
}

static void descriptor_add(
	struct holder *holder, int folder, const char *descriptor, const char *target)
{
	struct stat status;
	uint64_t inode;
	int index;
	if (sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1) {
		socket_add(holder, inode);
		/* Whoever receives what is on its way in there has it then. */
		holder->is_opaque |= number_of(folder, descriptor, "scm_fds:") > 0;
	} else if (strcmp(target, "/dev/ptmx") == 0 ||
		   strcmp(target, "/dev/pts/ptmx") == 0) {
		/* Of the terminal that this open /dev/ptmx made. */
		terminal_add(holder, END_MASTER,
			number_of(folder, descriptor, "tty-index:"));
	} else if (sscanf(target, "/dev/pts/%d", &index) == 1) {
		terminal_add(holder, END_SLAVE, index);
	} else if (strcmp(target, "/dev/tty") == 0) {
		own_terminal_add(holder, descriptor);
	} else if ((strncmp(target, "pipe:", strlen("pipe:")) == 0 ||
			   channels_keep(text_of(target))) &&
		   /* The link's own mode says how the file is open (proc(5)). */
		   fstatat(folder, descriptor, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		const struct end end = {channel_name_id(target), END_ANY,
			(status.st_mode & S_IRUSR) != 0,
			(status.st_mode & S_IWUSR) != 0};
		if (target[0] == '/') {
			file_add(holder, folder, descriptor, target, end);
		} else {
			channel_end_add(holder, end);
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
	holder->is_leader = strtol(thread, NULL, 10) == holder->pid;
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

bool channel_kcmp(pid_t a, pid_t b, int what)
{
	return syscall(SYS_kcmp, a, b, what, 0, 0) == 0;
}

/* A thread may have descriptors of its own, by unshare(2) or clone(2). */
void channel_descriptors_take(struct holder *holder)
{
	DIR *threads = NULL;
	const struct dirent *entry;
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)holder->pid);
	threads = opendir(path);
	holder->is_opaque |= threads == NULL && errno != ENOENT && errno != ESRCH;
	while (threads != NULL && (entry = readdir(threads)) != NULL) {
		const pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
		if (thread > 0 &&
			(thread == holder->pid ||
				!channel_kcmp(holder->pid, thread, KCMP_FILES))) {
			descriptors_take(holder, entry->d_name);
		}
	}
	if (threads != NULL) {
		(void)closedir(threads);
	}
}

/* ---- Shared mappings ---- */

bool channels_is_of_system(struct text path)
{
	return text_starts_with(path, "/usr/") || text_starts_with(path, "/lib");
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
 * A mapping that may not be read or written now may be made so later if its file was opened
 * for it, which is not shown here: it counts as one that can. A private one shows what
 * others write to the file.
 */
static void mapping_add(struct holder *holder, const char *line)
{
	char permissions[8];
	char device[sizeof(holder->last_device)] = "";
	uint64_t inode;
	int path_at = 0;
	if (sscanf(line, "%*x-%*x %7s %*x %15s %" SCNu64 " %n", permissions, device,
		    &inode, &path_at) != 3 ||
		inode == 0) {
		return;
	}
	const bool is_shared = permissions[3] == 's';
	/* The parts of a library, one after the other. */
	if (!is_shared && inode == holder->last_inode &&
		strcmp(device, holder->last_device) == 0) {
		return;
	}
	holder->last_inode = is_shared ? 0 : inode;
	memcpy(holder->last_device, device, sizeof(device));
	char path[4200];
	(void)snprintf(path, sizeof(path), "%s", line + path_at);
	path[strcspn(path, "\n")] = '\0';
	const bool has_name = channels_keep(text_of(path)) &&
			      strncmp(path, "/SYSV", strlen("/SYSV")) != 0;
	if ((!is_shared && !has_name) || is_argument_pages(path, device, inode) ||
		(channels_is_of_system(text_of(path)) && !holder->counts_system)) {
		return;
	}
	struct end end = {0, END_ANY, true, is_shared};
	if (has_name) {
		end.id = channel_name_id(path);
		channel_end_add(holder, end);
	}
	char identity[CHANNELS_IDENTITY_SIZE] = "";
	unsigned numbers[2] = {0};
	(void)sscanf(device, "%x:%x", &numbers[0], &numbers[1]);
	channels_identity(identity, numbers[0], numbers[1], inode);
	end.id = channel_name_id(identity);
	channel_end_add(holder, end);
	if (has_name && is_shared) {
		written_add(holder, path);
		written_add(holder, identity);
	}
}

void channel_mappings_take(struct holder *holder)
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

/* ---- What is not open yet ---- */

static void terminal_opening_add(struct holder *holder, const char *path)
{
	char *own = strcmp(path, "/dev/tty") == 0 ? peer_terminal(holder->pid) : NULL;
	int index;

	if (sscanf(own != NULL ? own : path, "/dev/pts/%d", &index) == 1) {
		terminal_add(holder, END_SLAVE, index);
	}
	free(own);
}

void channel_opening_add(struct holder *holder, const struct channel_opening *opening)
{
	char identity[CHANNELS_IDENTITY_SIZE];
	char *path = text_copy(opening->path);
	struct end end = {
		channel_name_id(path), END_ANY, opening->reads, opening->writes};
	struct stat status;

	if (channels_is_terminal(opening->path)) {
		terminal_opening_add(holder, path);
	} else if (channels_keep(opening->path)) {
		channel_end_add(holder, end);
		if (late_stat(path, AT_SYMLINK_NOFOLLOW, &status) == 0) {
			channels_identity(identity, major(status.st_dev),
				minor(status.st_dev), status.st_ino);
			end.id = channel_name_id(identity);
			channel_end_add(holder, end);
		}
	}
	free(path);
}
