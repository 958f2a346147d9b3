/* SPDX-License-Identifier: MIT */
/*
 * A name of the caller's resolved as the kernel would for the caller, to descriptors
 * that stay what they are however names change afterwards. Inside tracer/ only.
 *
 * The caller's root folder is the supervisor's own: nothing in the tree can change it.
 */
#ifndef TRACER_PATH_H
#define TRACER_PATH_H

#include "tracer/call.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { PATH_NAME_SIZE = PATH_MAX + NAME_MAX + 2, PATH_LAST_SIZE = NAME_MAX + 3 };

enum path_flags {
	PATH_NO_FOLLOW = 1 << 0, /* a symbolic link at the end is the object itself */
	PATH_FOLDER = 1 << 1,	 /* the object must be a directory */
	PATH_CREATE = 1 << 2, /* the object may be missing: its folder is pinned then */
	PATH_ENTRY = 1 << 3,  /* pin the folder always; a missing object is no error */
	PATH_EMPTY = 1 << 4,  /* an empty name is the descriptor itself */
	PATH_READ = 1 << 5,   /* open at once what is plain, with the flags opening */
	/* A hint with PATH_CREATE: its folder is pinned before the object is looked for. */
	PATH_SEEMS_MISSING = 1 << 6,
	/* The kernel will start from the folder as well, not from what has its name here. */
	PATH_FROM_FOLDER = 1 << 7,
};

/* A name as the caller gave it. */
struct path_request {
	const struct call *call;
	int folder; /* the caller's descriptor, or AT_FDCWD */
	const char *text;
	size_t length;
	unsigned flags;	  /* enum path_flags, or-ed */
	uint64_t resolve; /* RESOLVE_… of the caller's own openat2 */
	uint64_t opening; /* with PATH_READ: O_… */
};

enum path_end { END_NORMAL, END_DOT, END_DOT_DOT, END_ROOT };

/* What it leads to. */
struct path {
	int fd;	    /* O_PATH of the object, or see is_opened; -1 if it is missing */
	int folder; /* O_PATH of its folder if PATH_ENTRY, or if it is missing; else -1 */
	struct stat status; /* of the object, or of the folder if it is missing */
	char last[PATH_LAST_SIZE]; /* with folder: the last component and its slash */
	enum path_end end;	   /* with folder: what kind of component that is */
	char name[PATH_NAME_SIZE]; /* canonical; empty if the object has no name */
	size_t name_length;
	int last_error; /* with folder: why the last component cannot be looked up */
	bool is_missing;
	bool is_opened;	  /* PATH_READ: fd is open for reading, O_NONBLOCK added */
	bool is_unnamed;  /* a pipe, socket, memfd …, reached through a magic link */
	bool is_deleted;  /* name is what it was called before */
	bool is_proc;	  /* lies on a procfs */
	bool may_block;	  /* on a file system whose server may be slow or hostile */
	bool is_ours;	  /* leads through the supervisor's own descriptors or memory */
	bool is_too_long; /* its canonical name cannot be told */
	bool is_foreign_proc; /* leads through a procfs elsewhere than at /proc */
	bool is_elsewhere; /* on a mount of another namespace, where names say other things */
	bool has_jumped; /* leads through a magic link, which its process can turn */
	bool is_only_handle; /* no name leads there, but an O_PATH descriptor: anybody's */
	/* The last magic link was this descriptor of this process; or 0. */
	pid_t holder;
	int held_number;
	pid_t through; /* leads through a magic link of this other process; or 0 */
};

/*
 * Resolves. Returns 0 or the negative errno that the caller's own call would have got.
 * path need not be initialised; finish it in any case.
 */
int path_pin(struct path *path, const struct path_request *request);

/*
 * In a thread that did not say path_may_wait, path_pin and path_name_descriptor fail
 * rather than look up a name on a slow file system; path_take_wait says, once, that they
 * did so, whatever became of their failure.
 */
void path_may_wait(bool may);
bool path_take_wait(void);

/* True if an open file lies on a slow file system, and this thread must not wait for it. */
bool path_is_slow(int fd);

/*
 * Memory is slow where files of slow file systems are mapped, which somebody of the tree
 * has to open before. True if that may be so, unless this thread is a performer (it spoke
 * of path_may_wait), which may always wait for memory.
 */
bool path_memory_may_wait(void);
/* Before a tree runs: what it has open already, and whether it can open more unseen. */
void path_note_open_files(const int *descriptors, size_t count, bool opens_unseen);

/* Why nothing is done to what is_elsewhere. */
extern const char path_elsewhere_reason[];

/* As path_pin, for a descriptor that was copied from the caller: names it. */
int path_name_descriptor(struct path *path, int fd);

void path_init(struct path *path);
void path_finish(struct path *path);

/* True if the name, canonical and without links, leads to this very object now. */
bool path_is_still(const struct path *path);

/* True if the pinned folder is still called as it was judged. */
bool path_folder_is_still(const struct path *path);
/* True if what the folder has under the last component is still the pinned object. */
bool path_entry_is_still(const struct path *path);

/*
 * Notes which files the supervisor has open, and so never opens them for the tree. Comes
 * by itself with the first open of a session, when all are open that locks are held on.
 */
bool path_plain_start(void);

/*
 * Opens for reading what an O_PATH descriptor is of, for the supervisor's own sake: only
 * a regular file, since a FIFO would wait and a device might act, and none that the
 * supervisor has open. -1, with errno: it is another.
 */
int path_open_regular(int handle, struct stat *status);

/*
 * Around what moves names: what was known to be plain may then be anything. False if that
 * has to wait, and may not.
 */
bool path_begin_moving(bool may_wait);
void path_end_moving(void);

/*
 * A copy of the caller's descriptor (sharing its open file), or a negative errno. -EACCES
 * if the caller is a thread with descriptors of its own and the kernel does not let us
 * have one of them (before Linux 6.9): the process may mean another file by the number.
 */
int path_take_descriptor(const struct call *call, int fd);
/* Whether the kernel does. */
void path_use_thread_pidfds(bool exist);

#endif
