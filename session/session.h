/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: runs a command under the tracer, judges what it does by the rules,
 * asks its front ends, and records everything. Fills the calling process until the tree
 * has ended; front ends are other processes, clients of session/protocol.h.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/error.h"
#include "tracer/tracer.h"

#include <stdbool.h>
#include <stddef.h>

/* What becomes of an action that no rule decides. */
enum ask_mode {
	ASK_TUI, /* asked; the tree has a terminal of its own, shown by the front end */
	ASK_LINE,   /* the same, the front end being the line prompt */
	ASK_ATTACH, /* the same, but questions wait for somebody to attach */
	ASK_DENY,   /* denied at once; the command keeps our 0, 1 and 2 */
	ASK_ALLOW,  /* allowed and recorded as such; the command keeps our 0, 1 and 2 */
};

enum on_exit { ON_EXIT_WAIT, ON_EXIT_KILL };

struct session_options {
	char *const *argv; /* the command; ends with NULL */
	enum ask_mode ask;
	const char *const *rule_files; /* --rules; NULL ends it; NULL: none */
	const char *const *profiles;   /* --profile, added to the default ones */
	bool no_default_profiles;
	const char *project; /* canonical; NULL: none */
	bool sealed_reads;   /* --reads sealed */
	enum carrier carrier;
	const char *environment; /* --env as written; NULL: keep */
	const char *database;	 /* path; its folder exists */
	const char *name;	 /* NULL: none */
	enum on_exit on_exit;
	bool quiet;
	/* Questions wait when the last front end is gone (always so with ASK_ATTACH).
	 */
	bool detached;
	/*
	 * A connected stream socket to the first front end, closed at the end; or -1.
	 * Whoever starts the front end forks before session_run, while there is one
	 * thread and no database is open.
	 */
	int front_end;
	/* A socket to a process that tells the person of questions; 0: none. */
	int notify_fd;
	/* Size of the tree's terminal; 0: 24 and 80 until a front end says its own. */
	unsigned short rows, columns;
};

/*
 * Runs the session to its end. On success *status is the exit status to leave with (the
 * command's, or 128 + the signal that ended it). Fails before anything of the command
 * has run: err->code is ENOENT or EACCES if the command is not there or not executable,
 * ERROR_SYNTAX with file:line:column in the text for a rule that is not valid.
 */
bool session_run(const struct session_options *options, struct error *err, int *status);

#endif
