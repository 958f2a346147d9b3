/* SPDX-License-Identifier: MIT */
/* The loop: sleeps in one epoll, and never for anything in particular. */
#include "session/answer.h"
#include "session/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

enum { RULE_CHECK_MS = 500, EPOLL_EVENTS = 16 };

static bool loop_add(const struct supervisor *supervisor, int fd,
	enum loop_source source, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = source};
	return epoll_ctl(supervisor->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ||
	       error_set(err, errno, "watch a descriptor: %s", strerror(errno));
}

/* A rule set that was read beside the loop takes the place of the one in force. */
static void rules_swap(struct supervisor *supervisor)
{
	struct error err = {0};
	struct rule_set *set = rule_reader_take(&supervisor->reader, &err);
	if (err.code != 0) {
		clients_send_notice(supervisor, err.text);
	}
	if (set != NULL) {
		rule_set_release(supervisor->judge.main);
		supervisor->judge.main = set;
		answer_rules_swapped(supervisor);
		question_rejudge_all(supervisor);
	}
	/* One that runs again was asked to while it read: what it read may be old. */
	if ((set != NULL || err.code != 0) && !supervisor->reader.is_running) {
		answer_rules_read(supervisor, &err);
	}
}

static void rules_check(struct supervisor *supervisor, int64_t now)
{
	if (now < supervisor->next_rule_check) {
		return;
	}
	supervisor->next_rule_check = now + RULE_CHECK_MS * (int64_t)NANOSECONDS_PER_MS;
	rule_watch_ask(&supervisor->rule_watch);
}

/* What cannot be recorded must not happen: the tree ends. */
static void recorder_read(struct supervisor *supervisor)
{
	struct completion completion;
	while (recorder_next_completion(supervisor->recorder, &completion)) {
		answer_completed(supervisor, &completion);
	}
	(void)recorder_failed(supervisor->recorder, &supervisor->failure);
}

static void source_handle(
	struct supervisor *supervisor, const struct epoll_event *event)
{
	uint64_t data = event->data.u64;
	switch ((enum loop_source)(data & ((1u << LOOP_SOURCE_BITS) - 1))) {
	case LOOP_TRACER:
		tracer_notice(supervisor->tracer, tracer_fd(supervisor->tracer));
		break;
	case LOOP_RECORDER:
		recorder_read(supervisor);
		break;
	case LOOP_SIGNAL:
		signals_read(supervisor);
		break;
	case LOOP_RULES:
		rules_swap(supervisor);
		break;
	case LOOP_RULE_WATCH:
		if (rule_watch_take(&supervisor->rule_watch)) {
			rule_reader_start(&supervisor->reader);
		}
		break;
	case LOOP_LISTEN:
		clients_accept(supervisor);
		break;
	case LOOP_PTY:
		pty_ready(supervisor, event->events);
		break;
	case LOOP_HISTORY:
		history_take(supervisor, HISTORY_RECORDED);
		break;
	case LOOP_FILES:
		history_take(supervisor, HISTORY_FILES);
		break;
	case LOOP_RESOLVER:
		supervisor_drain_resolver(supervisor);
		break;
	case LOOP_MCP:
		mcp_ready(supervisor, data, event->events);
		break;
	case LOOP_CLIENT:
		clients_ready(
			supervisor, (int64_t)(data >> LOOP_SOURCE_BITS), event->events);
		break;
	}
}

static int loop_timeout(const struct supervisor *supervisor, int64_t now)
{
	enum { HELD_OUTPUT_MS = 20 };
	int64_t next = supervisor->next_rule_check;
	int64_t expiry = question_next_expiry(supervisor);
	next = expiry < next ? expiry : next;
	int64_t wait = (next - now) / NANOSECONDS_PER_MS + 1;
	if (supervisor->pty.held_since != 0 && wait > HELD_OUTPUT_MS) {
		wait = HELD_OUTPUT_MS;
	}
	return wait < 0 ? 0 : (int)wait;
}

/* What is due by now, whatever descriptors say. */
static void loop_tick(struct supervisor *supervisor, int64_t now)
{
	rules_check(supervisor, now);
	denial_line_tick(&supervisor->denial, now);
	question_expire(supervisor, now, 0);
	pty_tick(supervisor, now);
	clients_flush(supervisor);
}

/* Waits for everything at once; for what is most frequent directly. */
static bool loop_sleep(struct supervisor *supervisor, int timeout)
{
	struct tracer_wakers *direct = &supervisor->wakers;
	struct pollfd sources[] = {
		{.fd = supervisor->epoll_fd, .events = POLLIN},
		{.fd = direct->listener, .events = POLLIN},
		{.fd = direct->stops, .events = POLLIN},
		{.fd = direct->mounts, .events = POLLPRI},
	};

	if (poll(sources, sizeof(sources) / sizeof(sources[0]), timeout) < 0) {
		supervisor->has_events = false;
		return errno == EINTR;
	}
	supervisor->has_events = sources[0].revents != 0;
	if ((sources[1].revents & POLLIN) != 0) {
		tracer_notice(supervisor->tracer, direct->listener);
	} else if (sources[1].revents != 0) {
		direct->listener = -1; /* nobody is left behind the filter */
	}
	if (sources[2].revents != 0) {
		tracer_notice(supervisor->tracer, direct->stops);
	}
	if (sources[3].revents != 0) {
		tracer_notice(supervisor->tracer, direct->mounts);
	}
	return true;
}

static bool loop_turn(struct supervisor *supervisor, struct error *err)
{
	struct epoll_event events[EPOLL_EVENTS];
	bool drained = supervisor_drain_tracer(supervisor);
	if (supervisor->tree_ended) {
		return true;
	}
	int64_t now = clock_monotonic();
	loop_tick(supervisor, now);
	if (!loop_sleep(supervisor, drained ? loop_timeout(supervisor, now) : 0)) {
		return error_set(err, errno, "wait for events: %s", strerror(errno));
	}
	int count = supervisor->has_events
			    ? epoll_wait(supervisor->epoll_fd, events, EPOLL_EVENTS, 0)
			    : 0;
	for (int i = 0; i < count; i++) {
		source_handle(supervisor, &events[i]);
	}
	if (supervisor->failure.code != 0) {
		*err = supervisor->failure;
		return false;
	}
	return true;
}

bool supervisor_loop(struct supervisor *supervisor, struct error *err)
{
	if (!loop_add(supervisor, tracer_fd(supervisor->tracer), LOOP_TRACER, err) ||
		!loop_add(supervisor, recorder_fd(supervisor->recorder), LOOP_RECORDER,
			err) ||
		!loop_add(supervisor, supervisor->signal_fd, LOOP_SIGNAL, err) ||
		!loop_add(supervisor, supervisor->reader.fd, LOOP_RULES, err) ||
		!loop_add(
			supervisor, supervisor->rule_watch.fd, LOOP_RULE_WATCH, err) ||
		!loop_add(supervisor, supervisor->history[HISTORY_RECORDED].fd,
			LOOP_HISTORY, err) ||
		!loop_add(supervisor, supervisor->history[HISTORY_FILES].fd, LOOP_FILES,
			err) ||
		(supervisor->resolver != NULL &&
			!loop_add(supervisor, resolver_fd(supervisor->resolver),
				LOOP_RESOLVER, err))) {
		return false;
	}
	supervisor->wakers = tracer_take_wakers(supervisor->tracer);
	while (!supervisor->tree_ended) {
		if (!loop_turn(supervisor, err)) {
			return false;
		}
	}
	return true;
}
