/* SPDX-License-Identifier: MIT */
/*
 * Files that are read from a project at the start of a session. Whoever made the project may
 * have put anything there, also links to pipes and devices: a regular file alone is opened,
 * since a device may begin to act when it is.
 */
#ifndef SESSION_PROJECT_FILE_H
#define SESSION_PROJECT_FILE_H

#include "base/error.h"

#include <stddef.h>

/* Owned, with a zero byte behind; NULL with err: EFBIG if it is larger than max bytes. */
char *project_file_bytes(
	const char *path, size_t max, size_t *length, struct error *err);

#endif
