/* SPDX-License-Identifier: MIT */
/* Takes the Python stack of a stopped call. */
#include "tracer/code_origin.h"
#include "tracer/python_stack.h"
#include "tracer/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* "17 0x3 0x7f… … SP PC" of a thread that waits in a call; 0: not known. */
static uint64_t waiting_stack(pid_t tid)
{
	char name[64];
	char line[256] = "";
	unsigned long long stack = 0;

	(void)snprintf(name, sizeof(name), "/proc/%d/syscall", tid);
	FILE *file = fopen(name, "re");
	if (!file) {
		return 0;
	}
	if (fgets(line, sizeof(line), file)) {
		char *last = strrchr(line, ' ');
		if (last) {
			*last = '\0';
			last = strrchr(line, ' ');
		}
		stack = last ? strtoull(last, NULL, 16) : 0;
	}
	(void)fclose(file);
	return stack;
}

static void thread_describe(
	const struct tracee *tracee, pid_t pid, struct python_thread *thread)
{
	struct registers registers;

	*thread = (struct python_thread){
		.tid = tracee->tid, .is_main = tracee->tid == pid};
	if (tracee->state == TRACEE_STOPPED &&
		registers_read(tracee->tid, &registers)) {
		thread->fs_base = registers.raw.fs_base;
	} else if (thread->is_main) {
		thread->stack = waiting_stack(tracee->tid);
	}
}

static void stack_take(struct tracer *tracer, const struct pending *pending,
	const struct python_place *place, struct code_facts *facts)
{
	const struct tracee *tracee = pending->tracee;
	const struct process *process = &tracee->process->shared;
	const struct python_layout *layout = python_layout_find(place->minor);
	int fd = pending->call.memory_fd;
	struct python_thread thread;
	struct stack_memory *memory = &tracer->stack_memory;

	if (!layout || fd < 0 || place->runtime == 0) {
		return;
	}
	thread_describe(tracee, process->pid, &thread);
	stack_memory_init(memory, stack_memory_by_descriptor, &fd, PYTHON_READS_MAX);
	if (python_stack_read(memory, layout, place->runtime, &thread, facts)) {
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
