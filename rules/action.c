/* SPDX-License-Identifier: MIT */
/* The verb table and the names of verdicts: code, help and manual read it from here. */
#include "rules/action.h"

#include "base/error.h"

struct verb_row {
	const char *name;
	const char *meaning;
	enum object_kind object_kind;
};

/* clang-format off */
static const struct verb_row verbs[VERB_COUNT] = {
	[VERB_READ]    = {"read", "open for reading, or list a folder", OBJECT_PATH},
	[VERB_WRITE]   = {"write", "create or change", OBJECT_PATH},
	[VERB_DELETE]  = {"delete", "remove, rename away or replace", OBJECT_PATH},
	[VERB_META]    = {"meta", "change mode, owner, times or attributes", OBJECT_PATH},
	[VERB_EXEC]    = {"exec", "run a program", OBJECT_PROGRAM},
	[VERB_CONNECT] = {"connect", "connect or send to", OBJECT_HOST},
	[VERB_LISTEN]  = {"listen", "wait for connections at", OBJECT_HOST},
	[VERB_SIGNAL]  = {"signal", "signal or steer a process outside the tree", OBJECT_NAME},
	[VERB_INSPECT] = {"inspect", "look into or change another process", OBJECT_NAME},
	[VERB_SYSTEM]  = {"system", "use a power of the kernel", OBJECT_NAME},
	[VERB_MCP]     = {"mcp", "call a tool of an MCP server", OBJECT_NAME},
};

static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_DENY]   = "deny",
	[VERDICT_ASK]    = "ask",
	[VERDICT_ALLOW]  = "allow",
	[VERDICT_FORBID] = "forbid",
};

static const int verdict_strictness[VERDICT_COUNT] = {
	[VERDICT_ALLOW]  = 0,
	[VERDICT_ASK]    = 1,
	[VERDICT_DENY]   = 2,
	[VERDICT_FORBID] = 3,
};
/* clang-format on */

const char *verb_name(enum verb verb)
{
	invariant((unsigned)verb < VERB_COUNT);
	return verbs[verb].name;
}

const char *verb_meaning(enum verb verb)
{
	invariant((unsigned)verb < VERB_COUNT);
	return verbs[verb].meaning;
}

enum object_kind verb_object_kind(enum verb verb)
{
	invariant((unsigned)verb < VERB_COUNT);
	return verbs[verb].object_kind;
}

bool verb_from_name(struct text name, enum verb *verb)
{
	for (unsigned i = 0; i < VERB_COUNT; i++) {
		if (text_equal_string(name, verbs[i].name)) {
			*verb = (enum verb)i;
			return true;
		}
	}
	return false;
}

const char *verdict_name(enum verdict verdict)
{
	invariant((unsigned)verdict < VERDICT_COUNT);
	return verdict_names[verdict];
}

bool verdict_from_name(struct text name, enum verdict *verdict)
{
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		if (text_equal_string(name, verdict_names[i])) {
			*verdict = (enum verdict)i;
			return true;
		}
	}
	return false;
}

enum verdict verdict_stricter(enum verdict a, enum verdict b)
{
	return verdict_strictness[a] >= verdict_strictness[b] ? a : b;
}
