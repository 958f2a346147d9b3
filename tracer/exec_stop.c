/* SPDX-License-Identifier: MIT */
/*
 * A new image, before its first instruction: the last moment to find that something else
 * was executed than what was judged. After an exec by another thread than the leader the
 * kernel reports it under the leader's id; the thread's own id is never heard of again.
 */
#include "base/defence.h"
#include "tracer/exec_call.h"
#include "tracer/injection.h"
#include "tracer/lineage.h"
#include "tracer/stdio.h"
#include "tracer/tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>

/*
 * Moves the executing thread's record onto the leader's id: nothing that the leader was
 * waiting for holds for the thread that has its id now.
 */
static struct tracee *take_over_leader(
	struct tracer *tracer, struct tracee *leader, pid_t former)
{
	struct tracee *executing = tracee_find(tracer, former);

	if (!executing || executing == leader) {
		return leader;
	}
	const pid_t tid = leader->tid;
	const struct tracee left = *executing;
	pending_withdraw(tracer, leader);
	kept_result_drop(&leader->kept);
	injection_abandon(leader);
	*executing = (struct tracee){
		.tid = former, .process = left.process, .state = TRACEE_RUNS};
	*leader = left;
	leader->tid = tid;
	if (leader->pending) {
		leader->pending->tracee = leader;
		leader->pending->request.tid = tid;
	}
	return leader;
}

static void become(
	struct tracer *tracer, struct tracee *tracee, struct pending *pending)
{
	struct process_state *process = tracee->process;

	struct lineage *before = process->shared.lineage;
	struct image *image = exec_call_image(pending->exec);

	exec_call_hold(pending->exec, &process->held,
		process->opened.is_unknown ? NULL : image);
	process_set_image(process, image);
	process->shared.lineage = lineage_executed(
		before, process->shared.program, process->shared.script);
	lineage_release(before);
	opened_files_forget(&process->opened);
	process->pretends_undumpable = false;
	process->vfork_maker = 0;
	event_push(tracer, (struct tracer_event){.kind = TRACER_PROCESS_EXEC,
				   .process = &process->shared});
	pending_report(tracer, pending, 0);
	if (tracee->tid == tracer->command) {
		tracer->is_starting = false;
	}
}

/*
 * The process is not what was judged. It stays where it is until that was told, since
 * whom to tell is seen by what it has open; a silent one is nobody's business.
 */
static void condemn(
	struct tracer *tracer, struct tracee *tracee, struct pending *pending)
{
	if (!pending || !pending->exec || pending->is_silent) {
		(void)kill(tracee->tid, SIGKILL);
		return;
	}
	pending->request.killed =
		"what it became is not what was judged: it was killed";
	pending_report(tracer, pending, EACCES);
}

void exec_condemned(struct tracer *tracer, const struct request *request)
{
	const struct tracee *tracee = tracee_find(tracer, request->tid);

	if (request->killed && tracee && tracee->process &&
		&tracee->process->shared == request->process) {
		(void)kill(request->tid, SIGKILL);
	}
}

void exec_stop(struct tracer *tracer, struct tracee *tracee)
{
	unsigned long former = 0;

	if (ptrace(PTRACE_GETEVENTMSG, tracee->tid, NULL, &former) != 0) {
		return;
	}
	tracee = take_over_leader(tracer, tracee, (pid_t)former);
	process_drop_other_threads(tracer, tracee);
	tracee->thread_pointer = 0;
	process_forget_memory(tracer, tracee->process);
	tracee->process->arena = (struct arena_mapping){0};
	struct pending *pending = tracee->pending;
	int memory_fd = tracee_memory(tracer, tracee);
	if (!pending || !pending->exec || memory_fd < 0 ||
		!stdio_is_given(tracee->tid, pending) ||
		(!exec_call_verify(pending->exec, tracee->tid, memory_fd) &&
			!defence_is_off(DEFENCE_EXEC_PROOF))) {
		condemn(tracer, tracee, pending);
		return;
	}
	tracee->state = TRACEE_RUNS;
	become(tracer, tracee, pending);
	tracee_continue(tracee, 0);
}
