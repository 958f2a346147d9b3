/* SPDX-License-Identifier: MIT */
/*
 * What is typed: bytes for the agent as they are, but for the prefix key and what the
 * terminal says of itself; or keys for Duenna.
 */
#include "base/xalloc.h"
#include "tui/app_internal.h"

#include <stdlib.h>

enum { INCOMPLETE_MS = 40, BRACKETED_PASTE = 2004, FOCUS_EVENTS = 1004 };

/* ---- For the agent ---- */

/* How many bytes at the start are nothing but text for the agent. */
static size_t plain_length(const struct app *app, struct text bytes)
{
	const char prefix = (char)key_prefix();
	size_t length = 0;

	while (length < bytes.length && bytes.bytes[length] != 0x1b &&
		(app->is_pasting || bytes.bytes[length] != prefix)) {
		length++;
	}
	return length;
}

static void set_focus(struct app *app, bool has_focus)
{
	if (app->has_focus != has_focus) {
		app->has_focus = has_focus;
		app_send_focus(app);
	}
}

/*
 * The agent's terminal is an xterm, whatever the person's is: keys that the console or
 * tmux send in another way are put into its words.
 */
static struct text xterm_sequence(const struct modes *modes, struct text bytes)
{
	static const struct {
		const char *is, *becomes, *in_cursor_mode;
	} sequences[] = {
		{"\x1b[[A", "\x1bOP", "\x1bOP"}, /* F1 to F5 of the console */
		{"\x1b[[B", "\x1bOQ", "\x1bOQ"},
		{"\x1b[[C", "\x1bOR", "\x1bOR"},
		{"\x1b[[D", "\x1bOS", "\x1bOS"},
		{"\x1b[[E", "\x1b[15~", "\x1b[15~"},
		{"\x1b[1~", "\x1b[H", "\x1bOH"}, /* Home and End */
		{"\x1b[4~", "\x1b[F", "\x1bOF"},
	};
	enum { CURSOR_KEYS = 1 };

	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		if (text_equal_string(bytes, sequences[i].is)) {
			return text_of(modes_is_set(modes, CURSOR_KEYS)
					       ? sequences[i].in_cursor_mode
					       : sequences[i].becomes);
		}
	}
	return bytes;
}

static bool wants_mouse(const struct modes *modes)
{
	static const unsigned mouse_modes[] = {9, 1000, 1002, 1003};

	for (size_t i = 0; i < sizeof(mouse_modes) / sizeof(mouse_modes[0]); i++) {
		if (modes_is_set(modes, mouse_modes[i])) {
			return true;
		}
	}
	return false;
}

/* A sequence from the terminal: some are told of only because we wanted to know. */
static void pass_sequence(struct app *app, uint32_t key, struct text bytes)
{
	const struct modes *modes = pane_modes(app->pane);
	bool is_wanted = true;

	if (key == KEY_FOCUS_IN || key == KEY_FOCUS_OUT) {
		set_focus(app, key == KEY_FOCUS_IN);
		is_wanted = modes_is_set(modes, FOCUS_EVENTS);
	} else if (key == KEY_PASTE_BEGIN || key == KEY_PASTE_END) {
		app->is_pasting = key == KEY_PASTE_BEGIN;
		is_wanted = modes_is_set(modes, BRACKETED_PASTE);
	} else if (key == KEY_MOUSE_REPORT) {
		is_wanted =
			wants_mouse(modes); /* else a question was clicked, too late */
	}
	if (is_wanted) {
		app_send_input(app, xterm_sequence(modes, bytes));
	}
}

/* Takes one piece; gives its length, 0 if it is not complete. */
static size_t pass_piece(struct app *app, struct text bytes, bool is_final)
{
	const size_t plain = plain_length(app, bytes);

	if (plain > 0) {
		app_send_input(app, (struct text){bytes.bytes, plain});
		app->last_key = (unsigned char)bytes.bytes[plain - 1];
		app->last_key_time = app_monotonic_ms();
		return plain;
	}
	if (bytes.bytes[0] == (char)key_prefix()) {
		app->mode = APP_PREFIX;
		app->is_dirty = true;
		return 1;
	}
	/* A lone Esc goes on at once: only what began like a sequence is waited for. */
	if (bytes.length == 1 || bytes.bytes[1] != '[') {
		app_send_input(app, (struct text){bytes.bytes, 1});
		return 1;
	}
	size_t taken;
	const uint32_t key = key_read(bytes, is_final, &taken);
	pass_sequence(app, key, (struct text){bytes.bytes, taken});
	return taken;
}

/* ---- For Duenna ---- */

static void prefix_key(struct app *app, uint32_t key)
{
	static const struct {
		enum command_key command;
		enum app_view view;
	} views[] = {
		{COMMAND_PROCESSES, VIEW_PROCESSES},
		{COMMAND_EVENTS, VIEW_EVENTS},
		{COMMAND_QUESTIONS, VIEW_QUESTIONS},
		{COMMAND_RULES, VIEW_RULES},
		{COMMAND_SUMMARY, VIEW_SUMMARY},
		{COMMAND_HELP, VIEW_HELP},
	};
	const enum command_key command = key_command(CONTEXT_PREFIX, key);
	const char prefix = (char)key_prefix();

	app->mode = APP_PANE;
	app->is_dirty = true;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (views[i].command == command) {
			app_open_view(app, views[i].view);
			return;
		}
	}
	if (key == key_prefix()) {
		app_send_input(app, (struct text){&prefix, 1});
	} else if (command == COMMAND_PAUSE) {
		app_toggle_pause(app);
	} else if (command == COMMAND_UNDO) {
		app_undo(app);
	} else if (command == COMMAND_REDRAW) {
		(void)clearok(curscr, TRUE);
		app_send_window(app); /* another front end may have set its own size */
		pane_damage_all(app->pane);
	} else if (command == COMMAND_SCROLL) {
		app->mode = APP_SCROLL;
		pane_scroll_to(app->pane, 1);
	} else if (command == COMMAND_STOP) {
		app_open_view(app, VIEW_SUMMARY);
		view_ask(&app->view, PROMPT_CONFIRM,
			xstrdup("Kill every process and end the session? y: yes "), "");
	} else if (command == COMMAND_DETACH) {
		app->end->is_detached = true;
		app_send_detach(app);
		app->mode = APP_OVER;
	} else {
		app_settle(app);
	}
}

