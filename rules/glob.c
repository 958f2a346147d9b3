/* SPDX-License-Identifier: MIT */
/* Reading, spelling, compiling and matching of pattern tokens. */
#include "rules/glob.h"

#include "base/error.h"
#include "base/escape.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

enum item_kind { ITEM_BYTES, ITEM_ANY, ITEM_DEPTH, ITEM_ONE, ITEM_SET, ITEM_VARIABLE };

enum variable { VARIABLE_HOME, VARIABLE_PROJECT, VARIABLE_TEMPORARY, VARIABLE_COUNT };

enum { SETS_MAX = 1000 };

static const char *const variable_names[VARIABLE_COUNT] = {
	[VARIABLE_HOME] = "{home}",
	[VARIABLE_PROJECT] = "{project}",
	[VARIABLE_TEMPORARY] = "{tmp}",
};

/* One element of a token as written. */
struct item {
	enum item_kind kind;
	char bytes[4];
	size_t byte_count;
	struct glob_set set;
	enum variable variable;
};

static bool fail(
	struct glob_error *error, size_t offset, const char *message, const char *hint)
{
	*error = (struct glob_error){offset, message, hint};
	return false;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static size_t encode_utf8(uint32_t value, char bytes[4])
{
	if (value < 0x80) {
		bytes[0] = (char)value;
		return 1;
	}
	size_t length = value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = length - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (value & 0x3f));
		value >>= 6;
	}
	bytes[0] = (char)(lead[length] | value);
	return length;
}

/* Length of the UTF-8 character at the start of text, or 1 where there is none. */
static size_t character_length(const char *bytes, size_t left)
{
	unsigned char first = (unsigned char)bytes[0];
	size_t length = first < 0xc2   ? 1
			: first < 0xe0 ? 2
			: first < 0xf0 ? 3
			: first < 0xf5 ? 4
				       : 1;

	if (length > left) {
		return 1;
	}
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
			return 1;
		}
	}
	return length;
}

/* After "\u{": hexadecimal digits and "}". */
static bool read_code_point(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	size_t start = *at;
	uint32_t value = 0;
	size_t i = start + 3;

	for (; i < token.length && hex_value(token.bytes[i]) >= 0 && i < start + 9;
		i++) {
		value = value * 16 + (uint32_t)hex_value(token.bytes[i]);
	}
	if (i == start + 3 || i >= token.length || token.bytes[i] != '}' ||
		value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
		return fail(error, start, "this is no Unicode character",
			"write \\u{…} with one to six hexadecimal digits");
	}
	item->byte_count = encode_utf8(value, item->bytes);
	*at = i + 1;
	return true;
}

static bool read_escape(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	static const char letters[] = "ntr";
	static const char meanings[] = "\n\t\r";
	size_t start = *at;

	if (start + 1 >= token.length) {
		return fail(error, start, "a backslash needs a character after it",
			"write \\\\ for a backslash");
	}
	char c = token.bytes[start + 1];
	item->kind = ITEM_BYTES;
	item->byte_count = 1;
	if (c == 'x') {
		if (start + 3 >= token.length ||
			hex_value(token.bytes[start + 2]) < 0 ||
			hex_value(token.bytes[start + 3]) < 0) {
			return fail(error, start, "\\x needs two hexadecimal digits",
				"write for example \\x1b");
		}
		item->bytes[0] = (char)(hex_value(token.bytes[start + 2]) * 16 +
					hex_value(token.bytes[start + 3]));
		*at = start + 4;
		return true;
	}
	if (c == 'u' && start + 2 < token.length && token.bytes[start + 2] == '{') {
		return read_code_point(token, at, item, error);
	}
	const char *letter = strchr(letters, c);
	bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       (c >= '0' && c <= '9');
	if (c != '\0' && letter) {
		item->bytes[0] = meanings[letter - letters];
	} else if (is_word || (unsigned char)c < 0x20 || (unsigned char)c > 0x7e) {
		return fail(error, start, "unknown escape",
			"known are \\n \\t \\r \\xHH \\u{HEX} and a backslash before "
			"punctuation");
	} else {
		item->bytes[0] = c;
	}
	*at = start + 2;
	return true;
}

/* One member character of a set, perhaps after a backslash. */
static bool read_set_member(
	struct text token, size_t *at, unsigned char *member, struct glob_error *error)
{
	if (token.bytes[*at] == '\\' && *at + 1 < token.length) {
		(*at)++;
	}
	*member = (unsigned char)token.bytes[*at];
	if (*member < 0x20 || *member > 0x7e || *member == '/') {
		return fail(error, *at,
			"a set may hold plain ASCII characters, no slash",
			"write * or ? instead");
	}
	(*at)++;
	return true;
}

