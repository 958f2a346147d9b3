/* SPDX-License-Identifier: MIT */
/* Which views there are, and what is done in them. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- All of them ---- */

static const struct {
	const char *title;
	void (*fill)(struct app *app);
	enum key_context context; /* of its own keys; CONTEXT_COUNT: none */
	bool is_text;
} kinds[] = {
	[VIEW_PROCESSES] = {"Processes", app_fill_processes, CONTEXT_PROCESSES, false},
	[VIEW_EVENTS] = {"Events", app_fill_events, CONTEXT_EVENTS, false},
	[VIEW_QUESTIONS] = {"Open questions and answers", app_fill_questions,
		CONTEXT_QUESTIONS, false},
	[VIEW_RULES] = {"Kept answers", app_fill_rules, CONTEXT_RULES, false},
	[VIEW_SUMMARY] = {"Summary", app_fill_summary, CONTEXT_COUNT, true},
	[VIEW_HELP] = {"Keys", app_fill_help, CONTEXT_COUNT, true},
	[VIEW_DETAILS] = {"The question", app_fill_details, CONTEXT_COUNT, true},
	[VIEW_RULE] = {"Where the rule comes from", app_fill_rule, CONTEXT_COUNT, true},
	[VIEW_EVENT] = {"The event", app_fill_event, CONTEXT_COUNT, true},
	[VIEW_BATCH] = {"One answer to all of these", app_fill_batch, CONTEXT_BATCH,
		false},
};

static bool is_in(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (ids[i] == id) {
			return true;
		}
	}
	return false;
}

/* Marks outlive a refill; *ids is owned. */
static size_t marked_ids(const struct view *view, int64_t **ids)
{
	size_t count = 0;

	*ids = xcalloc(view->count + 1, sizeof(**ids));
	for (size_t i = 0; i < view->count; i++) {
		if (view->rows[i].is_marked) {
			(*ids)[count++] = view->rows[i].id;
		}
	}
	return count;
}

void app_fill_view(struct app *app)
{
	struct view *view = &app->view;
	const int64_t selected = view_selected_id(view);
	int64_t *marked;
	const size_t count = marked_ids(view, &marked);

	app->refill_at = 0;
	app->is_dirty = true;
	if (app->mode != APP_VIEW) {
		free(marked);
		return;
	}
	if (app->view_kind == VIEW_PROCESSES && app->awaited == REQUEST_NONE) {
		app_send_request(app, REQUEST_PROCESSES, 0);
	}
	view_clear(view);
	kinds[app->view_kind].fill(app);
	for (size_t i = 0; i < view->count; i++) {
		view->rows[i].is_marked = is_in(marked, count, view->rows[i].id);
	}
	view_filled(view, selected);
	free(marked);
}

void app_open_view(struct app *app, enum app_view kind)
{
	const enum key_context own = kinds[app->view_kind].context;

	if (app->mode == APP_VIEW) {
		app->help_context = own != CONTEXT_COUNT ? own : CONTEXT_VIEW;
	} else {
		const bool is_question = app->mode == APP_QUESTION;
		app_trail_clear(app);
		app->before_view = is_question ? APP_QUESTION : APP_PANE;
		app->help_context = is_question ? CONTEXT_QUESTION : CONTEXT_PREFIX;
	}
	view_finish(&app->view);
	app->mode = APP_VIEW;
	app->view_kind = kind;
	app->view.title = kinds[kind].title;
	app->view.is_text = kinds[kind].is_text;
	app->view.is_at_end = kind == VIEW_EVENTS;
	if (kind == VIEW_EVENTS && !app->has_events) {
		app_send_events_wish(app);
		app_read_events(app);
	}
	app_fill_view(app);
	app->is_shown = false;
	if (kind == VIEW_BATCH) {
		app_arm(app); /* the only one whose keys answer something */
	}
}

void app_close_view(struct app *app)
{
	const struct protocol_question *question =
		questions_find(&app->questions, app->current);

	app->refill_at = 0;
	app->is_dirty = true;
	app_trail_clear(app);
	if (app->before_view == APP_QUESTION && question != NULL) {
		app->mode = APP_QUESTION; /* as it was, but keys do not count at once */
		app_arm(app);
		return;
	}
	app->mode = APP_PANE;
	app_settle(app);
}

/* ---- Keys ---- */

