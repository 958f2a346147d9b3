/* SPDX-License-Identifier: MIT */
/* A text that grows. Starts as {0}; its bytes are terminated once something was added. */
#ifndef BASE_TEXT_BUFFER_H
#define BASE_TEXT_BUFFER_H

#include "base/text.h"

struct text_buffer {
	char *bytes; /* owned: free them, or pass them on */
	size_t length, capacity;
};

void text_buffer_add(struct text_buffer *buffer, struct text added);
void text_buffer_add_string(struct text_buffer *buffer, const char *added);

#endif
