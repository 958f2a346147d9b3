/* SPDX-License-Identifier: MIT */
#include "tracer/injection.h"

#include "base/defence.h"
#include "base/xalloc.h"
#include "tracer/filter.h"
#include "tracer/listener.h"
#include "tracer/stdio.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mseal
#define SYS_mseal 462 /* Linux 6.10 */
#endif

enum injection_step {
	STEP_DESCRIPTOR, /* from the listener; without one the call does nothing … */
	STEP_KEEPER,	 /* … and it is taken from the keeper */
	STEP_TAKE,
	STEP_TAKE_OUTPUT, /* with standard input and output two are taken, … */
	STEP_CLOSE_KEEPER,
	STEP_INPUT, /* … and put in place */
	STEP_OUTPUT,
	STEP_CLOSE_INPUT,
	STEP_CLOSE_OUTPUT,
	STEP_LOWER,	  /* a descriptor handed over gets the lowest number, … */
	STEP_CLOSE_TAKEN, /* … which the keeper's pidfd had meanwhile */
	STEP_MAP,
	STEP_SEAL,
	STEP_CLOSE,
};

struct injection {
	enum injection_step step;
	bool is_entered; /* the entry stop of the present step was seen */
	uint64_t making; /* the call of the present step */
	uint64_t number; /* to make in the end */
	uint64_t signal_mask;
	struct registers expected; /* what this step was started with */
	struct arena_mapping pages;
	int descriptor; /* in the tracee, as the next two */
	int output;	/* the second that was taken */
	struct keeper *source;
	int keeper;	     /* a pidfd of it */
	int lowest;	     /* what the caller gets */
	int wanted;	     /* the number in the keeper */
	int wanted_output;   /* that of the second */
	int failure;	     /* errno with which the call ends */
	bool hands_over;     /* not the pages, but the descriptor of the pending call */
	bool replaces_stdio; /* nor they, but 0 and 1 before an exec */
};

/* The thread makes this call next and stops at its exit. */
static void make_call(struct tracee *tracee, enum injection_step step, uint64_t number,
	const uint64_t arguments[6])
{
	struct injection *injection = tracee->injection;
	struct registers registers = tracee->saved;

	for (int i = 0; i < 6; i++) {
		registers_set_argument(&registers, i, arguments[i]);
	}
	registers_rewind(&registers, number);
	injection->expected = registers;
	injection->making = number;
	injection->step = step;
	injection->is_entered = false;
	(void)registers_write(tracee->tid, &registers);
	tracee_continue_to_exit(tracee, 0);
}

/* What was put into the keeper for this one call; the pages stay there. */
static void drop_wanted(const struct injection *injection)
{
	if (injection->hands_over || injection->replaces_stdio) {
		keeper_drop(injection->source, injection->wanted);
		keeper_drop(injection->source, injection->wanted_output);
	}
}

static void restore_signal_mask(const struct tracee *tracee)
{
	(void)ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(uint64_t),
		&tracee->injection->signal_mask);
}

/* The thread leaves its call with this result. */
static void finish(struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	struct injection *injection = tracee->injection;
	struct registers registers = tracee->saved;

	restore_signal_mask(tracee);
	registers_set_number(&registers, UINT64_MAX);
	registers_set_result(&registers, result);
	(void)registers_write(tracee->tid, &registers);
	drop_wanted(injection);
	if (injection->hands_over && tracee->pending) {
		close(tracee->pending->outcome.fd);
		tracee->pending->is_handed_over = false;
	}
	free(injection);
	tracee->injection = NULL;
	tracee->state = TRACEE_RUNS;
	if (tracee->pending) {
		tracee->wants_native = false;
		pending_report(tracer, tracee->pending, result < 0 ? (int)-result : 0);
	}
	tracee_continue(tracee, 0);
}

static void end(struct tracer *tracer, struct tracee *tracee, int error)
{
	struct injection *injection = tracee->injection;
	struct registers registers = tracee->saved;

	if (error != 0) {
		finish(tracer, tracee, -error);
		return;
	}
	restore_signal_mask(tracee);
	registers_rewind(&registers, injection->number);
	(void)registers_write(tracee->tid, &registers);
	drop_wanted(injection);
	free(injection);
	tracee->injection = NULL;
	tracee->state = TRACEE_RUNS;
	tracee_continue(tracee, 0);
}

static void start(
	struct tracer *tracer, struct tracee *tracee, struct injection *injection)
{
	static const uint64_t all_signals = UINT64_MAX;

