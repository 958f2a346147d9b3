/* SPDX-License-Identifier: MIT */
#include "tui/modes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	BELL = 0x07,
	SHIFT_OUT = 0x0e,
	ENQUIRY = 0x05,
	CANCEL = 0x18,
	SUBSTITUTE = 0x1a,
	ESCAPE = 0x1b,
	ARGUMENT_MAX = 99999,
	ORIGIN_MODE = 6,
	BLINK_MODE = 12,
	KEYPAD_MODE = 66,
	MARGIN_MODE = 69,
};

struct private_mode {
	unsigned number;
	bool is_on; /* by default */
};

/* Private modes (ESC [ ? N h and l) that hide text or change what keys send. */
static const struct private_mode private_modes[] = {
	{1, false},	      /* application cursor keys */
	{5, false},	      /* reverse video */
	{ORIGIN_MODE, false}, /* origin mode */
	{7, true},	      /* autowrap */
	{9, false},	      /* mouse reports, and their encodings, up to 1016 */
	{1000, false}, {1001, false}, {1002, false}, {1003, false}, {1004, false},
	{1005, false}, {1006, false}, {1015, false}, {1016, false},
	{25, true},	      /* cursor shown */
	{KEYPAD_MODE, false}, /* application keypad */
	{MARGIN_MODE, false}, /* left and right margins */
	{2004, false},	      /* bracketed paste */
	{2026, false},	      /* synchronized output: shows nothing while it is on */
	{2031, false},	      /* reports of a changed colour scheme */
	{2048, false},	      /* reports of a changed size */
};
_Static_assert(sizeof(private_modes) / sizeof(private_modes[0]) == MODES_COUNT,
	"struct modes has one flag for each");

/* Out of every unfinished sequence and string, then every mode to its default. */
#define RESET_COMMON                                                                   \
	"\x18\x1b\\"   /* ends control sequences; ends strings */                      \
	"\x1b<\x1b[4i" /* out of VT52 mode; output to the screen, no printer */        \
	"\x0f\x1b(B"   /* plain characters, no line drawing */                         \
	"\x1b[2l\x1b[4l\x1b[12h\x1b[20l" /* keys work, no inserting, no local echo */  \
	"\x1b[?5l\x1b[?1l\x1b[?7h"                                                     \
	"\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l"              \
	"\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l"                                 \
	"\x1b[?66l\x1b>\x1b[?2004l\x1b[?2026l\x1b[?2031l\x1b[?2048l"                   \
	"\x1b[=0;1u\x1b[>4m" /* keys send what they always sent */                     \
	"\x1b]8;;\x1b\\"     /* text is no link */                                     \
	"\x1b[0m\x1b[?25h"
/* The person may have set own colours as well, so only if the tree did. */
#define RESET_COLOURS                                                                  \
	"\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\"                     \
	"\x1b]R\x1b\\" /* the same on a console */
#define SAVE_CURSOR "\0337"
#define RESTORE_CURSOR "\0338"
#define LEAVE_ALTERNATE "\x1b[?1049l"
/* Ending origin mode or margins moves the cursor, so it is done only here. */
#define TO_LAST_LINE "\x1b[?6l\x1b[?69l\x1b[r\x1b[999B"

const char *modes_reset_everything(void)
{
	return RESET_COMMON "\r\n";
}

void modes_init(struct modes *modes)
{
	*modes = (struct modes){.is_line_start = true};
}

static void follow_private_mode(struct modes *modes, unsigned number, bool on)
{
	if (number == 47 || number == 1047 || number == 1049) {
		modes->is_alternate = on;
		return;
	}
	for (size_t i = 0; i < MODES_COUNT; i++) {
		if (private_modes[i].number == number) {
			modes->set[i] = on != private_modes[i].is_on;
			modes->is_moved = modes->is_moved || number == ORIGIN_MODE ||
					  number == MARGIN_MODE;
			return;
		}
	}
	modes->is_moved = modes->is_moved || number != BLINK_MODE; /* who knows */
}

static void follow_private(struct modes *modes, char last)
{
	unsigned first = modes->arguments[0];

	if (modes->private_mark == '?' && (last == 'h' || last == 'l')) {
		for (size_t i = 0; i < modes->argument_count; i++) {
			follow_private_mode(modes, modes->arguments[i], last == 'h');
		}
	} else if (modes->private_mark == '>' && last == 'm' && first == 4) {
		modes->other_keys = modes->argument_count > 1 ? modes->arguments[1] : 0;
	} else if (last == 'u' && modes->private_mark == '<') {
		modes->keyboard_flags = 0;
	} else if (last == 'u' && modes->private_mark != '?') {
		modes->keyboard_flags = first;
	}
}

/* Sequences that only change how text looks, or ask. */
static bool keeps_cursor(char last)
{
	return strchr("Kchilmnqt", last) != NULL;
}

