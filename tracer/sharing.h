/* SPDX-License-Identifier: MIT */
/* What threads and processes share, as the kernel has it. Inside tracer/ only. */
#ifndef TRACER_SHARING_H
#define TRACER_SHARING_H

#include <linux/kcmp.h>
#include <stdbool.h>

struct tracer;
struct tracee;

/*
 * Could anybody else change what the thread's descriptors mean (KCMP_FILES), or where its
 * working folder is (KCMP_FS)? So it is where the kernel does not say.
 */
bool tracee_shares(
	const struct tracer *tracer, const struct tracee *tracee, enum kcmp_type kind);

/* Whether names that depend on its own state mean what they did a moment ago. */
bool tracee_is_alone(const struct tracer *tracer, const struct tracee *tracee);

#endif
