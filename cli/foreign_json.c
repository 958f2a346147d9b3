/* SPDX-License-Identifier: MIT */
/*
 * Permission settings in JSON: Claude Code's permissions (deny before ask before allow,
 * whichever is more specific), gemini-cli's tools (exclude before allowed), and
 * opencode's permission (the last match wins).
 */
#include "base/xalloc.h"
#include "cli/foreign.h"

#include <jansson.h>

#include <stdlib.h>

static json_t *load(struct text text, struct error *err)
{
	json_error_t where;
	json_t *body =
		json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, &where);

	if (!json_is_object(body)) {
		(void)error_set(err, ERROR_SYNTAX,
			"line %d, column %d: the settings are no JSON object (%s)",
			body ? 1 : where.line, body ? 1 : where.column,
			body ? "it is something else" : where.text);
		json_decref(body);
		return NULL;
	}
	return body;
}

/* "Tool(content)": the content; empty and *has_content false: the tool alone. */
static struct text content_of(const char *entry, bool *has_content)
{
	const char *open = strchr(entry, '(');
	size_t length = strlen(entry);

	*has_content = open && length > 0 && entry[length - 1] == ')';
	return *has_content
		       ? (struct text){open + 1, length - (size_t)(open - entry) - 2}
		       : (struct text){"", 0};
}

static bool is_tool(const char *entry, const char *tool)
{
	size_t length = strlen(tool);

	return strncmp(entry, tool, length) == 0 &&
	       (entry[length] == '\0' || entry[length] == '(');
}

/* "prefix:*", "prefix *" and plain words. */
static void add_claude_command(struct foreign *foreign, enum verdict verdict,
	const char *entry, struct text content)
{
	enum command_end end = COMMAND_ENDS;

	if (content.length > 2 &&
		(memcmp(content.bytes + content.length - 2, ":*", 2) == 0 ||
			memcmp(content.bytes + content.length - 2, " *", 2) == 0)) {
		content.length -= 2;
		end = COMMAND_ANY;
	}
	foreign_add_command(foreign, verdict, entry, content, end);
}

static void add_domain(struct foreign *foreign, enum verdict verdict, const char *entry,
	struct text content)
{
	const char prefix[] = "domain:";
	size_t length = sizeof(prefix) - 1;

	if (!text_starts_with(content, prefix) || content.length == length) {
		foreign_leave_out(foreign, entry, "only domain:NAME is a host");
		return;
	}
	/* Fetching goes by https; what is forbidden is so by every port. */
	foreign_add(foreign, verdict, entry,
		xasprintf("connect %.*s:%s", (int)(content.length - length),
			content.bytes + length,
			verdict == VERDICT_ALLOW ? "443" : "*"));
}

/* mcp__server__tool, mcp__server__*, mcp__server */
static void add_claude_tool(
	struct foreign *foreign, enum verdict verdict, const char *entry)
{
	const char *server = entry + strlen("mcp__");
	const char *bar = strstr(server, "__");
	size_t length = bar ? (size_t)(bar - server) : strlen(server);

	if (length == 0 || memchr(server, '*', length)) {
		foreign_leave_out(foreign, entry, "no one server is meant");
		return;
	}
	foreign_add(foreign, verdict, entry,
		xasprintf("mcp %.*s/%s", (int)length, server, bar ? bar + 2 : "*"));
}

static void add_claude(struct foreign *foreign, enum verdict verdict, const char *entry)
{
	bool has_content;
	struct text content = content_of(entry, &has_content);
	bool allows = verdict == VERDICT_ALLOW;

	if (is_tool(entry, "Bash") && !has_content) {
		foreign_add(foreign, verdict, entry, xstrdup("exec *"));
	} else if (is_tool(entry, "Bash")) {
		add_claude_command(foreign, verdict, entry, content);
	} else if (is_tool(entry, "Read") && has_content) {
		foreign_add_path(
			foreign, verdict, entry, "read", content, PATH_IGNORE_FILE);
	} else if ((is_tool(entry, "Edit") || is_tool(entry, "Write")) && has_content) {
		foreign_add_path(foreign, verdict, entry,
			allows ? "write" : "write,delete,meta", content,
			PATH_IGNORE_FILE);
	} else if (is_tool(entry, "WebFetch") && has_content) {
		add_domain(foreign, verdict, entry, content);
	} else if (strncmp(entry, "mcp__", 5) == 0) {
		add_claude_tool(foreign, verdict, entry);
	} else {
		foreign_leave_out(foreign, entry,
			has_content ? "no rule is about this tool"
				    : "no rule is about the tool as a whole");
	}
}

static void note_others(struct foreign *foreign, const json_t *object,
	const char *prefix, const char *const *known)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		bool is_known = false;

		for (size_t i = 0; known[i]; i++) {
			is_known = is_known || strcmp(known[i], key) == 0;
		}
		if (!is_known) {
			char *entry = xasprintf("%s%s", prefix, key);
			foreign_leave_out(
				foreign, entry, "it is no list of permissions");
			free(entry);
		}
	}
}

typedef void add_fn(struct foreign *foreign, enum verdict verdict, const char *entry);

