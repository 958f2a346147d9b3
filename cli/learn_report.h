/* SPDX-License-Identifier: MIT */
/* What was learned, as a rule file with its evidence in comments, or as JSON. */
#ifndef CLI_LEARN_REPORT_H
#define CLI_LEARN_REPORT_H

#include "cli/learn_cover.h"
#include "cli/open_actions.h"

#include <jansson.h>

#include <stdio.h>

struct learn_report {
	const struct learned *learned;
	const struct cover *covers; /* one for each proposal */
	const int64_t *sessions;    /* learned from */
	size_t session_count;
	int64_t tested_sessions;
	const struct open_actions *open; /* what is still a question */
	bool is_grouped;		 /* by vectors */
};

/* The whole file: it passes `duenna rules check`. */
void learn_report_write(const struct learn_report *report, FILE *file);
/* New reference. */
json_t *learn_report_json(const struct learn_report *report);

#endif
