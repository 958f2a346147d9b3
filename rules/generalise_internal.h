/* SPDX-License-Identifier: MIT */
/* What the parts of generalising share; for rules/generalise*.c only. */
#ifndef RULES_GENERALISE_INTERNAL_H
#define RULES_GENERALISE_INTERNAL_H

#include "rules/generalise.h"

struct generaliser {
	const struct action *action;
	const struct rule_variables *variables;
	generalise_fn *receive;
	void *context;
};

/* Passes on a rule for this canonical pattern, which it takes. */
void generaliser_give(
	const struct generaliser *generaliser, char *pattern, struct widened *widened);

/* prefix is "" or "unix:"; of sockets only random parts are widened. */
void generalise_path(const struct generaliser *generaliser, const char *prefix,
	struct text whole, bool is_file);
void generalise_program(const struct generaliser *generaliser);
void generalise_host(const struct generaliser *generaliser);

/* The ending of a name, with its dot; empty if it says nothing about the kind. */
struct text generalise_kind(struct text name);

#endif
