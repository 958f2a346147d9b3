/* SPDX-License-Identifier: MIT */
/* Duenna protecting itself: what no rule of anybody can open to the tree. */
#ifndef SESSION_PROTECTION_H
#define SESSION_PROTECTION_H

#include "session/places.h"

/* Rule text of forbid rules for the places; rule_files may be NULL. Owned. */
char *protection_rules(const struct places *places, const char *const *rule_files);

/*
 * The process that a path of /proc belongs to (its thread group, or a thread by its
 * number), or 0 if the path is no such path.
 */
pid_t protection_proc_owner(struct text path);
/* True if that process, which is not of the tree, runs this very program. */
bool protection_is_duenna(pid_t pid);

#endif
