/* SPDX-License-Identifier: MIT */
/*
 * A bounded queue of byte records between two threads, one that puts and one that takes.
 * Records lie in one ring and are read in place. When it is full the putting thread
 * waits; nothing is ever dropped. No locks: futexes, and only when a thread must sleep.
 */
#ifndef DB_QUEUE_H
#define DB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* capacity: bytes, a power of two. A record may take a quarter of it. */
struct queue *queue_create(size_t capacity);
void queue_destroy(struct queue *queue); /* accepts NULL */
size_t queue_record_max(const struct queue *queue);

/* Putting thread: room for a record (8-byte aligned), then makes it visible. */
void *queue_reserve(struct queue *queue, size_t length);
/* urgent: wakes a thread that waits for urgent records only. */
void queue_commit(struct queue *queue, bool urgent);

/* Taking thread: the oldest record, or NULL; it stays until it is released. */
const void *queue_peek(struct queue *queue, size_t *length);
void queue_release(struct queue *queue);

enum queue_wait {
	QUEUE_WAIT_ANY,	   /* until there is a record */
	QUEUE_WAIT_URGENT, /* until an urgent one came, or the queue is half full */
};
/* Taking thread: waits at most timeout nanoseconds (-1: no limit). */
void queue_wait(struct queue *queue, enum queue_wait wait, int64_t timeout);

#endif
