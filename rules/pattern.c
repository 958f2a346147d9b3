/* SPDX-License-Identifier: MIT */
/* Compiled objects of rules: what kind they are, what they match, how specific. */
#include "rules/pattern.h"

#include "base/error.h"
#include "base/xalloc.h"

#include <stdlib.h>

#define VERB_BIT(verb) (1u << (verb))

static const uint32_t path_verbs = VERB_BIT(VERB_READ) | VERB_BIT(VERB_WRITE) |
				   VERB_BIT(VERB_DELETE) | VERB_BIT(VERB_META) |
				   VERB_BIT(VERB_EXEC) | VERB_BIT(VERB_SIGNAL) |
				   VERB_BIT(VERB_INSPECT);
static const uint32_t name_verbs = VERB_BIT(VERB_SIGNAL) | VERB_BIT(VERB_INSPECT) |
				   VERB_BIT(VERB_SYSTEM) | VERB_BIT(VERB_MCP);
static const uint32_t host_verbs = VERB_BIT(VERB_CONNECT) | VERB_BIT(VERB_LISTEN);

struct prefix_row {
	const char *prefix;
	enum pattern_kind kind;
};

/* The longer prefix first. */
static const struct prefix_row prefixes[] = {
	{"unix:@", PATTERN_ABSTRACT},
	{"unix:", PATTERN_UNIX},
	{"netlink:", PATTERN_NETLINK},
	{"vsock:", PATTERN_VSOCK},
};

static const struct prefix_row *prefix_of(struct text token)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (text_starts_with(token, prefixes[i].prefix)) {
			return &prefixes[i];
		}
	}
	return NULL;
}

static bool looks_like_path(struct text token)
{
	bool is_home = text_starts_with(token, "~") &&
		       (token.length == 1 || token.bytes[1] == '/');

	return is_home || text_starts_with(token, "/") ||
	       text_starts_with(token, "{") || text_starts_with(token, "**/");
}

static enum pattern_kind kind_of(struct text token, uint32_t verbs)
{
	const struct prefix_row *row = prefix_of(token);

	if (text_equal_string(token, "*")) {
		return PATTERN_ANYTHING;
	}
	if (looks_like_path(token)) {
		return PATTERN_PATH;
	}
	/* Names of tools and powers may well begin with such a word. */
	if (row && (verbs & host_verbs)) {
		return row->kind;
	}
	return verbs & host_verbs ? PATTERN_HOST : PATTERN_NAME;
}

static uint32_t kind_verbs(enum pattern_kind kind)
{
	switch (kind) {
	case PATTERN_ANYTHING:
		return VERBS_ALL;
	case PATTERN_PATH:
		return path_verbs;
	case PATTERN_NAME:
		return name_verbs;
	case PATTERN_HOST:
	case PATTERN_UNIX:
	case PATTERN_ABSTRACT:
	case PATTERN_NETLINK:
	case PATTERN_VSOCK:
		return host_verbs;
	}
	return 0;
}

static char *fail(
	struct glob_error *error, size_t offset, const char *message, const char *hint)
{
	*error = (struct glob_error){offset, message, hint};
	return NULL;
}

/* One segment of a path: no empty one, no dots, `**` only alone. */
static bool check_segment(struct text path, size_t begin, size_t end, bool is_last,
	struct glob_error *error)
{
	struct text segment = {path.bytes + begin, end - begin};

	if (segment.length == 0) {
		fail(error, begin,
			is_last ? "a path pattern does not end in a slash"
				: "two slashes in a row never match",
			is_last ? "write /** for all below a folder"
				: "write one slash");
		return false;
	}
	if (text_equal_string(segment, ".") || text_equal_string(segment, "..")) {
		fail(error, begin, ". and .. never match: paths are resolved first",
			"write the resolved path");
		return false;
	}
	for (size_t i = 0; i + 1 < segment.length; i++) {
		if (segment.bytes[i] == '\\') {
			i++;
			continue;
		}
		if (segment.length > 2 && segment.bytes[i] == '*' &&
			segment.bytes[i + 1] == '*') {
			fail(error, begin + i, "** stands alone between slashes",
				"write * within a segment");
			return false;
		}
	}
	return true;
}

