/* SPDX-License-Identifier: MIT */
/* How both ends introduce themselves. */
#include "session/protocol_fields.h"

static const char *const state_names[] = {
	[SESSION_RUNNING] = "running",
	[SESSION_PAUSED] = "paused",
	[SESSION_ENDED] = "ended",
};

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

bool session_state_from_name(const char *name, enum session_state *state)
{
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++) {
		if (name != NULL && strcmp(name, state_names[i]) == 0) {
			*state = (enum session_state)i;
			return true;
		}
	}
	return false;
}

json_t *protocol_hello_write(const struct protocol_hello *hello)
{
	json_t *body = protocol_new("hello");
	field_set_integer(body, "protocol", hello->protocol);
	field_set_text(body, "version", hello->version);
	field_set_integer(body, "session", hello->session);
	field_set_text(body, "name", hello->name);
	field_set_integer(body, "pid", hello->pid);
	json_object_set_new(body, "argv", field_texts(hello->argv, hello->argc));
	field_set_text(body, "project", hello->project);
	field_set_text(body, "folder", hello->folder);
	field_set_string(body, "state", state_names[hello->state]);
	json_object_set_new(body, "terminal", json_boolean(hello->has_terminal));
	field_set_integer(body, "started", hello->started);
	return body;
}

static bool hello_fields(const json_t *body, struct protocol_hello *hello)
{
	int64_t protocol;
	if (!field_get_integer(body, "protocol", 0, &protocol) || protocol < 1 ||
		protocol > INT32_MAX) {
		return false;
	}
	hello->protocol = (int)protocol;
	return field_get_text(body, "version", &hello->version) &&
	       field_get_integer(body, "session", 0, &hello->session) &&
	       field_get_text(body, "name", &hello->name) &&
	       field_get_integer(body, "pid", 0, &hello->pid) &&
	       field_get_texts(body, "argv", &hello->argv, &hello->argc) &&
	       field_get_text(body, "project", &hello->project) &&
	       field_get_text(body, "folder", &hello->folder) &&
	       session_state_from_name(
		       json_string_value(json_object_get(body, "state")),
		       &hello->state) &&
	       field_get_boolean(body, "terminal", &hello->has_terminal) &&
	       field_get_integer(body, "started", 0, &hello->started);
}

bool protocol_hello_read(const json_t *body, struct protocol_hello *hello)
{
	*hello = (struct protocol_hello){0};
	if (!hello_fields(body, hello)) {
		protocol_hello_finish(hello);
		return false;
	}
	return true;
}

void protocol_hello_finish(struct protocol_hello *hello)
{
	field_text_free(&hello->version);
	field_text_free(&hello->name);
	field_texts_free(hello->argv, hello->argc);
	field_text_free(&hello->project);
	field_text_free(&hello->folder);
	*hello = (struct protocol_hello){0};
}

json_t *protocol_client_write(const struct protocol_client *client)
{
	json_t *body = protocol_new("hello");
	field_set_integer(body, "protocol", client->protocol);
	field_set_text(body, "client", client->client);
	json_object_set_new(body, "front_end", json_boolean(client->is_front_end));
	json_object_set_new(body, "output", json_boolean(client->wants_output));
	json_object_set_new(body, "events", json_boolean(client->wants_events));
	field_set_integer(body, "rows", client->rows);
	field_set_integer(body, "columns", client->columns);
	return body;
}

static bool client_fields(const json_t *body, struct protocol_client *client)
{
	int64_t protocol;
	if (!field_get_integer(body, "protocol", 0, &protocol) || protocol < 1 ||
		protocol > INT32_MAX) {
		return false;
	}
	client->protocol = (int)protocol;
	return field_get_text(body, "client", &client->client) &&
	       field_get_boolean(body, "front_end", &client->is_front_end) &&
	       field_get_boolean(body, "output", &client->wants_output) &&
	       field_get_boolean(body, "events", &client->wants_events) &&
	       field_get_short(body, "rows", &client->rows) &&
	       field_get_short(body, "columns", &client->columns);
}

bool protocol_client_read(const json_t *body, struct protocol_client *client)
{
	*client = (struct protocol_client){0};
	if (!client_fields(body, client)) {
		protocol_client_finish(client);
		return false;
	}
	return true;
}

void protocol_client_finish(struct protocol_client *client)
{
	field_text_free(&client->client);
	*client = (struct protocol_client){0};
}
