/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/xalloc.h"

#include <stdio.h>

bool text_equal(struct text a, struct text b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool texts_equal(
	const struct text *a, size_t a_count, const struct text *b, size_t b_count)
{
	if (a_count != b_count) {
		return false;
	}
	for (size_t i = 0; i < a_count; i++) {
		if (!text_equal(a[i], b[i])) {
			return false;
		}
	}
	return true;
}

bool text_equal_string(struct text a, const char *string)
{
	return text_equal(a, text_of(string));
}

bool text_starts_with(struct text a, const char *prefix)
{
	size_t length = strlen(prefix);

	return a.length >= length && memcmp(a.bytes, prefix, length) == 0;
}

bool text_ends_with(struct text a, const char *suffix)
{
	size_t length = strlen(suffix);

	return a.length >= length && memcmp(a.bytes + a.length - length, suffix, length) == 0;
}

bool text_path_is_below(struct text path, struct text folder)
{
	while (folder.length > 1 && folder.bytes[folder.length - 1] == '/') {
		folder.length--;
	}
	if (path.length < folder.length || memcmp(path.bytes, folder.bytes, folder.length) != 0) {
		return false;
	}
	return path.length == folder.length || folder.length == 1 ||
		path.bytes[folder.length] == '/';
}

struct text text_base_name(struct text path)
{
	const char *slash = path.length > 0 ? memrchr(path.bytes, '/', path.length) : NULL;

	if (!slash) {
		return path;
	}
	size_t start = (size_t)(slash - path.bytes) + 1;
	return (struct text){path.bytes + start, path.length - start};
}

void text_unescape_octal(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0'; to++) {
		unsigned code = 0;
		if (*from == '\\' && strspn(from + 1, "01234567") >= 3 &&
			sscanf(from + 1, "%3o", &code) == 1) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

char *text_copy(struct text a)
{
	return xmemdup0(a.bytes, a.length);
}
