/* SPDX-License-Identifier: MIT */
/*
 * A stopped system call as the decoders of the tracer see it. Inside tracer/ only.
 */
#ifndef TRACER_CALL_H
#define TRACER_CALL_H

#include "tracer/syscall_table.h"

#include <stdint.h>
#include <sys/types.h>

struct opened_files;

struct call {
	pid_t tid;
	pid_t pid;     /* thread group */
	int memory_fd; /* kept /proc/PID/mem; borrowed */
	bool is_fresh; /* at an exec stop: what the kernel itself put there comes */
	uint64_t number;
	uint64_t arguments[6];
	const struct syscall_row *row; /* never NULL for a call that is decoded */
	enum operation operation;      /* after the row's argument rules */
	/*
	 * The caller's credentials may differ from the supervisor's (a root tree after
	 * setresuid, capset …): take them over before acting on its behalf.
	 */
	bool has_own_credentials;
	struct opened_files *opened; /* by its process; borrowed */
	/* Nothing can be handed over but by detours: it opens what is there itself. */
	bool opens_itself;
	bool is_at_limit; /* its process ran out of descriptors before */
};

/*
 * Reads size bytes of the caller's memory; false if any of them cannot be read (the
 * caller of this denies with EFAULT, as the kernel would). Never blocks for long.
 */
bool call_read(const struct call *call, uint64_t address, void *buffer, size_t size);

/*
 * Copies a terminated string of at most size - 1 bytes. Returns its length, or a
 * negative errno: -EFAULT, or -ENAMETOOLONG if it is not terminated within size bytes.
 */
ssize_t call_read_string(
	const struct call *call, uint64_t address, char *buffer, size_t size);

/*
 * Writes into the caller's memory as it could itself (process_vm_writev); false if it
 * could not. Only for what the kernel would write there.
 */
bool call_write(
	const struct call *call, uint64_t address, const void *buffer, size_t size);

#endif
