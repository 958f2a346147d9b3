/* SPDX-License-Identifier: MIT */
#include "tui/settings.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

enum { COLOUR_OWN = -1, COLOUR_MAX = 255 };
enum { RED = 1, GREEN = 2, MAGENTA = 5 };

static const struct {
	const char *name;
	struct text_look look;
} styles[STYLE_COUNT] = {
	[STYLE_PLAIN] = {"plain", {0, COLOUR_OWN}},
	[STYLE_STRONG] = {"strong", {MARK_BOLD, COLOUR_OWN}},
	[STYLE_FAINT] = {"faint", {MARK_DIM, COLOUR_OWN}},
	[STYLE_REVERSED] = {"status", {MARK_REVERSE, COLOUR_OWN}},
	[STYLE_ALERT] = {"alert", {MARK_REVERSE | MARK_BOLD, MAGENTA}},
	[STYLE_DANGER] = {"danger", {MARK_BOLD, RED}},
	[STYLE_ALLOW] = {"allow", {MARK_BOLD, GREEN}},
	[STYLE_DENY] = {"deny", {MARK_BOLD, RED}},
};

static const char *const colours[] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
enum { COLOURS = sizeof(colours) / sizeof(colours[0]) };

static const struct {
	enum style_mark mark;
	const char *name;
} marks[] = {
	{MARK_BOLD, "bold"},
	{MARK_REVERSE, "reverse"},
	{MARK_UNDERLINE, "underline"},
	{MARK_DIM, "dim"},
};
enum { MARKS = sizeof(marks) / sizeof(marks[0]) };

void tui_settings_init(struct tui_settings *settings)
{
	*settings = (struct tui_settings){
		.arming_ms = TUI_ARMING_MS,
		.rings_bell = true,
		.tells_terminal = true,
		.uses_mouse = true,
	};
	key_table_init(&settings->keys);
	for (size_t i = 0; i < STYLE_COUNT; i++) {
		settings->looks[i] = styles[i].look;
	}
}

const char *screen_style_name(enum screen_style style)
{
	return style < STYLE_COUNT ? styles[style].name : NULL;
}

bool screen_style_from_name(const char *name, enum screen_style *style)
{
	for (int i = 0; i < STYLE_COUNT; i++) {
		if (strcmp(styles[i].name, name) == 0) {
			*style = (enum screen_style)i;
			return true;
		}
	}
	return false;
}

bool text_look_add(struct text_look *look, const char *word)
{
	char *end;

	for (size_t i = 0; i < MARKS; i++) {
		if (strcmp(marks[i].name, word) == 0) {
			look->marks |= marks[i].mark;
			return true;
		}
	}
	for (int i = 0; i < COLOURS; i++) {
		if (strcmp(colours[i], word) == 0) {
			look->colour = i;
			return true;
		}
	}
	if (strcmp(word, "plain") == 0) {
		return true;
	}
	if (strcmp(word, "default") == 0) {
		look->colour = COLOUR_OWN;
		return true;
	}
	const unsigned long number = strtoul(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || number > COLOUR_MAX) {
		return false;
	}
	look->colour = (int)number;
	return true;
}

char *text_look_words(const struct text_look *look)
{
	char *words = look->colour == COLOUR_OWN ? xstrdup("default")
		      : look->colour < COLOURS	 ? xstrdup(colours[look->colour])
						 : xasprintf("%d", look->colour);

	for (size_t i = 0; i < MARKS; i++) {
		if ((look->marks & marks[i].mark) != 0) {
			char *longer = xasprintf("%s %s", words, marks[i].name);
			free(words);
			words = longer;
		}
	}
	return words;
}
