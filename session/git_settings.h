/* SPDX-License-Identifier: MIT */
/*
 * Where git's configuration, the project's and the person's, says that hooks and more
 * configuration lie: git runs what stands there, so that the profile "project" asks about
 * it as well.
 */
#ifndef SESSION_GIT_SETTINGS_H
#define SESSION_GIT_SETTINGS_H

/* Rule text for what lies in the project; canonical; home may be NULL. Owned. */
char *git_settings_rules(const char *project, const char *home);

#endif
