/* SPDX-License-Identifier: MIT */
/* The full-screen front end on a fake terminal, before a person's eye, and a session. */
#ifndef TESTS_TUI_APP_STAGE_H
#define TESTS_TUI_APP_STAGE_H

#include "tests/tui/eye.h"
#include "tests/tui/fake_session.h"

enum { STAGE_ROWS = 24, STAGE_COLUMNS = 80 };

/* Shown only when keys count. */
#define KEYS_COUNT "a allow once"

extern struct fake_session fake;
extern struct eye eye;

/* arming: ms until keys count. */
void start_on(
	unsigned short rows, unsigned short columns, const char *term, unsigned arming);
void start(void);
void finish(void);

/* Asks about reading object, and waits until keys count. */
void ask(int64_t id, const char *object);
void type(const char *keys);
void type_and_see(const char *keys, const char *words);
/* Whether the next answer that comes is that one. */
bool is_answer(const char *verdict, const char *scope);

#endif
