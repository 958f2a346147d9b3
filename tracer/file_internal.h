/* SPDX-License-Identifier: MIT */
/*
 * A file call from the inside: what its operations keep between prepare and perform.
 * One file holds one family of operations, each with its table of functions.
 */
#ifndef TRACER_FILE_INTERNAL_H
#define TRACER_FILE_INTERNAL_H

#include "tracer/file_call.h"
#include "tracer/path.h"

#include <time.h>

enum {
	FILE_DATA_SIZE = 65536, /* XATTR_SIZE_MAX */
	FILE_XATTR_NAME_SIZE = 256,
	FILE_SOCKET_SIZE = PATH_NAME_SIZE + 5, /* "unix:" and a name */
};
_Static_assert(2 * FILE_SOCKET_SIZE <= FILE_DATA_SIZE, "both ends of a move have room");

struct file_call {
	struct call call;
	char text[PATH_MAX], text2[PATH_MAX]; /* names as the caller wrote them */
	struct path path, path2;
	int descriptor; /* copy of the caller's descriptor that is the object; or -1 */
	/* How rules see the names, where that differs: /proc/self for the caller's own. */
	char shown[PATH_NAME_SIZE];
	char program[PATH_MAX]; /* of a process that is looked into */
	uint64_t moves;		/* folders moved when the names were resolved */
	pid_t inspected;	/* that process; or 0 */
	bool is_remote;		/* may block, whatever is done */

	uint64_t flags, mode, resolve; /* of open and its kin; flags of the others */
	dev_t device;
	uid_t uid;
	gid_t gid;
	int64_t length;
	uint64_t size_limit; /* RLIMIT_FSIZE of the caller, for truncate(2) */
	uint32_t xattr_flags;
	bool is_done;	/* nothing is to be done: the result is 0 */
	bool may_block; /* performed where waiting is no harm */
	bool has_times;
	struct timespec times[2];
	char xattr_name[FILE_XATTR_NAME_SIZE];
	size_t data_size;
	char data
		[FILE_DATA_SIZE]; /* value of an attribute; target of a symbolic link */
};

/* A result that is no errno: the names lead elsewhere than they did when judged. */
static const int64_t file_names_changed = INT64_MIN;

/* What one operation does. Results are 0 or more, or a negative errno. */
struct file_operation {
	int (*prepare)(struct file_call *file, struct request *request);
	int64_t (*change)(struct file_call *file); /* NULL: an open */
	bool uses_umask;
};

/*
 * True if the kernel may be at a change for a while: it empties a large file, or waits
 * for whoever is writing into one.
 */
bool file_takes_long(const struct file_call *file);

/* Whether AT_EMPTY_PATH is for the caller: 0 or a negative errno. After the old name's pin. */
int file_link_check_opened(const struct file_call *file);
int64_t file_link_change(struct file_call *file);

extern const struct file_operation file_open_operation;
const struct file_operation *file_change_operation(enum operation operation);
const struct file_operation *file_attribute_operation(enum operation operation);
const struct file_operation *file_xattr_operation(enum operation operation);

bool file_open_is_tmpfile(const struct file_call *file);
bool file_open_writes(const struct file_call *file);
/* It makes or empties something, and there will be no descriptor to show for it. */
bool file_open_is_in_vain(const struct file_call *file);
/* A device that may be opened here although no name leads to it: a terminal's end. */
bool file_is_terminal_end(const struct stat *status);
/* What the kernel finds wrong with an existing object before it opens it; or 0. */
int file_open_check_object(const struct file_call *file);
struct file_outcome file_open_perform(struct file_call *file, bool may_block);

/* Counts a moved folder: names resolved before may have changed. */
void file_note_move(void);

/* An argument by its position in the row; 0 where there is none. */
uint64_t file_argument(const struct file_call *file, int position);
/* A descriptor argument; AT_FDCWD where the call has none. */
int file_folder_argument(const struct file_call *file, int position);

/* Reads a name; its length or a negative errno. */
ssize_t file_read_name(struct file_call *file, uint64_t address, char *text);

/* Reads and pins the name at the row's (first or second) positions. */
int file_pin(struct file_call *file, unsigned flags);
/* As file_pin, for calls that take a descriptor for an empty name only if it is open. */
int file_pin_opened(struct file_call *file, unsigned flags);
int file_pin_second(struct file_call *file, unsigned flags);
/* Copies and names the caller's descriptor that is the object. */
int file_pin_descriptor(struct file_call *file, int fd);

/* The name of a pinned object below /proc/self/fd, for calls that take only a path. */
struct file_link {
	char text[32];
};
struct file_link file_link_of(int fd);

/* ---- file_order.c ---- */

/* The folders in which a call puts something under a name; nobody else does meanwhile. */
struct file_order {
	dev_t devices[2];
	ino_t inodes[2];
	int count;
	struct file_order *next;
};

/* False: somebody else is at it just now, and the call may not wait. */
bool file_order_take(struct file_order *order, const struct file_call *file);
void file_order_leave(struct file_order *order);

/* ---- file_action.c ---- */

/*
 * Adds an action on what a path leads to, and what else it means: private parts of a
 * process are inspected. Nothing for what has no name.
 */
void file_add_action(struct file_call *file, struct request *request, enum verb verb,
	struct path *path);

/* An action on a process that the call looks into or reaches. */
void file_add_inspection(struct file_call *file, struct request *request, pid_t pid);

/*
 * If the path leads to a socket: under another name it is connected to by other rules.
 * object has room for FILE_SOCKET_SIZE bytes and lives as long as the request.
 */
void file_add_socket(struct request *request, const struct path *path, char *object);

/* An action on a name that is no path's. */
void file_add_named_action(struct file_call *file, struct request *request,
	enum verb verb, struct text name);

/* Refuses the call whatever rules say; returns 0. */
int file_refuse(
	struct file_call *file, struct request *request, int error, const char *reason);

/* True if the result of a failed pin is to be recorded as a refusal, which is done. */
bool file_refuse_path(
	struct file_call *file, struct request *request, const struct path *path);

#endif
