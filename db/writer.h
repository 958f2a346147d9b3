/* SPDX-License-Identifier: MIT */
/* The recorder's thread, which owns the writing connection. For recorder.c only. */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/records.h"

struct writer;

struct writer *writer_create(const char *path, const struct session_record *session,
	int64_t *id, struct error *err);
/* Waits for the thread, to which a stop record was sent. */
bool writer_destroy(struct writer *writer, struct error *err);

struct queue *writer_queue(const struct writer *writer);
int writer_fd(const struct writer *writer);
bool writer_next_completion(struct writer *writer, struct completion *completion);
bool writer_failed(struct writer *writer, struct error *err);

#endif
