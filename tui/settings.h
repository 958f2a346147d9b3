/* SPDX-License-Identifier: MIT */
/*
 * What a person may choose of the full-screen front end: keys, colours, and how it says
 * that a question waits. Knows nothing of files.
 */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include "tui/key_table.h"

enum screen_style {
	STYLE_PLAIN,
	STYLE_STRONG,	/* keys, what matters most */
	STYLE_FAINT,	/* labels */
	STYLE_REVERSED, /* the status line, the selected line */
	STYLE_ALERT,  /* a waiting question in the status line; never by colour alone */
	STYLE_DANGER, /* a danger note, with a word before it */
	STYLE_ALLOW,  /* with the word */
	STYLE_DENY,   /* with the word */
	STYLE_COUNT,
};

/* How text looks: marks of enum style_mark, or-ed, and a colour of 0 to 255. */
struct text_look {
	unsigned marks;
	int colour; /* -1: the terminal's own */
};

enum style_mark {
	MARK_BOLD = 1 << 0,
	MARK_REVERSE = 1 << 1,
	MARK_UNDERLINE = 1 << 2,
	MARK_DIM = 1 << 3,
};

enum { TUI_ARMING_MS = 300, TUI_ARMING_MS_MIN = 100, TUI_ARMING_MS_MAX = 10000 };

/* A plain value. */
struct tui_settings {
	unsigned arming_ms;  /* keys count only that long after a question was shown */
	bool rings_bell;     /* when a question waits and the terminal has no focus */
	bool tells_terminal; /* then also with OSC 9 and OSC 777 */
	bool uses_mouse;     /* in views and questions */
	struct key_table keys;
	struct text_look looks[STYLE_COUNT];
};

/* What holds unless somebody changes it. */
void tui_settings_init(struct tui_settings *settings);

/* "alert": the name of a style in the configuration; NULL after the last. */
const char *screen_style_name(enum screen_style style);
bool screen_style_from_name(const char *name, enum screen_style *style);

/*
 * Adds a word to how something looks: "bold", "reverse", "underline", "dim", "plain"
 * (none of them), a colour by its name, by its number or "default". False: another word.
 */
bool text_look_add(struct text_look *look, const char *word);

/* These words, for people; owned. */
char *text_look_words(const struct text_look *look);

#endif
