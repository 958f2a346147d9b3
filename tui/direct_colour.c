/* SPDX-License-Identifier: MIT */
/* A compiled description as in term(5), in its format with numbers of 32 bits. */
#include "tui/direct_colour.h"

#include "base/text_buffer.h"

#include <ncurses.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

enum { MAGIC = 01036, PAIRS = 1 << 16, ABSENT = -1 };

/* With semicolons: every terminal that has such colours knows that form. */
#define COLOUR_BY(few, bright, many)                                                   \
	"\x1b[%?%p1%{8}%<%t" few "%p1%d%e%p1%{16}%<%t" bright "%p1%{8}%-%d"            \
	"%e%p1%{256}%<%t" many "8;5;%p1%d%e" many "8;2;%p1%{65536}%/%d;"               \
	"%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"
#define FOREGROUND COLOUR_BY("3", "9", "3")
#define BACKGROUND COLOUR_BY("4", "10", "4")

/* What one capability is instead. */
struct change {
	const char *name;
	int number;
	const char *string;
};

static const struct change changed_numbers[] = {
	{.name = "colors", .number = DIRECT_COLOURS},
	{.name = "pairs", .number = PAIRS},
};

/* A palette that cannot be changed has nothing to be put back. */
static const struct change changed_strings[] = {
	{.name = "setaf", .string = FOREGROUND},
	{.name = "setab", .string = BACKGROUND},
	{.name = "initc", .string = NULL},
	{.name = "oc", .string = NULL},
};

static const struct change *change_find(
	const struct change *changes, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(changes[i].name, name) == 0) {
			return &changes[i];
		}
	}
	return NULL;
}

#define CHANGE_OF(changes, name)                                                       \
	change_find(changes, sizeof(changes) / sizeof((changes)[0]), name)

/* ---- Parts of a description ---- */

static void put_byte(struct text_buffer *buffer, int value)
{
	const char byte = (char)value;

	text_buffer_add(buffer, (struct text){&byte, 1});
}

static void put_short(struct text_buffer *buffer, int value)
{
	const unsigned bits = (unsigned)value;

	put_byte(buffer, (int)(bits & 0xff));
	put_byte(buffer, (int)(bits >> 8 & 0xff));
}

static void put_long(struct text_buffer *buffer, int value)
{
	put_short(buffer, value);
	put_short(buffer, (int)((unsigned)value >> 16));
}

static void put_even(struct text_buffer *buffer)
{
	if (buffer->length % 2 != 0) {
		put_byte(buffer, 0);
	}
}

static void put_all(struct text_buffer *buffer, const struct text_buffer *added)
{
	text_buffer_add(buffer, (struct text){added->bytes, added->length});
}

/* Strings one after the other, and where each begins. */
struct strings {
	struct text_buffer offsets, bytes;
};

static void put_string(struct strings *strings, size_t base, const char *string)
{
	if (string == NULL || (intptr_t)string == ABSENT) {
		put_short(&strings->offsets, ABSENT);
		return;
	}
	put_short(&strings->offsets, (int)(strings->bytes.length - base));
	text_buffer_add(&strings->bytes, (struct text){string, strlen(string) + 1});
}

static void strings_finish(struct strings *strings)
{
	free(strings->offsets.bytes);
	free(strings->bytes.bytes);
}

/* ---- The description of the terminal that setupterm() has found ---- */

static int count_of(NCURSES_CONST char *const *names)
{
	int count = 0;

	while (names[count] != NULL) {
		count++;
	}
	return count;
}

static void put_flags(struct text_buffer *entry)
{
	for (int i = 0; boolnames[i] != NULL; i++) {
		const bool is_changed = strcmp(boolnames[i], "ccc") == 0;
		put_byte(entry, !is_changed && tigetflag(boolnames[i]) > 0 ? 1 : 0);
	}
	put_even(entry);
}

static void put_numbers(struct text_buffer *entry)
{
	for (int i = 0; numnames[i] != NULL; i++) {
		const struct change *change = CHANGE_OF(changed_numbers, numnames[i]);
		const int number =
			change != NULL ? change->number : tigetnum(numnames[i]);
		put_long(entry, number < 0 ? ABSENT : number);
	}
}

static void collect_strings(struct strings *strings)
{
	for (int i = 0; strnames[i] != NULL; i++) {
		const struct change *change = CHANGE_OF(changed_strings, strnames[i]);
		put_string(strings, 0,
			change != NULL ? change->string : tigetstr(strnames[i]));
	}
}

/* A flag and a string that have no place of their own. */
static void put_extensions(struct text_buffer *entry)
{
	enum { FLAGS = 1, STRINGS = 1 };
	struct strings strings = {0};

	put_string(&strings, 0, tigetstr("Ss"));
	const size_t names = strings.bytes.length;
	put_string(&strings, names, "RGB");
	put_string(&strings, names, "Ss");
	put_even(entry);
	put_short(entry, FLAGS);
	put_short(entry, 0);
	put_short(entry, STRINGS);
	put_short(entry, FLAGS + 2 * STRINGS);
	put_short(entry, (int)strings.bytes.length);
	put_byte(entry, 1);
	put_even(entry);
	put_all(entry, &strings.offsets);
	put_all(entry, &strings.bytes);
	strings_finish(&strings);
}

static struct text_buffer make_entry(const char *term)
{
	struct text_buffer entry = {0};
	struct strings strings = {0};
	const size_t name_size = strlen(term) + 1;

	collect_strings(&strings);
	put_short(&entry, MAGIC);
	put_short(&entry, (int)name_size);
	put_short(&entry, count_of(boolnames));
	put_short(&entry, count_of(numnames));
	put_short(&entry, count_of(strnames));
	put_short(&entry, (int)strings.bytes.length);
	text_buffer_add(&entry, (struct text){term, name_size});
	put_flags(&entry);
	put_numbers(&entry);
	put_all(&entry, &strings.offsets);
	put_all(&entry, &strings.bytes);
	put_extensions(&entry);
	strings_finish(&strings);
	return entry;
}

/* As ncurses takes a description out of the environment. */
static char *hex_of(const struct text_buffer *entry)
{
	struct text_buffer hex = {0};
	char digits[3];

	text_buffer_add_string(&hex, "hex:");
	for (size_t i = 0; i < entry->length; i++) {
		(void)snprintf(digits, sizeof(digits), "%02X",
			(unsigned)(unsigned char)entry->bytes[i]);
		text_buffer_add_string(&hex, digits);
	}
	return hex.bytes;
}

/* ---- What others call ---- */

bool direct_colour_is_told(void)
{
	const char *told = getenv("COLORTERM");

	return told != NULL &&
	       (strcmp(told, "truecolor") == 0 || strcmp(told, "24bit") == 0);
}

char *direct_colour_description(int output)
{
	const char *term = getenv("TERM");
	char *hex = NULL;
	int found = 0;

	if (term == NULL || setupterm(term, output, &found) != OK) {
		return NULL;
	}
	if (tigetnum("colors") >= DIRECT_COLOUR_PALETTE) {
		struct text_buffer entry = make_entry(term);
		hex = hex_of(&entry);
		free(entry.bytes);
	}
	(void)del_curterm(cur_term);
	return hex;
}

bool direct_colour_is_in_use(void)
{
	return COLORS >= DIRECT_COLOURS && set_a_foreground != NULL &&
	       strcmp(set_a_foreground, FOREGROUND) == 0;
}
