/* SPDX-License-Identifier: MIT */
#include "tests/session/fake_tracer.h"

#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 16384, FIRST_PID = 1000000, WAIT_SECONDS = 20 };

struct fake_deeds fake_deeds;
bool fake_shares_stderr;
int fake_create_error;
int fake_stdio[2] = {-1, -1};
pid_t fake_extra_process;
struct fake_code fake_code;

enum fake_state { FAKE_NEW, FAKE_HELD, FAKE_ANSWERED };

struct fake_request {
	struct request request; /* first */
	enum fake_state state;
	struct answer answer;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct tracer_event events[EVENTS_MAX];
static size_t first, last;
static int wake_fd = -1;
static pid_t last_pid = FIRST_PID;
static uint64_t last_request;
static struct process *command;

/* Everything lives until fake_finish: requests are looked at after they are gone. */
static void **kept;
static size_t kept_count, kept_capacity;

static void *keep(void *memory)
{
	pthread_mutex_lock(&lock);
	if (kept_count == kept_capacity) {
		kept_capacity = kept_capacity == 0 ? 64 : kept_capacity * 2;
		kept = xreallocarray(kept, kept_capacity, sizeof(*kept));
	}
	kept[kept_count++] = memory;
	pthread_mutex_unlock(&lock);
	return memory;
}

void fake_finish(void)
{
	for (size_t i = 0; i < kept_count; i++) {
		free(kept[i]);
	}
	free(kept);
	kept = NULL;
	kept_count = 0;
}

static char *own_string(const char *string)
{
	return keep(xstrdup(string));
}

/* With the lock held. */
static void push(struct tracer_event event)
{
	const uint64_t one = 1;
	if (wake_fd < 0) {
		wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	events[last++ % EVENTS_MAX] = event;
	(void)!write(wake_fd, &one, sizeof(one));
}

static void push_locked(struct tracer_event event)
{
	pthread_mutex_lock(&lock);
	push(event);
	pthread_mutex_unlock(&lock);
}

static struct process *start(
	const char *program, struct process *parent, bool has_unknown_maker)
{
	struct process *process = keep(xcalloc(1, sizeof(*process)));
	*process = (struct process){
		.pid = ++last_pid,
		.start_ticks = 1,
		.parent = parent,
		.program = own_string(program),
		.argv = keep(xcalloc(1, sizeof(struct text))),
		.argc = 1,
		.working_folder = own_string("/"),
		.has_unknown_maker = has_unknown_maker,
	};
	process->argv[0] = text_of(own_string(program));
	if (command == NULL) {
		command = process;
	}
	push_locked((struct tracer_event){
		.kind = TRACER_PROCESS_START, .process = process});
	return process;
}

struct process *fake_process_start(const char *program, struct process *parent)
{
	return start(program, parent, false);
}

struct process *fake_orphan_start(const char *program, struct process *parent)
{
	return start(program, parent, true);
}

void fake_process_exec(struct process *process, const char *program)
{
	char *owned = own_string(program);
	pthread_mutex_lock(&lock);
	process->program = owned;
	push((struct tracer_event){.kind = TRACER_PROCESS_EXEC, .process = process});
	pthread_mutex_unlock(&lock);
}

void fake_process_end(struct process *process, int status)
{
	push_locked((struct tracer_event){
		.kind = TRACER_PROCESS_END, .process = process, .status = status});
}

struct request *fake_request_make(struct process *process, const char *syscall,
	enum verb verb, const char *object)
{
	struct fake_request *fake = keep(xcalloc(1, sizeof(*fake)));
	fake->request = (struct request){
		.id = ++last_request,
		.tid = process->pid,
		.process = process,
		.syscall_name = syscall != NULL ? syscall : "openat",
	};
	fake_request_add(&fake->request, verb, object, false);
	return &fake->request;
}

void fake_request_add(
	struct request *request, enum verb verb, const char *object, bool is_folder)
{
	struct action *action = &request->actions[request->action_count++];
	*action = (struct action){.verb = verb,
		.object = text_of(own_string(object)),
		.is_folder = is_folder};
	if (verb_object_kind(verb) == OBJECT_HOST) {
		(void)endpoint_parse(action->object, &action->endpoint);
	}
}

void fake_push(struct request *request)
{
	push_locked((struct tracer_event){.kind = TRACER_REQUEST, .request = request});
}

struct request *fake_request(
	struct process *process, enum verb verb, const char *object)
{
	struct request *request = fake_request_make(process, NULL, verb, object);
	fake_push(request);
	return request;
}

void fake_interrupt(struct request *request)
{
	push_locked(
		(struct tracer_event){.kind = TRACER_WITHDRAWN, .request = request});
}

static void wait_for(struct request *request, enum fake_state state)
{
	const struct fake_request *fake = (const struct fake_request *)request;
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&lock);
	while (fake->state != state) {
		if (pthread_cond_timedwait(&changed, &lock, &until) != 0) {
			fprintf(stderr, "no answer to request %lu\n",
				(unsigned long)request->id);
			abort();
		}
	}
	pthread_mutex_unlock(&lock);
}

struct answer fake_wait_answer(struct request *request)
{
	wait_for(request, FAKE_ANSWERED);
	return ((const struct fake_request *)request)->answer;
}

void fake_wait_held(struct request *request)
{
	wait_for(request, FAKE_HELD);
}

bool fake_is_answered(struct request *request)
{
	pthread_mutex_lock(&lock);
	bool answered = ((const struct fake_request *)request)->state == FAKE_ANSWERED;
	pthread_mutex_unlock(&lock);
	return answered;
}

void fake_end(int status)
{
	pthread_mutex_lock(&lock);
	push((struct tracer_event){.kind = TRACER_COMMAND_ENDED, .status = status});
	push((struct tracer_event){.kind = TRACER_TREE_ENDED});
	pthread_mutex_unlock(&lock);
}

/* ---- tracer/tracer.h ---- */

struct tracer {
	int fd;
};

static void set_state(
	struct request *request, enum fake_state state, struct answer answer)
{
	struct fake_request *fake = (struct fake_request *)request;
	pthread_mutex_lock(&lock);
	fake->state = state;
	fake->answer = answer;
	if (state == FAKE_ANSWERED) {
		push((struct tracer_event){.kind = TRACER_RESULT,
			.request = request,
			.error = answer.kind == ANSWER_DENY ? answer.error : 0});
	}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

struct tracer *tracer_create(const struct tracer_options *options, struct error *err)
{
	if (fake_create_error != 0) {
		error_set(err, fake_create_error, "%s: %s", options->argv[0],
			strerror(fake_create_error));
		return NULL;
	}
	fake_deeds.new_session = options->new_session;
	memcpy(fake_deeds.stdio, options->stdio, sizeof(fake_deeds.stdio));
	fake_deeds.environment = options->environment;
	struct tracer *tracer = xcalloc(1, sizeof(*tracer));
	pthread_mutex_lock(&lock);
	if (wake_fd < 0) {
		wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	tracer->fd = wake_fd;
	pthread_mutex_unlock(&lock);
	return tracer;
}

void tracer_destroy(struct tracer *tracer)
{
	free(tracer);
}

int tracer_fd(const struct tracer *tracer)
{
	return tracer->fd;
}

struct tracer_wakers tracer_take_wakers(struct tracer *tracer)
{
	(void)tracer;
	return (struct tracer_wakers){-1, -1, -1};
}

void tracer_notice(struct tracer *tracer, int fd)
{
	(void)tracer;
	(void)fd;
}

bool tracer_next(struct tracer *tracer, struct tracer_event *event)
{
	uint64_t count;
	pthread_mutex_lock(&lock);
	bool found = first < last;
	if (found) {
		*event = events[first++ % EVENTS_MAX];
	} else {
		(void)!read(tracer->fd, &count, sizeof(count));
	}
	pthread_mutex_unlock(&lock);
	return found;
}

void tracer_answer(struct tracer *tracer, struct request *request, struct answer answer)
{
	(void)tracer;
	set_state(request, FAKE_ANSWERED, answer);
}

void tracer_hold(struct tracer *tracer, struct request *request)
{
	(void)tracer;
	set_state(request, FAKE_HELD, (struct answer){0});
}

enum stdio_taking tracer_take_stdio(
	struct tracer *tracer, const struct request *request, int stdio[2])
{
	(void)tracer;
	(void)request;
	stdio[0] = stdio[1] = -1;
	if (fake_stdio[0] < 0) {
		return STDIO_IS_OTHER;
	}
	stdio[0] = dup(fake_stdio[0]);
	stdio[1] = dup(fake_stdio[1]);
	return STDIO_TAKEN;
}

void tracer_replace_stdio(
	struct tracer *tracer, struct request *request, const int stdio[2])
{
	(void)tracer;
	(void)request;
	close(stdio[0]);
	close(stdio[1]);
}

void tracer_set_reading(struct tracer *tracer,
	bool (*may_read)(void *user, const struct request *request, struct text path),
	void *user)
{
	(void)tracer;
	(void)may_read;
	(void)user;
}

void tracer_take_code(
	struct tracer *tracer, const struct request *request, struct code_facts *facts)
{
	(void)tracer;
	(void)request;
	pthread_mutex_lock(&lock);
	fake_code.taken++;
	*facts = (struct code_facts){.origin = fake_code.origin};
	if (fake_code.file != NULL) {
		facts->frames = xcalloc(1, sizeof(*facts->frames));
		facts->frame_count = 1;
		facts->frames[0] = (struct code_frame){
			.file = text_of(xstrdup(fake_code.file)),
			.function = text_of(xstrdup("<module>")),
			.line = 3,
			.is_generated = fake_code.origin == CODE_GENERATED,
		};
	}
	pthread_mutex_unlock(&lock);
}

void tracer_take_sources(
	struct tracer *tracer, const struct request *request, struct code_facts *facts)
{
	(void)tracer;
	(void)request;
	if (facts->frame_count > 0) {
		facts->frames[0].source = text_of(xstrdup("1: import os\n3> os.x()"));
	}
}

void code_facts_finish(struct code_facts *facts)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		free((char *)(uintptr_t)facts->frames[i].file.bytes);
		free((char *)(uintptr_t)facts->frames[i].function.bytes);
		free((char *)(uintptr_t)facts->frames[i].source.bytes);
	}
	free(facts->frames);
}

void tracer_take_native(struct tracer *tracer, const struct request *request,
	struct native_facts *facts)
{
	(void)tracer;
	(void)request;
	*facts = (struct native_facts){0};
	facts->frames = xcalloc(1, sizeof(*facts->frames));
	facts->frame_count = 1;
	facts->frames[0] = (struct native_frame){
		.address = 0x1234,
		.module = text_of(xstrdup("/lib/libc.so.6")),
		.function = text_of(xstrdup("openat")),
		.offset = 4,
	};
}

void native_facts_finish(struct native_facts *facts)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		free((char *)(uintptr_t)facts->frames[i].module.bytes);
		free((char *)(uintptr_t)facts->frames[i].function.bytes);
	}
	free(facts->frames);
}

