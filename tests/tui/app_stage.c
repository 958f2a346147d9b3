/* SPDX-License-Identifier: MIT */
#include "tests/tui/app_stage.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct fake_session fake;
struct eye eye;

void start_on(
	unsigned short rows, unsigned short columns, const char *term, unsigned arming)
{
	fake_start_app(&fake, (struct fake_screen){rows, columns, term, arming, false});
	eye_open(&eye, &fake.terminal, rows, columns);
}

void start(void)
{
	start_on(STAGE_ROWS, STAGE_COLUMNS, "xterm-256color", 0);
}

void finish(void)
{
	eye_close(&eye);
	fake_finish(&fake);
}

void ask(int64_t id, const char *object)
{
	fake_question(&fake, id, text_of(object));
	cr_assert(eye_await(&eye, KEYS_COUNT));
}

void type(const char *keys)
{
	fake_terminal_type(&fake.terminal, keys);
}

void type_and_see(const char *keys, const char *words)
{
	type(keys);
	cr_assert(eye_await(&eye, words), "%s", words);
}

bool is_answer(const char *verdict, const char *scope)
{
	return fake_await(&fake, "answer") &&
	       strcmp(fake_string(&fake, "verdict"), verdict) == 0 &&
	       strcmp(fake_string(&fake, "scope"), scope) == 0;
}
