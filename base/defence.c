/* SPDX-License-Identifier: MIT */
/* Reads the switches of defences from the environment; empty without test hooks. */
#include "base/defence.h"

#ifdef DUENNA_TEST_HOOKS

#include <stdlib.h>
#include <string.h>

static const char *const names[DEFENCE_COUNT] = {
	[DEFENCE_PINS] = "pins",
	[DEFENCE_SEALED_PAGES] = "sealed-pages",
	[DEFENCE_READ_ONLY] = "read-only",
	[DEFENCE_PAGE_SEAL] = "page-seal",
	[DEFENCE_SEAL_PROOF] = "seal-proof",
	[DEFENCE_PAGE_GUARDS] = "page-guards",
	[DEFENCE_MAPPING_PROOF] = "mapping-proof",
	[DEFENCE_NAME_LOCK] = "name-lock",
	[DEFENCE_NAME_ORDER] = "name-order",
	[DEFENCE_WHOLE_NAMES] = "whole-names",
	[DEFENCE_CLOSED_MEMORY] = "closed-memory",
	[DEFENCE_EXEC_PROOF] = "exec-proof",
	[DEFENCE_SCRIPT_HOLD] = "script-hold",
	[DEFENCE_OWN_PIDFD] = "own-pidfd",
	[DEFENCE_OWN_GROUP] = "own-group",
	[DEFENCE_NO_JOINING] = "no-joining",
	[DEFENCE_NO_LATECOMERS] = "no-latecomers",
	[DEFENCE_OWN_TERMINAL] = "own-terminal",
	[DEFENCE_OWN_SOCKET] = "own-socket",
	[DEFENCE_CALL_PROOF] = "call-proof",
};

bool defence_is_off(enum defence defence)
{
	const char *list = getenv("DUENNA_TEST_WITHOUT");
	const char *name = names[defence];
	const size_t length = strlen(name);

	while (list && *list) {
		const size_t item = strcspn(list, ",");

		if (item == length && memcmp(list, name, length) == 0) {
			return true;
		}
		list += item + (list[item] == ',');
	}
	return false;
}

#else

typedef int defences_are_on; /* ISO C wants a declaration in every file */

#endif
