/* SPDX-License-Identifier: MIT */
#include "tui/edit.h"

#include "base/escape.h"
#include "tui/keys.h"
#include "tui/lines.h"

#include <stdlib.h>

enum { CONTROL_A = 1, CONTROL_E = 5, CONTROL_U = 21, CONTROL_W = 23 };

void edit_begin(struct edit *edit, const char *text)
{
	const size_t length = strlen(text);

	edit->length = length < EDIT_SIZE ? length : 0;
	memcpy(edit->bytes, text, edit->length);
	edit->bytes[edit->length] = '\0';
	edit->cursor = edit->length;
}

static size_t utf8_write(uint32_t character, char *bytes)
{
	if (character < 0x80) {
		bytes[0] = (char)character;
		return 1;
	}
	const size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	const unsigned lead = length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0;
	bytes[0] = (char)(lead | character);
	return length;
}

static bool insert(struct edit *edit, uint32_t character)
{
	char bytes[4];
	const size_t length = utf8_write(character, bytes);

	/* What could not be seen as it is cannot be typed. */
	if (edit->length + length >= EDIT_SIZE ||
		(character != '\\' && !escape_is_plain((struct text){bytes, length}))) {
		return false;
	}
	memmove(edit->bytes + edit->cursor + length, edit->bytes + edit->cursor,
		edit->length - edit->cursor + 1);
	memcpy(edit->bytes + edit->cursor, bytes, length);
	edit->cursor += length;
	edit->length += length;
	return true;
}

static size_t before(const struct edit *edit, size_t at)
{
	while (at > 0 && ((unsigned char)edit->bytes[--at] & 0xc0) == 0x80) {
	}
	return at;
}

static size_t after(const struct edit *edit, size_t at)
{
	while (at < edit->length && ((unsigned char)edit->bytes[++at] & 0xc0) == 0x80) {
	}
	return at;
}

static void cut(struct edit *edit, size_t from, size_t to)
{
	memmove(edit->bytes + from, edit->bytes + to, edit->length - to + 1);
	edit->length -= to - from;
	edit->cursor = from;
}

static size_t word_before(const struct edit *edit)
{
	size_t at = edit->cursor;

	while (at > 0 && edit->bytes[at - 1] == ' ') {
		at--;
	}
	while (at > 0 && edit->bytes[at - 1] != ' ' && edit->bytes[at - 1] != '/') {
		at--;
	}
	return at == edit->cursor ? before(edit, at) : at;
}

bool edit_take(struct edit *edit, uint32_t key)
{
	switch (key) {
	case KEY_ARROW_LEFT:
		edit->cursor = before(edit, edit->cursor);
		return true;
	case KEY_ARROW_RIGHT:
		edit->cursor = after(edit, edit->cursor);
		return true;
	case KEY_FIRST:
	case CONTROL_A:
		edit->cursor = 0;
		return true;
	case KEY_LAST:
	case CONTROL_E:
		edit->cursor = edit->length;
		return true;
	case KEY_BACK:
		cut(edit, before(edit, edit->cursor), edit->cursor);
		return true;
	case KEY_REMOVE:
		cut(edit, edit->cursor, after(edit, edit->cursor));
		return true;
	case CONTROL_U:
		cut(edit, 0, edit->cursor);
		return true;
	case CONTROL_W:
		cut(edit, word_before(edit), edit->cursor);
		return true;
	default:
		return key >= ' ' && key < KEY_SPECIAL && insert(edit, key);
	}
}

char *edit_show(const struct edit *edit, int columns, int *cursor)
{
	size_t start = 0;

	for (;;) {
		char *left = escape_copy(
			(struct text){edit->bytes + start, edit->cursor - start});
		*cursor = (int)lines_width(left);
		free(left);
		if (*cursor < columns || start >= edit->cursor) {
			break;
		}
		start = after(edit, start);
	}
	return escape_copy((struct text){edit->bytes + start, edit->length - start});
}
