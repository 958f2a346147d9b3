/* SPDX-License-Identifier: MIT */
/*
 * Makes a filter's program from the system call table, through libseccomp. That takes
 * several milliseconds, so the build does it once for the usual options, and filter.c
 * only for the rest.
 */
#ifndef TRACER_FILTER_GENERATE_H
#define TRACER_FILTER_GENERATE_H

#include "tracer/filter.h"

/* Fills program in; free its instructions with free(). */
bool filter_generate(const struct filter_options *options, struct sock_fprog *program,
	struct error *err);

/* The programs that the build made, by filter_program_index. */
enum { FILTER_PROGRAMS = 16 };
extern const struct filter_program {
	const struct sock_filter *instructions;
	unsigned short count;
} filter_programs[FILTER_PROGRAMS];

/* Guards other than of GUARD_WINDOW have no program. */
static inline unsigned filter_program_index(const struct filter_options *options)
{
	return (options->calls.judge_reads ? 1u : 0) |
	       (options->calls.privileged ? 2u : 0) | (options->notify ? 4u : 0) |
	       (options->calls.guard_window != 0 ? 8u : 0);
}

#endif
