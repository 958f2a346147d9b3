/* SPDX-License-Identifier: MIT */
/* Spelling and compiling of pattern tokens. */
#include "rules/glob.h"

#include "base/escape.h"
#include "base/text_buffer.h"
#include "base/xalloc.h"
#include "rules/glob_item.h"

#include <stdio.h>
#include <stdlib.h>

enum { SETS_MAX = 1000 };

static bool fail(
	struct glob_error *error, size_t offset, const char *message, const char *hint)
{
	*error = (struct glob_error){offset, message, hint};
	return false;
}

/* Spells one literal character; returns how many bytes of the run it took. */
static size_t spell_character(struct text_buffer *output, struct text run)
{
	char escape[8];
	size_t length = glob_character_length(run.bytes, run.length);
	struct text character = {run.bytes, length};
	char c = run.bytes[0];
	bool is_home = c == '~' && output->length == 0;

	if (c != '\0' && (strchr("*?[\\{\"", c) || is_home)) {
		escape[0] = '\\';
		escape[1] = c;
		text_buffer_add(output, (struct text){escape, 2});
		return 1;
	}
	if (escape_is_plain(character)) {
		text_buffer_add(output, (struct text){character.bytes, length});
		return length;
	}
	(void)snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)c);
	text_buffer_add(output, (struct text){escape, 4});
	return 1;
}

static void spell_run(struct text_buffer *output, const struct text_buffer *run)
{
	for (size_t i = 0; i < run->length;) {
		struct text rest = {run->bytes + i, run->length - i};
		i += spell_character(output, rest);
	}
}

char *glob_quote(struct text literal)
{
	struct text_buffer output = {0};

	text_buffer_add_string(&output, "");
	for (size_t i = 0; i < literal.length;) {
		struct text rest = {literal.bytes + i, literal.length - i};
		i += spell_character(&output, rest);
	}
	return output.bytes;
}

char *glob_canonical(struct text token, struct glob_error *error)
{
	struct text_buffer output = {0};
	struct text_buffer run = {0};
	bool is_valid = true;
	size_t sets = 0;

	text_buffer_add_string(&output, "");
	for (size_t at = 0; at < token.length && is_valid;) {
		struct item item;
		size_t start = at;
		is_valid = item_read(token, &at, &item, error);
		if (is_valid && item.kind == ITEM_SET && ++sets > SETS_MAX) {
			is_valid = fail(error, start, "too many sets in one pattern",
				"a pattern has at most 1000 sets");
		}
		if (!is_valid) {
			break;
		}
		if (item.kind == ITEM_BYTES) {
			text_buffer_add(
				&run, (struct text){item.bytes, item.byte_count});
			continue;
		}
		spell_run(&output, &run);
		run.length = 0;
		text_buffer_add(
			&output, (struct text){token.bytes + start, at - start});
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
	struct text_buffer output = {0};

	text_buffer_add_string(&output, "");
	for (size_t at = 0; at < token.length;) {
		struct item item = {0};
		size_t start = at;
		bool is_valid = token.bytes[at] == '\\'
					? item_read_escape(token, &at, &item, error)
					: item_read_plain(token, &at, &item, error);
		if (is_valid && memchr(item.bytes, '\0', item.byte_count)) {
			is_valid = fail(
				error, start, "a zero byte cannot stand here", NULL);
		}
		if (!is_valid) {
			free(output.bytes);
			return NULL;
		}
		text_buffer_add(&output, (struct text){item.bytes, item.byte_count});
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

/* False if the item is a variable that has no value. */
static bool add_item(struct glob *glob, size_t *capacity, const struct item *item,
	const struct rule_variables *variables, bool is_last)
{
	const char *value;

	switch (item->kind) {
	case ITEM_BYTES:
		for (size_t i = 0; i < item->byte_count; i++) {
			add_unit(glob, capacity, (unsigned char)item->bytes[i]);
		}
		break;
	case ITEM_ANY:
		add_unit(glob, capacity, UNIT_ANY);
		break;
	case ITEM_DEPTH:
		add_unit(glob, capacity, UNIT_DEPTH);
		break;
	case ITEM_ONE:
		add_unit(glob, capacity, UNIT_ONE);
		break;
	case ITEM_SET:
		add_unit(glob, capacity, add_set(glob, &item->set));
		break;
	case ITEM_VARIABLE:
		value = variable_value(variables, item->variable);
		if (!value) {
			return false;
		}
		add_variable(glob, capacity, value, is_last);
		break;
	}
	return true;
}

bool glob_compile(
	struct text token, const struct rule_variables *variables, struct glob *glob)
{
	size_t capacity = 0;

	memset(glob, 0, sizeof(*glob));
	for (size_t at = 0; at < token.length;) {
		struct item item;
		struct glob_error ignored;
		if (!item_read(token, &at, &item, &ignored) ||
			!add_item(glob, &capacity, &item, variables,
				at == token.length)) {
			glob_finish(glob);
			return false;
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
