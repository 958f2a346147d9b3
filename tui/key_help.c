/* SPDX-License-Identifier: MIT */
#include "tui/key_help.h"

#include "base/xalloc.h"
#include "tui/lines.h"

#include <stdlib.h>

enum { TABLE_COLUMNS = 70 }; /* from that width on, meanings stand below each other */

/* A key that the configuration took away leaves its place empty. */
static const char *words_of(uint32_t key, char buffer[KEY_NAME_SIZE])
{
	return key != KEY_NONE ? key_words(key, buffer) : "";
}

static void add_in_table(struct view *view, const struct key_binding *binding)
{
	char first[KEY_NAME_SIZE];
	char second[KEY_NAME_SIZE];

	view_add(view, 0, STYLE_PLAIN,
		xasprintf("  %-5s %-10s %s", words_of(binding->keys[0], first),
			words_of(binding->keys[1], second), binding->meaning));
}

static unsigned text_columns(int columns)
{
	return columns < LINES_COLUMNS_MIN + 2 ? LINES_COLUMNS_MIN
					       : (unsigned)columns - 2;
}

/* Takes what was collected in lines. */
static void add_lines(struct view *view, struct lines *lines)
{
	for (const char *at = lines->bytes; at != NULL && *at != '\0';) {
		const size_t length = strcspn(at, "\n");

		view_add(view, 0, STYLE_PLAIN, xmemdup0(at, length));
		at += length + (at[length] == '\n' ? 1 : 0);
	}
	lines_finish(lines);
}

void key_help_add_words(struct view *view, const char *words, int columns)
{
	struct lines lines = {.columns = text_columns(columns)};

	lines_add(&lines, "%s", words);
	add_lines(view, &lines);
}

static void add_wrapped(
	struct view *view, const struct key_binding *binding, unsigned columns)
{
	struct lines lines = {.columns = columns};
	char first[KEY_NAME_SIZE];
	char second[KEY_NAME_SIZE];
	const bool has_both =
		binding->keys[0] != KEY_NONE && binding->keys[1] != KEY_NONE;

	lines_add(&lines, "%s%s%s: %s", words_of(binding->keys[0], first),
		has_both ? ", " : "", words_of(binding->keys[1], second),
		binding->meaning);
	add_lines(view, &lines);
}

void key_help_add(struct view *view, enum key_context context, int columns)
{
	const struct key_binding *binding;
	const unsigned most = text_columns(columns);

	view_add(view, 0, STYLE_STRONG, xstrdup(key_context_title(context)));
	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		if (binding->context != context) {
			continue;
		}
		if (columns < TABLE_COLUMNS) {
			add_wrapped(view, binding, most);
		} else {
			add_in_table(view, binding);
		}
	}
	view_add(view, 0, STYLE_PLAIN, xstrdup(""));
}