	tracee->injection = injection;
	tracee->state = TRACEE_INJECTED;
	if (!registers_read(tracee->tid, &tracee->saved) ||
		ptrace(PTRACE_GETSIGMASK, tracee->tid, sizeof(injection->signal_mask),
			&injection->signal_mask) != 0 ||
		ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all_signals),
			&all_signals) != 0) {
		end(tracer, tracee, EAGAIN);
		return;
	}
	injection->step = STEP_DESCRIPTOR;
	injection->is_entered = true; /* this stop is the entry */
	(void)registers_replace_number(tracee->tid, FILTER_NUMBER_HOLD);
	tracee_continue_to_exit(tracee, 0);
}

static struct injection *injection_create(struct tracer *tracer, pid_t tid)
{
	struct injection *injection = xcalloc(1, sizeof(*injection));

	injection->source = keepers_find(&tracer->keepers, tid);
	injection->descriptor = injection->output = injection->keeper = -1;
	injection->lowest = injection->wanted = injection->wanted_output = -1;
	return injection;
}

void injection_begin(struct tracer *tracer, struct tracee *tracee, uint64_t number)
{
	struct injection *injection = injection_create(tracer, tracee->tid);

	injection->number = number;
	injection->pages.slots = arena_slots_for(tracee->tid);
	injection->wanted = injection->source->first;
	start(tracer, tracee, injection);
}

void injection_replace_stdio(
	struct tracer *tracer, struct tracee *tracee, uint64_t number)
{
	struct injection *injection = injection_create(tracer, tracee->tid);

	injection->number = number;
	injection->replaces_stdio = true;
	if (tracer->listener_fd < 0) {
		const int *stdio = tracee->pending->stdio;
		injection->wanted = keeper_put(injection->source, stdio[0]);
		injection->wanted_output = keeper_put(injection->source, stdio[1]);
	}
	start(tracer, tracee, injection);
}

void injection_abandon(struct tracee *tracee)
{
	if (tracee->injection) {
		drop_wanted(tracee->injection);
	}
	free(tracee->injection);
	tracee->injection = NULL;
}

bool injection_hand_over(struct tracer *tracer, struct tracee *tracee)
{
	struct injection *injection = injection_create(tracer, tracee->tid);

	injection->hands_over = true;
	injection->wanted = keeper_put(injection->source, tracee->pending->outcome.fd);
	if (injection->wanted == -EAGAIN) {
		free(injection);
		return false;
	}
	start(tracer, tracee, injection);
	return true;
}

void injection_notified(struct tracer *tracer, struct tracee *tracee, uint64_t id)
{
	struct seccomp_notif_addfd request = {
		.id = id,
		.srcfd = (uint32_t)arena_fd(tracer->arena),
		.newfd_flags = O_CLOEXEC,
	};

	if (tracee->state != TRACEE_INJECTED ||
		tracee->injection->step != STEP_DESCRIPTOR ||
		tracee->injection->descriptor >= 0) {
		(void)listener_send(tracer->listener_fd, id, -ENOSYS);
		return;
	}
	int descriptor = tracee->injection->replaces_stdio
				 ? stdio_give(tracer->listener_fd, id, tracee->pending)
				 : ioctl(tracer->listener_fd, SECCOMP_IOCTL_NOTIF_ADDFD,
					   &request);
	if (descriptor >= 0) {
		tracee->injection->descriptor = descriptor;
	}
	(void)listener_send(tracer->listener_fd, id, descriptor >= 0 ? 0 : -errno);
}

/* The stop is the entry or exit of the very call that the step makes. */
static bool is_expected(const struct injection *injection, const struct registers *now)
{
	return registers_number(now) == injection->making &&
	       registers_have_arguments(now, &injection->expected);
}

static void map_pages(struct tracer *tracer, struct tracee *tracee)
{
	uint64_t window = tracer->calls.guard_window;
	uint64_t flags = MAP_SHARED | (window ? MAP_FIXED_NOREPLACE : 0);

	make_call(tracee, STEP_MAP, SYS_mmap,
		(const uint64_t[6]){window << 32,
			arena_size(tracee->injection->pages.slots),
			(uint64_t)arena_protection(), flags,
			(uint64_t)tracee->injection->descriptor, 0});
}

static void close_descriptor(
	struct tracee *tracee, enum injection_step step, int descriptor)
{
	make_call(tracee, step, SYS_close, (const uint64_t[6]){(uint64_t)descriptor});
}

