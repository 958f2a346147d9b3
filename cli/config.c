/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/locations.h"
#include "rules/profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 1 << 20 };

void config_init(struct config *config)
{
	*config = (struct config){0};
	tui_settings_init(&config->tui);
}

static void free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		free(list[i]);
	}
	free(list);
}

void config_finish(struct config *config)
{
	free_list(config->profiles);
	free_list(config->notify_command);
	*config = (struct config){0};
}

char *config_path(struct error *err)
{
	char *folder = location_config_folder(err);
	char *path = folder != NULL ? xasprintf("%s/config", folder) : NULL;

	free(folder);
	return path;
}

/* ---- Settings ---- */

/* A line that is being taken; wrong is the word that an error is about. */
struct taking {
	struct config *config;
	const struct config_line *line;
	size_t wrong;
};

static const char *word_at(const struct taking *taking, size_t index)
{
	return taking->line->words[index];
}

/* Fails about that word, which is made safe to show. */
static bool refuse(
	struct taking *taking, size_t index, const char *expected, struct error *err)
{
	char *safe = escape_copy(text_of(word_at(taking, index)));

	taking->wrong = index;
	(void)error_set(err, ERROR_SYNTAX, "\"%s\" is not %s", safe, expected);
	free(safe);
	return false;
}

static bool take_number(struct taking *taking, unsigned least, unsigned most,
	unsigned *number, struct error *err)
{
	const char *word = word_at(taking, 1);
	char *end;
	const unsigned long value = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end != '\0' || value < least ||
		value > most) {
		char expected[64];
		(void)snprintf(expected, sizeof(expected), "a number from %u to %u",
			least, most);
		return refuse(taking, 1, expected, err);
	}
	*number = (unsigned)value;
	return true;
}

static bool take_truth(struct taking *taking, bool *truth, struct error *err)
{
	const bool is_yes = strcmp(word_at(taking, 1), "yes") == 0;

	if (!is_yes && strcmp(word_at(taking, 1), "no") != 0) {
		return refuse(taking, 1, "yes or no", err);
	}
	*truth = is_yes;
	return true;
}

static bool take_arming(struct taking *taking, struct error *err)
{
	return take_number(taking, TUI_ARMING_MS_MIN, TUI_ARMING_MS_MAX,
		&taking->config->tui.arming_ms, err);
}

static bool take_bell(struct taking *taking, struct error *err)
{
	return take_truth(taking, &taking->config->tui.rings_bell, err);
}

static bool take_notify(struct taking *taking, struct error *err)
{
	return take_truth(taking, &taking->config->tui.tells_terminal, err);
}

static bool take_mouse(struct taking *taking, struct error *err)
{
	return take_truth(taking, &taking->config->tui.uses_mouse, err);
}

static bool take_default_profiles(struct taking *taking, struct error *err)
{
	bool has_them = true;
	const bool done = take_truth(taking, &has_them, err);

	taking->config->has_no_default_profiles = !has_them;
	return done;
}

static bool take_profile(struct taking *taking, struct error *err)
{
	struct config *config = taking->config;
	const char *name = word_at(taking, 1);

	if (profile_text(name) == NULL) {
		return refuse(
			taking, 1, "a profile; `duenna profiles` lists them", err);
	}
	config->profiles = xreallocarray(
		config->profiles, config->profile_count + 2, sizeof(char *));
	config->profiles[config->profile_count++] = xstrdup(name);
	config->profiles[config->profile_count] = NULL;
	return true;
}

static bool take_notify_command(struct taking *taking, struct error *err)
{
	const size_t count = taking->line->count - 1;
	char **list = xcalloc(count + 1, sizeof(*list));

	(void)err;
	for (size_t i = 0; i < count; i++) {
		list[i] = xstrdup(word_at(taking, i + 1));
	}
	free_list(taking->config->notify_command);
	taking->config->notify_command = list;
	return true;
}

static bool take_colour(struct taking *taking, struct error *err)
{
	enum screen_style style;
	struct text_look look = {.colour = -1};

	if (!screen_style_from_name(word_at(taking, 1), &style)) {
		return refuse(taking, 1,
			"something that has a look: plain, strong, faint, status, "
			"alert, danger, allow or deny",
			err);
	}
	for (size_t i = 2; i < taking->line->count; i++) {
		if (!text_look_add(&look, word_at(taking, i))) {
			return refuse(taking, i,
				"a colour (black, red, green, yellow, blue, magenta, "
				"cyan, white, default, 0 to 255), bold, reverse, "
				"underline, dim or plain",
				err);
		}
	}
	taking->config->tui.looks[style] = look;
	return true;
}

static bool take_key(
	struct taking *taking, size_t index, uint32_t *key, struct error *err)
{
	*key = key_from_name(word_at(taking, index));
	return *key != KEY_NONE ||
	       refuse(taking, index,
		       "a key: a character, Ctrl- and a letter, Enter, Tab, Space, "
		       "Esc, "
		       "Up, Down, Left, Right, Home, End, Page-Up, Page-Down, Delete "
		       "or Backspace",
		       err);
}

static bool take_prefix(struct taking *taking, struct error *err)
{
	uint32_t key;

	taking->wrong = 1;
	return take_key(taking, 1, &key, err) &&
	       key_table_set_prefix(&taking->config->tui.keys, key, err);
}

static bool take_context(
	struct taking *taking, enum key_context *context, struct error *err)
{
	return key_context_from_name(word_at(taking, 1), context) ||
	       refuse(taking, 1,
		       "a place where keys are typed: prefix, question, keep, view, "
		       "processes, events, questions, rules, batch or scroll",
		       err);
}