static bool read_set(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	size_t start = *at;
	size_t i = start + 1;

	item->kind = ITEM_SET;
	if (i < token.length && token.bytes[i] == '!') {
		item->set.is_negated = true;
		i++;
	}
	size_t first_member = i;
	while (i < token.length && token.bytes[i] != ']') {
		unsigned char low = 0;
		unsigned char high = 0;
		size_t range_start = i;
		if (!read_set_member(token, &i, &low, error)) {
			return false;
		}
		high = low;
		if (i + 1 < token.length && token.bytes[i] == '-' &&
			token.bytes[i + 1] != ']') {
			i++;
			if (!read_set_member(token, &i, &high, error)) {
				return false;
			}
		}
		if (high < low) {
			return fail(error, range_start, "this range runs backwards",
				"write the smaller character first");
		}
		for (unsigned c = low; c <= high; c++) {
			item->set.members[c / 32] |= 1U << (c % 32);
		}
	}
	if (i >= token.length) {
		return fail(error, start, "a set without its closing ]",
			"write \\[ for a bracket itself");
	}
	if (i == first_member) {
		return fail(error, start, "an empty set matches nothing",
			"write \\[ for a bracket itself");
	}
	*at = i + 1;
	return true;
}

static bool read_variable(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	struct text rest = {token.bytes + *at, token.length - *at};

	item->kind = ITEM_VARIABLE;
	for (unsigned i = 0; i < VARIABLE_COUNT; i++) {
		if (text_starts_with(rest, variable_names[i])) {
			item->variable = (enum variable)i;
			*at += strlen(variable_names[i]);
			return true;
		}
	}
	return fail(error, *at, "unknown variable",
		"known are {project}, {home} and {tmp}; write \\{ for a brace itself");
}

static bool read_stars(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	size_t stars = 1;

	while (*at + stars < token.length && token.bytes[*at + stars] == '*') {
		stars++;
	}
	if (stars > 2) {
		return fail(error, *at, "three stars have no meaning",
			"write * within a segment, ** for any depth");
	}
	item->kind = stars == 2 ? ITEM_DEPTH : ITEM_ANY;
	*at += stars;
	return true;
}

/* A raw character: plain text, but nothing that a reader of the rule cannot see. */
static bool read_plain(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	char shown[16];
	size_t length = character_length(token.bytes + *at, token.length - *at);
	struct text character = {token.bytes + *at, length};

	item->kind = ITEM_BYTES;
	item->byte_count = length;
	memcpy(item->bytes, character.bytes, length);
	if (escape_text(character, shown, sizeof(shown)) != length ||
		memcmp(shown, character.bytes, length) != 0) {
		return fail(error, *at,
			"a character that cannot be seen or is no UTF-8",
			"write it as \\xHH or \\u{HEX}");
	}
	*at += length;
	return true;
}

static bool read_item(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	char c = token.bytes[*at];

	memset(item, 0, sizeof(*item));
	if (c == '\\') {
		return read_escape(token, at, item, error);
	}
	if (c == '*') {
		return read_stars(token, at, item, error);
	}
	if (c == '[') {
		return read_set(token, at, item, error);
	}
	if (c == '{') {
		return read_variable(token, at, item, error);
	}
	if (c == '?') {
		item->kind = ITEM_ONE;
		(*at)++;
		return true;
	}
	bool ends_here = token.length == 1 || token.bytes[1] == '/';
	if (c == '~' && *at == 0 && ends_here) {
		item->kind = ITEM_VARIABLE;
		item->variable = VARIABLE_HOME;
		(*at)++;
		return true;
	}
	return read_plain(token, at, item, error);
}

struct output {
	char *bytes;
	size_t length, capacity;
};

static void output_add(struct output *output, const char *bytes, size_t length)
{
	if (output->length + length + 1 > output->capacity) {
		output->capacity = (output->length + length + 1) * 2;
		output->bytes = xrealloc(output->bytes, output->capacity);
	}
	memcpy(output->bytes + output->length, bytes, length);
	output->length += length;
	output->bytes[output->length] = '\0';
}

/* Spells one literal character; returns how many bytes of the run it took. */
static size_t spell_character(struct output *output, struct text run)
{
	char shown[16];
	char escape[8];
	size_t length = character_length(run.bytes, run.length);
	struct text character = {run.bytes, length};
	char c = run.bytes[0];
	bool is_home = c == '~' && output->length == 0;

	if (c != '\0' && (strchr("*?[\\{\"", c) || is_home)) {
		escape[0] = '\\';
		escape[1] = c;
		output_add(output, escape, 2);
		return 1;
	}
	if (escape_text(character, shown, sizeof(shown)) == length &&
		memcmp(shown, character.bytes, length) == 0) {
		output_add(output, character.bytes, length);
		return length;
	}
	(void)snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)c);
	output_add(output, escape, 4);
	return 1;
}

static void spell_run(struct output *output, const struct output *run)
{
	for (size_t i = 0; i < run->length;) {
		struct text rest = {run->bytes + i, run->length - i};
		i += spell_character(output, rest);
	}
}

char *glob_quote(struct text literal)
{
	struct output output = {0};

	output_add(&output, "", 0);
	for (size_t i = 0; i < literal.length;) {
		struct text rest = {literal.bytes + i, literal.length - i};
		i += spell_character(&output, rest);
	}
	return output.bytes;
}

