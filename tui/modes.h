/* SPDX-License-Identifier: MIT */
/*
 * What the tree's output has done to the person's terminal: modes that have to be taken
 * back before a question is shown, and given back after it. The bytes are hostile, and
 * what a real terminal makes of them may differ from what is understood here. So the
 * reset does not depend on this reading: it covers every mode known to hide or alter
 * text or typing. Only what would be wrong to send needlessly does: leaving the
 * alternate screen, and moving to the last line.
 */
#ifndef TUI_MODES_H
#define TUI_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MODES_COUNT = 21,
	MODES_ARGUMENTS_MAX = 16,
	MODES_PARTIAL_MAX = 64,
	MODES_SEQUENCE_MAX = 512,
};

enum modes_state {
	MODES_TEXT,
	MODES_ESCAPE,	/* after ESC */
	MODES_SEQUENCE, /* in a control sequence, ESC [ … */
	MODES_STRING,	/* in an operating system command or the like */
	MODES_STRING_ESCAPE,
};

/* Initialise with modes_init(). */
struct modes {
	enum modes_state state;
	char private_mark; /* one of "<=>?" after ESC [, or 0 */
	bool has_intermediate;
	unsigned arguments[MODES_ARGUMENTS_MAX];
	size_t argument_count;
	unsigned utf8_left; /* continuation bytes that are still to come */
	char last;
	char partial[MODES_PARTIAL_MAX]; /* the unfinished sequence or character */
	size_t partial_length;		 /* may be more than fits: then it is lost */
	unsigned string_number; /* that an operating system command begins with */
	bool has_string_number; /* it was read to its end */

	bool is_changed;       /* more than plain text was seen */
	bool has_colours;      /* the terminal's own colours may have been set anew */
	bool is_moved;	       /* the cursor may stand anywhere on the screen */
	bool is_alternate;     /* the alternate screen is shown */
	bool is_line_start;    /* the last bytes ended a line */
	bool has_keypad;       /* application keypad */
	bool must_redraw;      /* a full-screen program's picture was disturbed */
	bool set[MODES_COUNT]; /* not as by default; indexed as the table in modes.c */
	unsigned region_top, region_bottom; /* scroll region; 0: all */
	unsigned keyboard_flags;	    /* of the kitty keyboard protocol */
	unsigned other_keys;		    /* xterm's modifyOtherKeys */
};

void modes_init(struct modes *modes);

/* Follows what is about to be written to the terminal. */
void modes_follow(struct modes *modes, const char *bytes, size_t length);

/*
 * Bytes that make the terminal safe to write a question to: out of any sequence or
 * string, on the normal screen, at the start of a line. Nothing after plain text that
 * ended its line. Returns the length; the buffer holds MODES_SEQUENCE_MAX.
 */
size_t modes_leave(struct modes *modes, char *buffer);

/* Bytes that give the tree's modes back. The buffer is as above. */
size_t modes_enter(const struct modes *modes, char *buffer);

/* True if a program left the terminal in a mode that no program finds by default. */
bool modes_are_left_on(const struct modes *modes);

/* Whether that private mode is not as by default. False for one that is not followed. */
bool modes_is_set(const struct modes *modes, unsigned number);

/* All that modes_leave() can send, for when nothing else is known. Signal-safe. */
const char *modes_reset_everything(void);

#endif