static bool take_bind(struct taking *taking, struct error *err)
{
	enum key_context context;
	enum command_key command;
	uint32_t key;

	if (!take_context(taking, &context, err) || !take_key(taking, 2, &key, err)) {
		return false;
	}
	if (!command_key_from_name(word_at(taking, 3), &command)) {
		return refuse(taking, 3,
			"something that a key does; `duenna config default` lists them",
			err);
	}
	taking->wrong = 3;
	return key_table_bind(&taking->config->tui.keys, context, key, command, err);
}

static bool take_unbind(struct taking *taking, struct error *err)
{
	enum key_context context;
	uint32_t key;

	if (!take_context(taking, &context, err) || !take_key(taking, 2, &key, err)) {
		return false;
	}
	key_table_unbind(&taking->config->tui.keys, context, key);
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct taking *taking, struct error *err);
	size_t least, most; /* words after the name */
	const char *values;
} settings[] = {
	{"arming-ms", take_arming, 1, 1, "a number"},
	{"bell", take_bell, 1, 1, "yes or no"},
	{"bind", take_bind, 3, 3, "a place, a key and what it does"},
	{"colour", take_colour, 2, CONFIG_WORDS_MAX, "what has it, and words for it"},
	{"default-profiles", take_default_profiles, 1, 1, "yes or no"},
	{"mouse", take_mouse, 1, 1, "yes or no"},
	{"notify", take_notify, 1, 1, "yes or no"},
	{"notify-command", take_notify_command, 1, CONFIG_WORDS_MAX, "a program"},
	{"prefix", take_prefix, 1, 1, "a key"},
	{"profile", take_profile, 1, 1, "the name of a profile"},
	{"unbind", take_unbind, 2, 2, "a place and a key"},
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static bool take_line(struct taking *taking, struct error *err)
{
	const size_t given = taking->line->count - 1;

	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, word_at(taking, 0)) != 0) {
			continue;
		}
		if (given < settings[i].least || given > settings[i].most) {
			taking->wrong = given < settings[i].least
						? taking->line->count
						: settings[i].most + 1;
			return error_set(err, ERROR_SYNTAX, "%s takes %s",
				settings[i].name, settings[i].values);
		}
		return settings[i].take(taking, err);
	}
	return refuse(taking, 0, "a setting; `duenna config default` lists them", err);
}

/* ---- Files ---- */

/* Puts the place before what failed. */
static bool fail_at(const char *path, size_t line, unsigned column, struct error *err)
{
	const struct error cause = *err;
	char *safe = escape_copy(text_of(path));

	(void)error_set(
		err, ERROR_SYNTAX, "%s:%zu:%u: %s", safe, line, column, cause.text);
	free(safe);
	return false;
}

static bool read_line(const char *path, size_t number, const char *text,
	struct config *config, struct error *err)
{
	struct config_line line;
	struct taking taking = {.config = config, .line = &line};
	unsigned column;

	if (!config_line_read(text, &line, &column, err)) {
		return fail_at(path, number, column, err);
	}
	bool done = line.count == 0 || take_line(&taking, err);
	if (!done) {
		(void)fail_at(path, number, line.columns[taking.wrong], err);
	}
	config_line_finish(&line);
	return done;
}

static bool read_text(
	const char *path, char *text, struct config *config, struct error *err)
{
	size_t number = 0;

	for (char *at = text; at != NULL;) {
		char *line = strsep(&at, "\n");
		if (!read_line(path, ++number, line, config, err)) {
			return false;
		}
	}
	return key_table_check(&config->tui.keys, err) || fail_at(path, number, 1, err);
}

/* It names a program that is run: nobody else may have written it. */
static bool check_owner(const char *path, int fd, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		return error_set(err, ERROR_REFUSED, "%s is not a file", path);
	}
	if ((status.st_uid != geteuid() && status.st_uid != 0) ||
		(status.st_mode & S_IWOTH) != 0) {
		return error_set(err, ERROR_REFUSED,
			"%s could have been written by somebody else: it must be yours "
			"and not writable for all",
			path);
	}
	return status.st_size <= FILE_SIZE_MAX ||
	       error_set(err, ERROR_REFUSED, "%s is too large", path);
}

/* The whole file, owned; NULL with ENOENT if there is none. */
static char *file_text(const char *path, struct error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;

	if (fd < 0) {
		(void)error_set(
			err, errno, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	if (check_owner(path, fd, err)) {
		text = xcalloc(1, FILE_SIZE_MAX + 1);
		size_t length = 0;
		ssize_t count;
		while ((count = read(fd, text + length, FILE_SIZE_MAX - length)) > 0) {
			length += (size_t)count;
		}
		if (count < 0 || memchr(text, '\0', length) != NULL) {
			(void)error_set(err, ERROR_SYNTAX, "%s is not a text", path);
			free(text);
			text = NULL;
		}
	}
	(void)close(fd);
	return text;
}

bool config_load_file(const char *path, struct config *config, struct error *err)
{
	char *text = file_text(path, err);

	if (text == NULL) {
		return false;
	}
	config_init(config);
	const bool done = read_text(path, text, config, err);
	if (!done) {
		config_finish(config);
	}
	free(text);
	return done;
}

bool config_load(struct config *config, struct error *err)
{
	char *path = config_path(err);
	struct error local = {0};

	if (path == NULL) {
		return false;
	}
	bool done = config_load_file(path, config, &local);
	if (!done && (local.code == ENOENT || local.code == ENOTDIR)) {
		config_init(config);
		done = true;
	} else if (!done) {
		/* Its code would say something else of a command that is run. */
		(void)error_set(err,
			local.code < ERROR_SYNTAX ? ERROR_REFUSED : local.code, "%s",
			local.text);
	}
	free(path);
	return done;
}
