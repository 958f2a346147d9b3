/* SPDX-License-Identifier: MIT */
/* Names as texts, before anything is looked up. */
#include "tracer/path_internal.h"

#include <string.h>

bool path_is_clean(const char *text, size_t length)
{
	if (text[0] != '/' || (length > 1 && text[length - 1] == '/')) {
		return false;
	}
	for (const char *slash = strchr(text, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		if (slash[1] == '/') {
			return false;
		}
		if (slash[1] != '.') {
			continue;
		}
		const char *after = slash[2] == '.' ? slash + 3 : slash + 2;

		if (*after == '/' || *after == '\0') {
			return false;
		}
	}
	return true;
}

void path_split(struct path_split *split, const struct path_request *request)
{
	size_t end = request->length;

	while (end > 0 && request->text[end - 1] == '/') {
		end--;
	}
	size_t start = end;

	while (start > 0 && request->text[start - 1] != '/') {
		start--;
	}
	split->has_slash = end < request->length;
	split->last = (struct text){request->text + start, end - start};
	while (start > 1 && request->text[start - 1] == '/') {
		start--;
	}
	memcpy(split->folder, request->text, start);
	split->folder[start] = '\0';
	split->folder_length = start;
}
