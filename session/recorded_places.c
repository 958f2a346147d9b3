/* SPDX-License-Identifier: MIT */
#include "session/recorded_places.h"

#include "base/xalloc.h"
#include "session/protocol.h"

#include <stddef.h>
#include <stdlib.h>

static const struct {
	const char *name;
	size_t offset;
	bool may_lack;
} fields[] = {
	{"home", offsetof(struct places, home), false},
	{"temporary", offsetof(struct places, temporary), false},
	{"database", offsetof(struct places, database), false},
	{"config_folder", offsetof(struct places, config_folder), false},
	{"socket_folder", offsetof(struct places, socket_folder), false},
	{"binary", offsetof(struct places, binary), false},
	{"terminal", offsetof(struct places, terminal), true},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static char **field_of(struct places *places, size_t at)
{
	return (char **)((char *)places + fields[at].offset);
}

json_t *recorded_places_write(const struct places *places)
{
	struct places copy = *places;
	json_t *object = json_object();
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const char *value = *field_of(&copy, i);
		if (value != NULL) {
			json_object_set_new(
				object, fields[i].name, protocol_text(text_of(value)));
		}
	}
	return object;
}

/* An absolute path as a string; NULL: it is none. Owned. */
static char *path_read(const json_t *value)
{
	struct text text = protocol_text_read(value);
	char *path = text.bytes != NULL ? text_copy(text) : NULL;
	free((char *)(uintptr_t)text.bytes);
	if (path != NULL && (path[0] != '/' || strlen(path) != text.length)) {
		free(path);
		path = NULL;
	}
	return path;
}

bool recorded_places_read(const struct session_record *session, struct places *places)
{
	json_t *options =
		json_loadb(session->options.bytes, session->options.length, 0, NULL);
	const json_t *object = json_object_get(options, "places");
	bool is_whole = object != NULL;
	*places = (struct places){0};
	for (size_t i = 0; i < FIELD_COUNT && is_whole; i++) {
		char **field = field_of(places, i);
		*field = path_read(json_object_get(object, fields[i].name));
		is_whole = *field != NULL || fields[i].may_lack;
	}
	json_decref(options);
	if (!is_whole) {
		places_forget(places);
		return false;
	}
	places->working_folder = text_copy(session->working_folder);
	places->project =
		session->project.length > 0 ? text_copy(session->project) : NULL;
	return true;
}