static void send_batch(struct app *app)
{
	const int64_t before = app->last_request;

	for (size_t i = 0; i < app->batch_count; i++) {
		struct protocol_answer answer = {
			.question = app->batch[i],
			.verdict = app->batch_verdict,
			.scope = SCOPE_ONCE,
		};
		if (questions_find(&app->questions, app->batch[i]) != NULL) {
			app_send_answer(app, &answer);
		}
	}
	app->awaited = REQUEST_NONE; /* app_batch_replied() awaits them */
	app->batch_first = app->last_request > before ? before + 1 : 0;
	app->batch_last = app->last_request;
	app->batch_done = 0;
	app->batch_refused = 0;
	app->current = 0;
	app->before_view = APP_PANE;
	app->mode = APP_PANE;
	app->is_put_off = true; /* until the replies have come */
	app->is_dirty = true;
}

static void say_batch(struct app *app)
{
	char *words = xasprintf("%s once: %zu question%s",
		app->batch_verdict == VERDICT_ALLOW ? "allowed" : "denied",
		app->batch_done, app->batch_done == 1 ? "" : "s");

	if (app->batch_refused > 0) {
		char *more = xasprintf("%s; %zu not: %s", words, app->batch_refused,
			app->batch_problem);
		free(words);
		words = more;
	}
	app_say(app, words);
}

void app_batch_replied(struct app *app, bool ok, struct text error)
{
	const size_t sent = (size_t)(app->batch_last - app->batch_first) + 1;

	if (ok) {
		app->batch_done++;
	} else if (app->batch_refused++ == 0) {
		free(app->batch_problem);
		app->batch_problem =
			error.length > 0 ? escape_copy(error) : xstrdup("refused");
	}
	if (app->batch_done + app->batch_refused < sent) {
		return;
	}
	app->batch_first = 0;
	say_batch(app);
	app_settle(app);
}

static void batch_key(
	struct app *app, uint32_t key, enum command_key command, bool is_alone)
{
	const bool allows = app->batch_verdict == VERDICT_ALLOW;

	if (command == COMMAND_NONE || !app_key_counts(app, key, is_alone)) {
		return;
	}
	if ((command == COMMAND_ALLOW) != allows) {
		char *words = key_hints(
			CONTEXT_BATCH, allows ? "{allow} allows all of these once"
					      : "{deny} denies all of these once");
		view_set_problem(&app->view, words);
		free(words);
	} else if (*app->view.filter != '\0') {
		view_set_problem(&app->view,
			"Not all of them are shown: take the filter "
			"away (& and Enter) first.");
	} else {
		send_batch(app);
	}
}

static void begin_batch(struct app *app, enum verdict verdict)
{
	int64_t *ids;
	size_t count = marked_ids(&app->view, &ids);

	if (app->batch_first != 0) {
		view_set_problem(
			&app->view, "The last answers are still on their way.");
		free(ids);
		return;
	}
	if (count == 0 && view_selected_id(&app->view) > 0) {
		ids[count++] = view_selected_id(&app->view);
	}
	free(app->batch);
	app->batch = ids;
	app->batch_count = count;
	app->batch_verdict = verdict;
	if (count > 0) {
		app_jump(app, VIEW_BATCH, 0, "");
		char *back = key_hints(CONTEXT_VIEW, "{close} goes back");
		char *key = key_hints(CONTEXT_BATCH,
			verdict == VERDICT_ALLOW ? "{allow} allows them once"
						 : "{deny} denies them once");
		app->view.head = xasprintf("%s, %s", key, back);
		free(key);
		free(back);
	}
}

/* What was answered cannot be answered again. */
static bool is_open(const struct app *app, const struct view_row *row)
{
	return questions_find(&app->questions, row->id) != NULL;
}

static void mark(struct app *app, bool all)
{
	struct view *view = &app->view;
	bool any = false;

	for (size_t i = 0; i < view->count; i++) {
		any = any || view->rows[i].is_marked;
	}
	for (size_t i = 0; all && i < view->count; i++) {
		view->rows[i].is_marked = !any && is_open(app, &view->rows[i]);
	}
	if (!all && view->selected < view->count &&
		is_open(app, &view->rows[view->selected])) {
		view->rows[view->selected].is_marked =
			!view->rows[view->selected].is_marked;
		view->selected += view->selected + 1 < view->count ? 1 : 0;
	}
}

