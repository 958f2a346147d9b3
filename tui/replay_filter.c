/* SPDX-License-Identifier: MIT */
/* What a person types to see only some events. */
#include "base/xalloc.h"
#include "rules/vector.h"
#include "tui/replay.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

void replay_filter_finish(struct replay_filter *filter)
{
	free(filter->program);
	free(filter->path);
	free(filter->words);
	free(filter->mcp);
	*filter = (struct replay_filter){0};
}

static bool set_verb(struct replay_filter *filter, struct text value, struct error *err)
{
	enum verb verb;

	if (!verb_from_name(value, &verb)) {
		return error_set(err, ERROR_USAGE, "no such verb: %.*s",
			(int)value.length, value.bytes);
	}
	filter->verbs |= 1u << verb;
	return true;
}

static bool set_verdict(
	struct replay_filter *filter, struct text value, struct error *err)
{
	enum verdict verdict;

	if (!verdict_from_name(value, &verdict)) {
		return error_set(err, ERROR_USAGE, "no such verdict: %.*s",
			(int)value.length, value.bytes);
	}
	filter->verdicts |= 1u << verdict;
	return true;
}

static bool set_vector(
	struct replay_filter *filter, struct text value, struct error *err)
{
	enum vector vector;

	if (!vector_from_name(value, &vector)) {
		return error_set(err, ERROR_USAGE, "no such vector: %.*s",
			(int)value.length, value.bytes);
	}
	filter->vectors |= 1u << vector;
	return true;
}

static bool set_text(char **to, struct text value)
{
	free(*to);
	*to = text_copy(value);
	return true;
}

static bool set_program(
	struct replay_filter *filter, struct text value, struct error *err)
{
	(void)err;
	return set_text(&filter->program, value);
}

static bool set_path(struct replay_filter *filter, struct text value, struct error *err)
{
	(void)err;
	return set_text(&filter->path, value);
}

static bool set_mcp(struct replay_filter *filter, struct text value, struct error *err)
{
	(void)err;
	return set_text(&filter->mcp, value);
}

static bool set_pid(struct replay_filter *filter, struct text value, struct error *err)
{
	char *digits = text_copy(value);
	char *end;

	filter->pid = strtoll(digits, &end, 10);
	const bool is_number = *end == '\0' && filter->pid > 0;
	free(digits);
	return is_number || error_set(err, ERROR_USAGE, "pid= needs a number above 0");
}

static const struct {
	const char *name;
	bool (*set)(struct replay_filter *filter, struct text value, struct error *err);
} settings[] = {
	{"verb=", set_verb},
	{"verdict=", set_verdict},
	{"program=", set_program},
	{"path=", set_path},
	{"pid=", set_pid},
	{"mcp=", set_mcp},
	{"vector=", set_vector},
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static void add_word(struct replay_filter *filter, struct text word)
{
	char *copy = text_copy(word);
	char *words = filter->words == NULL ? xstrdup(copy)
					    : xasprintf("%s %s", filter->words, copy);

	free(filter->words);
	free(copy);
	filter->words = words;
}

static bool take_word(struct replay_filter *filter, struct text word, struct error *err)
{
	if (text_equal_string(word, "changed")) {
		filter->is_changed = true;
		return true;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		const size_t length = strlen(settings[i].name);
		if (text_starts_with(word, settings[i].name)) {
			const struct text value = {
				word.bytes + length, word.length - length};
			return value.length > 0 ? settings[i].set(filter, value, err)
						: error_set(err, ERROR_USAGE,
							  "nothing stands after %s",
							  settings[i].name);
		}
	}
	add_word(filter, word);
	return true;
}

bool replay_filter_parse(
	const char *typed, struct replay_filter *filter, struct error *err)
{
	*filter = (struct replay_filter){0};
	while (*typed != '\0') {
		const struct text word = {typed, strcspn(typed, " ")};
		if (word.length > 0 && !take_word(filter, word, err)) {
			replay_filter_finish(filter);
			return false;
		}
		typed += word.length;
		typed += strspn(typed, " ");
	}
	return true;
}

/* With * and ? the whole text, else a part of it in either case. */
bool replay_filter_matches(const char *text, const char *pattern)
{
	return pattern == NULL ||
	       (strpbrk(pattern, "*?") != NULL ? fnmatch(pattern, text, 0) == 0
					       : strcasestr(text, pattern) != NULL);
}

bool replay_filter_matches_program(const char *program, const char *pattern)
{
	const char *slash = strrchr(program, '/');

	return replay_filter_matches(program, pattern) ||
	       (slash != NULL && replay_filter_matches(slash + 1, pattern));
}

void replay_event_finish(struct replay_event *event)
{
	free(event->program);
	free(event->object);
	*event = (struct replay_event){0};
}

void replay_question_finish(struct replay_question *question)
{
	free(question->details);
	free(question->title);
	free(question->rule);
	free(question->message);
	*question = (struct replay_question){0};
}

void replay_processes_free(struct replay_process *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].words);
	}
	free(list);
}
