/* SPDX-License-Identifier: MIT */
/* The formats of `duenna export`, and what they share. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "db/db.h"

#include <jansson.h>

#include <stdio.h>

/* Writes the session to file; failures to write show there, by ferror. */
typedef bool export_fn(struct db *db, const struct session_record *session, FILE *file,
	struct error *err);

export_fn export_asciicast, export_perfetto, export_html, export_ocsf;

/* How JSON is written: as one line of ASCII; 15 digits are nanoseconds of a day. */
#define EXPORT_JSON (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))

/* Sets a new reference; fails only without memory. */
void export_set(json_t *object, const char *key, json_t *value);
/* Text from a tree with everything that could mislead a reader made visible. */
json_t *export_text(struct text text);
json_t *export_texts(const struct text *texts, size_t count);
/* One object as a line of ASCII; gives the reference back. */
void export_line(FILE *file, json_t *object);

#endif