static void add_list(
	struct foreign *foreign, enum verdict verdict, const json_t *list, add_fn *add)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *entry = json_string_value(json_array_get(list, i));

		if (entry) {
			add(foreign, verdict, entry);
		} else {
			foreign_leave_out(foreign, "an entry", "it is no text");
		}
	}
}

bool foreign_read_claude(struct text text, struct foreign *foreign, struct error *err)
{
	static const char *const known[] = {"allow", "ask", "deny", NULL};
	json_t *body = load(text, err);
	const json_t *permissions = json_object_get(body, "permissions");

	if (!body) {
		return false;
	}
	add_list(foreign, VERDICT_DENY, json_object_get(permissions, "deny"),
		add_claude);
	add_list(foreign, VERDICT_ASK, json_object_get(permissions, "ask"), add_claude);
	add_list(foreign, VERDICT_ALLOW, json_object_get(permissions, "allow"),
		add_claude);
	note_others(foreign, permissions, "permissions.", known);
	if (json_object_get(body, "sandbox")) {
		foreign_leave_out(foreign, "sandbox", "it is no list of permissions");
	}
	json_decref(body);
	return true;
}

/* ---- gemini-cli ---- */

static void add_gemini(struct foreign *foreign, enum verdict verdict, const char *entry)
{
	bool has_content;
	struct text content = content_of(entry, &has_content);

	if (!is_tool(entry, "run_shell_command") && !is_tool(entry, "ShellTool")) {
		foreign_leave_out(foreign, entry, "no rule is about this tool");
	} else if (!has_content) {
		foreign_add(foreign, verdict, entry, xstrdup("exec *"));
	} else { /* a command that begins with these words */
		foreign_add_command(foreign, verdict, entry, content, COMMAND_ANY);
	}
}

bool foreign_read_gemini(struct text text, struct foreign *foreign, struct error *err)
{
	static const char *const known[] = {"allowed", "exclude", NULL};
	json_t *body = load(text, err);
	const json_t *tools = json_object_get(body, "tools");

	if (!body) {
		return false;
	}
	add_list(foreign, VERDICT_DENY, json_object_get(tools, "exclude"), add_gemini);
	add_list(foreign, VERDICT_DENY, json_object_get(body, "excludeTools"),
		add_gemini);
	add_list(foreign, VERDICT_ALLOW, json_object_get(tools, "allowed"), add_gemini);
	add_list(foreign, VERDICT_ALLOW, json_object_get(body, "allowedTools"),
		add_gemini);
	note_others(foreign, tools, "tools.", known);
	if (json_object_get(body, "coreTools")) {
		foreign_leave_out(
			foreign, "coreTools", "it says which tools there are at all");
	}
	json_decref(body);
	return true;
}

/* ---- opencode ---- */

static void add_opencode(struct foreign *foreign, const char *tool, const char *pattern,
	const json_t *action)
{
	char *entry = xasprintf("%s \"%s\"", tool, pattern);
	struct text words = text_of(pattern);
	enum verdict verdict;

	if (!json_is_string(action) ||
		!verdict_from_name(text_of(json_string_value(action)), &verdict) ||
		verdict == VERDICT_FORBID) {
		foreign_leave_out(foreign, entry, "it is neither allow, ask nor deny");
	} else if (strcmp(tool, "bash") == 0) {
		enum command_end end = COMMAND_ENDS;

		if (words.length > 2 &&
			memcmp(words.bytes + words.length - 2, " *", 2) == 0) {
			words.length -= 2;
			end = COMMAND_ANY_ONE;
		}
		foreign_add_command(foreign, verdict, entry, words, end);
	} else if (strcmp(pattern, "*") == 0 && verdict != VERDICT_ASK) {
		foreign_leave_out(foreign, entry, "it is about the tool as a whole");
	} else if (strcmp(tool, "read") == 0) {
		foreign_add_path(foreign, verdict, entry, "read", words, PATH_ANY_STAR);
	} else if (strcmp(tool, "edit") == 0) {
		foreign_add_path(foreign, verdict, entry,
			verdict == VERDICT_ALLOW ? "write" : "write,delete,meta", words,
			PATH_ANY_STAR);
	} else {
		foreign_leave_out(foreign, entry, "no rule is about this tool");
	}
	free(entry);
}

static void add_opencode_tool(
	struct foreign *foreign, const char *tool, const json_t *value)
{
	const char *pattern;
	json_t *action;

	if (!json_is_object(value)) {
		add_opencode(foreign, tool, "*", value);
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)value, pattern, action)
	{
		add_opencode(foreign, tool, pattern, action);
	}
}

bool foreign_read_opencode(struct text text, struct foreign *foreign, struct error *err)
{
	json_t *body = load(text, err);
	const json_t *permission = json_object_get(body, "permission");
	const char *tool;
	json_t *value;

	if (!body) {
		return false;
	}
	foreign->last_match_wins = true;
	if (json_is_string(permission)) {
		foreign_leave_out(
			foreign, "permission", "it is about all tools at once");
	}
	json_object_foreach((json_t *)(uintptr_t)permission, tool, value)
	{
		add_opencode_tool(foreign, tool, value);
	}
	if (json_object_get(body, "tools")) {
		foreign_leave_out(
			foreign, "tools", "it says which tools there are at all");
	}
	json_decref(body);
	return true;
}
