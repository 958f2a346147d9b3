/* SPDX-License-Identifier: MIT */
/*
 * Records of threads, processes and images: who is in the tree, whose child it is, and
 * what it runs. A process outlives its threads while descendants name it as ancestor.
 */
#include "tracer/tree.h"

#include "base/xalloc.h"
#include "tracer/injection.h"
#include "tracer/lineage.h"
#include "tracer/native_stack.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	MEMORIES_MAX = 400, /* kept descriptors of tracee memory */
	/* A tree that grows without end may not take the memory of all: it loses branches. */
	TASKS_MAX = 20000,
};

struct image *image_create(void)
{
	struct image *image = xcalloc(1, sizeof(*image));

	image->references = 1;
	return image;
}

void image_release(struct image *image)
{
	if (!image || --image->references > 0) {
		return;
	}
	free(image->program);
	free(image->script);
	free(image->argv);
	free(image->working_folder);
	free(image->strings);
	native_unwinder_destroy(image->unwinder);
	free(image);
}

void process_set_image(struct process_state *process, struct image *image)
{
	image_release(process->image);
	process->image = image;
	process->shared.program = image->program;
	process->shared.script = image->script;
	process->shared.argv = image->argv;
	process->shared.argc = image->argc;
	process->shared.working_folder = image->working_folder;
}

/* Field 22 of /proc/PID/stat; the name in field 2 may hold anything, even ')'. */
static uint64_t start_ticks_of(pid_t pid)
{
	char path[40];
	char line[1024];
	unsigned long long ticks = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return 0;
	}
	ssize_t length = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (length <= 0) {
		return 0;
	}
	line[length] = '\0';
	char *field = strrchr(line, ')');
	for (int i = 2; field && i < 22; i++) {
		field = strchr(field + 1, ' ');
	}
	if (field) {
		ticks = strtoull(field, NULL, 10);
	}
	return ticks;
}

struct process_state *process_create(
	struct tracer *tracer, pid_t pid, struct process_state *parent)
{
	struct process_state *process = xcalloc(1, sizeof(*process));

	process->shared.pid = pid;
	process->shared.start_ticks = start_ticks_of(pid);
	process->shared.references = 1;
	process->memory_fd = -1;
	process->opened.is_unknown = !tracer->calls.judge_reads;
	if (parent) {
		parent->shared.references++;
		parent->image->references++;
		process->shared.lineage = lineage_born(parent->shared.lineage);
		process->shared.parent = &parent->shared;
		process->has_own_credentials = parent->has_own_credentials;
		process->pretends_undumpable = parent->pretends_undumpable;

		process_set_image(process, parent->image);
	} else {
		process->shared.lineage = lineage_born(NULL);
		process_set_image(process, image_create());
	}
	pid_map_put(&tracer->processes, pid, process);
	return process;
}

void process_release(struct process_state *process)
{
	while (process && --process->shared.references == 0) {
		struct process_state *parent =
			(struct process_state *)process->shared.parent;
		image_release(process->image);
		lineage_release(process->shared.lineage);
		free(process);
		process = parent;
	}
}

void process_forget_memory(struct tracer *tracer, struct process_state *process)
{
	if (process->memory_fd >= 0) {
		close(process->memory_fd);
		process->memory_fd = -1;
		tracer->open_memories--;
	}
}

/* Too many are kept: what no call needs now is closed; the busy ones come back at once. */
static void forget_idle_memories(struct tracer *tracer)
{
	size_t position = 0;
	struct process_state *process;

	while ((process = pid_map_next(&tracer->processes, &position)) != NULL) {
		if (process->calls == 0) {
			process_forget_memory(tracer, process);
		}
	}
}

int tracee_memory(struct tracer *tracer, const struct tracee *tracee)
{
	struct process_state *process = tracee->process;
	char path[40];

	if (process->memory_fd >= 0) {
		return process->memory_fd;
	}
	if (tracer->open_memories >= MEMORIES_MAX) {
		forget_idle_memories(tracer);
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", tracee->tid);
	process->memory_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (process->memory_fd >= 0) {
		tracer->open_memories++;
	}
	return process->memory_fd;
}

static void process_end(
	struct tracer *tracer, struct process_state *process, int status)
{
	process->is_over = true;
	process_forget_memory(tracer, process);
	held_files_finish(&process->held);
	pid_map_remove(&tracer->processes, process->shared.pid);
	event_push(tracer, (struct tracer_event){.kind = TRACER_PROCESS_END,
				   .process = &process->shared,
				   .status = status});
	if (process->shared.pid == tracer->command) {
		tracer->command_ended = true;
		event_push(tracer, (struct tracer_event){.kind = TRACER_COMMAND_ENDED,
					   .status = status});
	}
}

struct tracee *tracee_find(const struct tracer *tracer, pid_t tid)
{
	return pid_map_get(&tracer->tracees, tid);
}

struct tracee *tracee_create(struct tracer *tracer, pid_t tid)
{
	struct tracee *tracee = xcalloc(1, sizeof(*tracee));

	tracee->tid = tid;
	tracee->state = TRACEE_NEWBORN;
	pid_map_put(&tracer->tracees, tid, tracee);
	tracer->newborns++;
	tracer->counters.tasks++;
	if (tracer->counters.tasks > tracer->counters.tasks_peak) {
		tracer->counters.tasks_peak = tracer->counters.tasks;
	}
	return tracee;
}

void tracee_adopt(struct tracer *tracer, struct tracee *child, struct tracee *parent,
	bool is_thread)
{
	struct process_state *process = parent ? parent->process : tracer->root;

	if (!is_thread) {
		process = process_create(tracer, child->tid, process);
		event_push(tracer, (struct tracer_event){.kind = TRACER_PROCESS_START,
					   .process = &process->shared});
	}
	invariant(process != NULL);
	process->threads++;
	child->process = process;
	child->state = TRACEE_RUNS;
	child->wants_pause = tracer->is_paused;
	if (tracer->counters.tasks > TASKS_MAX) {
		(void)kill(process->shared.pid, SIGKILL);
	}
	tracer->newborns--;
}

static void tracee_free(struct tracer *tracer, struct tracee *tracee)
{
	kept_result_drop(&tracee->kept);
	if (tracee->state == TRACEE_NEWBORN) {
		tracer->newborns--;
	}
	pid_map_remove(&tracer->tracees, tracee->tid);
	tracer->counters.tasks--;
	injection_abandon(tracee);
	free(tracee);
}

void tracee_gone(struct tracer *tracer, struct tracee *tracee, int status)
{
	struct process_state *process = tracee->process;

	/*
	 * The leader is the last of its process that is heard of. A thread that was killed
	 * when its exec had made it the leader has left a number that never will be.
	 */
	if (process && process->threads > 1 && tracee->tid == process->shared.pid) {
		process_drop_other_threads(tracer, tracee);
	}
	pending_withdraw(tracer, tracee);
	tracee_free(tracer, tracee);
	if (process && --process->threads == 0) {
		process_end(tracer, process, status);
	}
}

void process_drop_thread(struct tracer *tracer, struct tracee *tracee)
{
	struct process_state *process = tracee->process;

	pending_withdraw(tracer, tracee);
	tracee_free(tracer, tracee);
	process->threads--;
	process->has_lost_threads = true;
}

void process_drop_other_threads(struct tracer *tracer, struct tracee *survivor)
{
	struct process_state *process = survivor->process;
	size_t position = 0;
	struct tracee *tracee;

	while ((tracee = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (tracee->process == process && tracee != survivor) {
			process_drop_thread(tracer, tracee);
			position = 0; /* removal moves entries */
		}
	}
}
