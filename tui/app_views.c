/* SPDX-License-Identifier: MIT */
/* What the views show, and what is done in them. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_internal.h"
#include "tui/lines.h"
#include "tui/question_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	REFILL_MS = 1000,
	DEPTH_MAX = 20,
	TITLE_COLUMNS = 200,
	MS = 1000,
	CLOCK_SIZE = 16,
};

static const char *clock_of(int64_t time_ms, char buffer[CLOCK_SIZE])
{
	const time_t seconds = (time_t)(time_ms / MS);
	struct tm parts;

	(void)localtime_r(&seconds, &parts);
	(void)strftime(buffer, CLOCK_SIZE, "%H:%M:%S", &parts);
	return buffer;
}

/* Each line of text as a row of its own. */
static void add_text(struct view *view, const char *text)
{
	while (*text != '\0') {
		const size_t length = strcspn(text, "\n");
		view_add(view, 0, STYLE_PLAIN, xmemdup0(text, length));
		text += length + (text[length] == '\n' ? 1 : 0);
	}
}

/* ---- Processes ---- */

static bool is_held(const struct app *app, int64_t pid)
{
	for (size_t i = 0; i < app->questions.count; i++) {
		const struct protocol_question *question = app->questions.items[i];
		if (question->chain_count > 0 && question->chain[0].pid == pid) {
			return true;
		}
	}
	return false;
}

static void add_process(
	struct app *app, const struct protocol_process *process, int depth)
{
	char *line = process->argc > 0
			     ? question_text_arguments(process->argv, process->argc)
			     : escape_quoted(process->program);
	const bool held = is_held(app, process->pid);

	view_add(&app->view, process->pid, held ? STYLE_STRONG : STYLE_PLAIN,
		xasprintf("%7" PRId64 " %s%*s%s", process->pid,
			held ? "WAITS " : "      ", 2 * depth, "", line));
	free(line);
}

static void add_children(struct app *app, int64_t parent, int depth)
{
	for (size_t i = 0; i < app->processes.count; i++) {
		const struct protocol_process *process = &app->processes.processes[i];
		if (process->parent == parent && depth < DEPTH_MAX) {
			add_process(app, process, depth);
			add_children(app, process->pid, depth + 1);
		}
	}
}

static bool is_listed(const struct app *app, int64_t pid)
{
	for (size_t i = 0; i < app->processes.count; i++) {
		if (app->processes.processes[i].pid == pid) {
			return true;
		}
	}
	return false;
}

