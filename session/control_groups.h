/* SPDX-License-Identifier: MIT */
/*
 * Control groups can stop a process, starve it or have it killed. So the tree changes
 * nothing in the groups that Duenna is in, nor in those above them, and puts no process
 * into any group: what is written to cgroup.procs could be Duenna's (cgroups(7)).
 */
#ifndef SESSION_CONTROL_GROUPS_H
#define SESSION_CONTROL_GROUPS_H

#include <stdio.h>

/*
 * Rule text that forbids this, from the hierarchies in mounts (proc_pid_mountinfo(5)) and
 * this process' groups (proc_pid_cgroup(5)). Either may be NULL: then there is none. Owned.
 */
char *control_groups_rules(FILE *mounts, FILE *groups);

/* The same for this process. */
char *control_groups_protection(void);

#endif
