/* SPDX-License-Identifier: MIT */
/* The list of things wrong with a rule text. */
#include "base/xalloc.h"
#include "rules/parser.h"

#include <stdlib.h>

void rule_errors_finish(struct rule_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		free(errors->errors[i].file);
		free(errors->errors[i].message);
		free(errors->errors[i].hint);
	}
	free(errors->errors);
	memset(errors, 0, sizeof(*errors));
}

void rule_errors_take(struct rule_errors *errors, struct rule_error *error)
{
	if (errors->count == errors->capacity) {
		errors->capacity = errors->capacity ? errors->capacity * 2 : 8;
		errors->errors = xreallocarray(
			errors->errors, errors->capacity, sizeof(*errors->errors));
	}
	errors->errors[errors->count++] = *error;
	memset(error, 0, sizeof(*error));
}

char *rule_error_format(const struct rule_error *error)
{
	bool has_file = error->file && error->file[0] != '\0';
	char *place = has_file ? xasprintf("%s:%u:%u", error->file, error->line,
					 error->column)
			       : xasprintf("column %u", error->column);
	char *whole = error->hint ? xasprintf("%s: %s (%s)", place, error->message,
					    error->hint)
				  : xasprintf("%s: %s", place, error->message);

	free(place);
	return whole;
}
