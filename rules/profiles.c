/* SPDX-License-Identifier: MIT */
/* What the shipped profiles are for; their texts are generated from profiles/. */
#include "rules/profiles.h"

#include "rules/embedded_profile.h"

#include <string.h>

/* clang-format off */
const struct profile profiles[] = {
	{"base", "system programs, libraries, devices and tool caches", true},
	{"project", "everything in the project but git hooks and configuration", true},
	{"secrets", "asks before keys, tokens, browser profiles and histories are read", true},
	{"persistence", "asks before anything is changed that starts by itself later", true},
	{"memory", "asks before agents' instructions and memory are changed", true},
	{"escape", "asks before other programs are asked to act; protects Duenna", true},
	{"claude", "lets Claude Code keep its own files and reach its hosts", false},
	{"codex", "lets Codex keep its own files and reach its hosts", false},
	{"gemini", "lets Gemini CLI keep its own files and reach its hosts", false},
	{"opencode", "lets opencode keep its own files and reach its hosts", false},
	{"interpreter", "asks before Python code that was given as text reaches out", false},
};
/* clang-format on */

const size_t profile_count = sizeof(profiles) / sizeof(profiles[0]);

const char *profile_text(const char *name)
{
	for (size_t i = 0; i < embedded_profile_count; i++) {
		if (strcmp(embedded_profiles[i].name, name) == 0) {
			return (const char *)embedded_profiles[i].text;
		}
	}
	return NULL;
}
