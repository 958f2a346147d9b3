/* SPDX-License-Identifier: MIT */
#include "rules/name_fold.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <stdlib.h>
#include <string.h>

static bool is_ascii(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		if ((unsigned char)name.bytes[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

/* Bytes that are no UTF-8 stay as they are. */
static bool fold_bytes(struct text name, char *buffer, size_t *length)
{
	if (name.length > NAME_FOLDED_SIZE) {
		return false;
	}
	for (size_t i = 0; i < name.length; i++) {
		char c = name.bytes[i];

		buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	*length = name.length;
	return true;
}

static size_t drop_unseen(char *bytes, size_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < length;) {
		ucs4_t character = 0;
		int size =
			u8_mbtouc(&character, (const uint8_t *)bytes + i, length - i);

		if (!uc_is_property_default_ignorable_code_point(character)) {
			memmove(bytes + kept, bytes + i, (size_t)size);
			kept += (size_t)size;
		}
		i += (size_t)size;
	}
	return kept;
}

static bool fold_characters(struct text name, char *buffer, size_t *length)
{
	size_t size = NAME_FOLDED_SIZE;
	uint8_t *folded = u8_casefold((const uint8_t *)name.bytes, name.length, NULL,
		UNINORM_NFD, (uint8_t *)buffer, &size);

	if (folded == NULL) {
		return fold_bytes(name, buffer, length);
	}
	if (folded != (uint8_t *)buffer) {
		free(folded); /* it was too long for the buffer */
		return false;
	}
	*length = drop_unseen(buffer, size);
	return true;
}

/* What is left of a segment without what such a file system takes no heed of. */
static size_t segment_length(const char *segment, size_t length)
{
	const char *stream = memchr(segment, ':', length);
	size_t kept = length;

	if (stream != NULL &&
		memchr(stream, '$', length - (size_t)(stream - segment))) {
		kept = (size_t)(stream - segment);
	}
	while (kept > 0 && (segment[kept - 1] == '.' || segment[kept - 1] == ' ')) {
		kept--;
	}
	return kept > 0 ? kept : length;
}

static size_t trim_segments(char *path, size_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i <= length;) {
		const char *slash = memchr(path + i, '/', length - i);
		size_t end = slash != NULL ? (size_t)(slash - path) : length;
		size_t segment = segment_length(path + i, end - i);

		memmove(path + kept, path + i, segment);
		kept += segment;
		if (slash != NULL) {
			path[kept++] = '/';
		}
		i = end + 1;
	}
	return kept;
}

bool name_fold(struct text name, char buffer[NAME_FOLDED_SIZE], struct text *folded)
{
	size_t length = 0;
	bool fits = is_ascii(name) ? fold_bytes(name, buffer, &length)
				   : fold_characters(name, buffer, &length);

	if (!fits) {
		return false;
	}
	*folded = (struct text){buffer, trim_segments(buffer, length)};
	return true;
}

/* Up to eight characters, the last of them ~ and digits; then up to three more. */
static bool segment_may_be_short(struct text segment)
{
	enum { BASE_MAX = 8, EXTENSION_MAX = 3 };
	const char *dot = memchr(segment.bytes, '.', segment.length);
	size_t base = dot != NULL ? (size_t)(dot - segment.bytes) : segment.length;
	size_t digits = 0;

	if (base > BASE_MAX || segment.length > base + 1 + EXTENSION_MAX) {
		return false;
	}
	while (digits < base && segment.bytes[base - digits - 1] >= '0' &&
		segment.bytes[base - digits - 1] <= '9') {
		digits++;
	}
	return digits > 0 && base > digits && segment.bytes[base - digits - 1] == '~';
}

bool name_may_be_short(struct text path)
{
	for (size_t i = 0; i < path.length;) {
		const char *slash = memchr(path.bytes + i, '/', path.length - i);
		size_t end = slash != NULL ? (size_t)(slash - path.bytes) : path.length;

		if (segment_may_be_short((struct text){path.bytes + i, end - i})) {
			return true;
		}
		i = end + 1;
	}
	return false;
}