static bool check_segments(struct text path, size_t begin, struct glob_error *error)
{
	for (size_t i = begin;; i++) {
		const char *slash =
			i < path.length ? memchr(path.bytes + i, '/', path.length - i)
					: NULL;
		size_t end = slash ? (size_t)(slash - path.bytes) : path.length;
		if (!check_segment(path, i, end, !slash, error)) {
			return false;
		}
		if (!slash) {
			return true;
		}
		i = end;
	}
}

/* A brace later in a path cannot be a variable: those hold whole paths. */
static bool check_variables(struct text path, struct glob_error *error)
{
	for (size_t i = 1; i < path.length; i++) {
		if (path.bytes[i] == '\\') {
			i++;
		} else if (path.bytes[i] == '{') {
			fail(error, i, "a variable stands only at the start of a path",
				"write \\{ for a brace itself");
			return false;
		}
	}
	return true;
}

/* Length of "~" or "{name}" at the start; 0 if there is none. */
static size_t variable_length(struct text path)
{
	if (text_starts_with(path, "~")) {
		return 1;
	}
	const char *end = text_starts_with(path, "{")
				  ? memchr(path.bytes, '}', path.length)
				  : NULL;
	return end ? (size_t)(end - path.bytes) + 1 : 0;
}

/*
 * Messages about a canonical path point into it; that differs from what was written only
 * after escapes, where the column is then a little off.
 */
static char *canonical_path(struct text token, struct glob_error *error)
{
	if (token.length == 0) {
		return fail(error, 0, "an empty path matches nothing", NULL);
	}
	if (!looks_like_path(token)) {
		return fail(error, 0, "a path pattern is absolute",
			"begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/");
	}
	char *canonical = glob_canonical(token, error);
	if (!canonical) {
		return NULL;
	}
	struct text path = text_of(canonical);
	size_t start = variable_length(path);
	bool is_valid = check_variables(path, error);
	if (is_valid && path.bytes[0] == '*') {
		is_valid = check_segments(path, 0, error);
		char *rooted = xasprintf("/%s", canonical);
		free(canonical);
		canonical = rooted;
	} else if (is_valid && start < path.length && path.bytes[start] != '/') {
		fail(error, start, "a variable is a whole path",
			"write a slash after it");
		is_valid = false;
	} else if (is_valid && path.length > start &&
		   !(start == 0 && path.length == 1)) {
		is_valid = check_segments(path, start + 1, error);
	}
	if (!is_valid) {
		free(canonical);
		return NULL;
	}
	return canonical;
}

char *pattern_canonical_path(struct text token, struct glob_error *error)
{
	return canonical_path(token, error);
}

static char *canonical_prefixed(
	struct text token, const struct prefix_row *row, struct glob_error *error)
{
	size_t length = strlen(row->prefix);
	struct text rest = {token.bytes + length, token.length - length};
	char *canonical = NULL;

	error->offset = 0;
	if (rest.length == 0) {
		canonical = fail(error, 0, "a name is missing after the colon",
			"write * for any");
	} else if (row->kind == PATTERN_UNIX && !text_equal_string(rest, "*")) {
		canonical = canonical_path(rest, error);
	} else {
		canonical = glob_canonical(rest, error);
	}
	if (!canonical) {
		error->offset += length;
		return NULL;
	}
	char *whole = xasprintf("%s%s", row->prefix, canonical);
	free(canonical);
	return whole;
}

static char *canonical_host(struct text token, struct glob_error *error)
{
	struct host_pattern host;

	return host_pattern_parse(token, &host, error) ? host_pattern_print(&host)
						       : NULL;
}

