/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	invariant(memory != NULL);
	return memory;
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *memory, size_t size)
{
	return checked(realloc(memory, size ? size : 1));
}

void *xreallocarray(void *memory, size_t count, size_t size)
{
	return checked(reallocarray(memory, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *string)
{
	return checked(strdup(string));
}

char *xmemdup0(const void *bytes, size_t length)
{
	char *copy = xmalloc(length + 1);

	if (length > 0) {
		memcpy(copy, bytes, length);
	}
	copy[length] = '\0';
	return copy;
}

char *xasprintf(const char *format, ...)
{
	char *string = NULL;
	va_list arguments;

	va_start(arguments, format);
	int length = vasprintf(&string, format, arguments);
	va_end(arguments);
	invariant(length >= 0);
	return checked(string);
}
