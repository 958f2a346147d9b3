/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include "base/escape.h"
#include "base/xalloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_line(const char *kind, struct text line)
{
	char *safe = escape_copy(line);

	fprintf(stderr, "duenna: %s%s\n", kind, safe);
	free(safe);
}

/* Line breaks of a sentence of ours are kept: a rule file may have several errors. */
static void print_lines(const char *kind, const char *text)
{
	const char *at = text;

	while (at) {
		const char *end = strchr(at, '\n');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		if (length > 0 || at == text) {
			print_line(kind, (struct text){at, length});
		}
		at = end ? end + 1 : NULL;
	}
}

static void print_format(const char *kind, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void print_format(const char *kind, const char *format, va_list arguments)
{
	char text[4096];

	(void)vsnprintf(text, sizeof(text), format, arguments);
	print_lines(kind, text);
}

void report_error(const struct error *err)
{
	print_lines("", err->text[0] ? err->text : strerror(err->code));
}

void report_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_format("warning: ", format, arguments);
	va_end(arguments);
}

void report_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_format("", format, arguments);
	va_end(arguments);
}

bool report_output_written(struct error *err)
{
	bool failed = fflush(stdout) != 0 || ferror(stdout);

	if (failed && errno != EPIPE) {
		return error_set(
			err, errno, "cannot write the output: %s", strerror(errno));
	}
	return true;
}
