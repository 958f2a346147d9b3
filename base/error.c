/* SPDX-License-Identifier: MIT */
/* Errors as values, and the abort for what must never happen. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void (*invariant_hook)(void);

bool error_set(struct error *err, int code, const char *format, ...)
{
	if (!err) {
		return false;
	}
	va_list arguments;

	err->code = code;
	va_start(arguments, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	return false;
}

void invariant_failed(const char *condition, const char *file, int line)
{
	if (invariant_hook) {
		invariant_hook();
	}
	(void)fprintf(
		stderr, "duenna: internal error: %s is false (%s:%d)\n", condition, file, line);
	abort();
}
