/* SPDX-License-Identifier: MIT */
#include "base/text_buffer.h"

#include "base/xalloc.h"

void text_buffer_add(struct text_buffer *buffer, struct text added)
{
	if (buffer->capacity - buffer->length <= added.length) {
		buffer->capacity = 2 * (buffer->length + added.length) + 32;
		buffer->bytes = xrealloc(buffer->bytes, buffer->capacity);
	}
	if (added.length > 0) {
		memcpy(buffer->bytes + buffer->length, added.bytes, added.length);
	}
	buffer->length += added.length;
	buffer->bytes[buffer->length] = '\0';
}

void text_buffer_add_string(struct text_buffer *buffer, const char *added)
{
	text_buffer_add(buffer, text_of(added));
}