static bool keeps_line(char last)
{
	return keeps_cursor(last) || strchr("@CDGPX`a", last) != NULL;
}

static void follow_sequence(struct modes *modes, char last)
{
	if (modes->argument_count < MODES_ARGUMENTS_MAX) {
		modes->argument_count++; /* the one that was being read */
	}
	if (modes->private_mark != 0) {
		follow_private(modes, last);
		return;
	}
	if (last == 'r' && !modes->has_intermediate) {
		modes->region_top = modes->arguments[0];
		modes->region_bottom =
			modes->argument_count > 1 ? modes->arguments[1] : 0;
	}
	modes->is_line_start = modes->is_line_start && keeps_cursor(last);
	modes->is_moved = modes->is_moved || !keeps_line(last);
}

static void begin_sequence(struct modes *modes)
{
	modes->state = MODES_SEQUENCE;
	modes->private_mark = 0;
	modes->has_intermediate = false;
	modes->argument_count = 0;
	memset(modes->arguments, 0, sizeof(modes->arguments));
}

static void in_sequence(struct modes *modes, char byte)
{
	if (byte >= '0' && byte <= '9') {
		if (modes->argument_count < MODES_ARGUMENTS_MAX) {
			unsigned *value = &modes->arguments[modes->argument_count];
			*value = *value * 10 + (unsigned)(byte - '0');
			*value = *value > ARGUMENT_MAX ? ARGUMENT_MAX : *value;
		}
	} else if (byte == ';' || byte == ':') {
		if (modes->argument_count < MODES_ARGUMENTS_MAX) {
			modes->argument_count++;
		}
	} else if (byte >= '<' && byte <= '?') {
		modes->private_mark = byte;
	} else if (byte >= ' ' && byte <= '/') {
		modes->has_intermediate = true;
	} else if (byte >= '@' && byte <= '~') {
		modes->state = MODES_TEXT;
		follow_sequence(modes, byte);
	}
	/* Others are carried out in the middle of it, or ignored. */
}

static void after_escape(struct modes *modes, char byte)
{
	if (byte == '[') {
		begin_sequence(modes);
	} else if (byte != '\0' && strchr("]PX^_", byte) != NULL) {
		modes->state = MODES_STRING;
		modes->string_number = 0;
		modes->has_string_number = byte != ']';
	} else if (byte < ' ' ||
		   byte > '/') { /* not one of several bytes, as ESC ( B */
		modes->state = MODES_TEXT;
		if (byte == '=' || byte == '>') {
			modes->has_keypad = byte == '=';
		} else if (byte == 'c') {
			modes_init(modes);
			modes->is_changed = true;
		}
		modes->is_moved = modes->is_moved || strchr("<=>\\B0", byte) == NULL;
	}
}

/* Commands 4, 5 and 10 to 19 set colours, or ask for them with a question mark. */
static bool is_colour_command(unsigned number)
{
	return number == 4 || number == 5 || (number >= 10 && number <= 19);
}

static void in_string(struct modes *modes, char byte)
{
	const bool is_digit = byte >= '0' && byte <= '9';

	if (byte == ESCAPE || byte == BELL) {
		modes->state = byte == BELL ? MODES_TEXT : MODES_STRING_ESCAPE;
	} else if (!modes->has_string_number && is_digit) {
		const unsigned value =
			modes->string_number * 10 + (unsigned)(byte - '0');
		modes->string_number = value > ARGUMENT_MAX ? ARGUMENT_MAX : value;
	} else if (!modes->has_string_number && byte == 'P') {
		/* On a console it has a fixed length, and what follows is no string. */
		modes->has_colours = true;
		modes->is_moved = true;
	} else {
		modes->has_string_number = true;
		modes->has_colours = modes->has_colours ||
				     (is_colour_command(modes->string_number) &&
					     !is_digit && byte != ';' && byte != '?');
	}
}

/* A control character of the upper half, which may begin anything. */
static void unknown_control(struct modes *modes)
{
	modes->is_changed = true;
	modes->is_moved = true;
	modes->has_colours = true;
}

/* Bytes outside sequences and strings. */
static void in_text(struct modes *modes, unsigned char byte)
{
	if (modes->utf8_left > 0 && (byte & 0xc0) == 0x80) {
		/* U+0080 to U+009F are control characters in UTF-8, too. */
		if ((unsigned char)modes->last == 0xc2 && byte < 0xa0) {
			unknown_control(modes);
		}
		modes->utf8_left--;
		return;
	}
	modes->utf8_left = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0;
	if (byte >= 0x80 && byte < 0xa0) {
		unknown_control(modes);
	} else if (byte == SHIFT_OUT || byte == ENQUIRY) {
		modes->is_changed = true;
	}
}

