/* SPDX-License-Identifier: MIT */
/* What was learned on the screen of tui/proposals.h, and from there into the database. */
#ifndef CLI_PROPOSAL_DESK_H
#define CLI_PROPOSAL_DESK_H

#include "cli/learning.h"

struct tui_settings;

/* Until the person stores something or leaves; says on standard output what was stored. */
bool proposal_desk_run(struct learning *learning, const struct tui_settings *settings,
	struct error *err);

#endif