static char *canonical_name(struct text token, struct glob_error *error)
{
	char *canonical = glob_canonical(token, error);
	if (canonical && !check_segments(text_of(canonical), 0, error)) {
		free(canonical);
		return NULL;
	}
	return canonical;
}

/* A verb that cannot have such an object: says what it wants instead. */
static char *fail_verb(uint32_t wrong, enum pattern_kind kind, struct glob_error *error)
{
	if (wrong & host_verbs) {
		return fail(error, 0, "connect and listen need a host, not a path",
			"write host:port, or unix:/path for a socket file");
	}
	if (kind == PATTERN_PATH) {
		return fail(error, 0, "system and mcp need a name, not a path",
			"write for example mount, or server/tool");
	}
	if (kind == PATTERN_NAME) {
		return fail(error, 0, "a path pattern is absolute",
			"begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/");
	}
	return fail(error, 0, "only connect and listen have such an object",
		"write a path for the other verbs, in a rule of its own");
}

char *pattern_canonical(
	struct text token, uint32_t verbs, bool is_any, struct glob_error *error)
{
	enum pattern_kind kind = kind_of(token, verbs);
	const struct prefix_row *row = prefix_of(token);
	uint32_t wrong = verbs & ~kind_verbs(kind);

	if (token.length == 0) {
		return fail(error, 0, "an empty object matches nothing",
			"write * for anything");
	}
	if (wrong && !is_any) {
		return fail_verb(wrong, kind, error);
	}
	switch (kind) {
	case PATTERN_ANYTHING:
		return xstrdup("*");
	case PATTERN_PATH:
		return canonical_path(token, error);
	case PATTERN_HOST:
		return canonical_host(token, error);
	case PATTERN_NAME:
		return canonical_name(token, error);
	case PATTERN_UNIX:
	case PATTERN_ABSTRACT:
	case PATTERN_NETLINK:
	case PATTERN_VSOCK:
		return row ? canonical_prefixed(token, row, error) : NULL;
	}
	return NULL;
}

char *pattern_canonical_argument(
	struct text token, bool is_last, struct glob_error *error)
{
	char *canonical = glob_canonical(token, error);

	if (!canonical) {
		return NULL;
	}
	bool is_rest = strcmp(canonical, "**") == 0;
	for (size_t i = 0; canonical[i] != '\0' && canonical[i + 1] != '\0'; i++) {
		if (canonical[i] == '\\') {
			i++;
			continue;
		}
		bool is_depth = canonical[i] == '*' && canonical[i + 1] == '*';
		if (is_depth && !(is_rest && is_last)) {
			free(canonical);
			return fail(error, i, "** stands alone as the last argument",
				"write * within one argument");
		}
	}
	return canonical;
}

static bool compile_argv(const struct rule *rule,
	const struct rule_variables *variables, struct pattern *pattern)
{
	size_t count = rule->argv_pattern_count;

	pattern->has_argv = rule->has_argv;
	if (count > 0 && strcmp(rule->argv_patterns[count - 1], "**") == 0) {
		pattern->has_rest = true;
		count--;
	}
	if (count > 0) {
		pattern->argv = xcalloc(count, sizeof(*pattern->argv));
	}
	for (size_t i = 0; i < count; i++) {
		if (!glob_compile(text_of(rule->argv_patterns[i]), variables,
			    &pattern->argv[i])) {
			return false;
		}
		pattern->argc++;
	}
	return true;
}

bool pattern_compile(const struct rule *rule, const struct rule_variables *variables,
	struct pattern *pattern)
{
	struct text token = text_of(rule->pattern);
	struct glob_error error;
	bool is_valid = true;

