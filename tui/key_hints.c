/* SPDX-License-Identifier: MIT */
/* Lines that name keys, and which key a place in such a line is about. */
#include "base/xalloc.h"
#include "tui/key_table.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t key_of(enum key_context context, enum command_key command)
{
	const struct key_binding *binding;

	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		if (binding->context == context && binding->command == command) {
			return binding->keys[0] != KEY_NONE ? binding->keys[0]
							    : binding->keys[1];
		}
	}
	return KEY_NONE;
}

/* The key for the word in braces. */
static uint32_t hint_key(enum key_context context, const char *word)
{
	enum command_key command;

	if (strcmp(word, "prefix") == 0) {
		return key_prefix();
	}
	return command_key_from_name(word, &command) ? key_of(context, command)
						     : KEY_NONE;
}

/* Text of a line of hints up to the next key, and that key. */
struct hint {
	size_t plain; /* bytes before the braces */
	uint32_t key;
	char name[KEY_NAME_SIZE]; /* in place of the braces; empty: there are none */
};

/* Gives what comes after it. */
static const char *hint_next(
	enum key_context context, const char *words, struct hint *hint)
{
	char buffer[KEY_NAME_SIZE];

	*hint = (struct hint){.plain = strcspn(words, "{")};
	words += hint->plain;
	if (*words == '\0') {
		return words;
	}
	const size_t length = strcspn(words, "}");
	char *word = xmemdup0(words + 1, length - 1);
	hint->key = hint_key(context, word);
	(void)snprintf(hint->name, sizeof(hint->name), "%s",
		hint->key != KEY_NONE ? key_words(hint->key, buffer) : "(no key)");
	free(word);
	return words + length + 1;
}

char *key_hints(enum key_context context, const char *words)
{
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);
	struct hint hint;

	invariant(out != NULL);
	while (*words != '\0') {
		const char *rest = hint_next(context, words, &hint);
		(void)fwrite(words, 1, hint.plain, out);
		(void)fputs(hint.name, out);
		words = rest;
	}
	invariant(fclose(out) == 0);
	return line;
}

/* Hints are ASCII but for keys that somebody chose: then a click may miss by a column. */
uint32_t key_hint_at(enum key_context context, const char *words, int column)
{
	uint32_t key = KEY_NONE;
	size_t at = 0;
	struct hint hint;

	while (*words != '\0') {
		const char *rest = hint_next(context, words, &hint);
		size_t meant =
			hint.plain; /* the blanks before the next key are nobody's */
		while (meant > 0 && words[meant - 1] == ' ') {
			meant--;
		}
		if ((size_t)column < at + hint.plain) {
			return (size_t)column < at + meant ? key : KEY_NONE;
		}
		at += hint.plain + strlen(hint.name);
		key = hint.key;
		if ((size_t)column < at) {
			return key;
		}
		words = rest;
	}
	return KEY_NONE;
}
