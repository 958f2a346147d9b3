/* SPDX-License-Identifier: MIT */
/* Where a stored rule comes from: the question it answered, who asked, and when. */
#ifndef CLI_RULE_PROVENANCE_H
#define CLI_RULE_PROVENANCE_H

#include "db/db.h"

/* Lines of "label\tvalue" that are safe to show; owned. NULL with err: no such rule. */
char *rule_provenance(struct db *db, int64_t id, struct error *err);

#endif
