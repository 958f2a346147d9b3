/* SPDX-License-Identifier: MIT */
/*
 * Positions count bytes from the start of time and are reduced to offsets by the mask.
 * head is written by the putting thread alone, tail by the taking thread alone. Each
 * record is a header and its bytes, rounded up to 8; one that would cross the end of the
 * ring is preceded by a filler, so that records are contiguous.
 *
 * Sleeping: a thread announces it (sequentially consistent), looks again, and sleeps on
 * a futex word that the other thread changes before it wakes. The announcement and the
 * new position are in a total order, so one of the two threads sees the other's.
 */
#include "db/queue.h"

#include "base/error.h"
#include "base/xalloc.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ALIGNMENT = 8, CACHE_LINE = 64, NANOSECONDS = 1000000000 };

/* What the taking thread sleeps for. */
enum sleep { AWAKE, SLEEPS_FOR_ANY, SLEEPS_FOR_URGENT };

struct header {
	uint32_t length;
	uint32_t is_filler;
};

struct queue {
	unsigned char *ring;
	size_t capacity;

	/* The putting thread's line. */
	_Alignas(CACHE_LINE) atomic_size_t head;
	size_t reserved;   /* bytes of the record in hand, with header and filler */
	size_t known_tail; /* spares reading tail for each record */
	_Atomic uint32_t records_word; /* futex: changes when the taker is woken */
	atomic_bool is_urgent;

	/* The taking thread's line. */
	_Alignas(CACHE_LINE) atomic_size_t tail;
	_Atomic uint32_t room_word; /* futex: changes when the putter is woken */
	atomic_int sleep;	    /* enum sleep */
	atomic_bool putter_waits;
};

static size_t round_up(size_t n)
{
	return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

struct queue *queue_create(size_t capacity)
{
	invariant(capacity >= 1024 && (capacity & (capacity - 1)) == 0);
	struct queue *queue = aligned_alloc(CACHE_LINE,
		(sizeof(*queue) + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1));

	invariant(queue);
	*queue = (struct queue){.ring = xmalloc(capacity), .capacity = capacity};
	return queue;
}

void queue_destroy(struct queue *queue)
{
	if (!queue) {
		return;
	}
	free(queue->ring);
	free(queue);
}

size_t queue_record_max(const struct queue *queue)
{
	return queue->capacity / 4;
}

static void futex_wait(_Atomic uint32_t *word, uint32_t seen, int64_t timeout)
{
	struct timespec limit = {timeout / NANOSECONDS, timeout % NANOSECONDS};

	/* Spurious returns are fine: every caller looks again. */
	(void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen,
		timeout < 0 ? NULL : &limit, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word)
{
	(void)atomic_fetch_add(word, 1);
	(void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static bool has_room(struct queue *queue, size_t head, size_t needed)
{
	if (queue->capacity - (head - queue->known_tail) >= needed) {
		return true;
	}
	queue->known_tail = atomic_load(&queue->tail);
	return queue->capacity - (head - queue->known_tail) >= needed;
}

static void wake_taker(struct queue *queue)
{
	if (atomic_exchange(&queue->sleep, AWAKE) != AWAKE) {
		futex_wake(&queue->records_word);
	}
}

static void wait_for_room(struct queue *queue, size_t head, size_t needed)
{
	while (!has_room(queue, head, needed)) {
		uint32_t seen = atomic_load(&queue->room_word);

		atomic_store(&queue->putter_waits, true);
		wake_taker(queue);
		if (has_room(queue, head, needed)) {
			break;
		}
		futex_wait(&queue->room_word, seen, -1);
	}
	atomic_store(&queue->putter_waits, false);
}

void *queue_reserve(struct queue *queue, size_t length)
{
	invariant(length <= queue_record_max(queue));
	size_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
	size_t offset = head & (queue->capacity - 1);
	size_t size = sizeof(struct header) + round_up(length);
	size_t to_end = queue->capacity - offset;
	size_t filler = size > to_end ? to_end : 0;

	if (!has_room(queue, head, filler + size)) {
		wait_for_room(queue, head, filler + size);
	}
	if (filler) {
		*(struct header *)(void *)(queue->ring + offset) =
			(struct header){(uint32_t)(filler - sizeof(struct header)), 1};
		offset = 0;
	}
	struct header *header = (struct header *)(void *)(queue->ring + offset);
	*header = (struct header){(uint32_t)length, 0};
	queue->reserved = filler + size;
	return header + 1;
}

void queue_commit(struct queue *queue, bool urgent)
{
	size_t head = atomic_load_explicit(&queue->head, memory_order_relaxed) +
		      queue->reserved;

	queue->reserved = 0;
	atomic_store(&queue->head, head);
	if (urgent) {
		/* After head, or the taker might use it up before it sees the record. */
		atomic_store(&queue->is_urgent, true);
	}
	int sleep = atomic_load(&queue->sleep);
	if (sleep == AWAKE) {
		return;
	}
	if (head - queue->known_tail > queue->capacity / 2) {
		queue->known_tail = atomic_load(&queue->tail);
	}
	bool is_half_full = head - queue->known_tail > queue->capacity / 2;
	if (sleep == SLEEPS_FOR_ANY || urgent || is_half_full) {
		wake_taker(queue);
	}
}

const void *queue_peek(struct queue *queue, size_t *length)
{
	for (;;) {
		size_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);

		if (tail == atomic_load(&queue->head)) {
			return NULL;
		}
		size_t offset = tail & (queue->capacity - 1);
		const struct header *header =
			(const struct header *)(const void *)(queue->ring + offset);

		if (!header->is_filler) {
			*length = header->length;
			return header + 1;
		}
		queue_release(queue);
	}
}

void queue_release(struct queue *queue)
{
	size_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
	size_t offset = tail & (queue->capacity - 1);
	const struct header *header =
		(const struct header *)(const void *)(queue->ring + offset);

	tail += sizeof(*header) + round_up(header->length);
	atomic_store(&queue->tail, tail);
	/*
	 * Half the ring is room for any record and its filler. Earlier, the putting thread
	 * would be woken for every record.
	 */
	if (atomic_load(&queue->putter_waits) &&
		atomic_load(&queue->head) - tail <= queue->capacity / 2) {
		futex_wake(&queue->room_word);
	}
}

static bool is_worth_waking(struct queue *queue, enum queue_wait wait)
{
	size_t used = atomic_load(&queue->head) -
		      atomic_load_explicit(&queue->tail, memory_order_relaxed);

	switch (wait) {
	case QUEUE_WAIT_ANY:
		return used > 0;
	case QUEUE_WAIT_URGENT:
		return atomic_exchange(&queue->is_urgent, false) ||
		       used > queue->capacity / 2 || atomic_load(&queue->putter_waits);
	}
	return true;
}

void queue_wait(struct queue *queue, enum queue_wait wait, int64_t timeout)
{
	int sleep = wait == QUEUE_WAIT_ANY ? SLEEPS_FOR_ANY : SLEEPS_FOR_URGENT;
	uint32_t seen = atomic_load(&queue->records_word);

	atomic_store(&queue->sleep, sleep);
	if (!is_worth_waking(queue, wait)) {
		futex_wait(&queue->records_word, seen, timeout);
	}
	atomic_store(&queue->sleep, AWAKE);
}