static int by_pid(const void *a, const void *b)
{
	const struct protocol_process *left = a;
	const struct protocol_process *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static void fill_processes(struct app *app)
{
	struct protocol_process *list = app->processes.processes;

	if (app->processes.count > 0) {
		qsort(list, app->processes.count, sizeof(*list), by_pid);
	}
	for (size_t i = 0; i < app->processes.count; i++) {
		if (app->view.is_sorted) {
			add_process(app, &list[i], 0);
		} else if (!is_listed(app, list[i].parent)) {
			add_process(app, &list[i], 0);
			add_children(app, list[i].pid, 1);
		}
	}
	app->refill_at = app_monotonic_ms() + REFILL_MS;
}

/* ---- Events ---- */

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
	char clock[CLOCK_SIZE];
	char *safe_action = escape_copy(action);
	char *safe_program = escape_quoted(text_base_name(program));
	char *safe_by = escape_copy(by);
	char *line =
		xasprintf("%s %-6s %s  by %s (%" PRId64 "), %s", clock_of(time, clock),
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

static void read_events(struct app *app)
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

static void fill_events(struct app *app)
{
	for (size_t i = 0; i < app->event_count; i++) {
		const size_t at = app->view.is_sorted ? app->event_count - 1 - i : i;
		view_add(&app->view, app->events[at].seq, app->events[at].style,
			xstrdup(app->events[at].text));
	}
}

/* ---- Questions ---- */

static const struct protocol_question *nth_question(const struct app *app, size_t n)
{
	/* Few enough to find the next by looking at all of them. */
	size_t best = 0;

	if (!app->view.is_sorted) {
		return app->questions.items[n];
	}
	for (size_t i = 0; i < app->questions.count; i++) {
		size_t before = 0;
		for (size_t j = 0; j < app->questions.count; j++) {
			const uint32_t other = app->questions.items[j]->waiting;
			const uint32_t own = app->questions.items[i]->waiting;
			before += other > own || (other == own && j < i);
		}
		best = before == n ? i : best;
	}
	return app->questions.items[best];
}

static void fill_questions(struct app *app)
{
	for (size_t i = 0; i < app->questions.count; i++) {
		const struct protocol_question *question = nth_question(app, i);
		const int64_t age = (app_now_ms() - question->opened) / MS;
		char *title = question_text_title(question, TITLE_COLUMNS);
		char *program = question->chain_count > 0
					? question_text_program(&question->chain[0])
					: xstrdup("");
		view_add(&app->view, question->id, STYLE_PLAIN,
			xasprintf("%5" PRId64 " s %3u waiting  %s  by %s",
				age > 0 ? age : 0, question->waiting, title, program));
		free(program);
		free(title);
	}
	app->refill_at = app_monotonic_ms() + REFILL_MS;
}

static void fill_batch(struct app *app)
{
	for (size_t i = 0; i < app->batch_count; i++) {
		const struct protocol_question *question =
			questions_find(&app->questions, app->batch[i]);
		if (question != NULL) {
			char *title = question_text_title(question, TITLE_COLUMNS);
			view_add(&app->view, question->id, STYLE_PLAIN,
				xasprintf("%s %s", verdict_name(app->batch_verdict),
					title));
			free(title);
		}
	}
}

/* ---- Rules ---- */

static int by_hits(const void *a, const void *b)
{
	const struct tui_rule *left = a;
	const struct tui_rule *right = b;

	return (left->hits < right->hits) - (left->hits > right->hits);
}

static void add_rule(struct app *app, const struct tui_rule *rule)
{
	char clock[CLOCK_SIZE];
	char *text = escape_copy(text_of(rule->text));
	char *last = rule->last_hit > 0
			     ? xasprintf(", last %s", clock_of(rule->last_hit, clock))
			     : xstrdup("");

	view_add(&app->view, rule->id, STYLE_PLAIN,
		xasprintf("%4" PRId64 "  %-8s %5" PRId64 " hit%s%s  %s", rule->id,
			rule->scope, rule->hits, rule->hits == 1 ? "" : "s", last,
			text));
	free(last);
	free(text);
}

static void rules_free(struct tui_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rules[i].text);
		free(rules[i].scope);
		free(rules[i].origin);
	}
	free(rules);
}

static bool rules_read(struct app *app, struct tui_rule **rules, size_t *count)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};

	*rules = NULL;
	*count = 0;
	if (memory == NULL || memory->rules == NULL) {
		view_set_problem(&app->view, "The rules cannot be read from here.");
		return false;
	}
	if (!memory->rules(memory->context, rules, count, &err)) {
		char *safe = escape_copy(text_of(err.text));
		view_set_problem(&app->view, safe);
		free(safe);
		return false;
	}
	return true;
}

static void fill_rules(struct app *app)
{
	struct tui_rule *rules;
	size_t count;

	if (!rules_read(app, &rules, &count)) {
		return;
	}
	if (app->view.is_sorted && count > 0) {
		qsort(rules, count, sizeof(*rules), by_hits);
	}
	for (size_t i = 0; i < count; i++) {
		add_rule(app, &rules[i]);
	}
	rules_free(rules, count);
}

static void begin_rule_edit(struct app *app, int64_t id)
{
	struct tui_rule *rules;
	size_t count;

	if (!rules_read(app, &rules, &count)) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (rules[i].id == id) {
			view_ask(&app->view, PROMPT_TEXT,
				xasprintf("rule %" PRId64 ": ", id), rules[i].text);
		}
	}
	rules_free(rules, count);
}

