/* SPDX-License-Identifier: MIT */
/* A recorded action, made into what rules judge, and shown with where it came from. */
#ifndef CLI_WHY_EVENT_H
#define CLI_WHY_EVENT_H

#include "db/db.h"
#include "session/recorded_facts.h"
#include "session/recorded_tree.h"

struct why_event {
	struct db *db;
	struct event event; /* valid until the finish */
	struct recorded_tree tree;
	struct recorded_facts facts;
	struct action action;
	struct subject subject;
	struct text names[ENDPOINT_NAMES_MAX]; /* of the action's host */
};

/* name: "SESSION.EVENT", numbers. */
bool why_event_init(struct why_event *why, const char *database, const char *name,
	struct error *err);
void why_event_finish(struct why_event *why);

/* What was recorded of it: who, what was decided, and the call stack. */
void why_event_print(const struct why_event *why);

#endif
