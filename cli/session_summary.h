/* SPDX-License-Identifier: MIT */
/* `duenna sessions show`: what a session did, for people. */
#ifndef CLI_SESSION_SUMMARY_H
#define CLI_SESSION_SUMMARY_H

#include "db/db.h"

#include <stdio.h>

/* all: lists are not cut off. */
bool session_summary_print(FILE *out, struct db *db,
	const struct session_record *session, bool all, struct error *err);

#endif