	memset(pattern, 0, sizeof(*pattern));
	pattern->kind = kind_of(token, rule->verbs);
	pattern->verbs = rule->verbs & kind_verbs(pattern->kind);
	if (pattern->kind == PATTERN_HOST) {
		is_valid = host_pattern_parse(token, &pattern->host, &error);
	} else if (pattern->kind != PATTERN_ANYTHING) {
		const struct prefix_row *row = prefix_of(token);
		bool has_prefix =
			pattern->kind != PATTERN_PATH && pattern->kind != PATTERN_NAME;
		size_t skip = has_prefix && row ? strlen(row->prefix) : 0;
		struct text rest = {token.bytes + skip, token.length - skip};
		if (has_prefix && text_equal_string(rest, "*")) {
			rest = text_of("**");
		}
		is_valid = glob_compile(rest, variables, &pattern->glob);
	}
	if (is_valid) {
		is_valid = compile_argv(rule, variables, pattern);
	}
	if (!is_valid) {
		pattern_finish(pattern);
	}
	return is_valid;
}

void pattern_finish(struct pattern *pattern)
{
	glob_finish(&pattern->glob);
	for (size_t i = 0; i < pattern->argc; i++) {
		glob_finish(&pattern->argv[i]);
	}
	free(pattern->argv);
	memset(pattern, 0, sizeof(*pattern));
}

struct text pattern_object_text(const struct action *action)
{
	struct text object = action->object;
	bool is_host = verb_object_kind(action->verb) == OBJECT_HOST;
	const struct prefix_row *row = is_host ? prefix_of(object) : NULL;

	if (!row) {
		return object;
	}
	size_t length = strlen(row->prefix);
	return (struct text){object.bytes + length, object.length - length};
}

static bool matches_argv(const struct pattern *pattern, const struct action *action)
{
	size_t given = action->argc > 0 ? action->argc - 1 : 0;

	if (!pattern->has_argv) {
		return true;
	}
	if (given < pattern->argc || (given > pattern->argc && !pattern->has_rest)) {
		return false;
	}
	for (size_t i = 0; i < pattern->argc; i++) {
		if (!glob_match(&pattern->argv[i], action->argv[i + 1])) {
			return false;
		}
	}
	return true;
}

static enum endpoint_family family_of(enum pattern_kind kind)
{
	switch (kind) {
	case PATTERN_UNIX:
		return ENDPOINT_UNIX;
	case PATTERN_ABSTRACT:
		return ENDPOINT_ABSTRACT;
	case PATTERN_NETLINK:
		return ENDPOINT_NETLINK;
	case PATTERN_VSOCK:
		return ENDPOINT_VSOCK;
	case PATTERN_ANYTHING:
	case PATTERN_PATH:
	case PATTERN_NAME:
	case PATTERN_HOST:
		break;
	}
	return ENDPOINT_NONE;
}

bool pattern_matches(
	const struct pattern *pattern, const struct action *action, struct text name)
{
	if (!(pattern->verbs & VERB_BIT(action->verb))) {
		return false;
	}
	switch (pattern->kind) {
	case PATTERN_ANYTHING:
		return matches_argv(pattern, action);
	case PATTERN_HOST:
		return host_pattern_matches(&pattern->host, &action->endpoint, name);
	case PATTERN_PATH:
	case PATTERN_NAME:
		return (pattern->kind == PATTERN_PATH) ==
			       text_starts_with(action->object, "/") &&
		       glob_match_path(&pattern->glob, action->object) &&
		       matches_argv(pattern, action);
	case PATTERN_UNIX:
		return action->endpoint.family == ENDPOINT_UNIX &&
		       text_starts_with(pattern_object_text(action), "/") &&
		       glob_match_path(&pattern->glob, pattern_object_text(action));
	case PATTERN_ABSTRACT:
	case PATTERN_NETLINK:
	case PATTERN_VSOCK:
		return action->endpoint.family == family_of(pattern->kind) &&
		       glob_match_path(&pattern->glob, pattern_object_text(action));
	}
	return false;
}
