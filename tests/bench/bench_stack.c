/* SPDX-License-Identifier: MIT */
/*
 * Microseconds for the call stacks of a stopped program: what a rule about code costs
 * each call that it could decide, and what a question costs once.
 *
 * bench_stack WORD PROGRAM ARGUMENT...: takes both stacks at each call whose object has
 * WORD in it, and prints how many frames there were, the first time and the median.
 */
#include "tracer/tracer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TAKEN_MAX = 10000 };

struct timings {
	double values[TAKEN_MAX];
	size_t count, frames;
};

static struct timings code, native;

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void timing_add(struct timings *timings, double start, size_t frames)
{
	if (timings->count < TAKEN_MAX) {
		timings->values[timings->count++] = now() - start;
		timings->frames = frames;
	}
}

static void take(struct tracer *tracer, const struct request *request)
{
	struct code_facts facts;
	struct native_facts stack;
	double start = now();

	tracer_take_code(tracer, request, &facts);
	timing_add(&code, start, facts.frame_count);
	code_facts_finish(&facts);
	start = now();
	tracer_take_native(tracer, request, &stack);
	timing_add(&native, start, stack.frame_count);
	native_facts_finish(&stack);
}

static int value_compare(const void *a, const void *b)
{
	const double *first = a;
	const double *second = b;

	return *first < *second ? -1 : *first > *second;
}

/* "NAME FRAMES FIRST MEDIAN" */
static void print(const char *name, struct timings *timings)
{
	if (timings->count == 0) {
		return;
	}
	double first = timings->values[0];
	qsort(timings->values, timings->count, sizeof(double), value_compare);
	printf("%s %zu %.1f %.1f\n", name, timings->frames, first,
		timings->values[timings->count / 2]);
}

/* Everything is allowed; false when the tree has ended. */
static bool event_handle(
	struct tracer *tracer, const struct tracer_event *event, const char *word)
{
	if (event->kind == TRACER_REQUEST) {
		struct text object = event->request->actions[0].object;
		if (object.length > 0 &&
			memmem(object.bytes, object.length, word, strlen(word))) {
			take(tracer, event->request);
		}
		tracer_answer(
			tracer, event->request, (struct answer){.kind = ANSWER_ALLOW});
	}
	return event->kind != TRACER_TREE_ENDED;
}

int main(int argc, char **argv)
{
	struct error err = {.code = 0};

	if (argc < 3) {
		(void)fprintf(stderr, "usage: bench_stack WORD PROGRAM ARGUMENT...\n");
		return 2;
	}
	const struct tracer_options options = {.argv = argv + 2,
		.environment = environ,
		.stdio = {0, 1, 2},
		.judge_reads = true};
	struct tracer *tracer = tracer_create(&options, &err);
	if (!tracer) {
		(void)fprintf(stderr, "bench_stack: %s\n", err.text);
		return 1;
	}
	struct pollfd poller = {.fd = tracer_fd(tracer), .events = POLLIN};
	bool is_running = true;
	while (is_running) {
		struct tracer_event event;
		while (is_running && tracer_next(tracer, &event)) {
			is_running = event_handle(tracer, &event, argv[1]);
		}
		if (is_running) {
			(void)poll(&poller, 1, -1);
		}
	}
	tracer_destroy(tracer);
	print("code", &code);
	print("native", &native);
	return 0;
}
