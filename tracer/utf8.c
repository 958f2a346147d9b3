/* SPDX-License-Identifier: MIT */
#include "tracer/utf8.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <string.h>

static size_t utf8_put(char *to, uint32_t point)
{
	if (point == 0) {
		point = 0xfffd; /* JSON readers may refuse it */
	}
	if (point < 0x80) {
		to[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		to[0] = (char)(0xc0 | point >> 6);
		to[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
		point = 0xfffd; /* half of a pair, or no character at all */
	}
	if (point < 0x10000) {
		to[0] = (char)(0xe0 | point >> 12);
		to[1] = (char)(0x80 | (point >> 6 & 0x3f));
		to[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | point >> 18);
	to[1] = (char)(0x80 | (point >> 12 & 0x3f));
	to[2] = (char)(0x80 | (point >> 6 & 0x3f));
	to[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

struct text utf8_from_units(const unsigned char *data, size_t count, unsigned width)
{
	char *bytes = xmalloc(count * 4 + 1);
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t point = 0;
		memcpy(&point, data + i * width, width); /* little endian */
		size += utf8_put(bytes + size, point);
	}
	bytes[size] = '\0';
	return (struct text){bytes, size};
}