static void change_rule(struct app *app, int64_t id, const char *text)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	bool done;

	if (text != NULL) {
		done = memory->edit != NULL &&
		       memory->edit(memory->context, id, text, &err);
	} else {
		done = memory->revoke != NULL &&
		       memory->revoke(memory->context, id, &err);
	}
	app_fill_view(app);
	char *safe = done ? xasprintf("rule %" PRId64 " is %s", id,
				    text != NULL ? "changed" : "revoked")
			  : escape_copy(text_of(err.text));
	view_set_problem(&app->view, safe);
	free(safe);
}

/* ---- Text ---- */

static void add_bindings(struct app *app, enum key_context context)
{
	const struct key_binding *binding;

	view_add(&app->view, 0, STYLE_STRONG, xstrdup(key_context_title(context)));
	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		char first[KEY_NAME_SIZE];
		char second[KEY_NAME_SIZE];
		if (binding->context == context) {
			view_add(&app->view, 0, STYLE_PLAIN,
				xasprintf("  %-5s %-10s %s",
					key_words(binding->keys[0], first),
					binding->keys[1] != KEY_NONE
						? key_words(binding->keys[1], second)
						: "",
					binding->meaning));
		}
	}
	view_add(&app->view, 0, STYLE_PLAIN, xstrdup(""));
}

/* What can be typed where the help was asked for comes first. */
static void fill_help(struct app *app)
{
	view_add(&app->view, 0, STYLE_PLAIN,
		xstrdup("Keys go to the agent. Ctrl-] comes before a key for Duenna; "
			"typed twice, it"));
	view_add(&app->view, 0, STYLE_PLAIN, xstrdup("goes to the agent itself."));
	view_add(&app->view, 0, STYLE_PLAIN, xstrdup(""));
	add_bindings(app, app->help_context);
	for (int context = 0; context < CONTEXT_COUNT; context++) {
		if ((enum key_context)context != app->help_context) {
			add_bindings(app, (enum key_context)context);
		}
	}
}

static void fill_details(struct app *app)
{
	const struct protocol_question *question =
		questions_find(&app->questions, app->current);
	struct lines lines = {.columns = app->screen.columns - 2 > LINES_COLUMNS_MAX
						 ? LINES_COLUMNS_MAX
					 : app->screen.columns - 2 < LINES_COLUMNS_MIN
						 ? LINES_COLUMNS_MIN
						 : (unsigned)app->screen.columns - 2};

	if (question != NULL) {
		question_text_describe(question, QUESTION_WHOLE, app_now_ms(), &lines);
		add_text(&app->view, lines.bytes != NULL ? lines.bytes : "");
		lines_finish(&lines);
	}
}

static void fill_summary(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	char clock[CLOCK_SIZE];

	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("session %" PRId64 ": %s, since %s, %s", app->session,
			app->command, clock_of(app->started, clock),
			app->is_paused ? "paused" : "running"));
	char *project = escape_copy(text_of(app->project));
	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("project %s", *project != '\0' ? project : "none"));
	free(project);
	view_add(&app->view, 0, STYLE_PLAIN,
		xasprintf("open questions: %zu", app->questions.count));
	char *text = memory != NULL && memory->summary != NULL
			     ? memory->summary(memory->context, app->session, &err)
			     : NULL;
	if (text != NULL) {
		add_text(&app->view, text);
		free(text);
	}
}

/* ---- All of them ---- */

static const struct {
	const char *title;
	void (*fill)(struct app *app);
	enum key_context context; /* of its own keys; CONTEXT_COUNT: none */
	bool is_text;
} kinds[] = {
	[VIEW_PROCESSES] = {"Processes", fill_processes, CONTEXT_PROCESSES, false},
	[VIEW_EVENTS] = {"Events", fill_events, CONTEXT_EVENTS, false},
	[VIEW_QUESTIONS] = {"Open questions", fill_questions, CONTEXT_QUESTIONS, false},
	[VIEW_RULES] = {"Kept answers", fill_rules, CONTEXT_RULES, false},
	[VIEW_SUMMARY] = {"Summary", fill_summary, CONTEXT_COUNT, true},
	[VIEW_HELP] = {"Keys", fill_help, CONTEXT_COUNT, true},
	[VIEW_DETAILS] = {"The question", fill_details, CONTEXT_COUNT, true},
	[VIEW_BATCH] = {"One answer to all of these", fill_batch, CONTEXT_BATCH, false},
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
		read_events(app);
	}
	app_fill_view(app);
	app_arm(app);
}

