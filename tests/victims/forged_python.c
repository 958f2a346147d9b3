/* SPDX-License-Identifier: MIT */
/*
 * Says by its symbols that it is Python 3.11, and has whatever a hostile program would
 * like to be read as its frames: circles, wild pointers and huge lengths, changed by a
 * thread of its own while they are read. Opens /etc/hostname as often as it is told,
 * each time after that thread has gone on: it may get no processor for long.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OBJECTS = 512, OBJECT_WORDS = 64, FIRST_OBJECT = 64 };
enum { WORDS = FIRST_OBJECT + 3 * OBJECTS * OBJECT_WORDS };
enum kind { FRAME, CODE, STRING };

/* Found by name in the dynamic symbols. */
__attribute__((visibility("default"))) const unsigned long Py_Version = 0x030b02f0;
__attribute__((visibility("default"))) uint64_t _PyRuntime[WORDS];

enum { CHANGES_BETWEEN_OPENS = 100 };

static atomic_bool is_over;
static atomic_uint changes;

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t *object_of(enum kind kind, uint64_t *state)
{
	const uint64_t number = random_next(state) % OBJECTS;

	return _PyRuntime + FIRST_OBJECT + (number * 3 + kind) * OBJECT_WORDS;
}

static uint64_t pointer_to(enum kind kind, uint64_t *state)
{
	return (uint64_t)(uintptr_t)object_of(kind, state);
}

/* Where 3.11 has what is read, by words. */
static void object_fill(enum kind kind, uint64_t *words, uint64_t *state)
{
	switch (kind) {
	case FRAME:
		words[4] = pointer_to(CODE, state);
		words[6] = pointer_to(FRAME, state); /* who called: endlessly */
		words[7] = words[4] + 184 + random_next(state) % 64;
		break;
	case CODE:
		words[9] = random_next(state);
		words[14] = words[16] = words[17] = pointer_to(STRING, state);
		words[4] = pointer_to(STRING, state);
		break;
	case STRING:
		words[2] = random_next(state) % 400;
		words[4] = (1u << (random_next(state) % 3)) << 2 | 1u << 5 |
			   (uint64_t)(random_next(state) % 2) << 6;
		for (int i = 6; i < OBJECT_WORDS; i++) {
			words[i] = random_next(state);
		}
		break;
	}
}

/* What no interpreter would have there. */
static void object_spoil(uint64_t *words, uint64_t *state)
{
	const uint64_t kind = random_next(state);
	const uint64_t values[] = {0, kind, UINT64_MAX - 7, UINT64_MAX / 2, 4096, 16384,
		(uint64_t)(uintptr_t)&kind, (uint64_t)(uintptr_t)words};

	words[kind / 8 % 20] = values[kind % (sizeof(values) / sizeof(values[0]))];
}

static void object_change(uint64_t *state)
{
	const enum kind kind = (enum kind)(random_next(state) % 3);
	uint64_t *words = object_of(kind, state);

	if (random_next(state) % 64 == 0) {
		object_spoil(words, state);
	} else {
		object_fill(kind, words, state);
	}
}

/* One interpreter, thread and control frame in one: reading always gets to frames. */
static void head_put(uint64_t thread, uint64_t *state)
{
	_PyRuntime[40 / 8] = (uint64_t)(uintptr_t)_PyRuntime;
	_PyRuntime[16 / 8] = (uint64_t)(uintptr_t)_PyRuntime;
	_PyRuntime[152 / 8] = thread;
	_PyRuntime[56 / 8] = (uint64_t)(uintptr_t)_PyRuntime + 160;
	_PyRuntime[168 / 8] = pointer_to(FRAME, state);
}

static void *scramble(void *thread)
{
	uint64_t state = 88172645463325252u;

	while (!atomic_load(&is_over)) {
		object_change(&state);
		head_put((uint64_t)(uintptr_t)thread, &state);
		atomic_fetch_add(&changes, 1);
	}
	return NULL;
}

static void changes_wait(void)
{
	const unsigned start = atomic_load(&changes);

	while (atomic_load(&changes) - start < CHANGES_BETWEEN_OPENS) {
		sched_yield();
	}
}

int main(int argc, char **argv)
{
	const int count = argc > 1 ? atoi(argv[1]) : 1;
	uint64_t state = 42;
	pthread_t thread;

	for (int i = 0; i < 16 * OBJECTS; i++) {
		object_fill((enum kind)(i % 3), object_of((enum kind)(i % 3), &state),
			&state);
	}
	head_put((uint64_t)pthread_self(), &state);
	/* pthread_t is an address here, as the one that Python keeps. */
	if (pthread_create(
		    &thread, NULL, scramble, (void *)(uintptr_t)pthread_self()) != 0) {
		return 1;
	}
	for (int i = 0; i < count; i++) {
		changes_wait();
		int descriptor = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
		if (descriptor < 0) {
			return 2;
		}
		close(descriptor);
	}
	atomic_store(&is_over, true);
	return pthread_join(thread, NULL) != 0;
}
