/* SPDX-License-Identifier: MIT */
/* The environment that the tree gets, and what of it looks secret. */
#ifndef SESSION_ENVIRONMENT_H
#define SESSION_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

struct environment {
	char **entries; /* NAME=value, each owned; NULL after the last */
	size_t count;
	char *secret_names; /* "A, B": what looks secret and is passed on; or NULL */
};

/*
 * wish is --env: NULL or "keep" passes everything on, "clean" what does not look secret,
 * "NAME,…" the same and these whatever they look like. TMPDIR becomes temporary, and so
 * does TMUX_TMPDIR if it is not set. term becomes TERM unless it is NULL.
 */
void environment_build(struct environment *environment, char *const *own,
	const char *wish, const char *temporary, const char *term);
void environment_finish(struct environment *environment);

#endif
