/* SPDX-License-Identifier: MIT */
/*
 * Keys of the full-screen front end: typed bytes into keys (keys.c), and the one table of
 * what each key does where (key_table.c), from which the help on the screen and `duenna
 * keys` are made.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "base/text.h"

#include <stdint.h>

enum { PREFIX_DEFAULT = 0x1d }; /* Ctrl-] */

/* Keys that are no character lie above all of Unicode. */
enum key {
	KEY_NONE = 0,
	KEY_TABULATOR = '\t',
	KEY_RETURN = '\r',
	KEY_BACK = 0x7f,
	KEY_ESC = 0x1b,
	KEY_SPECIAL = 0x110000,
	KEY_ARROW_UP = KEY_SPECIAL,
	KEY_ARROW_DOWN,
	KEY_ARROW_LEFT,
	KEY_ARROW_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_FIRST,
	KEY_LAST,
	KEY_REMOVE,
	KEY_PASTE_BEGIN,
	KEY_PASTE_END,
	KEY_FOCUS_IN,
	KEY_FOCUS_OUT,
	KEY_MOUSE_REPORT,   /* mouse.h reads what it says */
	KEY_UNKNOWN, /* a sequence that means nothing here, taken as a whole */
};

/*
 * The key at the start of bytes; *taken is how long it is. KEY_NONE with *taken 0: it
 * is not complete. A lone ESC is KEY_ESC only if is_final says that nothing follows.
 */
uint32_t key_read(struct text bytes, bool is_final, size_t *taken);

/* Where a key is typed. */
enum key_context {
	CONTEXT_PREFIX,	   /* after the prefix key */
	CONTEXT_QUESTION,  /* a question is shown */
	CONTEXT_KEEP,	   /* an answer that is kept is being put together */
	CONTEXT_VIEW,	   /* in every view */
	CONTEXT_PROCESSES, /* only in that view; so the next ones */
	CONTEXT_EVENTS,
	CONTEXT_QUESTIONS,
	CONTEXT_RULES,
	CONTEXT_BATCH,	   /* the listing of what a batch answers */
	CONTEXT_SCROLL,	   /* in what has scrolled off the agent's screen */
	CONTEXT_PROPOSALS, /* in `duenna learn` */
	CONTEXT_REPLAY,	   /* while a recorded session is looked at */
	CONTEXT_COUNT,
};
const char *key_context_title(enum key_context context);

enum command_key {
	COMMAND_NONE,
	COMMAND_LITERAL,
	COMMAND_PROCESSES,
	COMMAND_EVENTS,
	COMMAND_QUESTIONS,
	COMMAND_RULES,
	COMMAND_SUMMARY,
	COMMAND_SCROLL,
	COMMAND_PAUSE,
	COMMAND_UNDO,
	COMMAND_REDRAW,
	COMMAND_DETACH,
	COMMAND_STOP,
	COMMAND_HELP,
	COMMAND_ALLOW,
	COMMAND_DENY,
	COMMAND_KEEP_ALLOW,
	COMMAND_KEEP_DENY,
	COMMAND_OFFER,
	COMMAND_NARROWER,
	COMMAND_WIDER,
	COMMAND_SCOPE,
	COMMAND_EXPIRY,
	COMMAND_EDIT,
	COMMAND_MESSAGE,
	COMMAND_DETAILS,
	COMMAND_KILL,
	COMMAND_NEXT,
	COMMAND_LATER,
	COMMAND_UP,
	COMMAND_DOWN,
	COMMAND_PAGE_UP,
	COMMAND_PAGE_DOWN,
	COMMAND_TOP,
	COMMAND_BOTTOM,
	COMMAND_SEARCH,
	COMMAND_SEARCH_NEXT,
	COMMAND_FILTER,
	COMMAND_SORT,
	COMMAND_FOLLOW,
	COMMAND_MARK,
	COMMAND_MARK_ALL,
	COMMAND_OPEN,
	COMMAND_REVOKE,
	COMMAND_ORIGIN,
	COMMAND_RULE,
	COMMAND_ACCEPT,
	COMMAND_ACCEPT_ALL,
	COMMAND_SPLIT,
	COMMAND_DROP,
	COMMAND_FLIP,
	COMMAND_STORE,
	COMMAND_CLOSE,
	COMMAND_PLAY,
	COMMAND_FASTER,
	COMMAND_SLOWER,
	COMMAND_IDLE,
	COMMAND_BACK,
	COMMAND_FORWARD,
	COMMAND_TIME,
	COMMAND_NEXT_QUESTION,
	COMMAND_PREVIOUS_QUESTION,
	COMMAND_NEXT_DENIAL,
	COMMAND_PREVIOUS_DENIAL,
	COMMAND_NEXT_OUTPUT,
	COMMAND_PREVIOUS_OUTPUT,
	COMMAND_NEXT_CHANGE,
	COMMAND_PREVIOUS_CHANGE,
	COMMAND_NEXT_MARK,
	COMMAND_PREVIOUS_MARK,
	COMMAND_SEARCH_TERMINAL,
	COMMAND_SEARCH_PREVIOUS,
	COMMAND_ONE_PROCESS,
	COMMAND_TERMINAL,
	COMMAND_LARGER,
	COMMAND_SMALLER,
	COMMAND_ZOOM,
};

struct key_binding {
	enum key_context context;
	uint32_t keys[2]; /* the second may be KEY_NONE */
	enum command_key command;
	const char *meaning;
};

/* The index-th row of the table in use; NULL after the last. */
const struct key_binding *key_binding_at(size_t index);

/* COMMAND_NONE if the key does nothing there. */
enum command_key key_command(enum key_context context, uint32_t key);

/* What comes before a key for Duenna while keys go to the agent. */
uint32_t key_prefix(void);

enum { KEY_NAME_SIZE = 24 };

/* "Ctrl-]", "Tab", "left": for people. */
const char *key_words(uint32_t key, char buffer[KEY_NAME_SIZE]);

/*
 * Words with the first key of a command of that context for each {command}, and the prefix
 * key for {prefix}: "{allow} allow once". Owned.
 */
char *key_hints(enum key_context context, const char *words)
	__attribute__((returns_nonnull));
/* The key that the text at a column of that line is about; KEY_NONE: none. */
uint32_t key_hint_at(enum key_context context, const char *words, int column);

#endif
