/* SPDX-License-Identifier: MIT */
/* Takes the interpreted code of a stopped call: Python or JavaScript, and its source. */
#include "tracer/code_origin.h"
#include "tracer/memory_map.h"
#include "tracer/native_taking.h"
#include "tracer/node_stack.h"
#include "tracer/python_source.h"
#include "tracer/python_stack.h"
#include "tracer/python_starter.h"
#include "tracer/thread_place.h"
#include "tracer/tree.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

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

/* Seconds since the epoch at which the process began. */
static time_t process_started(const struct process *process)
{
	struct timespec since_boot;
	const uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	if (clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0 || ticks == 0) {
		return 0;
	}
	return time(NULL) - since_boot.tv_sec + (time_t)(process->start_ticks / ticks);
}

void tracer_set_reading(struct tracer *tracer,
	bool (*may_read)(void *user, const struct request *request, struct text path),
	void *user)
{
	tracer->reader = (struct code_reader){.may_read = may_read, .user = user};
}

static struct code_reader reader_of(
	const struct tracer *tracer, const struct pending *pending)
{
	struct code_reader reader = tracer->reader;

	reader.request = &pending->request;
	reader.tid = pending->call.tid;
	reader.has_own_credentials = pending->call.has_own_credentials;
	return reader;
}

static void stack_take(struct tracer *tracer, const struct pending *pending,
	const struct python_place *place, struct code_facts *facts)
{
	const struct tracee *tracee = pending->tracee;
	const struct process *process = &tracee->process->shared;
	const struct python_layout *layout = &place->layout;
	struct process_memory source = {pending->call.memory_fd, process->pid, -1};
	struct python_thread thread;
	struct stack_memory *memory = &tracer->stack_memory;

	if (layout->minor == 0 || source.fd < 0 || place->runtime == 0) {
		return;
	}
	thread_describe(tracee, process->pid, &thread);
	stack_memory_init(
		memory, stack_memory_by_descriptor, &source, PYTHON_READS_MAX);
	bool is_read =
		python_stack_read(memory, layout, place->runtime, &thread, facts);
	if (!is_read && stack_end_find(process->pid, &thread)) {
		code_facts_finish(facts);
		is_read = python_stack_read(
			memory, layout, place->runtime, &thread, facts);
	}
	if (is_read) {
		const struct code_reader reader = reader_of(tracer, pending);
		struct forgery_look look = {.memory = memory,
			.layout = layout,
			.place = {process->pid, process->working_folder, &reader},
			.started = process_started(process)};
		python_starter_mark(facts, process->argv, process->argc);
		code_origin_find(facts, &look.place, &look);
		forgery_look_finish(&look);
	}
}

/*
 * JavaScript. Threads other than the first carry out what it started, and nothing on
 * their stacks says who asked for it.
 */
static void script_take(
	struct tracer *tracer, const struct pending *pending, struct code_facts *facts)
{
	const struct process_state *process = pending->tracee->process;
	const struct code_reader reader = reader_of(tracer, pending);
	const struct code_place place = {
		process->shared.pid, process->shared.working_folder, &reader};
	struct native_taking taking;

	if (native_taking_begin(&taking, tracer, pending)) {
		taking.memory->budget = NODE_READS_MAX;
		node_stack_read(taking.memory, &process->image->node.layout,
			&taking.facts, facts);
		if (facts->frame_count > 0 ||
			pending->tracee->tid == process->shared.pid) {
			code_origin_find(facts, &place, NULL);
		}
	}
	native_facts_finish(&taking.facts);
	native_taking_end(&taking);
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
	if (place->is_python) {
		stack_take(tracer, pending, place, facts);
		return;
	}
	struct node_place *node = &tracee->process->image->node;
	node_place_look(node, tracee->process->shared.pid);
	if (node->is_known) {
		script_take(tracer, pending, facts);
	} else if (!node->is_node) {
		facts->origin = place->is_program_known ? CODE_NONE : CODE_UNKNOWN;
	}
}

/* The lines that ordinary frames are at, outside the library. */
static void lines_find(struct code_facts *facts, const struct code_place *place)
{
	struct source_file file = {0};
	struct text name = {0};
	size_t shown = 0;

	for (size_t i = 0; i < facts->frame_count && shown < SOURCE_FRAMES_MAX; i++) {
		struct code_frame *frame = &facts->frames[i];
		if (frame->is_generated || frame->source.bytes ||
			code_file_is_library(frame->file)) {
			continue;
		}
		if (frame->is_script && frame->line <= 1) {
			continue; /* the module as a whole */
		}
		shown++;
		if (!name.bytes || !text_equal(name, frame->file)) {
			source_file_finish(&file);
			name = frame->file;
			if (source_file_read(&file, name, place, SOURCE_FILE_MAX) ==
				ETIMEDOUT) {
				return;
			}
		}
		frame->source = source_line_shown(source_file_line(&file, frame->line));
	}
	source_file_finish(&file);
}

void tracer_take_sources(
	struct tracer *tracer, const struct request *request, struct code_facts *facts)
{
	const struct pending *pending = (const struct pending *)request;
	const struct tracee *tracee = pending->tracee;

	if (!tracee || pending->call.memory_fd < 0 || facts->frame_count == 0) {
		return;
	}
	const struct process *process = &tracee->process->shared;
	const struct code_place place = {process->pid, process->working_folder, NULL};
	struct process_memory source = {pending->call.memory_fd, process->pid, -1};
	struct python_program program = {&tracer->stack_memory,
		&tracee->process->image->python.layout, process->argv, process->argc,
		PYTHON_SOURCES_BUDGET};
	stack_memory_init(&tracer->stack_memory, stack_memory_by_descriptor, &source,
		PYTHON_READS_MAX);
	if (program.layout->minor != 0) {
		python_sources_find(&program, facts);
	} else if (tracee->process->image->node.is_known) {
		node_sources_find(&tracer->stack_memory, facts);
	}
	lines_find(facts, &place);
}
