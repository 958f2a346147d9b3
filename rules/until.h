/* SPDX-License-Identifier: MIT */
/* Ends of rules as dates and times of day, always in UTC so that text means one moment. */
#ifndef RULES_UNTIL_H
#define RULES_UNTIL_H

#include "base/text.h"

#include <time.h>

/* "2026-12-31" (that day is in) or "2026-12-31T18:00", with seconds and Z if wanted. */
bool until_parse(struct text text, time_t *until);

enum { UNTIL_TEXT_SIZE = 32 };
/* The shortest form that means this second. */
void until_print(time_t until, char buffer[UNTIL_TEXT_SIZE]);

#endif