/* The caller gets its descriptor, if it is the very file that we opened for it. */
static void handed_over(struct tracer *tracer, struct tracee *tracee)
{
	int lowest = tracee->injection->lowest;
	bool is_same =
		tracee->pending && syscall(SYS_kcmp, tracee->tid, getpid(), KCMP_FILE,
					   lowest, tracee->pending->outcome.fd) == 0;

	finish(tracer, tracee, is_same ? lowest : -EACCES);
}

static void lower(struct tracee *tracee)
{
	struct injection *injection = tracee->injection;
	bool closes = tracee->pending && tracee->pending->outcome.close_on_exec;

	make_call(tracee, STEP_LOWER, SYS_fcntl,
		(const uint64_t[6]){(uint64_t)injection->descriptor,
			closes ? F_DUPFD_CLOEXEC : F_DUPFD});
}

static void take_from_keeper(
	struct tracee *tracee, enum injection_step step, int wanted)
{
	make_call(tracee, step, SYS_pidfd_getfd,
		(const uint64_t[6]){
			(uint64_t)tracee->injection->keeper, (uint64_t)wanted});
}

static void put_in_place(
	struct tracee *tracee, enum injection_step step, int descriptor, int place)
{
	make_call(tracee, step, SYS_dup2,
		(const uint64_t[6]){(uint64_t)descriptor, (uint64_t)place});
}

/*
 * The two that were taken from the keeper become 0 and 1; nothing is replaced unless both
 * are there. The proof comes at the exec stop: stdio_is_given.
 */
static void stdio_step_done(
	struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	struct injection *injection = tracee->injection;

	if (result < 0 && injection->failure == 0) {
		injection->failure = (int)-result;
	}
	if (injection->step == STEP_TAKE) {
		injection->descriptor = (int)result;
		take_from_keeper(tracee, STEP_TAKE_OUTPUT, injection->wanted_output);
	} else if (injection->step == STEP_TAKE_OUTPUT) {
		injection->output = (int)result;
		close_descriptor(tracee, STEP_CLOSE_KEEPER, injection->keeper);
	} else if (injection->step == STEP_CLOSE_KEEPER && injection->failure == 0) {
		put_in_place(tracee, STEP_INPUT, injection->descriptor, STDIN_FILENO);
	} else if (injection->step == STEP_INPUT && injection->failure == 0) {
		put_in_place(tracee, STEP_OUTPUT, injection->output, STDOUT_FILENO);
	} else if (injection->step == STEP_CLOSE_INPUT) {
		close_descriptor(tracee, STEP_CLOSE_OUTPUT, injection->output);
	} else if (injection->step == STEP_CLOSE_OUTPUT) {
		tracee->pending->is_stdio_given = injection->failure == 0;
		end(tracer, tracee, injection->failure);
	} else {
		close_descriptor(tracee, STEP_CLOSE_INPUT, injection->descriptor);
	}
}

/* Without a listener: by registers alone, since memory could be changed meanwhile. */
static void take_step_done(struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	struct injection *injection = tracee->injection;

	if (injection->step == STEP_DESCRIPTOR) {
		make_call(tracee, STEP_KEEPER, SYS_pidfd_open,
			(const uint64_t[6]){(uint64_t)injection->source->pid});
	} else if (injection->step == STEP_CLOSE_KEEPER && injection->descriptor >= 0) {
		if (injection->hands_over) {
			lower(tracee);
		} else {
			map_pages(tracer, tracee);
		}
	} else if (injection->step == STEP_CLOSE_KEEPER) {
		end(tracer, tracee, -injection->descriptor);
	} else if (injection->step == STEP_CLOSE_TAKEN) {
		handed_over(tracer, tracee);
	} else if (injection->step == STEP_TAKE) {
		injection->descriptor = (int)result;
		close_descriptor(tracee, STEP_CLOSE_KEEPER, injection->keeper);
	} else if (result < 0) {
		end(tracer, tracee, (int)-result);
	} else if (injection->step == STEP_KEEPER) {
		injection->keeper = (int)result;
		take_from_keeper(tracee, STEP_TAKE, injection->wanted);
	} else {
		injection->lowest = (int)result;
		close_descriptor(tracee, STEP_CLOSE_TAKEN, injection->descriptor);
	}
}

