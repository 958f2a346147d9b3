/* SPDX-License-Identifier: MIT */
/* The totals of judging again, as lines and as JSON. */
#ifndef CLI_REPLAY_TOTALS_H
#define CLI_REPLAY_TOTALS_H

#include "session/rejudge.h"

#include <jansson.h>

#include <stdio.h>

void replay_totals_print(const struct rejudge_totals *totals, FILE *out);
/* One member for each. */
json_t *replay_totals_json(const struct rejudge_totals *totals);

#endif