/* True if the key leads from the selected line to something else. */
static bool jump(struct app *app, enum command_key command, int64_t id)
{
	if (id == 0) {
		return false;
	}
	const struct app_event *event = app_event_find(app, id);
	if (app->view_kind == VIEW_RULES && command == COMMAND_DETAILS) {
		app->rule = id;
		app_jump(app, VIEW_RULE, 0, "");
	} else if (app->view_kind == VIEW_RULES && command == COMMAND_ORIGIN) {
		app_jump_to_origin(app, id);
	} else if (app->view_kind == VIEW_EVENTS && command == COMMAND_DETAILS) {
		app_jump_to_event(app, id);
	} else if (app->view_kind == VIEW_EVENTS && command == COMMAND_RULE) {
		app_jump_to_rule(app, event != NULL ? event->rule : 0);
	} else if (app->view_kind == VIEW_PROCESSES && command == COMMAND_OPEN) {
		app_jump_to_actions(app, id);
	} else if (app->view_kind == VIEW_QUESTIONS && command == COMMAND_RULE) {
		app_jump_to_rule(app, id < 0 ? app_answer_rule(app, -id) : 0);
	} else if (app->view_kind == VIEW_QUESTIONS && command == COMMAND_OPEN &&
		   id < 0) {
		app_jump_to_question_event(app, -id);
	} else {
		return false;
	}
	return true;
}

void app_sort_view(struct app *app)
{
	app->view.is_sorted = !app->view.is_sorted;
	app_fill_view(app);
}

static void own_key(
	struct app *app, uint32_t key, enum command_key command, bool is_alone)
{
	const int64_t id = view_selected_id(&app->view);
	const struct protocol_question *question = questions_find(&app->questions, id);

	if (app->view_kind == VIEW_BATCH) {
		batch_key(app, key, command, is_alone);
	} else if (command == COMMAND_SORT) {
		app_sort_view(app);
	} else if (command == COMMAND_FOLLOW) {
		app->view.is_at_end = true;
		app_fill_view(app);
	} else if (command == COMMAND_KILL && id != 0) {
		view_ask(&app->view, PROMPT_CONFIRM,
			xasprintf("Kill process %" PRId64 "? y: yes ", id), "");
	} else if (command == COMMAND_REVOKE && id != 0) {
		view_ask(&app->view, PROMPT_CONFIRM,
			xasprintf("Revoke rule %" PRId64 "? y: yes ", id), "");
	} else if (command == COMMAND_EDIT && id != 0) {
		app_begin_rule_edit(app, id);
	} else if (jump(app, command, id)) {
		return;
	} else if (command == COMMAND_OPEN && question != NULL) {
		app->is_put_off = false;
		app_show_question(app, question);
	} else if (command == COMMAND_MARK || command == COMMAND_MARK_ALL) {
		mark(app, command == COMMAND_MARK_ALL);
	} else if (command == COMMAND_KEEP_ALLOW || command == COMMAND_KEEP_DENY) {
		begin_batch(app,
			command == COMMAND_KEEP_ALLOW ? VERDICT_ALLOW : VERDICT_DENY);
	}
}

void app_open_selected(struct app *app)
{
	static const struct {
		enum app_view kind;
		enum command_key command;
	} opens[] = {
		{VIEW_PROCESSES, COMMAND_OPEN},
		{VIEW_EVENTS, COMMAND_DETAILS},
		{VIEW_QUESTIONS, COMMAND_OPEN},
		{VIEW_RULES, COMMAND_DETAILS},
	};

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		if (opens[i].kind == app->view_kind) {
			own_key(app, KEY_NONE, opens[i].command, true);
			return;
		}
	}
}

static void confirmed(struct app *app)
{
	const int64_t id = view_selected_id(&app->view);

	free(app->outcome);
	app->outcome = NULL;
	if (app->view_kind == VIEW_PROCESSES) {
		app->outcome = xasprintf("process %" PRId64 " was killed", id);
		app_send_request(app, REQUEST_KILL, id);
	} else if (app->view_kind == VIEW_RULES) {
		app_change_rule(app, id, NULL);
	} else if (app->view_kind == VIEW_SUMMARY) {
		app_send_request(app, REQUEST_STOP, 0);
	}
}

void app_view_key(struct app *app, uint32_t key, bool is_alone)
{
	const enum key_context own = kinds[app->view_kind].context;

	app->is_dirty = true;
	switch (view_take(&app->view, key, app->screen.rows - 1)) {
	case VIEW_TAKEN:
		return;
	case VIEW_REFILL:
		app_fill_view(app);
		return;
	case VIEW_TYPED:
		app_change_rule(
			app, view_selected_id(&app->view), app->view.prompt_edit.bytes);
		return;
	case VIEW_CONFIRMED:
		confirmed(app);
		return;
	case VIEW_OTHER:
		break;
	}
	const enum command_key command = key_command(CONTEXT_VIEW, key);
	if (command == COMMAND_CLOSE) {
		app_step_back(app);
	} else if (command == COMMAND_HELP) {
		if (app->view_kind != VIEW_HELP) {
			app_jump(app, VIEW_HELP, 0, "");
		}
	} else if (own != CONTEXT_COUNT) {
		own_key(app, key, key_command(own, key), is_alone);
	}
}
