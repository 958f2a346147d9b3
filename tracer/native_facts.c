/* SPDX-License-Identifier: MIT */
/* Takes the native stack of a stopped call. */
#include "tracer/native_stack.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

static bool place_read(const struct tracee *tracee, struct native_place *place)
{
	struct thread_place waiting;

	*place = (struct native_place){0};
	if (tracee->state == TRACEE_PARKED && tracee->saved.raw.rsp != 0) {
		place->registers = tracee->saved;
		place->is_whole = true;
		return true;
	}
	place->is_whole = tracee->state == TRACEE_STOPPED &&
			  registers_read(tracee->tid, &place->registers);
	if (place->is_whole) {
		return true;
	}
	if (!thread_place_read(tracee->tid, &waiting)) {
		return false;
	}
	place->registers.raw.rsp = waiting.stack;
	place->registers.raw.rip = waiting.instruction;
	return true;
}

void tracer_take_native(struct tracer *tracer, const struct request *request,
	struct native_facts *facts)
{
	const struct pending *pending = (const struct pending *)request;
	const struct tracee *tracee = pending->tracee;
	struct native_place place;
	struct memory_map map;

	*facts = (struct native_facts){0};
	if (!tracee || pending->call.memory_fd < 0 || !place_read(tracee, &place)) {
		return;
	}
	pid_t pid = tracee->process->shared.pid;
	if (memory_map_read(&map, pid)) {
		struct process_memory source = {pending->call.memory_fd, pid};
		stack_memory_init(&tracer->stack_memory, stack_memory_by_descriptor,
			&source, NATIVE_READS_MAX);
		native_stack_read(&tracee->process->image->unwinder,
			&tracer->stack_memory, &map, &place, facts);
		native_symbols_find(facts, &map, pid);
	}
	memory_map_finish(&map);
}
