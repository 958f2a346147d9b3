/* SPDX-License-Identifier: MIT */
#include "tui/mcp_words.h"

#include "base/escape.h"
#include "base/xalloc.h"

#include <jansson.h>

#include <stdlib.h>

static const char *string_of(const json_t *call, const char *field)
{
	const char *string = json_string_value(json_object_get(call, field));

	return string != NULL ? string : "?";
}

char *mcp_words(struct text calls)
{
	json_t *list = calls.length > 0 ? json_loadb(calls.bytes, calls.length, 0, NULL)
					: NULL;
	char *words = xstrdup("");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *call = json_array_get(list, i);
		char *longer = xasprintf("%s%s%s/%s", words, i > 0 ? ", " : "",
			string_of(call, "server"), string_of(call, "tool"));
		free(words);
		words = longer;
	}
	char *safe = escape_copy(text_of(words));
	free(words);
	json_decref(list);
	return safe;
}
