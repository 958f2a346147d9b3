/* SPDX-License-Identifier: MIT */
/*
 * What programs write is hostile, and libvterm 0.1.4 can be led astray by it: beyond its
 * parser by a sequence with more than 16 arguments, beyond its stack by a character that
 * is cut off at the end of what it was given, by a title without end or by megabytes at
 * once, before its columns by U+0080 to U+009F, whose width it takes for -1, before its
 * rows by a smaller screen, and beyond them by a cursor or margins of a larger one.
 *
 * So it is given whole characters, whole control sequences (ECMA-48, 5.4) and whole control
 * strings (5.6) only, none of them longer than there is room for, in small pieces. What
 * is not well-formed is shown as U+FFFD if it is text, and left out if it is not.
 */
#include "tui/pane_internal.h"

#include <stdio.h>
#include <wchar.h>

enum {
	PIECE_MAX = 4096,
	SEPARATORS_MAX = 15,
	DIGITS_MAX = 5, /* of a number: more than any screen has rows or columns */
	INTERMEDIATES_MAX = 2,
	MARKS_MAX = 16, /* that are put on one character */
	ESCAPE = 0x1b,
	BELL = 0x07,
	CANCEL = 0x18,
	SUBSTITUTE = 0x1a,
	DELETE = 0x7f
};

static const char REPLACEMENT[] = "\xef\xbf\xbd";
/* Resets a mode that there is not; libvterm then takes the cursor back onto the screen. */
#define TAKE_BACK "\x1b[?9999l"

/* What is on its way to libvterm. */
struct piece {
	struct pane_guard *guard;
	struct pane *pane;
	size_t length;
	char bytes[PIECE_MAX];
};

static void flush(struct piece *piece)
{
	if (piece->length > 0) {
		(void)vterm_input_write(
			piece->pane->vterm, piece->bytes, piece->length);
		piece->length = 0;
	}
}

/* What is put at once is written at once. */
static void put(struct piece *piece, const char *bytes, size_t length)
{
	if (length > sizeof(piece->bytes) - piece->length) {
		flush(piece);
	}
	memcpy(piece->bytes + piece->length, bytes, length);
	piece->length += length;
}

static void put_byte(struct piece *piece, unsigned char byte)
{
	put(piece, (const char *)&byte, 1);
}

/* ---- What is held until it is whole ---- */

static void hold(struct pane_guard *guard, unsigned char byte)
{
	if (guard->held_length < sizeof(guard->held)) {
		guard->held[guard->held_length++] = (char)byte;
	}
}

static void begin(struct pane_guard *guard, enum pane_guard_state state)
{
	guard->state = state;
	guard->is_wrong = false;
	guard->count = 0;
	guard->separators = 0;
	guard->digits = 0;
}

static bool is_rendition(const struct pane_guard *guard)
{
	const size_t length = guard->held_length;

	return length >= 3 && guard->held[1] == '[' && guard->held[length - 1] == 'm' &&
	       guard->held[2] < '<' && guard->count == 0;
}

static void put_rendition(struct piece *piece)
{
	const struct pane_guard *guard = piece->guard;
	struct pane_rendition rendition;

	pane_rendition_read(&rendition, (struct text){guard->held, guard->held_length});
	if (rendition.has_arguments) {
		put(piece, rendition.bytes, rendition.length);
	}
	if (rendition.font != NULL) {
		put(piece, rendition.font, strlen(rendition.font));
	}
}

static void put_held(struct piece *piece)
{
	struct pane_guard *guard = piece->guard;

	if (!guard->is_wrong && is_rendition(guard)) {
		put_rendition(piece);
	} else if (!guard->is_wrong) {
		put(piece, guard->held, guard->held_length);
	}
	if (guard->held_length == 2 && guard->held[1] == '8') { /* DECRC */
		put(piece, TAKE_BACK, sizeof(TAKE_BACK) - 1);
	}
	guard->state = PANE_GUARD_TEXT;
	guard->marks = 0;
}

static void begin_escape(struct pane_guard *guard)
{
	begin(guard, PANE_GUARD_ESCAPE);
	guard->held_length = 0;
	hold(guard, ESCAPE);
}

/* ---- Text ---- */

