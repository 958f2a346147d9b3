/* SPDX-License-Identifier: MIT */
/* Commands and paths, as other tools write them, into rules. */
#include "base/xalloc.h"
#include "cli/foreign.h"
#include "rules/glob.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

/* Where programs are looked for: not in $PATH, which the settings do not know. */
static const char *const program_folders[] = {
	"/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"};

/* The canonical path of a program; owned; NULL: it is not there. */
static char *find_program(const char *name)
{
	char path[PATH_MAX];
	char *found = NULL;

	if (name[0] == '/') {
		return realpath(name, NULL);
	}
	for (size_t i = 0;
		!found && i < sizeof(program_folders) / sizeof(program_folders[0]);
		i++) {
		int length =
			snprintf(path, sizeof(path), "%s/%s", program_folders[i], name);

		if (length < (int)sizeof(path) && access(path, X_OK) == 0) {
			found = realpath(path, NULL);
		}
	}
	return found;
}

/* ---- Commands ---- */

/* Patterns of arguments; owned. */
struct arguments {
	char *items[WORDS_MAX + 2];
	size_t count;
};

static void push(struct arguments *arguments, char *pattern)
{
	arguments->items[arguments->count++] = pattern;
}

static void free_arguments(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++) {
		free(arguments->items[i]);
	}
}

