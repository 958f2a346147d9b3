/* SPDX-License-Identifier: MIT */
/* Everything known of a proposal, in lines "label\tvalue" for a screen. */
#ifndef CLI_PROPOSAL_DETAILS_H
#define CLI_PROPOSAL_DETAILS_H

#include "cli/open_actions.h"

/* Both give owned, safe text. */
char *proposal_details(const struct learning *learning, size_t at);
char *proposal_details_open(
	const struct learning *learning, const struct open_action *action);

#endif