char *glob_canonical(struct text token, struct glob_error *error)
{
	struct output output = {0};
	struct output run = {0};
	bool is_valid = true;
	size_t sets = 0;

	output_add(&output, "", 0);
	for (size_t at = 0; at < token.length && is_valid;) {
		struct item item;
		size_t start = at;
		is_valid = read_item(token, &at, &item, error);
		if (is_valid && item.kind == ITEM_SET && ++sets > SETS_MAX) {
			is_valid = fail(error, start, "too many sets in one pattern",
				"a pattern has at most 1000 sets");
		}
		if (!is_valid) {
			break;
		}
		if (item.kind == ITEM_BYTES) {
			output_add(&run, item.bytes, item.byte_count);
			continue;
		}
		spell_run(&output, &run);
		run.length = 0;
		output_add(&output, token.bytes + start, at - start);
	}
	spell_run(&output, &run);
	free(run.bytes);
	if (!is_valid) {
		free(output.bytes);
		return NULL;
	}
	return output.bytes;
}

char *glob_unescape(struct text token, struct glob_error *error)
{
	struct output output = {0};

	output_add(&output, "", 0);
	for (size_t at = 0; at < token.length;) {
		struct item item = {0};
		size_t start = at;
		bool is_valid = token.bytes[at] == '\\'
					? read_escape(token, &at, &item, error)
					: read_plain(token, &at, &item, error);
		if (is_valid && memchr(item.bytes, '\0', item.byte_count)) {
			is_valid = fail(
				error, start, "a zero byte cannot stand here", NULL);
		}
		if (!is_valid) {
			free(output.bytes);
			return NULL;
		}
		output_add(&output, item.bytes, item.byte_count);
	}
	return output.bytes;
}

static void add_unit(struct glob *glob, size_t *capacity, uint16_t unit)
{
	if (glob->count == *capacity) {
		*capacity = *capacity * 2 + 8;
		glob->units =
			xreallocarray(glob->units, *capacity, sizeof(*glob->units));
	}
	glob->units[glob->count++] = unit;
}

static const char *variable_value(
	const struct rule_variables *variables, enum variable variable)
{
	const char *value = NULL;

	switch (variable) {
	case VARIABLE_HOME:
		value = variables->home;
		break;
	case VARIABLE_PROJECT:
		value = variables->project;
		break;
	case VARIABLE_TEMPORARY:
		value = variables->temporary;
		break;
	case VARIABLE_COUNT:
		break;
	}
	return value;
}

/* The root folder as a value would give "//x": there it counts as nothing. */
static void add_variable(
	struct glob *glob, size_t *capacity, const char *value, bool is_at_end)
{
	size_t length = strlen(value);

	if (length > 0 && value[length - 1] == '/' && (length > 1 || !is_at_end)) {
		length--;
	}
	for (size_t i = 0; i < length; i++) {
		add_unit(glob, capacity, (unsigned char)value[i]);
	}
}

static uint16_t add_set(struct glob *glob, const struct glob_set *set)
{
	glob->sets =
		xreallocarray(glob->sets, glob->set_count + 1, sizeof(*glob->sets));
	glob->sets[glob->set_count] = *set;
	return (uint16_t)(UNIT_SET + glob->set_count++);
}

bool glob_compile(
	struct text token, const struct rule_variables *variables, struct glob *glob)
{
	size_t capacity = 0;

	memset(glob, 0, sizeof(*glob));
	for (size_t at = 0; at < token.length;) {
		struct item item;
		struct glob_error ignored;
		if (!read_item(token, &at, &item, &ignored)) {
			glob_finish(glob);
			return false;
		}
		switch (item.kind) {
		case ITEM_BYTES:
			for (size_t i = 0; i < item.byte_count; i++) {
				add_unit(glob, &capacity, (unsigned char)item.bytes[i]);
			}
			break;
		case ITEM_ANY:
			add_unit(glob, &capacity, UNIT_ANY);
			break;
		case ITEM_DEPTH:
			add_unit(glob, &capacity, UNIT_DEPTH);
			break;
		case ITEM_ONE:
			add_unit(glob, &capacity, UNIT_ONE);
			break;
		case ITEM_SET:
			add_unit(glob, &capacity, add_set(glob, &item.set));
			break;
		case ITEM_VARIABLE: {
			const char *value = variable_value(variables, item.variable);
			if (!value) {
				glob_finish(glob);
				return false;
			}
			add_variable(glob, &capacity, value, at == token.length);
			break;
		}
		}
	}
	return true;
}

void glob_finish(struct glob *glob)
{
	free(glob->units);
	free(glob->sets);
	memset(glob, 0, sizeof(*glob));
}

bool glob_is_literal(const struct glob *glob)
{
	for (size_t i = 0; i < glob->count; i++) {
		if (glob->units[i] >= UNIT_ANY) {
			return false;
		}
	}
	return true;
}
