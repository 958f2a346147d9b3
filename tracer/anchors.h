/* SPDX-License-Identifier: MIT */
/*
 * Descriptors and facts of the supervisor itself that resolving and performing file
 * calls start from; taken once per process. Inside tracer/ only.
 */
#ifndef TRACER_ANCHORS_H
#define TRACER_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { OWN_GROUPS_MAX = 1024 };

struct anchors {
	bool ready;    /* false: something could not be opened; deny everything */
	int root;      /* O_PATH of / */
	int proc;      /* O_PATH of /proc */
	int self_fd;   /* O_PATH of /proc/self/fd: reopening of what is pinned */
	int self_task; /* O_PATH of /proc/self/task */
	dev_t proc_device;
	dev_t memory_device; /* where memfds live */
	pid_t self;
	int protected_regular, protected_fifos; /* sysctls of fs */
	/* The supervisor's own credentials. */
	uid_t fsuid;
	gid_t fsgid;
	gid_t groups[OWN_GROUPS_MAX];
	size_t group_count;
	uint64_t effective, permitted, inheritable; /* capabilities */
};

const struct anchors *anchors_get(void);

#endif
