/* SPDX-License-Identifier: MIT */
/* Takes the native stack of a stopped call. */
#include "tracer/native_taking.h"
#include "tracer/node_stack.h"
#include "tracer/perf_map.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

/* What its forked parent runs, if that is the same program still; or -1. */
static int parent_memory_open(const struct process_state *process)
{
	const struct process_state *parent =
		(const struct process_state *)(uintptr_t)process->shared.parent;
	char name[64];

	if (!parent || parent->is_over || parent->image != process->image) {
		return -1;
	}
	(void)snprintf(name, sizeof(name), "/proc/%d/mem", parent->shared.pid);
	return open(name, O_RDONLY | O_CLOEXEC);
}

bool native_taking_begin(struct native_taking *taking, struct tracer *tracer,
	const struct pending *pending)
{
	const struct tracee *tracee = pending->tracee;
	struct native_place place;

	*taking = (struct native_taking){.memory = &tracer->stack_memory};
	taking->source = (struct process_memory){-1, 0, -1};
	if (!tracee || pending->call.memory_fd < 0 || !place_read(tracee, &place) ||
		!memory_map_read(&taking->map, tracee->process->shared.pid)) {
		return false;
	}
	taking->source = (struct process_memory){pending->call.memory_fd,
		tracee->process->shared.pid, parent_memory_open(tracee->process)};
	stack_memory_init(taking->memory, stack_memory_by_descriptor, &taking->source,
		NATIVE_READS_MAX);
	native_stack_read(&tracee->process->image->unwinder, taking->memory,
		&taking->map, &place, &taking->facts);
	return true;
}

void native_taking_end(struct native_taking *taking)
{
	if (taking->source.parent_fd >= 0) {
		close(taking->source.parent_fd);
	}
	memory_map_finish(&taking->map);
}

void tracer_take_native(struct tracer *tracer, const struct request *request,
	struct native_facts *facts)
{
	const struct pending *pending = (const struct pending *)request;
	struct native_taking taking;

	if (native_taking_begin(&taking, tracer, pending)) {
		const struct process_state *process = pending->tracee->process;
		const struct node_place *node = &process->image->node;
		if (node->is_known) {
			taking.memory->budget = NODE_READS_MAX;
			node_stack_read(
				taking.memory, &node->layout, &taking.facts, NULL);
		}
		if (process->image->unwinder) {
			native_symbols_find(&taking.facts,
				native_unwinder_symbols(process->image->unwinder),
				&taking.map, process->shared.pid);
		}
		perf_map_names(&taking.facts, &taking.map, process->shared.pid);
	}
	*facts = taking.facts;
	native_taking_end(&taking);
}