void app_close_view(struct app *app)
{
	const struct protocol_question *question =
		questions_find(&app->questions, app->current);

	app->refill_at = 0;
	app->is_dirty = true;
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
	size_t sent = 0;

	for (size_t i = 0; i < app->batch_count; i++) {
		struct protocol_answer answer = {
			.question = app->batch[i],
			.verdict = app->batch_verdict,
			.scope = SCOPE_ONCE,
		};
		if (questions_find(&app->questions, app->batch[i]) != NULL) {
			app_send_answer(app, &answer);
			sent++;
		}
	}
	free(app->outcome);
	app->outcome = xasprintf("%s once: %zu questions",
		app->batch_verdict == VERDICT_ALLOW ? "allowed" : "denied", sent);
	app->current = 0;
	app->before_view = APP_PANE;
	app->mode = APP_PANE;
	app->is_put_off = true; /* until the replies have come */
	app->is_dirty = true;
}

static void batch_key(
	struct app *app, uint32_t key, enum command_key command, bool is_alone)
{
	const bool allows = app->batch_verdict == VERDICT_ALLOW;

	if (command == COMMAND_NONE || !app_key_counts(app, key, is_alone)) {
		return;
	}
	if ((command == COMMAND_ALLOW) != allows) {
		view_set_problem(&app->view, allows ? "a allows all of these once"
						    : "d denies all of these once");
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

	if (count == 0 && view_selected_id(&app->view) != 0) {
		ids[count++] = view_selected_id(&app->view);
	}
	free(app->batch);
	app->batch = ids;
	app->batch_count = count;
	app->batch_verdict = verdict;
	if (count > 0) {
		app_open_view(app, VIEW_BATCH);
		app->view.head = xstrdup(verdict == VERDICT_ALLOW
						 ? "a allows them once, Esc goes back"
						 : "d denies them once, Esc goes back");
	}
}

static void mark(struct app *app, bool all)
{
	struct view *view = &app->view;
	bool any = false;

	for (size_t i = 0; i < view->count; i++) {
		any = any || view->rows[i].is_marked;
	}
	for (size_t i = 0; all && i < view->count; i++) {
		view->rows[i].is_marked = !any;
	}
	if (!all && view->selected < view->count) {
		view->rows[view->selected].is_marked =
			!view->rows[view->selected].is_marked;
		view->selected += view->selected + 1 < view->count ? 1 : 0;
	}
}

static void own_key(
	struct app *app, uint32_t key, enum command_key command, bool is_alone)
{
	const int64_t id = view_selected_id(&app->view);
	const struct protocol_question *question = questions_find(&app->questions, id);

	if (app->view_kind == VIEW_BATCH) {
		batch_key(app, key, command, is_alone);
	} else if (command == COMMAND_SORT) {
		app->view.is_sorted = !app->view.is_sorted;
		app_fill_view(app);
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
		begin_rule_edit(app, id);
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

static void confirmed(struct app *app)
{
	const int64_t id = view_selected_id(&app->view);

	free(app->outcome);
	app->outcome = NULL;
	if (app->view_kind == VIEW_PROCESSES) {
		app->outcome = xasprintf("process %" PRId64 " was killed", id);
		app_send_request(app, REQUEST_KILL, id);
	} else if (app->view_kind == VIEW_RULES) {
		change_rule(app, id, NULL);
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
		change_rule(
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
		if (app->view_kind == VIEW_BATCH) {
			app_open_view(app, VIEW_QUESTIONS);
		} else {
			app_close_view(app);
		}
	} else if (command == COMMAND_HELP) {
		app_open_view(app, VIEW_HELP);
	} else if (own != CONTEXT_COUNT) {
		own_key(app, key, key_command(own, key), is_alone);
	}
}
