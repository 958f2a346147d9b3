/* SPDX-License-Identifier: MIT */
/* Recorded events picked by an object pattern of the rule language. */
#ifndef CLI_EVENT_MATCH_H
#define CLI_EVENT_MATCH_H

#include "db/db.h"

struct event_match;

/*
 * Variables in the pattern stand for what they were in the session. NULL with a
 * sentence if the pattern is valid for no verb.
 */
struct event_match *event_match_create(
	const char *pattern, const struct session_record *session, struct error *err);
void event_match_destroy(struct event_match *match); /* accepts NULL */

bool event_match(const struct event_match *match, const struct event *event);

#endif
