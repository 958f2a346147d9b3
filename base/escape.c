/* SPDX-License-Identifier: MIT */
#include "base/escape.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ESCAPED_MAX = 12 }; /* the longest escape of one code point, "\u{10ffff}" */

struct code_point_range {
	uint32_t first;
	uint32_t last;
};

/* Invisible, reordering or look-alike-of-nothing characters, by Unicode 15. */
static const struct code_point_range hidden_ranges[] = {
	{0x0080, 0x00a0},   /* C1 controls, no-break space */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* combining grapheme joiner */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x115f, 0x1160},   /* Hangul fillers */
	{0x1680, 0x1680},   /* Ogham space */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels */
	{0x180b, 0x180f},   /* Mongolian selectors */
	{0x2000, 0x200f},   /* spaces, zero-width, direction marks */
	{0x2028, 0x202f},   /* separators, embeddings, overrides */
	{0x205f, 0x206f},   /* spaces, isolates, deprecated controls */
	{0x2800, 0x2800},   /* Braille blank */
	{0x3000, 0x3000},   /* ideographic space */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xd800, 0xf8ff},   /* surrogates, private use */
	{0xfe00, 0xfe0f},   /* variation selectors */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* halfwidth Hangul filler */
	{0xfff0, 0xffff},   /* specials */
	{0x13430, 0x13440}, /* joiners of hieroglyphs */
	{0x16fe4, 0x16fe4}, /* Khitan filler */
	{0x1bca0, 0x1bca3}, /* shorthand controls */
	{0x1d159, 0x1d159}, /* a note without a head */
	{0x1d173, 0x1d17a}, /* musical controls */
	{0xe0000, 0x10ffff} /* tags, private use */
};

static bool is_hidden(uint32_t code_point)
{
	for (size_t i = 0; i < sizeof(hidden_ranges) / sizeof(hidden_ranges[0]); i++) {
		if (code_point >= hidden_ranges[i].first &&
			code_point <= hidden_ranges[i].last) {
			return true;
		}
	}
	return false;
}

/* Length of the valid UTF-8 sequence at bytes, with its value; 0 if it is not valid. */
static size_t decode_utf8(const unsigned char *bytes, size_t left, uint32_t *code_point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = bytes[0] < 0x80		    ? 1
			: (bytes[0] & 0xe0) == 0xc0 ? 2
			: (bytes[0] & 0xf0) == 0xe0 ? 3
			: (bytes[0] & 0xf8) == 0xf0 ? 4
						    : 0;

	if (length == 0 || length > left) {
		return 0;
	}
	uint32_t value = length == 1 ? bytes[0] : bytes[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			return 0;
		}
		value = value << 6 | (bytes[i] & 0x3fU);
	}
	if (value < smallest[length] || value > 0x10ffff ||
		(value >= 0xd800 && value <= 0xdfff)) {
		return 0;
	}
	*code_point = value;
	return length;
}

/* Writes the safe form of the character at bytes; returns how many bytes it took. */
static size_t escape_one(const unsigned char *bytes, size_t left, char out[ESCAPED_MAX],
	size_t *out_length)
{
	uint32_t value = 0;
	size_t length = decode_utf8(bytes, left, &value);
	int written;

	if (length == 0) {
		written = snprintf(out, ESCAPED_MAX, "\\x%02x", bytes[0]);
		length = 1;
	} else if (value == '\n' || value == '\t' || value == '\r' || value == '\\') {
		const char letter = value == '\n'   ? 'n'
				    : value == '\t' ? 't'
				    : value == '\r' ? 'r'
						    : '\\';
		written = snprintf(out, ESCAPED_MAX, "\\%c", letter);
	} else if (value < 0x20 || value == 0x7f) {
		written = snprintf(out, ESCAPED_MAX, "\\x%02x", value);
	} else if (is_hidden(value)) {
		written = snprintf(out, ESCAPED_MAX, "\\u{%x}", value);
	} else {
		memcpy(out, bytes, length);
		written = (int)length;
	}
	*out_length = (size_t)written;
	return length;
}

bool escape_is_plain(struct text raw)
{
	for (size_t i = 0; i < raw.length;) {
		unsigned char c = (unsigned char)raw.bytes[i];
		char out[ESCAPED_MAX];
		size_t length = 1;

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			i++;
			continue;
		}
		size_t taken = escape_one((const unsigned char *)raw.bytes + i,
			raw.length - i, out, &length);
		if (taken != length || memcmp(out, raw.bytes + i, length) != 0) {
			return false;
		}
		i += taken;
	}
	return true;
}

char *escape_copy(struct text raw)
{
	char *out = xmalloc(raw.length * ESCAPED_MAX + 1);
	size_t used = 0;

	for (size_t i = 0; i < raw.length;) {
		size_t length = 0;
		i += escape_one((const unsigned char *)raw.bytes + i, raw.length - i,
			out + used, &length);
		used += length;
	}
	out[used] = '\0';
	return xrealloc(out, used + 1);
}

/* Steps back or forth to the start of an UTF-8 sequence, so that none is cut. */
static size_t boundary_before(const char *string, size_t at)
{
	while (at > 0 && ((unsigned char)string[at] & 0xc0) == 0x80) {
		at--;
	}
	return at;
}

size_t escape_text(struct text raw, char *buffer, size_t size)
{
	char *whole = escape_copy(raw);
	size_t length = strlen(whole);
	char mark[48];

	if (length < size) {
		memcpy(buffer, whole, length + 1);
		free(whole);
		return length;
	}
	int mark_length = snprintf(mark, sizeof(mark), "…(%zu bytes)…", length);
	if ((size_t)mark_length + 2 > size) {
		mark_length = snprintf(mark, sizeof(mark), "…");
	}
	size_t room = size - 1 - (size_t)mark_length;
	size_t head = boundary_before(whole, room - room / 2);
	size_t tail = length - room / 2;
	while (tail < length && ((unsigned char)whole[tail] & 0xc0) == 0x80) {
		tail++;
	}
	(void)snprintf(mark, sizeof(mark),
		(size_t)mark_length > 4 ? "…(%zu bytes)…" : "…", tail - head);
	size_t written = (size_t)snprintf(
		buffer, size, "%.*s%s%s", (int)head, whole, mark, whole + tail);
	free(whole);
	return written < size ? written : size - 1;
}

char *escape_quoted(struct text raw)
{
	char *safe = escape_copy(raw);

	if (raw.length > 0 && strpbrk(safe, " \"'\\") == NULL) {
		return safe;
	}
	size_t length = strlen(safe);
	char *quoted = xmalloc(2 * length + 3);
	size_t used = 0;
	quoted[used++] = '"';
	for (size_t i = 0; i < length; i++) {
		if (safe[i] == '"') {
			quoted[used++] = '\\';
		}
		quoted[used++] = safe[i];
	}
	quoted[used++] = '"';
	quoted[used] = '\0';
	free(safe);
	return quoted;
}
