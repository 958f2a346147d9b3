/* SPDX-License-Identifier: MIT */
/*
 * The seccomp filter of a session, generated from the system call table through
 * libseccomp. Installing it is spawn.c's work.
 */
#ifndef TRACER_FILTER_H
#define TRACER_FILTER_H

#include "base/error.h"
#include "tracer/syscall_table.h"

#include <linux/filter.h>

struct filter_options {
	struct syscall_options calls;
	bool notify; /* CLASS_FILE goes to the listener; false: to the tracer as well */
};

/*
 * Numbers that no system call has and that the tracer restarts a thread with: below the
 * x32 bit (1 << 30), above every table. A tree that uses them by itself gains nothing:
 * the tracer knows no such thread and answers ENOSYS.
 */
enum {
	FILTER_NUMBER_HOLD = 0x0d0e0001,   /* waits in a notification */
	FILTER_NUMBER_REOPEN = 0x0d0e0002, /* makes a trace stop */
};

/* What the filter does with a call. */
enum filter_action { FILTER_PASS, FILTER_ERRNO, FILTER_NOTIFY, FILTER_TRACE };

/* The action for a class under these options. */
enum filter_action filter_class_action(
	const struct filter_options *options, enum syscall_class class);

/*
 * Fills program in; its instructions are owned by the caller (filter_finish). Made at
 * build time, unless another window than GUARD_WINDOW is guarded.
 */
bool filter_build(const struct filter_options *options, struct sock_fprog *program,
	struct error *err);
void filter_finish(struct sock_fprog *program);

#endif
