/* SPDX-License-Identifier: MIT */
/* Recorded things as the JSON objects that docs/events.md describes. */
#ifndef CLI_EVENT_JSON_H
#define CLI_EVENT_JSON_H

#include "db/db.h"

#include <jansson.h>

/* New references. */
json_t *event_json(const struct event *event);
json_t *session_json(const struct session_record *session);
json_t *chain_json(
	const struct session_record *session, const struct chain_state *state);

/* Names of bits 1u << enum vector. */
json_t *vectors_json(unsigned vectors);

/* Prints one object as a line of ASCII and gives the reference back. */
void json_print_line(json_t *object);

/* Native and interpreted frames in one list, innermost first; null: none was taken. */
json_t *event_stack_json(const struct event *event);

#endif
