/* SPDX-License-Identifier: MIT */
/*
 * The parts of the line prompt among themselves: line.c waits and relays, line_ask.c
 * shows questions and takes answers, line_session.c reads what the session says.
 */
#ifndef TUI_LINE_FRONT_END_H
#define TUI_LINE_FRONT_END_H

#include "session/protocol.h"
#include "tui/dialogue.h"
#include "tui/line.h"
#include "tui/modes.h"
#include "tui/questions.h"
#include "tui/tty.h"
#include "tui/word.h"

enum line_state {
	LINE_STARTING,	 /* the session has not said hello */
	LINE_RELAYING,	 /* the terminal is the tree's */
	LINE_ARMING,	 /* a question is shown; typing does not count yet */
	LINE_ASKING,	 /* typing goes to the question */
	LINE_REQUESTING, /* the session was asked for something and has not replied */
	LINE_DISARMING,	 /* no question is left; what was typed for it does not count */
	LINE_OVER,
};

enum line_request {
	REQUEST_NONE,
	REQUEST_ANSWER,
	REQUEST_KILL,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_UNDO,
};

struct line_front_end {
	struct line_options options;
	struct tty tty;
	struct protocol_stream stream;
	struct modes modes;
	struct questions questions;
	struct dialogue dialogue;
	struct lines lines; /* being collected for the terminal */
	char word[WORD_SIZE];
	char *project;

	enum line_state state;
	int64_t deadline;	 /* of arming and disarming; ms, monotonic */
	int64_t redraw_deadline; /* when the window gets its true size back; 0: it has */
	int64_t current;	 /* the question that is shown; 0: none */
	bool is_paused;
	bool is_gone; /* the terminal */

	enum line_request awaited;
	int64_t request; /* number of the last one */
	char *outcome;	 /* to be shown when it has succeeded; or NULL */

	char *held; /* output of the tree, shown after the question */
	size_t held_length, held_capacity;
	char *notices; /* sentences of the session, shown at the next chance; or NULL */

	int status;
};

int64_t line_monotonic_ms(void);
int64_t line_now_ms(void);

/* Writes what was collected in lines. */
void line_write(struct line_front_end *front);

/* Output of the tree: written, or held while something else is on the screen. */
void line_output(struct line_front_end *front, struct text bytes);

/* ---- line_ask.c ---- */

/*
 * Shows the next question, or that the tree is paused, if there is anything of the
 * kind; otherwise gives the terminal back to the tree.
 */
void line_settle(struct line_front_end *front);

/* Shows the session's notices, unless something is on the screen that they disturb. */
void line_notice(struct line_front_end *front);
/* Adds them to what is written next. */
void line_add_notices(struct line_front_end *front);

/* The deadline of arming or disarming has passed. */
void line_armed(struct line_front_end *front);

/* Typed bytes while a question is open: at most one line. */
void line_typed(struct line_front_end *front, struct text typed);

/* The question that is shown is gone, for the reason given, without our answer. */
void line_question_gone(struct line_front_end *front, const char *reason);

/* The session's reply to our last request; error is a sentence if it failed. */
void line_replied(
	struct line_front_end *front, bool ok, struct text error, int64_t rule);

/* A rule was learned for the question that is shown. */
void line_question_offered(struct line_front_end *front);
/* Shows the question anew, because it is not what it was. */
void line_question_altered(struct line_front_end *front);

/* ---- line_session.c ---- */

void line_say_hello(struct line_front_end *front);
void line_send_window(struct line_front_end *front, uint16_t rows, uint16_t columns);
void line_send_input(struct line_front_end *front, const void *bytes, size_t length);
void line_send_answer(struct line_front_end *front);
/* kill, pause, resume or undo. */
void line_send_request(
	struct line_front_end *front, enum line_request request, int64_t pid);

/* Handles every message that has come. False if the session broke the protocol. */
bool line_receive(struct line_front_end *front, struct error *err);

#endif
