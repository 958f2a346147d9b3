/* SPDX-License-Identifier: MIT */
/* The profile texts as the build generates them; for rules/profiles.c only. */
#ifndef RULES_EMBEDDED_PROFILE_H
#define RULES_EMBEDDED_PROFILE_H

#include <stddef.h>

struct embedded_profile {
	const char *name;
	const unsigned char *text; /* ends with a zero byte */
};

extern const struct embedded_profile embedded_profiles[];
extern const size_t embedded_profile_count;

#endif
