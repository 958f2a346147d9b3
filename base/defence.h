/* SPDX-License-Identifier: MIT */
/*
 * Defences that a test can switch off, to show that the race which they stop is one: a
 * race that wins in no case proves nothing. Only builds with DUENNA_TEST_HOOKS have the
 * switches: DUENNA_TEST_WITHOUT=NAME[,NAME] in the environment turns off what it names.
 * In all others a defence cannot be off.
 */
#ifndef BASE_DEFENCE_H
#define BASE_DEFENCE_H

#include <stdbool.h>

enum defence {
	DEFENCE_PINS,	      /* pins: file calls act on the objects that were judged */
	DEFENCE_SEALED_PAGES, /* sealed-pages: the kernel reads the address judged */
	DEFENCE_READ_ONLY,    /* read-only: the tree cannot write to those pages … */
	DEFENCE_PAGE_SEAL,    /* page-seal: … nor map others there, by mseal(2) … */
	DEFENCE_SEAL_PROOF,   /* seal-proof: which the kernel did, not a filter */
	DEFENCE_PAGE_GUARDS,  /* page-guards: … or by the filter on older kernels */
	DEFENCE_MAPPING_PROOF, /* mapping-proof: they are what was mapped for a process */
	DEFENCE_NAME_LOCK,     /* name-lock: no name changes while one is looked up */
	DEFENCE_NAME_ORDER,    /* name-order: a rename has its folders for itself */
	DEFENCE_WHOLE_NAMES,   /* whole-names: names of sockets are made absolute */
	DEFENCE_CLOSED_MEMORY, /* closed-memory: nobody writes the memory of a process */
	DEFENCE_EXEC_PROOF,    /* exec-proof: what was executed is what was judged */
	DEFENCE_SCRIPT_HOLD, /* script-hold: the interpreter opens the judged script */
	DEFENCE_OWN_PIDFD,   /* own-pidfd: signals go to the process judged */
	DEFENCE_OWN_GROUP,   /* own-group: … and to the group judged */
	DEFENCE_NO_JOINING,  /* no-joining: … which no outsider is a member of */
	DEFENCE_NO_LATECOMERS, /* no-latecomers: … not to who came after it was judged */
	DEFENCE_OWN_TERMINAL, /* own-terminal: … or to who has the terminal judged */
	DEFENCE_OWN_SOCKET,   /* own-socket: the socket that was judged listens */
	DEFENCE_CALL_PROOF,   /* call-proof: a thread makes no other call than ours */
	DEFENCE_COUNT
};

#ifdef DUENNA_TEST_HOOKS

bool defence_is_off(enum defence defence);

#else

static inline bool defence_is_off(enum defence defence)
{
	(void)defence;
	return false;
}

#endif

#endif
