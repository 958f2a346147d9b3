/* SPDX-License-Identifier: MIT */
/*
 * The shape of the database and its history: one script per version. user_version is
 * the number of scripts that a file has been through.
 */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include "base/error.h"

#include <sqlite3.h>

#include <stddef.h>

enum { SCRIPT_PARTS_MAX = 4 };

/* SQL that brings a database from one version to the next; unused parts are NULL. */
struct script {
	const char *parts[SCRIPT_PARTS_MAX];
};

struct schema {
	const struct script *scripts; /* scripts[n] makes version n + 1 of version n */
	size_t version;		      /* how many there are */
};

extern const struct schema schema_current;

/*
 * Whether the file is one of ours and what version it has; changes nothing.
 * ERROR_NEWER and ERROR_DAMAGED as db_open says. An empty file has version 0.
 */
bool schema_read_version(sqlite3 *connection, const char *path,
	const struct schema *schema, size_t *version, struct error *err);

/*
 * Brings the file to the schema's version in one transaction, after keeping a copy of a
 * file that is not new as PATH.before-vN.
 */
bool schema_migrate(sqlite3 *connection, const char *path, const struct schema *schema,
	struct error *err);

#endif
