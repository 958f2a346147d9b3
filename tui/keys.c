/* SPDX-License-Identifier: MIT */
#include "tui/keys.h"

#include <stdlib.h>

/* ---- Reading ---- */

static bool is_final_byte(unsigned char byte)
{
	return byte >= 0x40 && byte <= 0x7e;
}

static uint32_t letter_key(char letter)
{
	static const struct {
		char letter;
		enum key key;
	} letters[] = {
		{'A', KEY_ARROW_UP},
		{'B', KEY_ARROW_DOWN},
		{'C', KEY_ARROW_RIGHT},
		{'D', KEY_ARROW_LEFT},
		{'H', KEY_FIRST},
		{'F', KEY_LAST},
		{'M', KEY_RETURN},
		{'I', KEY_FOCUS_IN},
		{'O', KEY_FOCUS_OUT},
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].letter == letter) {
			return letters[i].key;
		}
	}
	return KEY_UNKNOWN;
}

static uint32_t number_key(unsigned long number)
{
	static const struct {
		unsigned long number;
		enum key key;
	} numbers[] = {
		{1, KEY_FIRST},
		{3, KEY_REMOVE},
		{4, KEY_LAST},
		{5, KEY_PAGE_UP},
		{6, KEY_PAGE_DOWN},
		{7, KEY_FIRST},
		{8, KEY_LAST},
		{200, KEY_PASTE_BEGIN},
		{201, KEY_PASTE_END},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].number == number) {
			return numbers[i].key;
		}
	}
	return KEY_UNKNOWN;
}

/* ESC [ … : a control sequence; also ESC [ [ A of the Linux console. */
static uint32_t control_sequence(struct text bytes, size_t *taken)
{
	size_t end = 2;

	if (bytes.length > 2 && bytes.bytes[2] == '[') {
		*taken = bytes.length > 3 ? 4 : 0;
		return *taken > 0 ? KEY_UNKNOWN : KEY_NONE;
	}
	while (end < bytes.length && !is_final_byte((unsigned char)bytes.bytes[end])) {
		end++;
	}
	if (end == bytes.length) {
		*taken = 0;
		return KEY_NONE;
	}
	*taken = end + 1;
	if (end == 2 && bytes.bytes[end] == 'M') { /* a mouse report of the old form */
		*taken = bytes.length < 6 ? bytes.length : 6;
		return KEY_UNKNOWN;
	}
	if (bytes.bytes[2] == '<' &&
		(bytes.bytes[end] == 'M' || bytes.bytes[end] == 'm')) {
		return KEY_MOUSE_REPORT;
	}
	if (bytes.bytes[end] == '~') {
		return number_key(strtoul(bytes.bytes + 2, NULL, 10));
	}
	return end == 2 ? letter_key(bytes.bytes[end]) : KEY_UNKNOWN;
}

static uint32_t escape_sequence(struct text bytes, bool is_final, size_t *taken)
{
	if (bytes.length == 1) {
		*taken = is_final ? 1 : 0;
		return is_final ? KEY_ESC : KEY_NONE;
	}
	if (bytes.bytes[1] == '[') {
		const uint32_t key = control_sequence(bytes, taken);
		if (key == KEY_NONE && is_final) {
			*taken = bytes.length;
			return KEY_UNKNOWN;
		}
		return key;
	}
	if (bytes.bytes[1] == 'O' && bytes.length > 2) {
		*taken = 3;
		return letter_key(bytes.bytes[2]);
	}
	if (bytes.bytes[1] == 0x1b) { /* Esc twice */
		*taken = 1;
		return KEY_ESC;
	}
	*taken = 2; /* Alt and a character */
	return KEY_UNKNOWN;
}

static uint32_t character(struct text bytes, bool is_final, size_t *taken)
{
	const unsigned char first = (unsigned char)bytes.bytes[0];
	const size_t length = first < 0x80   ? 1
			      : first < 0xe0 ? 2
			      : first < 0xf0 ? 3
					     : 4;
	uint32_t value = length == 1 ? first : first & (0xffu >> (length + 1));

	*taken = 1;
	if ((first >= 0x80 && first < 0xc2) || first > 0xf4) {
		return KEY_UNKNOWN;
	}
	for (size_t i = 1; i < length; i++) {
		if (i == bytes.length) {
			*taken = is_final ? i : 0;
			return is_final ? KEY_UNKNOWN : KEY_NONE;
		}
		if (((unsigned char)bytes.bytes[i] & 0xc0) != 0x80) {
			*taken = i;
			return KEY_UNKNOWN;
		}
		value = value << 6 | ((unsigned char)bytes.bytes[i] & 0x3fu);
	}
	*taken = length;
	return value;
}

uint32_t key_read(struct text bytes, bool is_final, size_t *taken)
{
	if (bytes.length == 0) {
		*taken = 0;
		return KEY_NONE;
	}
	if (bytes.bytes[0] == 0x1b) {
		return escape_sequence(bytes, is_final, taken);
	}
	const uint32_t key = character(bytes, is_final, taken);
	if (*taken > 0 && key == KEY_NONE) {
		return KEY_UNKNOWN; /* Ctrl-Space */
	}
	return key == '\n' ? KEY_RETURN : key == '\b' ? KEY_BACK : key;
}
