/* SPDX-License-Identifier: MIT */
/* An action that a person typed, made into what the supervisor would see. */
#ifndef CLI_TYPED_ACTION_H
#define CLI_TYPED_ACTION_H

#include "base/error.h"
#include "rules/action.h"

struct typed_action {
	struct action action;
	struct subject subject;
	/* What the two borrow from. */
	char *object, *program;
	struct text *argv;
	struct text name;
};

/*
 * arguments: verb, object, and for exec its arguments; ends with NULL. Paths are made
 * absolute and canonical as far as they exist, programs are found in PATH.
 */
bool typed_action_init(struct typed_action *typed, char *const *arguments,
	const char *program, const char *home, struct error *err);
void typed_action_finish(struct typed_action *typed);

#endif
