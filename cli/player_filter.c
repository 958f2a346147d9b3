/* SPDX-License-Identifier: MIT */
#include "cli/player_filter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 0x1b, BELL = 0x07, DELETE = 0x7f };

static const char replacement[] = "\xef\xbf\xbd";

static void pass(struct player_filter *filter, FILE *out)
{
	(void)fwrite(filter->bytes, 1, filter->length, out);
}

static void keep(struct player_filter *filter, char byte)
{
	if (filter->length < sizeof(filter->bytes) - 1) {
		filter->bytes[filter->length] = byte;
	}
	filter->length++;
}

static void start(struct player_filter *filter, int state, char byte)
{
	filter->state = (unsigned)state;
	filter->length = 0;
	keep(filter, byte);
}

/* How many bytes a character has that begins so; 0: none does. */
static size_t character_length(unsigned char first)
{
	return first >= 0xc2 && first < 0xe0   ? 2
	       : first >= 0xe0 && first < 0xf0 ? 3
	       : first >= 0xf0 && first < 0xf5 ? 4
					       : 0;
}

static void take_ground(struct player_filter *filter, FILE *out, char byte)
{
	unsigned char value = (unsigned char)byte;

	if (value == ESCAPE) {
		start(filter, PLAYER_ESCAPE, byte);
	} else if (value >= 0x80) {
		filter->wanted = character_length(value);
		if (filter->wanted) {
			start(filter, PLAYER_CHARACTER, byte);
		} else {
			(void)fputs(replacement, out);
		}
	} else if ((value >= ' ' && value != DELETE) || strchr("\t\n\b\r", value)) {
		(void)(value && putc(value, out));
	}
}

/* U+0080 to U+009f are control characters to many terminals. */
static bool is_control(const struct player_filter *filter)
{
	return (unsigned char)filter->bytes[0] == 0xc2 &&
	       (unsigned char)filter->bytes[1] < 0xa0;
}

static void take_character(struct player_filter *filter, FILE *out, char byte)
{
	if (((unsigned char)byte & 0xc0) != 0x80) {
		(void)fputs(replacement, out);
		filter->state = PLAYER_GROUND;
		take_ground(filter, out, byte);
		return;
	}
	keep(filter, byte);
	if (filter->length == filter->wanted) {
		filter->state = PLAYER_GROUND;
		if (!is_control(filter)) {
			pass(filter, out);
		}
	}
}

static void take_escape(struct player_filter *filter, FILE *out, char byte)
{
	filter->state = PLAYER_GROUND;
	keep(filter, byte);
	if (byte == '\0' || byte == ESCAPE) {
		start(filter, PLAYER_ESCAPE, ESCAPE);
	} else if (byte == '[') {
		filter->state = PLAYER_CONTROL;
	} else if (byte >= ' ' && byte <= '/') {
		filter->state = PLAYER_CHARSET;
	} else if (strchr("]PX^_", byte)) {
		filter->state = PLAYER_STRING;
	} else if (byte == 'c') {
		(void)fputs("\033[0m\033[r\033[H\033[2J", out);
	} else if (strchr("78DEM", byte)) {
		pass(filter, out);
	}
}

/* Modes that change nothing but what is seen. */
static bool is_harmless_mode(const char *mode)
{
	static const char *const modes[] = {
		"?6", "?7", "?25", "?47", "?1047", "?1048", "?1049", "4"};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(mode, modes[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_harmless(const char *parameters, char final)
{
	if (final == 'h' || final == 'l') {
		return is_harmless_mode(parameters);
	}
	if (final == 'J' && parameters[0] == '3') {
		return false; /* it would clear the scroll-back of the person */
	}
	return strspn(parameters, "0123456789;:") == strlen(parameters) &&
	       strchr("@ABCDEFGHJKLMPSTXZ`adefgmrsu", final);
}

static void take_control(struct player_filter *filter, FILE *out, char byte)
{
	enum { PARAMETERS = 2 }; /* they begin after ESC [ */
	unsigned char value = (unsigned char)byte;

	if (value == ESCAPE) {
		start(filter, PLAYER_ESCAPE, byte);
		return;
	}
	if (value < 0x40) {
		keep(filter, byte);
		return;
	}
	filter->state = PLAYER_GROUND;
	if (value > 0x7e || filter->length >= sizeof(filter->bytes) - 1) {
		return;
	}
	filter->bytes[filter->length] = '\0';
	if (is_harmless(filter->bytes + PARAMETERS, byte)) {
		keep(filter, byte);
		pass(filter, out);
	}
}

static void take(struct player_filter *filter, FILE *out, char byte)
{
	switch (filter->state) {
	case PLAYER_GROUND:
		take_ground(filter, out, byte);
		break;
	case PLAYER_CHARACTER:
		take_character(filter, out, byte);
		break;
	case PLAYER_ESCAPE:
		take_escape(filter, out, byte);
		break;
	case PLAYER_CHARSET:
		filter->state = PLAYER_GROUND;
		keep(filter, byte);
		if (strchr("()", filter->bytes[1]) && (byte == 'B' || byte == '0')) {
			pass(filter, out);
		}
		break;
	case PLAYER_CONTROL:
		take_control(filter, out, byte);
		break;
	case PLAYER_STRING:
		filter->state = byte == BELL	 ? PLAYER_GROUND
				: byte == ESCAPE ? PLAYER_STRING_ESCAPE
						 : PLAYER_STRING;
		break;
	case PLAYER_STRING_ESCAPE:
		filter->state = byte == '\\' ? PLAYER_GROUND : PLAYER_STRING;
		break;
	}
}

void player_filter_write(
	struct player_filter *filter, FILE *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		take(filter, out, bytes[i]);
	}
}
