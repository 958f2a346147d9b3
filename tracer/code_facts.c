/* SPDX-License-Identifier: MIT */
/* Takes the Python stack of a stopped call. */
#include "tracer/code_origin.h"
#include "tracer/memory_map.h"
#include "tracer/python_stack.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

static void thread_describe(
	const struct tracee *tracee, pid_t pid, struct python_thread *thread)
{
	struct registers registers;

	*thread = (struct python_thread){
		.tid = tracee->tid, .is_main = tracee->tid == pid};
	if (tracee->state == TRACEE_STOPPED &&
		registers_read(tracee->tid, &registers)) {
		thread->fs_base = registers.raw.fs_base;
	} else if (tracee->state == TRACEE_PARKED) {
		thread->fs_base = tracee->saved.raw.fs_base;
	} else {
		struct thread_place place;
		(void)thread_place_read(tracee->tid, &place);
		thread->stack = place.stack;
		thread->fs_base = thread->is_main ? tracee->thread_pointer : 0;
	}
}

/* Costs more to know, and is seldom needed. */
static bool stack_end_find(pid_t pid, struct python_thread *thread)
{
	struct memory_map map;
	const struct mapping *mapping = NULL;

	if (thread->is_main || thread->fs_base != 0 || thread->stack == 0) {
		return false;
	}
	if (memory_map_read(&map, pid)) {
		mapping = memory_map_find(&map, thread->stack);
		thread->stack_end = mapping ? mapping->end : 0;
	}
	memory_map_finish(&map);
	return mapping != NULL;
}

static void stack_take(struct tracer *tracer, const struct pending *pending,
	const struct python_place *place, struct code_facts *facts)
{
	const struct tracee *tracee = pending->tracee;
	const struct process *process = &tracee->process->shared;
	const struct python_layout *layout = &place->layout;
	int fd = pending->call.memory_fd;
	struct python_thread thread;
	struct stack_memory *memory = &tracer->stack_memory;

	if (layout->minor == 0 || fd < 0 || place->runtime == 0) {
		return;
	}
	thread_describe(tracee, process->pid, &thread);
	stack_memory_init(memory, stack_memory_by_descriptor, &fd, PYTHON_READS_MAX);
	bool is_read =
		python_stack_read(memory, layout, place->runtime, &thread, facts);
	if (!is_read && stack_end_find(process->pid, &thread)) {
		code_facts_finish(facts);
		is_read = python_stack_read(
			memory, layout, place->runtime, &thread, facts);
	}
	if (is_read) {
		const struct code_place where = {process->pid, process->working_folder};
		code_origin_find(facts, &where);
	}
}

void tracer_take_code(
	struct tracer *tracer, const struct request *request, struct code_facts *facts)
{
	const struct pending *pending = (const struct pending *)request;
	const struct tracee *tracee = pending->tracee;

	*facts = (struct code_facts){.origin = CODE_UNKNOWN};
	tracer->counters.code_stacks++;
	if (!tracee) {
		return;
	}
	struct python_place *place = &tracee->process->image->python;
	python_place_look(place, tracee->process->shared.pid);
	if (!place->is_python) {
		facts->origin = place->is_program_known ? CODE_NONE : CODE_UNKNOWN;
		return;
	}
	stack_take(tracer, pending, place, facts);
}
