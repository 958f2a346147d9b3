/* SPDX-License-Identifier: MIT */
/*
 * What the running kernel and the place we run in offer, found by trying.
 *
 * For tests: the environment variable DUENNA_DISABLE holds names of features separated
 * by commas, or "all", that count as absent although they are there. Only features that
 * can be done without have a name, so it never costs safety:
 *   listener          the seccomp listener slot (path calls go by trace stops)
 *   sync-wake         SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
 *   wait-killable     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
 *   addfd-send        SECCOMP_ADDFD_FLAG_SEND
 *   thread-pidfd      PIDFD_THREAD (a thread's own descriptors cannot be used in calls
 *                     that are judged)
 *   mseal             sealing of the argument pages (range guards instead)
 *   set-syscall-info  PTRACE_SET_SYSCALL_INFO (SETREGS instead)
 *   landlock          Landlock (--reads sealed is refused)
 */
#ifndef TRACER_PROBE_H
#define TRACER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

struct probe_features {
	/* Needed: without one of these Duenna cannot run. */
	bool seccomp_trace;	  /* SECCOMP_RET_TRACE */
	bool seccomp_errno;	  /* SECCOMP_RET_ERRNO */
	bool ptrace_syscall_info; /* PTRACE_GET_SYSCALL_INFO (5.3) */
	bool openat2;		  /* 5.6 */
	bool pidfd_getfd;	  /* 5.6 */
	bool ptrace_allowed;	  /* SEIZE of our own child works (Yama, containers) */
	bool is_traced; /* a tracer holds us already: nothing can be supervised */
	/* Faster or stronger. */
	bool seccomp_notify;   /* SECCOMP_RET_USER_NOTIF */
	bool listener_free;    /* no filter above us owns the listener slot */
	bool addfd_send;       /* 5.14 */
	bool wait_killable;    /* 5.19 */
	bool sync_wake;	       /* 6.6 */
	bool thread_pidfd;     /* 6.9 */
	bool mseal;	       /* 6.10 */
	bool set_syscall_info; /* 6.16 */
	int landlock_abi;      /* 0: none */
	/* To know. */
	int yama_scope;		/* -1: no Yama */
	bool user_namespaces;	/* an ordinary user may create them */
	bool no_new_privileges; /* set on us already */
	bool privileged;	/* we hold a capability, so the tree may, too */
};

/* Fills features in. Takes well under a millisecond apart from two short-lived
 * children. */
void probe_run(struct probe_features *features);

/* A tracer holds the calling process already; tells at once, without children. */
bool probe_is_traced(void);

/* True if all that is needed is there; else *missing is what is not, in words (static).
 */
bool probe_sufficient(const struct probe_features *features, const char **missing);

#endif
