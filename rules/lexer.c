/* SPDX-License-Identifier: MIT */
/* Words of a line: blanks part them, # begins a comment, quotes keep blanks. */
#include "rules/lexer.h"

#include "base/xalloc.h"

#include <stdlib.h>

static bool fail(
	struct glob_error *error, size_t offset, const char *message, const char *hint)
{
	*error = (struct glob_error){offset, message, hint};
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool read_quoted(
	struct text line, size_t *at, struct word *word, struct glob_error *error)
{
	size_t start = *at;
	size_t i = start + 1;

	while (i < line.length && line.bytes[i] != '"') {
		i += line.bytes[i] == '\\' ? 2 : 1;
	}
	if (i >= line.length) {
		return fail(error, start, "a quote that does not end",
			"write \\\" for a quote itself");
	}
	*word = (struct word){{line.bytes + start + 1, i - start - 1}, start + 1, true};
	*at = i + 1;
	if (*at < line.length && !is_blank(line.bytes[*at])) {
		return fail(error, *at, "a blank is missing after the quote",
			"put the quotes around the whole word");
	}
	return true;
}

static bool read_bare(
	struct text line, size_t *at, struct word *word, struct glob_error *error)
{
	size_t start = *at;
	size_t i = start;

	while (i < line.length && !is_blank(line.bytes[i])) {
		if (line.bytes[i] == '"') {
			return fail(error, i, "a quote within a word",
				"put the quotes around the whole word, or write \\\"");
		}
		i += line.bytes[i] == '\\' && i + 1 < line.length ? 2 : 1;
	}
	*word = (struct word){{line.bytes + start, i - start}, start, false};
	*at = i;
	return true;
}

static void make_room(struct words *words)
{
	if (words->count == words->capacity) {
		words->capacity = words->capacity ? words->capacity * 2 : 16;
		words->words = xreallocarray(
			words->words, words->capacity, sizeof(*words->words));
	}
}

void words_finish(struct words *words)
{
	free(words->words);
	memset(words, 0, sizeof(*words));
}

bool lexer_split(struct text line, struct words *words, struct glob_error *error)
{
	words->count = 0;
	if (line.length > LINE_LENGTH_MAX) {
		return fail(error, LINE_LENGTH_MAX, "the line is too long",
			"a line has at most 1048576 bytes");
	}
	for (size_t at = 0; at < line.length;) {
		if (is_blank(line.bytes[at])) {
			at++;
			continue;
		}
		if (line.bytes[at] == '#') {
			break;
		}
		make_room(words);
		struct word *word = &words->words[words->count];
		bool is_valid = line.bytes[at] == '"'
					? read_quoted(line, &at, word, error)
					: read_bare(line, &at, word, error);
		if (!is_valid) {
			return false;
		}
		words->count++;
	}
	return true;
}
