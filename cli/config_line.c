/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "cli/config.h"

#include <stdlib.h>
#include <string.h>

void config_line_finish(struct config_line *line)
{
	for (size_t i = 0; i < line->count; i++) {
		free(line->words[i]);
	}
	*line = (struct config_line){0};
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The word at the start, into word, which is as long as the text; NULL: not ended. */
static const char *read_word(const char *at, char *word)
{
	bool is_quoted = false;

	for (; *at != '\0' && (is_quoted || !is_blank(*at)); at++) {
		if (*at == '"') {
			is_quoted = !is_quoted;
		} else if (is_quoted && *at == '\\' && at[1] != '\0') {
			*word++ = *++at;
		} else {
			*word++ = *at;
		}
	}
	*word = '\0';
	return is_quoted ? NULL : at;
}

bool config_line_read(
	const char *text, struct config_line *line, unsigned *column, struct error *err)
{
	char *word = xmalloc(strlen(text) + 1);
	const char *at = text;
	bool done = true;

	*line = (struct config_line){0};
	while (done) {
		at += strspn(at, " \t\r");
		*column = (unsigned)(at - text) + 1;
		line->columns[line->count] = *column;
		if (*at == '\0' || *at == '#') {
			break;
		}
		const char *after = read_word(at, word);
		if (after == NULL) {
			done = error_set(err, ERROR_SYNTAX, "this quote is not closed");
		} else if (line->count == CONFIG_WORDS_MAX) {
			done = error_set(err, ERROR_SYNTAX, "too many words");
		} else {
			line->words[line->count++] = xstrdup(word);
			at = after;
		}
	}
	free(word);
	if (!done) {
		config_line_finish(line);
	}
	return done;
}
