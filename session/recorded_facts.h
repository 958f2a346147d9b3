/* SPDX-License-Identifier: MIT */
/* What an event says of its action, in the form in which actions are judged. */
#ifndef SESSION_RECORDED_FACTS_H
#define SESSION_RECORDED_FACTS_H

#include "db/event.h"

/* The facts that cost something to take. Zero-initialise; owns what it holds. */
struct recorded_facts {
	unsigned known; /* enum fact */
	enum code_origin code;
	struct text *code_files, *mcp_calls, *labels;
	size_t code_file_count, mcp_call_count, label_count;
	bool are_mcp_calls_ended;
};

/* Takes the place of what was read before. */
void recorded_facts_read(struct recorded_facts *facts, const struct event *event);
/* Borrows from facts. */
void recorded_facts_apply(const struct recorded_facts *facts, struct subject *subject);
void recorded_facts_finish(struct recorded_facts *facts);

/* Borrows from the event; names is where the looked-up names of an address are put. */
void recorded_facts_action(struct action *action, const struct event *event,
	struct text names[ENDPOINT_NAMES_MAX]);

#endif