static char *quote(const char *literal)
{
	return glob_quote(text_of(literal));
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_quoted(struct foreign *foreign, enum verdict verdict, const char *entry,
	char *program, struct arguments *arguments)
{
	foreign_add_program(
		foreign, verdict, entry, program, arguments->items, arguments->count);
	free(program);
}

/* Whatever does not allow holds wherever a program of that name lies. */
static void add_program(struct foreign *foreign, enum verdict verdict,
	const char *entry, const char *name, struct arguments *arguments)
{
	char *path = find_program(name);
	char *base = quote(last_name(name));

	if (verdict == VERDICT_ALLOW && !path) {
		foreign_leave_out(foreign, entry,
			"there is no such program in the system's folders");
	} else if (verdict == VERDICT_ALLOW) {
		add_quoted(foreign, verdict, entry, quote(path), arguments);
	} else {
		add_quoted(
			foreign, verdict, entry, xasprintf("/**/%s", base), arguments);
		if (path && strcmp(last_name(name), last_name(path)) != 0) {
			/* a link to another name */
			add_quoted(foreign, verdict, entry, quote(path), arguments);
		}
	}
	free(base);
	free(path);
}

void foreign_add_words(struct foreign *foreign, enum verdict verdict, const char *entry,
	const char *const *words, size_t count)
{
	struct arguments arguments = {0};

	if (count > WORDS_MAX || words[0][0] == '\0') {
		foreign_leave_out(foreign, entry, "there is no program, or too much");
		return;
	}
	for (size_t i = 1; i < count; i++) {
		push(&arguments, quote(words[i]));
	}
	push(&arguments, xstrdup("**"));
	add_program(foreign, verdict, entry, words[0], &arguments);
	free_arguments(&arguments);
}

/* A word with stars, which take no blanks here. */
static char *star_word(const char *word)
{
	char *pattern = xstrdup("");

	while (*word) {
		size_t length = strcspn(word, "*");
		char *piece = xmemdup0(word, length);
		char *quoted = length ? quote(piece) : xstrdup("");
		char *longer =
			xasprintf("%s%s%s", pattern, quoted, word[length] ? "*" : "");

		free(piece);
		free(quoted);
		free(pattern);
		pattern = longer;
		word += length;
		word += strspn(word, "*");
	}
	return pattern;
}

/* A star in what does not allow: everything from there on, since it takes blanks. */
static void push_all_from(struct foreign *foreign, const char *entry, const char *word,
	bool is_last, struct arguments *arguments)
{
	const char *star = strchr(word, '*');

	if (is_last && star > word && star[1] == '\0') { /* "test*" is that, or more */
		push(arguments, star_word(word));
	} else {
		foreign_note_stricter(
			foreign, entry, "covers more: everything from the star on");
	}
	push(arguments, xstrdup("**"));
}

static void push_end(
	enum verdict verdict, enum command_end end, struct arguments *arguments)
{
	if (end == COMMAND_ANY_ONE && verdict == VERDICT_ALLOW) {
		push(arguments, xstrdup("*"));
	}
	if (end != COMMAND_ENDS) {
		push(arguments, xstrdup("**"));
	}
}

struct command {
	char *const *words;
	size_t count;
	enum command_end end;
};

static void read_arguments(struct foreign *foreign, enum verdict verdict,
	const char *entry, const struct command *command, struct arguments *arguments)
{
	for (size_t i = 1; i < command->count; i++) {
		const char *word = command->words[i];

		if (!strchr(word, '*')) {
			push(arguments, quote(word));
			continue;
		}
		if (verdict != VERDICT_ALLOW) {
			push_all_from(foreign, entry, word, i + 1 == command->count,
				arguments);
			return;
		}
		foreign_note_stricter(foreign, entry,
			"covers less: the star stands for one argument");
		push(arguments, star_word(word));
	}
	push_end(verdict, command->end, arguments);
}

void foreign_add_command(struct foreign *foreign, enum verdict verdict,
	const char *entry, struct text words, enum command_end end)
{
	char *text = text_copy(words);
	char *list[WORDS_MAX];
	size_t count = 0;
	char *rest = text;
	char *word;
	/* Looked at as a whole: strsep cuts it up. */
	bool is_plain = strlen(text) == words.length &&
			!strpbrk(text, "|&;<>()$`\"'\\{}[]~#!?\n\r");

	while ((word = strsep(&rest, " \t")) != NULL && count < WORDS_MAX) {
		if (*word) {
			list[count++] = word;
		}
	}
	if (!is_plain || count == 0 || rest) {
		foreign_leave_out(foreign, entry,
			"only plain words and stars can be told apart as arguments");
	} else if (strchr(list[0], '*') && (count > 1 || strcmp(list[0], "*") != 0)) {
		foreign_leave_out(foreign, entry, "the program has a star in its name");
	} else if (strchr(list[0], '=')) {
		foreign_leave_out(
			foreign, entry, "it sets a variable, which no rule sees");
	} else if (strcmp(list[0], "*") == 0) {
		foreign_add(foreign, verdict, entry, xstrdup("exec *"));
	} else {
		const struct command command = {list, count, end};
		struct arguments arguments = {0};

		read_arguments(foreign, verdict, entry, &command, &arguments);
		add_program(foreign, verdict, entry, list[0], &arguments);
		free_arguments(&arguments);
	}
	free(text);
}

/* ---- Paths ---- */

static bool has_glued_depth(const char *path)
{
	for (const char *at = path; (at = strstr(at, "**")) != NULL; at += 2) {
		bool begins = at == path || at[-1] == '/';
		bool ends = at[2] == '\0' || at[2] == '/';

		if (!begins || !ends) {
			return true;
		}
	}
	return false;
}

/* From the root, the home folder or the project; owned; NULL: it cannot be said. */
static char *anchor(const char *path, enum path_form form, enum verdict verdict)
{
	bool is_bare = !strchr(path, '/');

	if (form == PATH_IGNORE_FILE && path[0] == '/' && path[1] == '/') {
		return xstrdup(path + 1);
	}
	if (path[0] == '~' && path[1] == '/') {
		return xstrdup(path);
	}
	if (strncmp(path, "$HOME/", 6) == 0) {
		return xasprintf("~/%s", path + 6);
	}
	if (path[0] == '/' && form == PATH_ANY_STAR) {
		return xstrdup(path);
	}
	if (path[0] == '/') { /* of the folder that the settings lie in */
		return verdict == VERDICT_ALLOW ? NULL : xasprintf("{project}%s", path);
	}
	path += strncmp(path, "./", 2) == 0 ? 2 : 0;
	if (path[0] == '\0' || strncmp(path, "../", 3) == 0) {
		return NULL;
	}
	bool is_anywhere = is_bare && form == PATH_IGNORE_FILE &&
			   verdict != VERDICT_ALLOW && strcmp(path, "**") != 0;
	return xasprintf("{project}/%s%s", is_anywhere ? "**/" : "", path);
}

/* A star that takes slashes: the same where it begins the last name, else more. */
static char *widen_stars(struct foreign *foreign, const char *entry, char *path)
{
	char *star = strchr(path, '*');
	char *slash = star ? memrchr(path, '/', (size_t)(star - path)) : NULL;

	if (!star || !slash) {
		return path;
	}
	bool is_name = star == slash + 1 && !strpbrk(star + 1, "*/");
	char *wider =
		is_name && star[1]
			? xasprintf("%.*s/**/*%s", (int)(slash - path), path, star + 1)
			: xasprintf("%.*s/**", (int)(slash - path), path);

	if (!is_name) {
		foreign_note_stricter(
			foreign, entry, "covers more: everything below the folder");
	}
	free(path);
	return wider;
}

void foreign_add_path(struct foreign *foreign, enum verdict verdict, const char *entry,
	const char *verbs, struct text path, enum path_form form)
{
	char *text = text_copy(path);
	size_t length = strlen(text);
	bool is_folder = length > 1 && text[length - 1] == '/';

	if (is_folder) {
		text[length - 1] = '\0';
	}
	char *whole = anchor(text, form, verdict);
	if (strpbrk(text, "[]{}\\!#\" \t\n") || length != path.length ||
		has_glued_depth(text)) {
		foreign_leave_out(foreign, entry,
			"the pattern has characters that mean something else here");
	} else if (!whole) {
		foreign_leave_out(
			foreign, entry, "it is not said which folder it starts from");
	} else if (verdict == VERDICT_ALLOW) {
		foreign_add(foreign, verdict, entry,
			xasprintf("%s %s%s", verbs, whole, is_folder ? "/**" : ""));
	} else {
		if (form == PATH_ANY_STAR) {
			whole = widen_stars(foreign, entry, whole);
		}
		size_t end = strlen(whole);
		bool is_tree = end > 3 && strcmp(whole + end - 3, "/**") == 0;

		foreign_add(foreign, verdict, entry, xasprintf("%s %s", verbs, whole));
		if (!is_tree) { /* of a folder, all that is in it */
			foreign_add(foreign, verdict, entry,
				xasprintf("%s %s/**", verbs, whole));
		}
	}
	free(whole);
	free(text);
}
