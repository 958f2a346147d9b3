/* SPDX-License-Identifier: MIT */
/* `duenna replay --diff`: a recording judged again, and what came out otherwise. */
#ifndef CLI_REPLAY_DIFF_H
#define CLI_REPLAY_DIFF_H

#include "session/rejudge.h"

/* Prints; *is_different says whether any action came out otherwise. */
bool replay_diff(struct db *db, const struct session_record *session,
	const struct rejudge_options *options, bool json, bool *is_different,
	struct error *err);

#endif
