/* SPDX-License-Identifier: MIT */
/*
 * The other end of a front end's socket, played by a test, and the front end in a
 * terminal of its own.
 */
#ifndef TESTS_TUI_FAKE_SESSION_H
#define TESTS_TUI_FAKE_SESSION_H

#include "session/protocol.h"
#include "tests/support/fake_terminal.h"
#include "tui/app.h"

#define FAKE_WORD "plain-otter42"
#define FAKE_PROMPT FAKE_WORD "> "
enum { FAKE_DETACHED = 98 }; /* exit status of a full-screen front end that detached */

struct fake_session {
	struct fake_terminal terminal;
	struct protocol_stream stream;
	struct protocol_message message; /* the last one awaited; ours */
	char *sent_input; /* all that was sent for the tree, terminated */
	size_t input_length;
};

/*
 * Starts the line prompt with that arming time and says hello, unless the terminal is
 * not to be one. Returns once the tree has the terminal.
 */
void fake_start(struct fake_session *fake, unsigned arming_ms);
/*
 * Starts the full-screen front end on a terminal of that size and kind, and says hello.
 * Returns once the agent's output is shown.
 */
struct fake_screen {
	unsigned short rows, columns;
	const char *term;
	unsigned arming_ms;
	bool wants_no_colour;
	const struct tui_memory *memory; /* NULL: none */
};
void fake_start_app(struct fake_session *fake, struct fake_screen screen);
void fake_finish(struct fake_session *fake);

void fake_output(struct fake_session *fake, const char *bytes);
void fake_send(struct fake_session *fake, json_t *body); /* takes body */

/* A question about reading object, with three rungs, asked by sed called by bash. */
void fake_question(struct fake_session *fake, int64_t id, struct text object);
/* The same as a change of a known one. */
void fake_change(struct fake_session *fake, int64_t id, struct text object);
/* The same: a rule was learned for it from five answers. */
void fake_offer(
	struct fake_session *fake, int64_t id, struct text object, const char *rule);
void fake_question_end(struct fake_session *fake, int64_t id, enum question_end end);

/* Waits for a message of that type, skipping others; false after a while. */
bool fake_await(struct fake_session *fake, const char *type);
/* Waits until that was sent as input for the tree. */
bool fake_await_input(struct fake_session *fake, const char *bytes);
/* As fake_terminal_await, for when there is still much to be sent. */
bool fake_await_shown(struct fake_session *fake, const char *text);
/* Fields of the awaited message. */
int64_t fake_number(const struct fake_session *fake, const char *field);
const char *fake_string(const struct fake_session *fake, const char *field);
/* The first of the rules in an awaited answer, "" if it has none. */
const char *fake_rule(const struct fake_session *fake);

/* Replies to the awaited request; rule 0: none was stored; error NULL: it succeeded. */
void fake_reply(struct fake_session *fake, int64_t rule, const char *error);
void fake_state(struct fake_session *fake, const char *state);
void fake_notice(struct fake_session *fake, const char *text);
void fake_end(struct fake_session *fake, int status);

/* Ends the session and checks that front end and terminal are left in order. */
void fake_expect_clean_end(struct fake_session *fake);

#endif
