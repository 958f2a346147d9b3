/* SPDX-License-Identifier: MIT */
/* What is Duenna's own, or stands for it, though no built-in rule can name it. */
#include "base/xalloc.h"
#include "session/judge.h"
#include "session/mcp.h"
#include "session/protection.h"

static const char own_process_reason[] = "it is a process of Duenna";
static const char own_pipe_reason[] = "an MCP server and its client speak over it";
static const char own_terminal_reason[] = "it is the terminal of a front end";

/* Processes come and go, so that no fixed rule can name all of Duenna's. */
static bool is_own_process(const struct judge *judge, struct text path)
{
	pid_t owner = protection_proc_owner(path);
	return owner > 0 && !tracer_has_process(judge->tracer, owner) &&
	       protection_is_duenna(owner);
}

void judge_add_terminal(struct judge *judge, const char *terminal)
{
	if (judge->terminal_count == judge->terminal_capacity) {
		judge->terminal_capacity = judge->terminal_capacity * 2 + 4;
		judge->terminals = xreallocarray(judge->terminals,
			judge->terminal_capacity, sizeof(*judge->terminals));
	}
	judge->terminals[judge->terminal_count++] = terminal;
}

void judge_remove_terminal(struct judge *judge, const char *terminal)
{
	for (size_t i = 0; i < judge->terminal_count; i++) {
		if (judge->terminals[i] == terminal) {
			judge->terminals[i] = judge->terminals[--judge->terminal_count];
			return;
		}
	}
}

static bool is_own_terminal(const struct judge *judge, struct text path)
{
	for (size_t i = 0; i < judge->terminal_count; i++) {
		if (text_equal_string(path, judge->terminals[i])) {
			return true;
		}
	}
	return false;
}

const char *judge_own_reason(const struct judge *judge, const struct action *action)
{
	if (action->pipe != 0 && judge->mcp != NULL &&
		mcp_speaks_over(judge->mcp, action->pipe)) {
		return own_pipe_reason;
	}
	if (verb_object_kind(action->verb) != OBJECT_PATH) {
		return NULL;
	}
	if (is_own_terminal(judge, action->object)) {
		return own_terminal_reason;
	}
	return judge->tracer != NULL && is_own_process(judge, action->object)
		       ? own_process_reason
		       : NULL;
}
