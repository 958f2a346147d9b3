/* SPDX-License-Identifier: MIT */
/* Calls being judged, from a pool, and the queue of events for the tracer's user. */
#include "base/xalloc.h"
#include "tracer/exec_call.h"
#include "tracer/name_lock.h"
#include "tracer/network_call.h"
#include "tracer/process_target.h"
#include "tracer/stdio.h"
#include "tracer/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_EVENTS = 64 };

struct pending *pending_create(struct tracer *tracer, struct tracee *tracee)
{
	struct pending *pending = tracer->free_pending;

	if (pending) {
		tracer->free_pending = pending->next;
	} else {
		pending = xcalloc(1, sizeof(*pending));
	}
	struct file_call *file = pending->file;
	*pending = (struct pending){
		.progress = PENDING_JUDGED_SOON,
		.tracee = tracee,
		.file = file ? file : file_call_create(),
		.slot = ARENA_NO_SLOT,
		.stdio = {-1, -1},
	};
	pending->request.id = ++tracer->next_request;
	pending->request.tid = tracee->tid;
	pending->request.process = &tracee->process->shared;
	tracee->process->shared.references++;
	tracee->process->calls++;
	tracee->pending = pending;
	return pending;
}

void pending_release(struct tracer *tracer, struct pending *pending)
{
	struct process_state *process =
		(struct process_state *)pending->request.process;

	file_call_finish(pending->file);
	stdio_forget(pending);
	arena_slot_release(tracer->arena, pending->slot);
	exec_call_destroy(pending->exec);
	network_call_destroy(pending->network);
	process_targets_finish(pending);
	if (pending->tracee && pending->tracee->pending == pending) {
		pending->tracee->pending = NULL;
	}
	pending->progress = PENDING_FREE;
	pending->next = tracer->free_pending;
	tracer->free_pending = pending;
	process->calls--;
	process_release(process);
}

void pending_pool_finish(struct tracer *tracer)
{
	while (tracer->free_pending) {
		struct pending *pending = tracer->free_pending;
		tracer->free_pending = pending->next;
		file_call_destroy(pending->file);
		free(pending);
	}
}

void pending_withdraw(struct tracer *tracer, struct tracee *tracee)
{
	struct pending *pending = tracee->pending;

	if (!pending) {
		return;
	}
	tracee->pending = NULL;
	pending->tracee = NULL;
	if (pending->call.operation == OPERATION_IPC) {
		ipc_objects_note_removal(&tracer->ipc_objects, &pending->call);
	}
	name_lock_release(tracer, pending);
	if (pending->progress == PENDING_PERFORMING ||
		pending->progress == PENDING_DONE) {
		return; /* performed_drain, or the next tracer_next, ends it */
	}
	if (pending->is_handed_over) {
		close(pending->outcome.fd);
	}
	if (pending->is_silent) {
		pending_release(tracer, pending);
		return;
	}
	pending->progress = PENDING_DONE;
	event_push(tracer, (struct tracer_event){.kind = TRACER_WITHDRAWN,
				   .request = &pending->request});
}

void pending_report(struct tracer *tracer, struct pending *pending, int error)
{
	name_lock_release(tracer, pending);
	if (pending->held != 0 && error == 0) {
		held_files_opened(
			&((struct process_state *)pending->request.process)->held,
			pending->held);
	}
	if (pending->tracee) {
		pending->tracee->process->is_at_limit |= error == EMFILE;
		pending->tracee->pending = NULL;
		pending->tracee = NULL;
	}
	if (pending->is_silent) {
		pending_release(tracer, pending);
		return;
	}
	pending->progress = PENDING_DONE;
	event_push(tracer, (struct tracer_event){.kind = TRACER_RESULT,
				   .request = &pending->request,
				   .error = error});
}

void event_push(struct tracer *tracer, struct tracer_event event)
{
	struct event_queue *queue = &tracer->queue;

	if (queue->count == queue->capacity) {
		size_t capacity = queue->capacity ? 2 * queue->capacity : FIRST_EVENTS;
		struct tracer_event *events = xcalloc(capacity, sizeof(*events));
		for (size_t i = 0; i < queue->count; i++) {
			events[i] = queue->events[(queue->first + i) % queue->capacity];
		}
		free(queue->events);
		*queue = (struct event_queue){events, 0, queue->count, capacity};
	}
	queue->events[(queue->first + queue->count) % queue->capacity] = event;
	queue->count++;
}

bool event_pop(struct tracer *tracer, struct tracer_event *event)
{
	struct event_queue *queue = &tracer->queue;

	if (queue->count == 0) {
		return false;
	}
	*event = queue->events[queue->first];
	queue->first = (queue->first + 1) % queue->capacity;
	queue->count--;
	return true;
}
