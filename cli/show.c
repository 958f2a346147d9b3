/* SPDX-License-Identifier: MIT */
/* Times, sizes and untrusted text as people read them. */
#include "cli/show.h"

#include "base/escape.h"
#include "base/text_buffer.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

enum {
	NANOSECONDS = 1000000000,
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	WIDTH_MIN = 40,
};

static bool break_down(int64_t nanoseconds, struct tm *parts)
{
	time_t seconds = (time_t)(nanoseconds / NANOSECONDS);

	return localtime_r(&seconds, parts) != NULL;
}

const char *show_date(int64_t nanoseconds, char buffer[static SHOW_SIZE])
{
	struct tm parts;

	if (nanoseconds == 0) {
		(void)snprintf(buffer, SHOW_SIZE, "never");
	} else if (!break_down(nanoseconds, &parts) ||
		   strftime(buffer, SHOW_SIZE, "%Y-%m-%d %H:%M:%S", &parts) == 0) {
		(void)snprintf(buffer, SHOW_SIZE, "?");
	}
	return buffer;
}

const char *show_clock(int64_t nanoseconds, char buffer[static SHOW_SIZE])
{
	struct tm parts;

	if (!break_down(nanoseconds, &parts) ||
		strftime(buffer, SHOW_SIZE, "%H:%M:%S", &parts) == 0) {
		(void)snprintf(buffer, SHOW_SIZE, "?");
	}
	return buffer;
}

const char *show_duration(int64_t nanoseconds, char buffer[static SHOW_SIZE])
{
	int64_t seconds = nanoseconds / NANOSECONDS;
	int whole = (int)seconds;

	if (nanoseconds < 0) {
		(void)snprintf(buffer, SHOW_SIZE, "?");
	} else if (seconds < 10) {
		int64_t tenths = nanoseconds / (NANOSECONDS / 10);
		(void)snprintf(buffer, SHOW_SIZE, "%d.%d s", (int)(tenths / 10),
			(int)(tenths % 10));
	} else if (seconds < MINUTE) {
		(void)snprintf(buffer, SHOW_SIZE, "%d s", whole);
	} else if (seconds < HOUR) {
		(void)snprintf(buffer, SHOW_SIZE, "%d min %02d s", whole / MINUTE,
			whole % MINUTE);
	} else if (seconds < DAY) {
		(void)snprintf(buffer, SHOW_SIZE, "%d h %02d min", whole / HOUR,
			whole % HOUR / MINUTE);
	} else {
		(void)snprintf(buffer, SHOW_SIZE, "%lld d %02lld h",
			(long long)(seconds / DAY), (long long)(seconds % DAY / HOUR));
	}
	return buffer;
}

const char *show_bytes(int64_t bytes, char buffer[static SHOW_SIZE])
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
	double amount = (double)bytes;
	size_t unit = 0;

	while (amount >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		amount /= 1000;
		unit++;
	}
	(void)snprintf(buffer, SHOW_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", amount,
		units[unit]);
	return buffer;
}

const char *show_state(
	const struct session_record *session, char buffer[static SHOW_SIZE])
{
	if (session->ended && session->status == 0) {
		(void)snprintf(buffer, SHOW_SIZE, "ended");
	} else if (session->ended) {
		(void)snprintf(buffer, SHOW_SIZE, "exit %d", session->status);
	} else if (session_is_running(session)) {
		(void)snprintf(buffer, SHOW_SIZE, "running");
	} else {
		(void)snprintf(buffer, SHOW_SIZE, "lost");
	}
	return buffer;
}

size_t show_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO)) {
		return 0;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
		return 80;
	}
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

/* Cuts a text that is already safe at its end, counting columns. Takes safe. */
static char *cut(char *safe, size_t width)
{
	size_t columns = 0, fits = 0, at = 0, length = strlen(safe);
	mbstate_t state = {0};

	while (width > 0 && at < length) {
		wchar_t wide;
		size_t n = mbrtowc(&wide, safe + at, length - at, &state);

		if (n == 0 || n > length) { /* not in this locale's encoding */
			n = 1;
			wide = L'?';
			state = (mbstate_t){0};
		}
		int columns_of_it = wcwidth(wide);
		columns += columns_of_it > 0 ? (size_t)columns_of_it : 0;
		at += n;
		if (columns <= width - 3) {
			fits = at;
		}
	}
	if (width == 0 || columns <= width) {
		return safe;
	}
	char *shorter = xasprintf("%.*s...", (int)fits, safe);
	free(safe);
	return shorter;
}

char *show_text(struct text text, size_t width)
{
	return cut(escape_copy(text), width);
}

/* Adds a word; takes it. */
static void add_word(struct text_buffer *line, char *word)
{
	if (line->length > 0) {
		text_buffer_add_string(line, " ");
	}
	text_buffer_add_string(line, word);
	free(word);
}

static void add_words(
	struct text_buffer *line, const struct text *argv, size_t argc, size_t width)
{
	for (size_t i = 0; i < argc; i++) {
		add_word(line, escape_quoted(argv[i]));
		if (width > 0 && line->length > 4 * width) {
			break; /* even in the longest encoding it is cut before this */
		}
	}
}

char *show_command(const struct text *argv, size_t argc, size_t width)
{
	struct text_buffer line = {0};

	add_words(&line, argv, argc, width);
	return line.bytes != NULL ? cut(line.bytes, width) : xstrdup("");
}

char *show_object(
	struct text object, const struct text *argv, size_t argc, size_t width)
{
	if (argc < 2) {
		return cut(escape_quoted(object), width);
	}
	struct text_buffer line = {0};
	add_word(&line, escape_quoted(object));
	add_words(&line, argv + 1, argc - 1, width);
	return cut(line.bytes, width);
}

/* "rule 12: TEXT", "profile base:3: TEXT", "built in: REASON" */
static char *rule_words(const struct event *event, const char *rule, const char *reason)
{
	if (event->rule > 0) {
		return xasprintf("rule %lld: %s", (long long)event->rule, rule);
	}
	if (*rule) {
		return xasprintf("%s: %s", *reason ? reason : "built in", rule);
	}
	return xasprintf("built in%s%s", *reason ? ": " : "", reason);
}

char *show_decider(const struct event *event, size_t width)
{
	char *rule = escape_copy(event->rule_text);
	char *reason = escape_copy(event->reason);
	char *line = NULL;

	switch (event->by) {
	case BY_RULE:
	case BY_BUILT_IN:
		line = rule_words(event, rule, reason);
		break;
	case BY_PERSON:
		line = xasprintf("a person, %s%s%s",
			event->has_scope ? scope_name(event->scope) : "once",
			*rule ? ": " : "", rule);
		break;
	case BY_DEFAULT:
		line = xstrdup("no rule; nobody was to be asked");
		break;
	case BY_HEADLESS:
		line = xasprintf("nobody to ask; %s", *rule ? rule : "no rule");
		break;
	case BY_COUNT:
		line = xstrdup("unknown");
		break;
	}
	free(rule);
	free(reason);
	return cut(line, width);
}

const char *show_count(int64_t count, const char *noun, char buffer[static SHOW_SIZE])
{
	(void)snprintf(buffer, SHOW_SIZE, "%lld %s%s", (long long)count, noun,
		count == 1 ? "" : "s");
	return buffer;
}

struct db *show_open(const char *path, struct error *err)
{
	struct db *db = db_open(path, DB_READ, err);

	if (!db && err->code == ERROR_NOT_FOUND) {
		*err = (struct error){0};
		(void)puts("no sessions yet; start one with: duenna run -- COMMAND");
	}
	return db;
}
