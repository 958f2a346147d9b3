/* SPDX-License-Identifier: MIT */
/* From what one view shows to what belongs to it in another, and back. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- The way back ---- */

void app_trail_clear(struct app *app)
{
	while (app->trail_length > 0) {
		free(app->trail[--app->trail_length].filter);
	}
}

static void trail_push(struct app *app)
{
	if (app->trail_length == APP_TRAIL_MAX) { /* the oldest is forgotten */
		free(app->trail[0].filter);
		app->trail_length--;
		memmove(app->trail, app->trail + 1,
			app->trail_length * sizeof(app->trail[0]));
	}
	app->trail[app->trail_length++] = (struct app_step){
		.kind = app->view_kind,
		.id = view_selected_id(&app->view),
		.filter = xstrdup(app->view.filter),
		.is_sorted = app->view.is_sorted,
	};
}

/* The line is shown, whatever was followed before. */
static void open_at(struct app *app, const struct app_step *step)
{
	app_open_view(app, step->kind);
	(void)snprintf(app->view.filter, sizeof(app->view.filter), "%s", step->filter);
	app->view.is_sorted = step->is_sorted;
	app->view.is_at_end = app->view.is_at_end && step->id == 0;
	app_fill_view(app);
	view_filled(&app->view, step->id);
}

void app_jump(struct app *app, enum app_view kind, int64_t id, const char *filter)
{
	char *copy = xstrdup(filter);
	const struct app_step step = {.kind = kind, .id = id, .filter = copy};

	trail_push(app);
	open_at(app, &step);
	free(copy);
}

void app_step_back(struct app *app)
{
	if (app->trail_length == 0) {
		app_close_view(app);
		return;
	}
	const struct app_step step = app->trail[--app->trail_length];
	open_at(app, &step);
	free(step.filter);
}

/* ---- To what belongs to it ---- */

static void say(struct app *app, const char *problem)
{
	view_set_problem(&app->view, problem);
}

static bool failed(struct app *app, const struct error *err)
{
	if (err->code == 0) {
		return false;
	}
	char *safe = escape_copy(text_of(err->text));
	say(app, safe);
	free(safe);
	return true;
}

static void show_event(struct app *app, int64_t session, int64_t seq)
{
	app->event_session = session;
	app->event = seq;
	app_jump(app, VIEW_EVENT, 0, "");
}

void app_jump_to_event(struct app *app, int64_t seq)
{
	show_event(app, app->session, seq);
}

static bool is_stored(struct app *app, int64_t id)
{
	for (size_t i = 0; i < app->view.count; i++) {
		if (app->view.rows[i].id == id) {
			return true;
		}
	}
	return false;
}

/* Rules of files and profiles have no line of their own: the event says what they are. */
void app_jump_to_rule(struct app *app, int64_t id)
{
	if (id == 0) {
		say(app, "No rule decided this, and none was stored with it.");
		return;
	}
	if (id < 0) {
		app_jump_to_event(app, view_selected_id(&app->view));
		return;
	}
	app_jump(app, VIEW_RULES, id, "");
	if (!is_stored(app, id)) {
		char *words = xasprintf("Rule %" PRId64 " is no longer stored.", id);
		app_step_back(app);
		say(app, words);
		free(words);
	}
}

void app_jump_to_origin(struct app *app, int64_t rule)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	int64_t session = 0;
	int64_t seq = 0;

	if (memory == NULL || memory->rule_origin == NULL) {
		say(app, "This cannot be read from here.");
	} else if (!memory->rule_origin(memory->context, rule, &session, &seq, &err)) {
		(void)failed(app, &err);
	} else if (seq == 0) {
		say(app, "No recorded event is known for it.");
	} else {
		show_event(app, session, seq);
	}
}

void app_jump_to_question_event(struct app *app, int64_t question)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	int64_t seq = 0;

	if (memory == NULL || memory->question_event == NULL) {
		say(app, "This cannot be read from here.");
	} else if (!memory->question_event(
			   memory->context, app->session, question, &seq, &err)) {
		(void)failed(app, &err);
	} else if (seq == 0) {
		say(app, "It was withdrawn, or its event is not recorded yet.");
	} else {
		show_event(app, app->session, seq);
	}
}

void app_jump_to_actions(struct app *app, int64_t pid)
{
	char filter[32];

	(void)snprintf(filter, sizeof(filter), "pid=%" PRId64, pid);
	app_jump(app, VIEW_EVENTS, 0, filter);
}
