/* SPDX-License-Identifier: MIT */
#include "db/queue.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <string.h>

TestSuite(queue, .timeout = 120);

enum { STRESS_RECORDS = 200000 };

static void put(struct queue *queue, uint32_t number, size_t length, bool urgent)
{
	unsigned char *room = queue_reserve(queue, sizeof(number) + length);

	memcpy(room, &number, sizeof(number));
	memset(room + sizeof(number), (int)(number & 0xff), length);
	queue_commit(queue, urgent);
}

/* Lengths that wrap in every way, from nothing to nearly the largest. */
static size_t length_of(uint32_t number)
{
	return (number * 2654435761u >> 20) % 240;
}

static bool is_right(const unsigned char *record, size_t length, uint32_t number)
{
	uint32_t got;

	memcpy(&got, record, sizeof(got));
	if (got != number || length != sizeof(number) + length_of(number)) {
		return false;
	}
	for (size_t i = sizeof(got); i < length; i++) {
		if (record[i] != (unsigned char)number) {
			return false;
		}
	}
	return true;
}

Test(queue, gives_records_in_order)
{
	struct queue *queue = queue_create(1024);
	size_t length;

	cr_expect(queue_peek(queue, &length) == NULL);
	for (uint32_t i = 0; i < 1000; i++) {
		put(queue, i, length_of(i), false);
		const void *record = queue_peek(queue, &length);
		cr_assert(record && is_right(record, length, i), "record %u", i);
		queue_release(queue);
	}
	cr_expect(queue_peek(queue, &length) == NULL);
	queue_destroy(queue);
}

static void *put_many(void *argument)
{
	for (uint32_t i = 0; i < STRESS_RECORDS; i++) {
		put(argument, i, length_of(i), i % 1000 == 0);
	}
	return NULL;
}

/* Takes everything, sleeping in the given way whenever there is nothing. */
static void take_many(enum queue_wait wait)
{
	struct queue *queue = queue_create(4096);
	pthread_t thread;
	uint32_t wrong = 0;

	cr_assert(pthread_create(&thread, NULL, put_many, queue) == 0);
	for (uint32_t i = 0; i < STRESS_RECORDS; i++) {
		size_t length;
		const void *record;

		while (!(record = queue_peek(queue, &length))) {
			queue_wait(queue, wait, 1000000);
		}
		wrong += !is_right(record, length, i);
		queue_release(queue);
	}
	cr_expect(eq(u32, wrong, 0));
	(void)pthread_join(thread, NULL);
	queue_destroy(queue);
}

Test(queue, loses_nothing_between_two_threads)
{
	take_many(QUEUE_WAIT_ANY);
}

Test(queue, loses_nothing_when_only_urgent_records_wake)
{
	take_many(QUEUE_WAIT_URGENT);
}

static void *put_one(void *argument)
{
	put(argument, 1, 8, true);
	return NULL;
}

Test(queue, an_urgent_record_ends_an_endless_wait)
{
	struct queue *queue = queue_create(4096);
	pthread_t thread;
	size_t length;

	cr_assert(pthread_create(&thread, NULL, put_one, queue) == 0);
	while (!queue_peek(queue, &length)) {
		queue_wait(queue, QUEUE_WAIT_URGENT, -1);
	}
	cr_expect(eq(sz, length, 12));
	(void)pthread_join(thread, NULL);
	queue_destroy(queue);
}

Test(queue, a_full_queue_makes_the_putting_thread_wait_without_timeouts)
{
	struct queue *queue = queue_create(1024);
	pthread_t thread;

	cr_assert(pthread_create(&thread, NULL, put_many, queue) == 0);
	for (uint32_t i = 0; i < STRESS_RECORDS; i++) {
		size_t length;

		while (!queue_peek(queue, &length)) {
			queue_wait(queue, QUEUE_WAIT_ANY, -1);
		}
		queue_release(queue);
	}
	(void)pthread_join(thread, NULL);
	queue_destroy(queue);
}
