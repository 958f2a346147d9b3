/* SPDX-License-Identifier: MIT */
/*
 * A file call (CLASS_FILE) carried out on behalf of its caller: its arguments are read
 * once, the names resolved to pinned descriptors in the caller's root and working
 * folder, the actions listed, and, once allowed, exactly those pinned objects are opened
 * or changed. Inside tracer/ only.
 *
 *   file_call_prepare -> actions -> (judged) -> file_call_perform -> file_call_finish
 *
 * prepare and perform may run in different threads, one after the other.
 */
#ifndef TRACER_FILE_CALL_H
#define TRACER_FILE_CALL_H

#include "tracer/call.h"
#include "tracer/tracer.h"

struct file_call; /* opaque; comes from a pool, several 10 KiB each */

/* How the result of perform reaches the caller. */
enum file_outcome_kind {
	FILE_RESULT, /* value: 0 or more, or a negative errno */
	FILE_HANDOVER, /* fd: give it to the caller as its new descriptor (close it after) */
	FILE_NATIVE, /* the caller itself has to open it, see file_call_native */
	FILE_BLOCKS, /* could block: call perform again with may_block from a performer */
	FILE_CHANGED, /* the name leads elsewhere now: finish, prepare and judge anew */
};

struct file_outcome {
	enum file_outcome_kind kind;
	int64_t value;
	int fd;
	bool close_on_exec; /* HANDOVER */
};

/* Arguments of the openat2 that the caller runs itself, pinned, for FILE_NATIVE. */
struct file_native {
	/* Canonical, absolute, no symbolic link; lives in the file_call. */
	const char *path;
	uint64_t flags, mode, resolve; /* struct open_how */
};

struct file_call *file_call_create(void);
void file_call_destroy(struct file_call *file); /* accepts NULL */

/*
 * Reads and resolves. Returns 0 with request's actions, refused and reason filled in
 * (texts live in file until finish), or a negative errno that is the call's result
 * without any question, because the kernel would have failed it before doing anything
 * (ENOENT, ELOOP, EFAULT, EINVAL, a failing search permission …). Without an action and
 * not refused, the call touches nothing but the caller's own unnamed objects (pipes,
 * memfds): perform it without judging.
 * May be called again for the same call after finish.
 */
int file_call_prepare(
	struct file_call *file, const struct call *call, struct request *request);

/*
 * The name by which a file that is there would be opened for reading: an absolute one or
 * from the working folder. NULL if it is anything else. After prepare.
 */
const char *file_call_opened_name(const struct file_call *file);

/* Has that open be of what fd pins instead; false if it cannot. */
bool file_call_replace(struct file_call *file, int fd);

/* After an open was performed: that its process has the file now, or will. */
void file_call_note_opened(
	const struct file_call *file, const struct file_outcome *outcome);

/* Does what was judged. See enum file_outcome_kind. */
struct file_outcome file_call_perform(struct file_call *file, bool may_block);

/*
 * For FILE_NATIVE, and for any other open that the caller shall run itself: valid until
 * finish. The path is NULL when no name leads to the object.
 */
void file_call_native(const struct file_call *file, struct file_native *native);

/* Closes what is pinned and makes the struct ready for the next prepare. */
void file_call_finish(struct file_call *file);

/* True if it leads to a file system whose server may never answer. */
bool file_call_is_remote(const struct file_call *file);

/*
 * Each thread that performs calls it once, the loop's as well: own umask and folders
 * (unshare CLONE_FS). Called after the last fork of the process.
 */
bool file_call_thread_start(struct error *err);

#endif
