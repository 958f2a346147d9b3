/* SPDX-License-Identifier: MIT */
/* How the line prompt shows questions and takes answers. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/line_front_end.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CONTROL_C = 0x03, CONTROL_Z = 0x1a, REDRAW_MS = 50 };

/* ---- The terminal between tree and question ---- */

/* Makes the terminal safe to write to. The tree's output is held from here on. */
static void take_terminal(struct line_front_end *front)
{
	char reset[MODES_SEQUENCE_MAX];

	const size_t length = modes_leave(&front->modes, reset);
	front->is_gone = !tty_write(&front->tty, reset, length) || front->is_gone;
}

void line_add_notices(struct line_front_end *front)
{
	const char *rest = front->notices;

	while (rest != NULL && *rest != '\0') {
		const size_t length = strcspn(rest, "\n");
		lines_add(&front->lines, "%.*s", (int)length, rest);
		rest += length + (rest[length] == '\n' ? 1 : 0);
	}
	free(front->notices);
	front->notices = NULL;
}

/* Programs that fill the screen draw themselves anew when its size changes. */
static void ask_for_redraw(struct line_front_end *front)
{
	uint16_t rows;
	uint16_t columns;

	tty_size(&front->tty, &rows, &columns);
	line_send_window(
		front, rows > 2 ? (uint16_t)(rows - 1) : (uint16_t)(rows + 1), columns);
	front->redraw_deadline = line_monotonic_ms() + REDRAW_MS;
}

static void give_modes_back(struct line_front_end *front)
{
	char restore[MODES_SEQUENCE_MAX];

	const size_t length = modes_enter(&front->modes, restore);
	front->is_gone = !tty_write(&front->tty, restore, length) || front->is_gone;
	if (front->modes.must_redraw) {
		front->modes.must_redraw = false;
		ask_for_redraw(front);
	}
}

/* The terminal is the tree's again, as far as possible as it left it. */
static void return_terminal(struct line_front_end *front)
{
	line_add_notices(front);
	line_write(front);
	front->state = LINE_RELAYING;
	front->current = 0;
	front->is_gone = !tty_set_mode(&front->tty, TTY_RELAY) || front->is_gone;
	give_modes_back(front);
	const struct text held = {front->held, front->held_length};
	front->held_length = 0;
	line_output(front, held);
}

void line_notice(struct line_front_end *front)
{
	if (front->state != LINE_RELAYING || front->modes.is_alternate) {
		return; /* shown with the next question, or at the end */
	}
	take_terminal(front);
	front->is_gone = !tty_set_mode(&front->tty, TTY_SILENT) || front->is_gone;
	line_add_notices(front);
	line_write(front);
	front->is_gone = !tty_set_mode(&front->tty, TTY_RELAY) || front->is_gone;
	give_modes_back(front);
}

/* ---- Showing ---- */

static void ask(struct line_front_end *front, struct protocol_question *question)
{
	front->current = question != NULL ? question->id : 0;
	front->dialogue.is_paused = front->is_paused;
	front->dialogue.open_count = front->questions.count;
	front->dialogue.position =
		questions_position(&front->questions, front->current) + 1;
	front->state = LINE_ARMING;
	front->deadline = line_monotonic_ms() + front->options.arming_ms;
	front->is_gone = !tty_set_mode(&front->tty, TTY_SILENT) || front->is_gone;
	line_add_notices(front);
	dialogue_begin(&front->dialogue, question, line_now_ms(), &front->lines);
	line_write(front);
}

static bool has_terminal(const struct line_front_end *front)
{
	return front->state == LINE_ARMING || front->state == LINE_ASKING ||
	       front->state == LINE_REQUESTING || front->state == LINE_DISARMING;
}

void line_settle(struct line_front_end *front)
{
	if (front->questions.count == 0 && !front->is_paused) {
		return_terminal(front);
		return;
	}
	if (!has_terminal(front)) {
		take_terminal(front);
	}
	ask(front, front->questions.count > 0 ? front->questions.items[0] : NULL);
}

static void prompt(struct line_front_end *front)
{
	front->state = LINE_ASKING;
	/* This also throws away what was typed before. */
	front->is_gone = !tty_set_mode(&front->tty, TTY_LINES) || front->is_gone;
	front->dialogue.open_count = front->questions.count;
	dialogue_prompt(&front->dialogue, &front->lines);
	line_write(front);
}

/* The same after a while: what was just done may well end the question. */
static void prompt_later(struct line_front_end *front)
{
	front->state = LINE_ARMING;
	front->deadline = line_monotonic_ms() + front->options.arming_ms;
	front->is_gone = !tty_set_mode(&front->tty, TTY_SILENT) || front->is_gone;
	line_write(front);
}

void line_armed(struct line_front_end *front)
{
	if (front->state == LINE_ARMING) {
		prompt(front);
	} else if (front->state == LINE_DISARMING) {
		tty_flush_input(&front->tty);
		line_settle(front);
	}
}

void line_question_altered(struct line_front_end *front)
{
	if (front->state == LINE_REQUESTING) {
		return; /* the reply says whether what was answered still counts */
	}
	struct protocol_question *question =
		questions_find(&front->questions, front->current);
	lines_put(&front->lines, "%s", front->state == LINE_ASKING ? "\n" : "");
	lines_add(&front->lines, "%s: question %" PRId64 " has changed:", front->word,
		front->current);
	ask(front, question);
}

