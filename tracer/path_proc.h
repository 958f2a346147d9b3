/* SPDX-License-Identifier: MIT */
/*
 * What the names below /proc mean: whose they are, which are private, and how rules
 * see them. Inside tracer/ only.
 */
#ifndef TRACER_PATH_PROC_H
#define TRACER_PATH_PROC_H

#include "tracer/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum proc_owner {
	PROC_NOBODY, /* no process: /proc/meminfo … */
	PROC_CALLER, /* the caller's own thread group */
	PROC_OTHER,
	PROC_SUPERVISOR,
};

/* An entry of /proc taken apart. */
struct proc_entry {
	enum proc_owner owner;
	pid_t pid;	  /* the number in the name */
	const char *rest; /* after the number, "" or "/…"; points into the name */
	bool is_private;  /* memory, environment, descriptors … of a process */
	bool is_memory;	  /* …/mem */
};

/* True if a canonical name is that of /proc or of what is below. */
bool proc_is_named(const char *name);

/* Takes a canonical name apart; false if it is not below /proc. */
bool proc_entry_parse(
	struct proc_entry *entry, const struct call *call, const char *name);

/* Whose process or thread a number is, seen from the caller. */
enum proc_owner proc_owner_of(const struct call *call, pid_t pid);

#endif
