/* SPDX-License-Identifier: MIT */
#include "session/mcp_config.h"

#include "base/xalloc.h"
#include "session/mcp_message.h"
#include "session/places.h"
#include "session/project_file.h"

#include <fnmatch.h>
#include <stdlib.h>

enum {
	OWN_FILE_MAX = 8 << 20, /* agents keep more than servers there */
	/* Whoever made the project must not make every session slow. */
	PROJECT_FILE_MAX = 256 << 10,
	CONFIGURED_MAX = 512,
	ARGUMENTS_MAX = 256,
};

/*
 * Where agents keep their servers, as of 2025: Claude Code and Desktop, Cursor, VS Code,
 * Windsurf, Gemini CLI, Cline, opencode, Zed and Amazon Q.
 */
static const char *const home_files[] = {
	".claude.json",
	".claude/settings.json",
	".config/Claude/claude_desktop_config.json",
	".cursor/mcp.json",
	".config/Code/User/mcp.json",
	".codeium/windsurf/mcp_config.json",
	".gemini/settings.json",
	".config/opencode/opencode.json",
	".config/zed/settings.json",
	".aws/amazonq/mcp.json",
};
static const char *const project_files[] = {
	".mcp.json",
	".cursor/mcp.json",
	".vscode/mcp.json",
	".gemini/settings.json",
	".claude/settings.json",
	".claude/settings.local.json",
	"opencode.json",
	".amazonq/mcp.json",
};
/* What they call the object of the servers. */
static const char *const sections[] = {
	"mcpServers", "servers", "mcp", "context_servers"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Appends the strings of a JSON array; false if something else is in it. */
static bool add_strings(struct mcp_configured *server, const json_t *array)
{
	size_t i;
	const json_t *item;

	json_array_foreach((json_t *)(uintptr_t)array, i, item)
	{
		if (!json_is_string(item) || server->argument_count == ARGUMENTS_MAX) {
			return false;
		}
		server->arguments = xreallocarray(server->arguments,
			server->argument_count + 2, sizeof(*server->arguments));
		server->arguments[server->argument_count++] =
			xstrdup(json_string_value(item));
		server->arguments[server->argument_count] = NULL;
	}
	return true;
}

static void configured_free(struct mcp_configured *server)
{
	for (size_t i = 0; i < server->argument_count; i++) {
		free(server->arguments[i]);
	}
	free(server->arguments);
	free(server->name);
	free(server->command);
}

/* {"command": "npx", "args": ["x"]}, or with the whole command in an array. */
static void add_server(struct mcp_watch *watch, const char *name, const json_t *entry)
{
	const json_t *command = json_object_get(entry, "command");
	const json_t *arguments = json_object_get(entry, "args");
	struct mcp_configured server = {0};
	bool is_whole = true;

	if (json_is_object(command)) { /* Zed's older form */
		arguments = json_object_get(command, "args");
		command = json_object_get(command, "path");
	}
	if (json_is_array(command)) {
		is_whole = add_strings(&server, command);
	} else if (json_is_string(command)) {
		server.command = xstrdup(json_string_value(command));
	}
	is_whole = is_whole && add_strings(&server, arguments);
	if (is_whole && !server.command && server.argument_count > 0) {
		server.command = server.arguments[0];
		memmove(server.arguments, server.arguments + 1,
			server.argument_count * sizeof(*server.arguments));
		server.argument_count--;
	}
	if (!is_whole || !server.command || watch->configured_count == CONFIGURED_MAX) {
		configured_free(&server);
		return;
	}
	server.name = mcp_name(name);
	watch->configured = xreallocarray(watch->configured,
		watch->configured_count + 1, sizeof(*watch->configured));
	watch->configured[watch->configured_count++] = server;
}

static void add_sections(struct mcp_watch *watch, const json_t *object)
{
	for (size_t i = 0; i < COUNT_OF(sections); i++) {
		json_t *servers = json_object_get(object, sections[i]);
		const char *name;
		json_t *entry;

		json_object_foreach(servers, name, entry)
		{
			add_server(watch, name, entry);
		}
	}
}

void mcp_config_read(struct mcp_watch *watch, struct text json, const char *project)
{
	json_t *root =
		json_loadb(json.bytes, json.length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *projects = json_object_get(root, "projects");

	add_sections(watch, root);
	if (project) {
		add_sections(watch, json_object_get(projects, project));
	}
	json_decref(root);
}

static void read_file(struct mcp_watch *watch, const char *folder, const char *name,
	size_t size_max, const char *project)
{
	char *path = xasprintf("%s/%s", folder, name);
	size_t length = 0;
	char *bytes = project_file_bytes(path, size_max, &length, NULL);

	if (bytes != NULL) {
		mcp_config_read(watch, (struct text){bytes, length}, project);
	}
	free(bytes);
	free(path);
}

static bool has_name(const struct mcp_watch *watch, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(watch->configured[i].name, name) != 0) {
		i++;
	}
	return i < count;
}

/* Whoever made the project gives none of the person's own names to another command. */
static void drop_taken_names(struct mcp_watch *watch, size_t own_count)
{
	const size_t count = watch->configured_count;

	watch->configured_count = own_count;
	for (size_t i = own_count; i < count; i++) {
		struct mcp_configured *server = &watch->configured[i];
		if (has_name(watch, own_count, server->name)) {
			configured_free(server);
		} else {
			watch->configured[watch->configured_count++] = *server;
		}
	}
}

/* The person's own come first: by them rules know a server, whatever a project calls it. */
void mcp_watch_init(struct mcp_watch *watch, const struct places *places)
{
	for (size_t i = 0; places->home && i < COUNT_OF(home_files); i++) {
		read_file(watch, places->home, home_files[i], OWN_FILE_MAX,
			places->project);
	}
	const size_t own_count = watch->configured_count;
	for (size_t i = 0; places->project && i < COUNT_OF(project_files); i++) {
		read_file(watch, places->project, project_files[i], PROJECT_FILE_MAX,
			NULL);
	}
	drop_taken_names(watch, own_count);
}

void mcp_config_free(struct mcp_watch *watch)
{
	for (size_t i = 0; i < watch->configured_count; i++) {
		configured_free(&watch->configured[i]);
	}
	free(watch->configured);
	for (size_t i = 0; i < watch->claim_count; i++) {
		free(watch->claims[i].name);
		free(watch->claims[i].identity);
	}
	free(watch->claims);
	*watch = (struct mcp_watch){0};
}

/* Agents put variables in before they start it. */
static bool argument_matches(const char *configured, struct text argument)
{
	return strstr(configured, "${") || text_equal_string(argument, configured);
}

static bool is_command(
	const struct mcp_configured *server, const struct text *argv, size_t argc)
{
	if (argc != server->argument_count + 1 ||
		!text_equal(text_base_name(text_of(server->command)),
			text_base_name(argv[0]))) {
		return false;
	}
	for (size_t i = 1; i < argc; i++) {
		if (!argument_matches(server->arguments[i - 1], argv[i])) {
			return false;
		}
	}
	return true;
}

const struct mcp_configured *mcp_config_find(
	const struct mcp_watch *watch, const struct text *argv, size_t argc)
{
	for (size_t i = 0; argc > 0 && i < watch->configured_count; i++) {
		if (is_command(&watch->configured[i], argv, argc)) {
			return &watch->configured[i];
		}
	}
	return NULL;
}

static bool is_one_of(struct text path, const char *const *patterns, size_t count)
{
	char *name = text_copy(text_base_name(path));
	bool is_found = false;

	for (size_t i = 0; i < count && !is_found; i++) {
		is_found = fnmatch(patterns[i], name, 0) == 0;
	}
	free(name);
	return is_found;
}

static const char *const shells[] = {
	"sh", "bash", "dash", "zsh", "fish", "ksh*", "busybox", "ash", "tcsh", "csh"};
/* What servers are written in, or started by. */
static const char *const runners[] = {"python*", "pypy*", "node", "nodejs", "deno",
	"bun", "bunx", "npx", "npm", "pnpm", "yarn", "uv", "uvx", "pipx", "java",
	"ruby*", "php*", "dotnet", "docker", "podman", "perl*"};

/* Agents that are no scripts, and may start servers that are none either. */
static const char *const agents[] = {"claude*", "codex*", "gemini*", "goose*", "crush",
	"opencode*", "cursor*", "amp", "copilot*", "qwen*", "zed*"};

static bool names_protocol(struct text argument)
{
	return memmem(argument.bytes, argument.length, "mcp", 3) ||
	       memmem(argument.bytes, argument.length, "modelcontextprotocol", 20);
}

/* What scripts and agents give pipes to, too, and what never is a server. */
static const char *const tools[] = {"git", "git-*", "ssh", "rg", "grep", "find", "cat",
	"sed", "awk", "sort", "tar", "gzip", "xz", "zstd", "curl", "diff", "patch",
	"ps", "make", "ninja", "cmake", "gcc*", "g++*", "cc", "c++", "clang*", "ld*",
	"as", "ar", "esbuild", "cargo", "rustc", "go", "gpg*", "openssl"};

static bool starts_servers(struct text program)
{
	return is_one_of(program, runners, COUNT_OF(runners)) ||
	       is_one_of(program, agents, COUNT_OF(agents));
}

static bool is_named(struct text program, const struct text *argv, size_t argc)
{
	for (size_t i = 0; i < argc; i++) {
		if (names_protocol(argv[i])) {
			return true;
		}
	}
	return names_protocol(text_base_name(program));
}

bool mcp_may_be_server(const struct mcp_caller *by, struct text program,
	const struct text *argv, size_t argc)
{
	const bool is_runner =
		is_one_of(program, runners, COUNT_OF(runners)) ||
		(argc > 0 && is_one_of(argv[0], runners, COUNT_OF(runners)));

	if (is_named(program, argv, argc)) {
		return true;
	}
	if (is_one_of(by->program, shells, COUNT_OF(shells))) {
		/* A wrapper's makes way for the server that it was started as. */
		return is_runner && starts_servers(by->parent);
	}
	/* A compiled one can be known by what is said to it only. */
	return is_runner || (starts_servers(by->program) &&
				    !is_one_of(program, shells, COUNT_OF(shells)) &&
				    !is_one_of(program, tools, COUNT_OF(tools)));
}

bool mcp_may_be_wrapped_server(
	struct text maker, struct text program, const struct text *argv, size_t argc)
{
	return maker.length > 0 && !is_one_of(maker, shells, COUNT_OF(shells)) &&
	       is_named(program, argv, argc);
}

char *mcp_first_name(struct text program, const struct text *argv, size_t argc)
{
	struct text best = text_base_name(program);

	for (size_t i = argc; i > 1; i--) {
		struct text word = argv[i - 1];
		bool is_first = i == 2 && word.length > 0 && word.bytes[0] != '-';
		if (names_protocol(word) || is_first) {
			best = text_base_name(word);
		}
	}
	char *copy = text_copy(best);
	char *name = mcp_name(copy);
	free(copy);
	return name;
}
