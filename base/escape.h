/* SPDX-License-Identifier: MIT */
/*
 * Untrusted bytes made safe to show. Control characters, invalid UTF-8, bidirectional
 * and zero-width characters, unusual spaces and private-use code points become visible
 * escapes (\n, \x1b, \u{202e}); a backslash is doubled, so that what is shown is
 * unambiguous. Everything from a tracee passes here before a person sees it.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/text.h"

/*
 * Writes the safe form into buffer (size bytes, at least 8, always terminated) and
 * returns the number of bytes written. What does not fit is cut out of the middle and
 * replaced by "…(N bytes)…", N being the left-out length.
 */
size_t escape_text(struct text raw, char *buffer, size_t size);

/* True if the text is shown just as it is: it has nothing to make visible. */
bool escape_is_plain(struct text raw);

/* The whole safe form as an owned string. */
char *escape_copy(struct text raw) __attribute__((returns_nonnull));

/* As above, in double quotes if the text is empty or has a space, quote or escape. */
char *escape_quoted(struct text raw) __attribute__((returns_nonnull));

#endif