static void scroll_search_key(struct app *app, uint32_t key)
{
	if (key == KEY_ESC) {
		app->is_scroll_searching = false;
	} else if (key == KEY_RETURN) {
		app->is_scroll_searching = false;
		if (!pane_search_up(app->pane, app->scroll_search.bytes)) {
			app_say(app, xstrdup("not found above"));
		}
	} else {
		(void)edit_take(&app->scroll_search, key);
	}
}

static void scroll_key(struct app *app, uint32_t key)
{
	const int page = app->screen.rows > 3 ? app->screen.rows - 2 : 1;
	const int at = pane_scrolled(app->pane);

	app->is_dirty = true;
	if (app->is_scroll_searching) {
		scroll_search_key(app, key);
		return;
	}
	switch ((int)key_command(CONTEXT_SCROLL, key)) {
	case COMMAND_UP:
		pane_scroll_to(app->pane, at + 1);
		break;
	case COMMAND_DOWN:
		pane_scroll_to(app->pane, at - 1);
		break;
	case COMMAND_PAGE_UP:
		pane_scroll_to(app->pane, at + page);
		break;
	case COMMAND_PAGE_DOWN:
		pane_scroll_to(app->pane, at - page);
		break;
	case COMMAND_TOP:
		pane_scroll_to(app->pane, pane_history_count(app->pane));
		break;
	case COMMAND_SEARCH:
		edit_begin(&app->scroll_search, "");
		app->is_scroll_searching = true;
		break;
	case COMMAND_SEARCH_NEXT:
		if (!pane_search_up(app->pane, app->scroll_search.bytes)) {
			app_say(app, xstrdup("not found above"));
		}
		break;
	case COMMAND_CLOSE:
		pane_scroll_to(app->pane, 0);
		app->mode = APP_PANE;
		app_settle(app);
		break;
	default:
		break;
	}
}

/* Text is being typed, into which a paste may go. */
static bool is_typing_text(const struct app *app)
{
	return (app->mode == APP_QUESTION &&
		       (app->question.state == QUESTION_RULE ||
			       app->question.state == QUESTION_MESSAGE)) ||
	       (app->mode == APP_VIEW && app->view.prompt != PROMPT_NONE &&
		       app->view.prompt != PROMPT_CONFIRM);
}

static void take_key(struct app *app, uint32_t key, bool is_alone)
{
	if (key == KEY_FOCUS_IN || key == KEY_FOCUS_OUT) {
		set_focus(app, key == KEY_FOCUS_IN);
		return;
	}
	if (key == KEY_PASTE_BEGIN || key == KEY_PASTE_END) {
		app->is_pasting = key == KEY_PASTE_BEGIN;
		return;
	}
	if (app->is_pasting && (!is_typing_text(app) || key == KEY_RETURN)) {
		return; /* a paste decides nothing */
	}
	switch (app->mode) {
	case APP_PREFIX:
		prefix_key(app, key);
		break;
	case APP_QUESTION:
		app_question_key(app, key, is_alone);
		break;
	case APP_VIEW:
		app_view_key(app, key, is_alone);
		break;
	case APP_SCROLL:
		scroll_key(app, key);
		break;
	case APP_STARTING:
	case APP_PANE:
	case APP_OVER:
		break;
	}
	app->last_key = key;
	app->last_key_time = app_monotonic_ms();
}

static size_t take_piece(
	struct app *app, struct text bytes, bool is_final, bool is_first)
{
	size_t taken;

	if (app->mode == APP_PANE && app_monotonic_ms() >= app->deaf_until) {
		return pass_piece(app, bytes, is_final);
	}
	const uint32_t key = key_read(bytes, is_final, &taken);
	if (key == KEY_MOUSE_REPORT) {
		app_take_mouse(app, (struct text){bytes.bytes, taken});
	} else if (taken > 0) {
		take_key(app, key, is_first && taken == bytes.length);
	}
	return taken;
}

void app_take_input(struct app *app, bool is_final)
{
	size_t done = 0;

	while (done < app->pending_length && app->mode != APP_OVER) {
		const struct text rest = {
			app->pending + done, app->pending_length - done};
		const size_t taken = take_piece(app, rest, is_final, done == 0);
		if (taken == 0) {
			break;
		}
		/* A question that came up meanwhile has thrown away the rest. */
		done = app->pending_length > 0 ? done + taken : 0;
	}
	app->pending_length -= done;
	memmove(app->pending, app->pending + done, app->pending_length);
	app->pending_deadline =
		app->pending_length > 0 ? app_monotonic_ms() + INCOMPLETE_MS : 0;
}
