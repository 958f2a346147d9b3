/* SPDX-License-Identifier: MIT */
/*
 * Acting with a caller's file credentials: fsuid, fsgid, groups and effective
 * capabilities, taken over by the calling thread alone and dropped afterwards. What
 * cannot be taken over exactly is not taken over at all. Inside tracer/ only.
 */
#ifndef TRACER_CREDENTIALS_H
#define TRACER_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CALLER_GROUPS_MAX = 1024 };

/* What /proc/TID/status says of a thread. */
struct caller_status {
	uid_t fsuid;
	gid_t fsgid;
	mode_t umask;
	uint64_t effective; /* capabilities */
	size_t group_count;
	gid_t groups[CALLER_GROUPS_MAX];
};

/* False if it cannot be read, is not understood, or has too many groups. */
bool caller_status_read(pid_t tid, struct caller_status *status);

/* The real ids alone; false as above. */
bool caller_real_ids_read(pid_t tid, uid_t *uid, gid_t *gid);

/* Whether its real, effective and saved ids are the supervisor's; no if it cannot be told. */
bool caller_ids_are_own(pid_t tid);

/*
 * A number that differs when ids, groups or capabilities do, whichever of them; false as
 * above.
 */
bool caller_credentials_hash(pid_t tid, uint64_t *hash);

/*
 * What kill(2) asks of the ids of both, for a signal that we send in the caller's name;
 * false if it cannot be told.
 */
bool caller_may_signal(pid_t tid, pid_t target, int sig);

/* The umask alone; false as above. */
bool caller_umask_read(pid_t tid, mode_t *mask);

/*
 * True if the thread has seccomp filters besides ours, or may have: they can answer a call
 * of it with an error or 0, as if the kernel had. None is ever taken off, so what a thread
 * without any was answered before is the kernel's word.
 */
bool caller_is_filtered_further(pid_t tid);

/*
 * The caller's RLIMIT_FSIZE. prlimit(2) may be denied to us where the caller has other
 * ids than we; /proc tells everybody. False if neither says.
 */
bool caller_size_limit_read(pid_t pid, uint64_t *limit);

/*
 * False if fewer of the descriptors that the caller may have are free, which the kernel looks
 * at before it opens, makes or empties anything. Not to be asked with the caller's credentials.
 */
bool caller_has_descriptors_left(pid_t tid, pid_t pid, unsigned wanted);

/* Closes what the calling thread keeps open for these: before it ends. */
void caller_status_forget(void);

/* True if the thread's credentials are the supervisor's own. */
bool credentials_are_own(const struct caller_status *status);

/* Takes the credentials of tid over; false (and nothing taken) if it cannot. */
bool credentials_take(pid_t tid);
/* Back to the supervisor's own; aborts if that fails. */
void credentials_drop(void);

#endif
