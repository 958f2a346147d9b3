/* SPDX-License-Identifier: MIT */
/*
 * What may wait for ever (a file whose server does not answer, memory that such files are
 * mapped to, the lock of a process' mappings) where the loop cannot go on without it: it
 * is done by a thread, and the loop awaits what comes soon, no more than a fifth of its
 * time or 200 ms at once. What takes longer counts as not to be had, and is left to
 * itself. For the loop's thread; others do these things directly.
 */
#ifndef TRACER_LATE_H
#define TRACER_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The first member of what is to be done; all of it belongs to late_run. */
struct late_work {
	void (*run)(struct late_work *work); /* in another thread */
	void (*destroy)(struct late_work *work);
	bool is_done, is_abandoned;
	struct late_work *next; /* in line */
};

/* True: it was run, and is the caller's again. False: it comes too late, and is gone. */
bool late_run(struct late_work *work);
/* Has it run and destroyed, whenever that is. */
void late_leave(struct late_work *work);
/* True where none could be run: every thread waits already for what does not come. */
bool late_is_full(void);

/*
 * As the calls of the same names, and -1 with ETIMEDOUT where they would take too long;
 * done at once where nothing is slow (path_memory_may_wait).
 */
/* For reading; only what path_open_regular opens. */
int late_open(const char *path, struct stat *status);
int late_stat(const char *path, int flags, struct stat *status); /* as fstatat(2) */
ssize_t late_pread(int fd, void *buffer, size_t size, off_t offset);
void late_close(int fd); /* its server may be asked */
/* Writes to a process' memory: process_vm_writev(2). */
ssize_t late_write_memory(pid_t pid, uint64_t address, const void *buffer, size_t size);
/* A file of procfs, terminated and cut off behind max bytes; to be freed; or NULL. */
char *late_read_file(const char *path, size_t max);

#endif
