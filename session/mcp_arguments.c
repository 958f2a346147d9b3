/* SPDX-License-Identifier: MIT */
#include "session/mcp_arguments.h"

#include "base/xalloc.h"
#include "rules/mask.h"
#include "session/mcp_message.h"

#include <stdint.h>
#include <stdlib.h>

enum { ARGUMENTS_MAX = 64, VALUE_MAX = 4 << 10 };

/* At most max bytes of UTF-8, and how many were cut off. */
static char *cut(const char *text, size_t length, size_t max)
{
	if (length <= max) {
		return xmemdup0(text, length);
	}
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80) {
		max--;
	}
	return xasprintf("%.*s… (%zu bytes more)", (int)max, text, length - max);
}

/* Members of secret names, wherever they stand. */
static void mask_members(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member)
	{
		if (mask_is_secret_name(text_of(key))) {
			(void)json_object_set_new(value, key, json_string(MASK_TEXT));
		} else {
			mask_members(member);
		}
	}
	json_array_foreach(value, i, member)
	{
		mask_members(member);
	}
}

static char *argument_text(const char *key, const json_t *value)
{
	char *dumped = json_is_string(value)
			       ? NULL
			       : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	/* json_loadb refuses escaped zero bytes: a string's length is strlen's. */
	char *shown = cut(dumped ? dumped : json_string_value(value),
		dumped ? strlen(dumped) : json_string_length(value), VALUE_MAX);
	char *name = cut(key, strlen(key), MCP_NAME_MAX);
	char *text = xasprintf("%s=%s", name, shown);

	free(name);
	free(shown);
	free(dumped);
	return text;
}

static char *argument_masked(const char *key, const json_t *value)
{
	json_t *copy = mask_is_secret_name(text_of(key)) ? json_string(MASK_TEXT)
							 : json_deep_copy(value);
	mask_members(copy);
	char *text = argument_text(key, copy);
	char *masked = mask_argument(text_of(""), text_of(text));

	json_decref(copy);
	if (!masked) {
		return text;
	}
	free(text);
	return masked;
}

struct mcp_arguments mcp_arguments_read(const json_t *values)
{
	struct mcp_arguments arguments = {
		.shown = xcalloc(ARGUMENTS_MAX + 1, sizeof(*arguments.shown)),
		.recorded = xcalloc(ARGUMENTS_MAX + 1, sizeof(*arguments.recorded)),
	};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)values, key, value)
	{
		size_t at = arguments.count++;
		if (at == ARGUMENTS_MAX) {
			char *rest = xasprintf("… (%zu arguments more)",
				json_object_size(values) - at);
			arguments.shown[at] = text_of(rest);
			arguments.recorded[at] = text_of(xstrdup(rest));
			break;
		}
		arguments.shown[at] = text_of(argument_text(key, value));
		arguments.recorded[at] = text_of(argument_masked(key, value));
	}
	return arguments;
}

static struct text *texts_copy(const struct text *texts, size_t count)
{
	struct text *copy = texts ? xcalloc(count + 1, sizeof(*copy)) : NULL;

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = (struct text){text_copy(texts[i]), texts[i].length};
	}
	return copy;
}

struct mcp_arguments mcp_arguments_copy(const struct mcp_arguments *arguments)
{
	return (struct mcp_arguments){
		.shown = texts_copy(arguments->shown, arguments->count),
		.recorded = texts_copy(arguments->recorded, arguments->count),
		.count = arguments->count,
	};
}

void mcp_arguments_add(struct mcp_arguments *arguments, char *line)
{
	arguments->shown = xreallocarray(
		arguments->shown, arguments->count + 1, sizeof(*arguments->shown));
	arguments->shown[arguments->count++] = text_of(line);
}

static void texts_free(struct text *texts, size_t count)
{
	for (size_t i = 0; texts && i < count; i++) {
		free((void *)(uintptr_t)texts[i].bytes);
	}
	free(texts);
}

void mcp_arguments_finish(struct mcp_arguments *arguments)
{
	texts_free(arguments->shown, arguments->count);
	texts_free(arguments->recorded, arguments->count);
	*arguments = (struct mcp_arguments){0};
}
