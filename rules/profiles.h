/* SPDX-License-Identifier: MIT */
/* The shipped profiles, compiled in so that the binary works without being installed. */
#ifndef RULES_PROFILES_H
#define RULES_PROFILES_H

#include <stdbool.h>
#include <stddef.h>

struct profile {
	const char *name;
	const char *meaning; /* a few words */
	bool is_default;     /* in force unless --no-default-profiles */
};

extern const struct profile profiles[];
extern const size_t profile_count;

/* The rule text of a profile; NULL if there is none of that name. */
const char *profile_text(const char *name);

#endif