void tracer_signal_command(struct tracer *tracer, int sig)
{
	(void)tracer;
	pthread_mutex_lock(&lock);
	if (fake_deeds.signal_count < 16) {
		fake_deeds.signals[fake_deeds.signal_count++] = sig;
	}
	pthread_mutex_unlock(&lock);
}

void tracer_kill_tree(struct tracer *tracer)
{
	(void)tracer;
	fake_deeds.killed = true;
}

void tracer_pause_tree(struct tracer *tracer, bool pause)
{
	(void)tracer;
	fake_deeds.paused = pause;
}

bool tracer_kill_process(struct tracer *tracer, pid_t pid)
{
	(void)tracer;
	fake_deeds.killed_process = pid;
	return pid > FIRST_PID && pid <= last_pid;
}

pid_t tracer_command_pid(const struct tracer *tracer)
{
	(void)tracer;
	return command != NULL ? command->pid : 0;
}

bool tracer_has_process(const struct tracer *tracer, pid_t pid)
{
	(void)tracer;
	return (pid > FIRST_PID && pid <= last_pid) ||
	       (pid != 0 && pid == fake_extra_process);
}

bool tracer_shares_file(struct tracer *tracer, pid_t tid, int fd, int own_fd)
{
	(void)tracer;
	(void)tid;
	(void)own_fd;
	return fd == 2 && fake_shares_stderr;
}

char *tracer_read_folder(const struct request *request)
{
	return xstrdup(request->process->working_folder);
}

int tracer_take_socket(struct tracer *tracer, const struct request *request)
{
	(void)tracer;
	(void)request;
	return -1;
}

size_t tracer_read_message(struct tracer *tracer, const struct request *request,
	size_t number, void *buffer, size_t size)
{
	(void)tracer;
	(void)request;
	(void)number;
	(void)buffer;
	(void)size;
	return 0;
}

void tracer_counters(const struct tracer *tracer, struct tracer_counters *counters)
{
	(void)tracer;
	*counters = (struct tracer_counters){0};
}
