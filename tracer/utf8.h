/* SPDX-License-Identifier: MIT */
/* UTF-8 made of what interpreters keep strings in. */
#ifndef TRACER_UTF8_H
#define TRACER_UTF8_H

#include "base/text.h"

/*
 * Of count units of 1, 2 or 4 bytes, each a character. Zeros, which readers of JSON may
 * refuse, and what is no character become U+FFFD. Owned and terminated.
 */
struct text utf8_from_units(const unsigned char *data, size_t count, unsigned width);

#endif
