/* SPDX-License-Identifier: MIT */
/* The judged actions, as they are told of and as they were recorded before. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { MS = 1000 };

const char *app_clock(int64_t time_ms, char buffer[APP_CLOCK_SIZE])
{
	const time_t seconds = (time_t)(time_ms / MS);
	struct tm parts;

	(void)localtime_r(&seconds, &parts);
	(void)strftime(buffer, APP_CLOCK_SIZE, "%H:%M:%S", &parts);
	return buffer;
}

static enum screen_style verdict_style(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ALLOW:
		return STYLE_PLAIN;
	case VERDICT_ASK:
		return STYLE_STRONG;
	case VERDICT_DENY:
	case VERDICT_FORBID:
	case VERDICT_COUNT:
		break;
	}
	return STYLE_DENY;
}

/* Takes text. */
static void keep_event(
	struct app *app, int64_t seq, enum screen_style style, char *text)
{
	if (app->events == NULL) {
		app->events = xcalloc(APP_EVENTS_MAX, sizeof(*app->events));
	}
	if (app->event_count > 0 && seq <= app->events[app->event_count - 1].seq) {
		free(text); /* read from memory before it was told of */
		return;
	}
	if (app->event_count == APP_EVENTS_MAX) {
		const size_t half = APP_EVENTS_MAX / 2;
		for (size_t i = 0; i < half; i++) {
			free(app->events[i].text);
		}
		memmove(app->events, app->events + half, half * sizeof(*app->events));
		app->event_count = half;
	}
	app->events[app->event_count++] =
		(struct app_event){.text = text, .seq = seq, .style = style};
}

static char *event_line(int64_t time, enum verdict verdict, struct text action,
	struct text program, int64_t pid, struct text by)
{
	char clock[APP_CLOCK_SIZE];
	char *safe_action = escape_copy(action);
	char *safe_program = escape_quoted(text_base_name(program));
	char *safe_by = escape_copy(by);
	char *line =
		xasprintf("%s %-6s %s  by %s (%" PRId64 "), %s", app_clock(time, clock),
			verdict_name(verdict), safe_action, safe_program, pid, safe_by);

	free(safe_by);
	free(safe_program);
	free(safe_action);
	return line;
}

void app_take_event(struct app *app, const struct protocol_event *event)
{
	char *action = xasprintf("%s %.*s", verb_name(event->verb),
		(int)event->object.length, event->object.bytes);

	keep_event(app, event->seq, verdict_style(event->verdict),
		event_line(event->time, event->verdict, text_of(action), event->program,
			event->pid, event->by));
	free(action);
	if (app->mode == APP_VIEW && app->view_kind == VIEW_EVENTS &&
		app->refill_at == 0) {
		enum { SOON_MS = 100 };
		app->refill_at = app_monotonic_ms() + SOON_MS;
	}
}

void app_events_finish(struct app *app)
{
	for (size_t i = 0; i < app->event_count; i++) {
		free(app->events[i].text);
	}
	free(app->events);
}

void app_read_events(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	struct tui_event *events = NULL;
	size_t count = 0;
	struct error err = {0};

	if (memory == NULL || memory->events == NULL ||
		!memory->events(memory->context, app->session, APP_EVENTS_MAX / 2,
			&events, &count, &err)) {
		return; /* what comes from now on is shown */
	}
	for (size_t i = 0; i < count; i++) {
		const struct tui_event *event = &events[i];
		keep_event(app, event->seq, verdict_style(event->verdict),
			event_line(event->time, event->verdict, text_of(event->action),
				text_of(event->program), event->pid,
				text_of(event->by)));
		free(event->action);
		free(event->program);
		free(event->by);
	}
	free(events);
}

void app_fill_events(struct app *app)
{
	for (size_t i = 0; i < app->event_count; i++) {
		const size_t at = app->view.is_sorted ? app->event_count - 1 - i : i;
		view_add(&app->view, app->events[at].seq, app->events[at].style,
			xstrdup(app->events[at].text));
	}
}
