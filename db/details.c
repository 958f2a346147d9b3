/* SPDX-License-Identifier: MIT */
/* What a person was shown of a question, as JSON, without the secrets in it. */
#include "db/connection.h"
#include "rules/mask.h"

#include <jansson.h>

#include <stdlib.h>

static bool mask_arguments(json_t *argv)
{
	struct text previous = {"", 0};
	bool is_masked = false;

	for (size_t i = 0; i < json_array_size(argv); i++) {
		const json_t *item = json_array_get(argv, i);
		/* Bytes that are no text are no string here, and no known secret. */
		struct text argument = {
			json_is_string(item) ? json_string_value(item) : "",
			json_string_length(item)};
		char *masked = mask_argument(previous, argument);

		/* What follows a secret is judged by itself: the secret is gone. */
		previous = masked ? (struct text){"", 0} : argument;
		if (masked) {
			(void)json_array_set_new(argv, i, json_string(masked));
			is_masked = true;
		}
		free(masked);
	}
	return is_masked;
}

/* Every array "argv", wherever it stands. */
static bool mask_all(json_t *value)
{
	bool is_masked = false;
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member)
	{
		is_masked |= strcmp(key, "argv") == 0 && json_is_array(member)
				     ? mask_arguments(member)
				     : mask_all(member);
	}
	json_array_foreach(value, i, member)
	{
		is_masked |= mask_all(member);
	}
	return is_masked;
}

char *details_mask(struct text details)
{
	json_t *object = json_loadb(details.bytes, details.length, 0, NULL);

	if (!object || !mask_all(object)) {
		json_decref(object);
		return NULL;
	}
	/* The rules that were offered spell the arguments out. */
	(void)json_object_del(object, "rungs");
	char *masked = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return masked;
}
