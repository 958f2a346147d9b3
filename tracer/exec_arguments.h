/* SPDX-License-Identifier: MIT */
/* The argv of an exec: read once, as a list of strings in one buffer. Inside tracer/. */
#ifndef TRACER_EXEC_ARGUMENTS_H
#define TRACER_EXEC_ARGUMENTS_H

#include "base/text.h"
#include "tracer/call.h"

/* Zero-initialise. */
struct arguments {
	struct text *items;
	size_t count;
	char *bytes;
	size_t length, capacity;
};

/* Appends a copy; the items' pointers are valid after arguments_settle. */
void arguments_append(struct arguments *arguments, const char *bytes, size_t length);
void arguments_settle(struct arguments *arguments);
void arguments_finish(struct arguments *arguments);

/*
 * Reads an argv of the caller and settles it. 0, or the kernel's negative errno. An empty
 * one gets an empty first string, as the kernel does since 5.18.
 */
int arguments_read(
	const struct call *call, uint64_t address, struct arguments *arguments);

#endif