static void follow_byte(struct modes *modes, char byte)
{
	if (byte == ESCAPE && modes->state != MODES_STRING) {
		modes->state = MODES_ESCAPE;
		modes->partial_length = 0;
		modes->utf8_left = 0;
		modes->is_changed = true;
		return;
	}
	if (byte == CANCEL || byte == SUBSTITUTE) {
		modes->state = MODES_TEXT;
		return;
	}
	switch (modes->state) {
	case MODES_TEXT:
		in_text(modes, (unsigned char)byte);
		break;
	case MODES_ESCAPE:
		after_escape(modes, byte);
		break;
	case MODES_SEQUENCE:
		in_sequence(modes, byte);
		break;
	case MODES_STRING:
		in_string(modes, byte);
		break;
	case MODES_STRING_ESCAPE:
		modes->state = MODES_ESCAPE;
		after_escape(modes, byte);
		break;
	}
}

/* Of the control characters, only backspace to carriage return do. */
static bool moves_cursor(char byte)
{
	const unsigned char value = (unsigned char)byte;

	return value >= ' ' || (value >= '\b' && value <= '\r');
}

void modes_follow(struct modes *modes, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (modes->state == MODES_TEXT && moves_cursor(bytes[i])) {
			modes->is_line_start = bytes[i] == '\n' && modes->last == '\r';
		}
		follow_byte(modes, bytes[i]);
		modes->last = bytes[i];
		if (modes->state == MODES_TEXT && modes->utf8_left == 0) {
			modes->partial_length = 0;
			continue;
		}
		if (modes->partial_length < MODES_PARTIAL_MAX) {
			modes->partial[modes->partial_length] = bytes[i];
		}
		modes->partial_length++;
	}
}

static size_t append(char *buffer, size_t used, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static size_t append(char *buffer, size_t used, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length =
		vsnprintf(buffer + used, MODES_SEQUENCE_MAX - used, format, arguments);
	va_end(arguments);
	size_t end = used + (length > 0 ? (size_t)length : 0);
	return end < MODES_SEQUENCE_MAX ? end : used;
}

size_t modes_leave(struct modes *modes, char *buffer)
{
	size_t used = 0;

	modes->must_redraw = modes->is_moved || modes->is_alternate;
	if (modes->is_changed) {
		used = append(buffer, used, "%s%s%s%s", RESET_COMMON,
			modes->has_colours ? RESET_COLOURS : "",
			modes->is_alternate ? LEAVE_ALTERNATE : "",
			modes->is_moved ? TO_LAST_LINE : "");
	}
	if (!modes->is_line_start || modes->is_moved) {
		used = append(buffer, used, "\r\n");
	}
	modes->is_line_start = true;
	modes->is_moved = modes->is_alternate;
	modes->has_colours = false;
	if (modes->partial_length > MODES_PARTIAL_MAX) { /* cannot be taken up again */
		modes->state = MODES_TEXT;
		modes->partial_length = 0;
	}
	return used;
}

size_t modes_enter(const struct modes *modes, char *buffer)
{
	size_t used = 0;

	if (modes->is_alternate) {
		used = append(buffer, used, "\x1b[?1049h");
	}
	if (modes->region_top != 0 || modes->region_bottom != 0) {
		/* Setting it moves the cursor. */
		used = append(buffer, used, SAVE_CURSOR "\x1b[%u;%ur" RESTORE_CURSOR,
			modes->region_top, modes->region_bottom);
	}
	for (size_t i = 0; i < MODES_COUNT; i++) {
		if (modes->set[i]) {
			used = append(buffer, used, "\x1b[?%u%c",
				private_modes[i].number,
				private_modes[i].is_on ? 'l' : 'h');
		}
	}
	used = append(buffer, used, "%s", modes->has_keypad ? "\x1b=" : "");
	if (modes->keyboard_flags != 0) {
		used = append(buffer, used, "\x1b[=%u;1u", modes->keyboard_flags);
	}
	if (modes->other_keys != 0) {
		used = append(buffer, used, "\x1b[>4;%um", modes->other_keys);
	}
	if (modes->partial_length <= MODES_PARTIAL_MAX &&
		used + modes->partial_length <= MODES_SEQUENCE_MAX) {
		memcpy(buffer + used, modes->partial, modes->partial_length);
		used += modes->partial_length;
	}
	return used;
}

bool modes_are_left_on(const struct modes *modes)
{
	bool any_set = modes->is_alternate || modes->has_keypad ||
		       modes->state != MODES_TEXT || modes->region_top != 0 ||
		       modes->region_bottom != 0 || modes->keyboard_flags != 0 ||
		       modes->other_keys != 0;

	for (size_t i = 0; i < MODES_COUNT; i++) {
		any_set = any_set || modes->set[i];
	}
	return any_set;
}

bool modes_is_set(const struct modes *modes, unsigned number)
{
	for (size_t i = 0; i < MODES_COUNT; i++) {
		if (private_modes[i].number == number) {
			return modes->set[i];
		}
	}
	return false;
}
