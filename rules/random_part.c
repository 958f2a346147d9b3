/* SPDX-License-Identifier: MIT */
/*
 * A name is a row of words (letters and digits) with other characters between. Each word
 * is looked at by itself, but for numbers that belong together: 2026-01-31, 1.12.3.
 *
 * A name that nobody chose may be one that the tree chose: its wildcard takes no names as
 * short as those that people choose.
 */
#include "rules/random_part.h"

#include "base/text_buffer.h"
#include "rules/printer.h"

#include <stdlib.h>

enum {
	HASH_MIN = 8,	 /* hexadecimal digits with letters among them */
	HASH_SURE = 16,	 /* nobody types as many */
	MIX_MIN = 6,	 /* letters and digits in no order */
	MIX_CHANGES = 3, /* between letters and digits */
	UUID_LENGTH = 36,
};

/* Programs that make temporary files: what their names begin with, how many follow. */
static const struct {
	const char *prefix;
	size_t min, max;
} temporary_names[] = {
	{"tmp.", 6, 12},    /* mktemp */
	{"tmp_obj_", 6, 6}, /* git */
	{"tmp", 8, 8},	    /* Python */
	{"cc", 6, 6},	    /* compilers */
};

#define SURE_WILDCARD "????????????????*" /* HASH_SURE and more */

struct shape {
	struct text_buffer pattern;
	size_t literal; /* bytes before the first wildcard */
	bool has_wildcard;
	bool ends_in_star;
	enum randomness randomness;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static void add_literal(struct shape *shape, struct text text)
{
	char *quoted = pattern_quote_literal(text);

	text_buffer_add_string(&shape->pattern, quoted);
	shape->literal += shape->has_wildcard ? 0 : text.length;
	shape->ends_in_star = false;
	free(quoted);
}

static void add_wildcard(
	struct shape *shape, const char *wildcard, enum randomness randomness)
{
	if (shape->ends_in_star && randomness == RANDOM_SURELY) {
		shape->pattern.length--; /* before the one of the wildcard */
		shape->ends_in_star = false;
	}
	if (!shape->ends_in_star) {
		text_buffer_add_string(&shape->pattern, wildcard);
	}
	shape->ends_in_star = true; /* as all of them do */
	shape->has_wildcard = true;
	if (randomness > shape->randomness) {
		shape->randomness = randomness;
	}
}

static size_t uuid_length(struct text text)
{
	if (text.length < UUID_LENGTH) {
		return 0;
	}
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text.bytes[i] != '-' : !is_hex(text.bytes[i])) {
			return 0;
		}
	}
	return UUID_LENGTH;
}

/* "2026-01-31T10_20", "1.12.3": digits, with single separators between digits. */
static size_t number_length(struct text text)
{
	size_t i = 0;

	while (i < text.length) {
		bool joins = i > 0 && i + 1 < text.length &&
			     strchr("-_.:T", text.bytes[i]) &&
			     is_digit(text.bytes[i - 1]) && is_digit(text.bytes[i + 1]);
		if (!is_digit(text.bytes[i]) && !joins) {
			break;
		}
		i++;
	}
	return i;
}

static size_t word_length(struct text text)
{
	size_t i = 0;

	while (i < text.length &&
		(is_digit(text.bytes[i]) || is_letter(text.bytes[i]))) {
		i++;
	}
	return i;
}

static enum randomness word_randomness(struct text word)
{
	size_t hex = 0;
	size_t digits = 0;
	size_t changes = 0;

	for (size_t i = 0; i < word.length; i++) {
		hex += is_hex(word.bytes[i]);
		digits += is_digit(word.bytes[i]);
		changes +=
			i > 0 && is_digit(word.bytes[i]) != is_digit(word.bytes[i - 1]);
	}
	bool is_mixed = digits > 0 && digits < word.length;
	bool is_hash = hex == word.length && is_mixed && changes >= 2;
	if (is_hash && word.length >= HASH_SURE) {
		return RANDOM_SURELY;
	}
	if ((is_hash && word.length >= HASH_MIN) ||
		(is_mixed && word.length >= MIX_MIN && changes >= MIX_CHANGES)) {
		return RANDOM_PERHAPS;
	}
	return RANDOM_NONE;
}

/* Length of the prefix if the whole name, but for an ending, is a temporary one. */
static size_t temporary_prefix(struct text name, size_t *random_length)
{
	for (size_t i = 0; i < sizeof(temporary_names) / sizeof(temporary_names[0]);
		i++) {
		size_t prefix = strlen(temporary_names[i].prefix);
		size_t end = prefix;

		if (!text_starts_with(name, temporary_names[i].prefix)) {
			continue;
		}
		while (end < name.length &&
			(is_digit(name.bytes[end]) || is_letter(name.bytes[end]) ||
				name.bytes[end] == '_')) {
			end++;
		}
		*random_length = end - prefix;
		if (*random_length >= temporary_names[i].min &&
			*random_length <= temporary_names[i].max &&
			(end == name.length || name.bytes[end] == '.')) {
			return prefix;
		}
	}
	return 0;
}

/* Letters before a number stay: "test12" is test and a number, "v2" as well. */
static size_t add_word(struct shape *shape, struct text rest)
{
	struct text word = {rest.bytes, word_length(rest)};
	enum randomness randomness = word_randomness(word);
	size_t letters = 0;

	if (randomness != RANDOM_NONE) {
		add_wildcard(shape, randomness == RANDOM_SURELY ? SURE_WILDCARD : "*",
			randomness);
		return word.length;
	}
	while (letters < word.length && !is_digit(word.bytes[letters])) {
		letters++;
	}
	if (letters > 0) {
		add_literal(shape, (struct text){word.bytes, letters});
		return letters;
	}
	add_wildcard(shape, "[0-9]*", RANDOM_NUMBER);
	return number_length(rest);
}

static void add_parts(struct shape *shape, struct text name)
{
	size_t at = 0;

	while (at < name.length) {
		struct text rest = {name.bytes + at, name.length - at};
		size_t uuid = uuid_length(rest);

		if (uuid > 0) {
			add_wildcard(shape, SURE_WILDCARD, RANDOM_SURELY);
			at += uuid;
		} else if (word_length(rest) > 0) {
			at += add_word(shape, rest);
		} else {
			add_literal(shape, (struct text){rest.bytes, 1});
			at++;
		}
	}
}

struct random_shape random_shape_of(struct text name)
{
	struct shape shape = {0};
	size_t random_length = 0;
	size_t prefix = temporary_prefix(name, &random_length);

	text_buffer_add_string(&shape.pattern, "");
	if (prefix > 0) {
		size_t after = prefix + random_length;

		add_literal(&shape, (struct text){name.bytes, prefix});
		add_wildcard(&shape, "*", RANDOM_PERHAPS);
		add_literal(
			&shape, (struct text){name.bytes + after, name.length - after});
	} else {
		add_parts(&shape, name);
	}
	if (shape.randomness == RANDOM_NONE) {
		free(shape.pattern.bytes);
		return (struct random_shape){0};
	}
	return (struct random_shape){
		shape.randomness, shape.pattern.bytes, shape.literal};
}