static void descriptor_step_done(
	struct tracer *tracer, struct tracee *tracee, int64_t result)
{
	const struct injection *injection = tracee->injection;

	if (tracer->listener_fd < 0) {
		take_step_done(tracer, tracee, result);
	} else if (injection->descriptor < 0) {
		/* A stop ended the wait: the call starts anew, and so do we. */
		bool was_stopped = result <= -512;
		int failure = result < 0 ? (int)-result : EAGAIN;
		end(tracer, tracee, was_stopped ? 0 : failure);
	} else if (injection->replaces_stdio) {
		end(tracer, tracee, 0);
	} else {
		map_pages(tracer, tracee);
	}
}

static void map_step_done(
	struct tracer *tracer, struct tracee *tracee, const struct registers *now)
{
	struct injection *injection = tracee->injection;
	struct arena_mapping *pages = &injection->pages;
	int64_t result = registers_result(now);

	if (is_expected(injection, now) && (result > 0 || result < -4095)) {
		pages->address = (uint64_t)result;
	} else if (result == -ENOMEM && pages->slots == ARENA_SLOTS) {
		pages->slots = ARENA_FEW_SLOTS; /* RLIMIT_AS */
		map_pages(tracer, tracee);
		return;
	} else if (result == -EEXIST) {
		/* A forked process has them in the window already. */
		pages->address = (uint64_t)tracer->calls.guard_window << 32;
		pages->slots = arena_slots_mapped_at(
			tracer->arena, tracee->tid, pages->address);
	}
	if (pages->address != 0 && tracer->features.mseal &&
		!defence_is_off(DEFENCE_PAGE_SEAL)) {
		make_call(tracee, STEP_SEAL, SYS_mseal,
			(const uint64_t[6]){
				pages->address, arena_size(pages->slots), 0});
		return;
	}
	close_descriptor(tracee, STEP_CLOSE, injection->descriptor);
}

static void step_done(
	struct tracer *tracer, struct tracee *tracee, const struct registers *now)
{
	struct injection *injection = tracee->injection;
	int64_t result = registers_result(now);

	switch (injection->step) {
	case STEP_TAKE:
	case STEP_CLOSE_KEEPER:
		(injection->replaces_stdio ? stdio_step_done : take_step_done)(
			tracer, tracee, result);
		return;
	case STEP_TAKE_OUTPUT:
	case STEP_INPUT:
	case STEP_OUTPUT:
	case STEP_CLOSE_INPUT:
	case STEP_CLOSE_OUTPUT:
		stdio_step_done(tracer, tracee, result);
		return;
	case STEP_KEEPER:
	case STEP_LOWER:
	case STEP_CLOSE_TAKEN:
		take_step_done(tracer, tracee, result);
		return;
	case STEP_DESCRIPTOR:
		descriptor_step_done(tracer, tracee, result);
		return;
	case STEP_MAP:
		map_step_done(tracer, tracee, now);
		return;
	case STEP_SEAL:
		if (!is_expected(injection, now) || result != 0 ||
			!arena_has_real_seal(
				tracer->arena, tracee->tid, &injection->pages)) {
			injection->pages.address = 0;
		}
		close_descriptor(tracee, STEP_CLOSE, injection->descriptor);
		return;
	case STEP_CLOSE:
		if (injection->pages.address != 0 &&
			(arena_is_mapped_at(
				 tracer->arena, tracee->tid, &injection->pages) ||
				defence_is_off(DEFENCE_MAPPING_PROOF))) {
			tracee->process->arena = injection->pages;
			end(tracer, tracee, 0);
		} else {
			end(tracer, tracee, ENOMEM);
		}
		return;
	}
}

/*
 * Nobody judges what a thread calls for us. Another thread that changed the instruction
 * under it could have had it call anything here.
 */
static void enter_call(struct tracee *tracee, const struct registers *now)
{
	if (!is_expected(tracee->injection, now) &&
		!defence_is_off(DEFENCE_CALL_PROOF)) {
		(void)kill(tracee->tid, SIGKILL);
		return;
	}
	tracee->injection->is_entered = true;
	tracee_continue_to_exit(tracee, 0);
}

void injection_call_stop(struct tracer *tracer, struct tracee *tracee)
{
	struct injection *injection = tracee->injection;
	struct registers now;

	if (!registers_read(tracee->tid, &now)) {
		return;
	}
	if (injection->is_entered) {
		step_done(tracer, tracee, &now);
	} else {
		enter_call(tracee, &now);
	}
}
