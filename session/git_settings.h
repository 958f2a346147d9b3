/* SPDX-License-Identifier: MIT */
/*
 * Where the project's own git configuration says that hooks and more configuration lie:
 * git runs what stands there, so that the profile "project" asks about it as well.
 */
#ifndef SESSION_GIT_SETTINGS_H
#define SESSION_GIT_SETTINGS_H

/*
 * Rule text for what lies in the project; the project is canonical, home may be NULL. Only
 * a folder .git is looked into. Owned.
 */
char *git_settings_rules(const char *project, const char *home);

#endif
