/* SPDX-License-Identifier: MIT */
/* Reading pattern tokens, element by element. */
#include "rules/glob_item.h"

#include "base/escape.h"

static const char *const variable_names[VARIABLE_COUNT] = {
	[VARIABLE_HOME] = "{home}",
	[VARIABLE_PROJECT] = "{project}",
	[VARIABLE_TEMPORARY] = "{tmp}",
};

size_t glob_character_length(const char *bytes, size_t left)
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

bool item_read_escape(
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
bool item_read_plain(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	size_t length = glob_character_length(token.bytes + *at, token.length - *at);
	struct text character = {token.bytes + *at, length};

	item->kind = ITEM_BYTES;
	item->byte_count = length;
	memcpy(item->bytes, character.bytes, length);
	if (!escape_is_plain(character)) {
		return fail(error, *at,
			"a character that cannot be seen or is no UTF-8",
			"write it as \\xHH or \\u{HEX}");
	}
	*at += length;
	return true;
}

bool item_read(
	struct text token, size_t *at, struct item *item, struct glob_error *error)
{
	char c = token.bytes[*at];

	memset(item, 0, sizeof(*item));
	if (c == '\\') {
		return item_read_escape(token, at, item, error);
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
	return item_read_plain(token, at, item, error);
}