/* What is being typed meanwhile stays typed. */
void line_question_offered(struct line_front_end *front)
{
	if (front->state != LINE_ARMING && front->state != LINE_ASKING) {
		return;
	}
	lines_put(&front->lines, "%s", front->state == LINE_ASKING ? "\n" : "");
	dialogue_show_offer(&front->dialogue, &front->lines);
	if (front->state == LINE_ASKING) {
		dialogue_prompt(&front->dialogue, &front->lines);
	}
	line_write(front);
}

void line_question_gone(struct line_front_end *front, const char *reason)
{
	const int64_t id = front->current;

	front->current = 0;
	front->dialogue.question = NULL;
	if (front->state == LINE_REQUESTING) {
		return; /* the reply comes next */
	}
	lines_put(&front->lines, "%s", front->state == LINE_ASKING ? "\n" : "");
	lines_add(&front->lines, "%s: question %" PRId64 " was %s.", front->word, id,
		reason);
	line_write(front);
	dialogue_finish(&front->dialogue);
	/* What is being typed right now is meant for the question, not for the tree. */
	front->state = LINE_DISARMING;
	front->deadline = line_monotonic_ms() + front->options.arming_ms;
	front->is_gone = !tty_set_mode(&front->tty, TTY_SILENT) || front->is_gone;
}

/* ---- Answering ---- */

static void request(struct line_front_end *front, enum line_request kind, int64_t pid,
	char *outcome)
{
	free(front->outcome);
	front->outcome = outcome;
	front->state = LINE_REQUESTING;
	if (kind == REQUEST_ANSWER) {
		line_send_answer(front);
	} else {
		line_send_request(front, kind, pid);
	}
}

static void kill_caller(struct line_front_end *front)
{
	const struct protocol_question *question = front->dialogue.question;

	if (question->chain_count == 0) {
		lines_add(&front->lines, "It is not known which process asks.");
		prompt(front);
		return;
	}
	const int64_t pid = question->chain[0].pid;
	request(front, REQUEST_KILL, pid,
		xasprintf("process %" PRId64 " was killed", pid));
}

static void next_question(struct line_front_end *front)
{
	ask(front, questions_after(&front->questions, front->current));
}

static void fulfil(struct line_front_end *front, enum dialogue_wish wish)
{
	switch (wish) {
	case WISH_NOTHING:
	case WISH_DETAILS:
	case WISH_HELP:
		prompt(front);
		break;
	case WISH_ANSWER:
		request(front, REQUEST_ANSWER, 0, dialogue_outcome(&front->dialogue));
		break;
	case WISH_KILL:
		kill_caller(front);
		break;
	case WISH_PAUSE:
		request(front, REQUEST_PAUSE, 0, xstrdup("every process is paused"));
		break;
	case WISH_RESUME:
		request(front, REQUEST_RESUME, 0, xstrdup("every process goes on"));
		break;
	case WISH_UNDO:
		request(front, REQUEST_UNDO, 0, xstrdup("the last answer is undone"));
		break;
	case WISH_NEXT:
		next_question(front);
		break;
	}
}

void line_typed(struct line_front_end *front, struct text typed)
{
	const char last = typed.length > 0 ? typed.bytes[typed.length - 1] : '\0';

	if (last == CONTROL_C || last == CONTROL_Z) {
		line_send_input(front, &last, 1);
		dialogue_restart(&front->dialogue);
		lines_put(&front->lines, "\n");
		lines_add(&front->lines, "%s was passed on to the program.",
			last == CONTROL_C ? "Ctrl-C" : "Ctrl-Z");
		prompt_later(front);
		return;
	}
	if (last == '\n') {
		typed.length--;
	}
	front->dialogue.open_count = front->questions.count;
	const enum dialogue_wish wish =
		dialogue_take(&front->dialogue, typed, line_now_ms(), &front->lines);
	fulfil(front, wish);
}

static void say_outcome(struct line_front_end *front, int64_t rule)
{
	char *where =
		rule > 0 ? xasprintf(", stored as rule %" PRId64, rule) : xstrdup("");
	const bool is_kept =
		front->awaited == REQUEST_ANSWER && front->dialogue.rule_count > 0;

	lines_add(&front->lines, "%s: %s%s%s.", front->word, front->outcome, where,
		is_kept ? "; undo: duenna rules undo" : "");
	free(where);
}

void line_replied(
	struct line_front_end *front, bool ok, struct text error, int64_t rule)
{
	if (ok) {
		say_outcome(front, rule);
	} else {
		char *safe = error.length > 0 ? escape_copy(error) : xstrdup("refused");
		lines_add(&front->lines, "%s: not done: %s.", front->word, safe);
		free(safe);
	}
	if (ok && front->awaited == REQUEST_ANSWER) {
		questions_remove(&front->questions, front->current);
		front->current = 0;
	}
	if (ok &&
		(front->awaited == REQUEST_PAUSE || front->awaited == REQUEST_RESUME)) {
		front->is_paused = front->awaited == REQUEST_PAUSE;
		front->dialogue.is_paused = front->is_paused;
	}
	const bool is_killed = ok && front->awaited == REQUEST_KILL;
	front->awaited = REQUEST_NONE;
	free(front->outcome);
	front->outcome = NULL;
	struct protocol_question *question =
		questions_find(&front->questions, front->current);
	if (question == NULL) {
		dialogue_finish(&front->dialogue);
		line_settle(front);
		return;
	}
	dialogue_restart(&front->dialogue);
	if (is_killed) {
		prompt_later(front);
	} else {
		prompt(front);
	}
}
