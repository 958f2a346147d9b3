/* SPDX-License-Identifier: MIT */
/* The judged actions, as they are told of and as they were recorded before. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tui/app_fill.h"
#include "tui/lines.h"
#include "tui/mcp_words.h"
#include "tui/replay.h"

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

enum screen_style app_verdict_style(enum verdict verdict)
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

/* ---- Keeping ---- */

static void event_finish(struct app_event *event)
{
	free(event->program);
	free(event->object);
	free(event->by);
	free(event->mcp);
}

void app_events_finish(struct app *app)
{
	for (size_t i = 0; i < app->event_count; i++) {
		event_finish(&app->events[i]);
	}
	free(app->events);
}

/* Takes what the event owns. */
static void keep_event(struct app *app, struct app_event *event)
{
	if (app->events == NULL) {
		app->events = xcalloc(APP_EVENTS_MAX, sizeof(*app->events));
	}
	if (app->event_count > 0 &&
		event->seq <= app->events[app->event_count - 1].seq) {
		event_finish(event); /* read from memory before it was told of */
		return;
	}
	if (app->event_count == APP_EVENTS_MAX) {
		const size_t half = APP_EVENTS_MAX / 2;
		for (size_t i = 0; i < half; i++) {
			event_finish(&app->events[i]);
		}
		memmove(app->events, app->events + half, half * sizeof(*app->events));
		app->event_count = half;
	}
	app->events[app->event_count++] = *event;
}

void app_take_event(struct app *app, const struct protocol_event *event)
{
	const struct vector_facts facts = {.verb = event->verb,
		.object = event->object,
		.asked_as = event->asked_as,
		.code = event->is_generated ? CODE_GENERATED : CODE_UNKNOWN,
		.mcp = event->mcp};
	struct app_event kept = {
		.seq = event->seq,
		.time = event->time,
		.pid = event->pid,
		.rule = event->rule,
		.verb = event->verb,
		.verdict = event->verdict,
		.program = escape_copy(event->program),
		.object = escape_quoted(event->object),
		.by = escape_copy(event->by),
		.mcp = mcp_words(event->mcp),
		.vectors = vectors_of(&facts),
	};

	keep_event(app, &kept);
	if (app->mode == APP_VIEW && app->view_kind == VIEW_EVENTS &&
		app->refill_at == 0) {
		enum { SOON_MS = 100 };
		app->refill_at = app_monotonic_ms() + SOON_MS;
	}
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
		struct tui_event *event = &events[i];
		struct app_event kept = {
			.seq = event->seq,
			.time = event->time,
			.pid = event->pid,
			.rule = event->rule,
			.verb = event->verb,
			.verdict = event->verdict,
			.program = escape_copy(text_of(event->program)),
			.object = event->object,
			.by = escape_copy(text_of(event->by)),
			.mcp = mcp_words(text_of(event->mcp)),
			.vectors = event->vectors,
		};
		keep_event(app, &kept);
		free(event->program);
		free(event->by);
		free(event->mcp);
	}
	free(events);
}

const struct app_event *app_event_find(const struct app *app, int64_t seq)
{
	for (size_t i = app->event_count; i > 0; i--) {
		if (app->events[i - 1].seq == seq) {
			return &app->events[i - 1];
		}
	}
	return NULL;
}

/* ---- Showing ---- */

/* Owned. Rules of files and profiles have no number that a person knows. */
static char *decider_words(const struct app_event *event)
{
	static const char rule[] = "rule:";

	if (strncmp(event->by, rule, sizeof(rule) - 1) != 0) {
		return xstrdup(event->by);
	}
	return event->rule < 0 ? xstrdup("a rule")
			       : xasprintf("rule %" PRId64, event->rule);
}

static char *event_line(const struct app_event *event, bool is_wide)
{
	char *by = decider_words(event);
	char clock[APP_CLOCK_SIZE];
	const char *slash = strrchr(event->program, '/');

	if (!is_wide) {
		char *brief = xasprintf("%-6s %s %s  by %s, %s",
			verdict_name(event->verdict), verb_name(event->verb),
			event->object, slash != NULL ? slash + 1 : event->program, by);
		free(by);
		return brief;
	}
	char *line = xasprintf("%s %-6s %-7s %s  by %s (%" PRId64 "), %s%s%s",
		app_clock(event->time, clock), verdict_name(event->verdict),
		verb_name(event->verb), event->object,
		slash != NULL ? slash + 1 : event->program, event->pid, by,
		*event->mcp != '\0' ? ", for " : "", event->mcp);
	free(by);
	return line;
}

/* Each of the words is somewhere in the line. */
static bool has_all(const char *line, const char *words)
{
	bool has = true;

	while (has && words != NULL && *words != '\0') {
		const size_t length = strcspn(words, " ");
		char *word = xmemdup0(words, length);
		has = strcasestr(line, word) != NULL;
		free(word);
		words += length;
		words += strspn(words, " ");
	}
	return has;
}

static bool passes(const struct app_event *event, const struct replay_filter *filter,
	const char *line)
{
	return (filter->verbs == 0 || (filter->verbs >> event->verb & 1) != 0) &&
	       (filter->verdicts == 0 ||
		       (filter->verdicts >> event->verdict & 1) != 0) &&
	       (filter->vectors == 0 || (filter->vectors & event->vectors) != 0) &&
	       (filter->pid == 0 || filter->pid == event->pid) &&
	       replay_filter_matches_program(event->program, filter->program) &&
	       replay_filter_matches(event->object, filter->path) &&
	       replay_filter_matches(event->mcp, filter->mcp) &&
	       has_all(line, filter->words);
}

/* A live session is judged once: nothing in it is changed. */
static bool filter_read(struct app *app, struct replay_filter *filter)
{
	struct error err = {0};

	if (replay_filter_parse(app->view.filter, filter, &err)) {
		return true;
	}
	char *safe = escape_copy(text_of(err.text));
	view_set_problem(&app->view, safe);
	free(safe);
	return false;
}

void app_fill_events(struct app *app)
{
	struct replay_filter filter;
	const bool is_wide = app->screen.columns >= APP_WIDE;

	app->view.filter_words =
		is_wide ? "words, verb= verdict= program= path= pid= mcp= vector=: "
			: "only: ";
	app->view.heading =
		is_wide ? "  time     verdict verb   object, by whom, decided by what"
			: "  verdict, what, by whom and what";
	if (!filter_read(app, &filter)) {
		return;
	}
	for (size_t i = 0; i < app->event_count; i++) {
		const size_t at = app->view.is_sorted ? app->event_count - 1 - i : i;
		const struct app_event *event = &app->events[at];
		char *line = event_line(event, is_wide);
		if (passes(event, &filter, line)) {
			view_add(&app->view, event->seq,
				app_verdict_style(event->verdict), line);
		} else {
			free(line);
		}
	}
	replay_filter_finish(&filter);
}

void app_fill_event(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	const int room = app->screen.columns - 2;
	const unsigned columns = room > LINES_COLUMNS_MAX   ? LINES_COLUMNS_MAX
				 : room < LINES_COLUMNS_MIN ? LINES_COLUMNS_MIN
							    : (unsigned)room;
	struct error err = {0};
	char *text = memory != NULL && memory->event_details != NULL
			     ? memory->event_details(memory->context,
				       app->event_session, app->event, columns, &err)
			     : NULL;

	if (text == NULL) {
		view_set_problem(&app->view, "This cannot be read from here.");
		return;
	}
	app_add_text(&app->view, text);
	free(text);
}
