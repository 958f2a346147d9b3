/* SPDX-License-Identifier: MIT */
#include "cli/vectors.h"

#include "base/xalloc.h"
#include "rules/vector.h"

#include <stdlib.h>

bool vectors_option(
	const struct command_line *line, unsigned *vectors, struct error *err)
{
	const char *name;

	*vectors = 0;
	for (size_t i = 0; (name = option_value(line, "vector", i)); i++) {
		enum vector vector;

		if (!vector_from_name(text_of(name), &vector)) {
			return error_set(
				err, ERROR_USAGE, "there is no vector \"%s\"", name);
		}
		*vectors |= 1u << vector;
	}
	return true;
}

char *vectors_words(unsigned vectors)
{
	char *words = xstrdup("");

	for (unsigned i = 0; i < VECTOR_COUNT; i++) {
		if ((vectors >> i & 1) != 0) {
			char *longer = xasprintf("%s%s%s", words, words[0] ? ", " : "",
				vector_name((enum vector)i));
			free(words);
			words = longer;
		}
	}
	return words;
}