static void end_character(struct piece *piece, uint32_t character)
{
	struct pane_guard *guard = piece->guard;
	const bool is_wrong = character < guard->least || character > 0x10ffff ||
			      (character >= 0x80 && character < 0xa0) ||
			      (character >= 0xd800 && character < 0xe000);

	guard->marks =
		!is_wrong && wcwidth((wchar_t)character) == 0 ? guard->marks + 1 : 0;
	if (is_wrong) {
		put(piece, REPLACEMENT, sizeof(REPLACEMENT) - 1);
	} else if (guard->marks <= MARKS_MAX) {
		put(piece, guard->held, guard->held_length);
	}
}

/* The character that has begun is not going on. */
static void cut_character(struct piece *piece)
{
	if (piece->guard->missing > 0) {
		piece->guard->missing = 0;
		put(piece, REPLACEMENT, sizeof(REPLACEMENT) - 1);
	}
}

static void begin_character(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (byte < 0xc2 || byte > 0xf4) {
		put(piece, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		return;
	}
	guard->missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
	guard->least = guard->missing == 1   ? 0x80
		       : guard->missing == 2 ? 0x800
					     : 0x10000;
	guard->character = byte & (0x3fU >> guard->missing);
	guard->held_length = 0;
	hold(guard, byte);
}

static void take_text(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (guard->missing > 0 && (byte & 0xc0) == 0x80) {
		guard->character = guard->character << 6 | (byte & 0x3fU);
		hold(guard, byte);
		if (--guard->missing == 0) {
			end_character(piece, guard->character);
		}
		return;
	}
	cut_character(piece);
	if (byte >= 0x80) {
		begin_character(piece, byte);
	} else if (byte != DELETE && byte != '\0') {
		guard->marks = 0;
		put_byte(piece, byte);
	}
}

/* ---- Escape and control sequences ---- */

static bool is_intermediate(unsigned char byte)
{
	return byte >= ' ' && byte <= '/';
}

static void take_intermediate(struct pane_guard *guard, unsigned char byte)
{
	guard->is_wrong = guard->is_wrong || ++guard->count > INTERMEDIATES_MAX;
	hold(guard, byte);
}

static void take_escape(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (is_intermediate(byte)) {
		take_intermediate(guard, byte);
		return;
	}
	hold(guard, byte);
	if (byte == '[' && guard->count == 0) {
		begin(guard, PANE_GUARD_SEQUENCE);
	} else if (strchr("PX]^_", byte) != NULL && guard->count == 0) {
		begin(guard, PANE_GUARD_STRING);
		guard->is_wrong = byte != 'P' && byte != ']'; /* nobody knows it */
	} else {
		/* With something before it, libvterm would not take it for a name. */
		guard->is_wrong = guard->is_wrong ||
				  (strchr("P[]", byte) != NULL && guard->count > 0);
		put_held(piece);
	}
}

/* Numbers, what is between them, and marks; the latter stand before all numbers only. */
static void take_parameter(struct pane_guard *guard, unsigned char byte)
{
	const bool is_separator = byte == ';' || byte == ':';
	const bool is_mark = byte >= '<';
	const bool is_first = guard->held_length == 2;

	if (is_mark) {
		guard->is_wrong = guard->is_wrong || !is_first;
	} else if (is_separator) {
		guard->digits = 0;
		guard->separators += guard->separators <= SEPARATORS_MAX;
	} else {
		guard->digits += guard->digits <= DIGITS_MAX;
	}
	if (guard->separators <= SEPARATORS_MAX && guard->digits <= DIGITS_MAX) {
		hold(guard, byte);
	}
}

static void take_sequence(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (byte >= '@') {
		hold(guard, byte);
		put_held(piece);
	} else if (is_intermediate(byte)) {
		take_intermediate(guard, byte);
	} else {
		guard->is_wrong = guard->is_wrong || guard->count > 0;
		take_parameter(guard, byte);
	}
}

/* ---- Control strings ---- */

/*
 * Requests for settings are the only strings with DCS that mean anything to libvterm. Its
 * answer to those that it does not know passes a number for a pointer: given here.
 */
static void put_device_string(struct piece *piece)
{
	static const char *const known[] = {"m", "r", "s", " q", "\"q"};
	static const char introducer[] = "\x1bP$q";
	const size_t before = sizeof(introducer) - 1;
	const struct pane_guard *guard = piece->guard;
	const size_t length = guard->held_length; /* ends with ESC and \ */

	if (length < before + 2 || memcmp(guard->held, introducer, before) != 0) {
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (length == before + strlen(known[i]) + 2 &&
			memcmp(guard->held + before, known[i], strlen(known[i])) == 0) {
			put(piece, guard->held, length);
			return;
		}
	}
	flush(piece); /* it is not the first to be answered */
	piece->pane->reply(text_of("\x1bP0$r\x1b\\"), piece->pane->context);
}

static void end_string(struct piece *piece)
{
	struct pane_guard *guard = piece->guard;

	hold(guard, ESCAPE);
	hold(guard, '\\');
	if (guard->held[1] == 'P') {
		put_device_string(piece);
		guard->is_wrong = true;
	}
	put_held(piece);
}

static void take_string(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (byte == BELL) {
		end_string(piece);
	} else if (byte >= ' ' && byte != DELETE &&
		   guard->held_length < sizeof(guard->held) - 2) {
		hold(guard, byte);
	}
}

/* ---- All of it ---- */

static void take_in_sequence(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (byte >= 0x80) { /* there is no such sequence */
		guard->state = PANE_GUARD_TEXT;
		take_text(piece, byte);
	} else if (byte < ' ') {
		put_byte(piece, byte); /* controls count within sequences, too */
	} else if (byte != DELETE) {
		if (guard->state == PANE_GUARD_ESCAPE) {
			take_escape(piece, byte);
		} else {
			take_sequence(piece, byte);
		}
	}
}

static void take_byte(struct piece *piece, unsigned char byte)
{
	struct pane_guard *guard = piece->guard;

	if (guard->state == PANE_GUARD_STRING_ESCAPE && byte == '\\') {
		end_string(piece);
	} else if (byte == ESCAPE && guard->state == PANE_GUARD_STRING) {
		guard->state = PANE_GUARD_STRING_ESCAPE;
	} else if (byte == ESCAPE) {
		cut_character(piece);
		begin_escape(guard);
	} else if (byte == CANCEL || byte == SUBSTITUTE) {
		cut_character(piece);
		guard->state = PANE_GUARD_TEXT;
	} else if (guard->state == PANE_GUARD_STRING_ESCAPE) {
		begin_escape(guard);
		take_in_sequence(piece, byte);
	} else if (guard->state == PANE_GUARD_TEXT) {
		take_text(piece, byte);
	} else if (guard->state == PANE_GUARD_STRING) {
		take_string(piece, byte);
	} else {
		take_in_sequence(piece, byte);
	}
}

/* Bytes that are nothing but printable ASCII, which most are. */
static size_t plain_length(const struct pane_guard *guard, struct text bytes)
{
	size_t length = 0;

	if (guard->state == PANE_GUARD_TEXT && guard->missing == 0) {
		while (length < bytes.length && length < PIECE_MAX &&
			bytes.bytes[length] >= ' ' && bytes.bytes[length] <= '~') {
			length++;
		}
	}
	return length;
}

void pane_guard_write(struct pane *pane, struct text bytes)
{
	struct pane_guard *guard = &pane->guard;
	struct piece piece;

	piece.guard = guard;
	piece.pane = pane;
	piece.length = 0;
	while (bytes.length > 0) {
		size_t length = plain_length(guard, bytes);
		if (length > 0) {
			guard->marks = 0;
			put(&piece, bytes.bytes, length);
		} else {
			length = 1;
			take_byte(&piece, (unsigned char)*bytes.bytes);
		}
		bytes.bytes += length;
		bytes.length -= length;
	}
	flush(&piece);
}

void pane_guard_resized(struct pane *pane)
{
	const int rows = pane->rows;
	const int columns = pane->columns;
	char bytes[64];
	VTermPos cursor;

	vterm_state_get_cursorpos(vterm_obtain_state(pane->vterm), &cursor);
	const int row = cursor.row < 0 ? 0 : cursor.row < rows ? cursor.row : rows - 1;
	const int column = cursor.col < 0	  ? 0
			   : cursor.col < columns ? cursor.col
						  : columns - 1;
	/* Nothing is half-way in libvterm: it is only given what is whole. */
	const int length = snprintf(
		bytes, sizeof(bytes), "\x1b[r\x1b[s\x1b[%d;%dH", row + 1, column + 1);
	(void)vterm_input_write(pane->vterm, bytes, (size_t)length);
}
