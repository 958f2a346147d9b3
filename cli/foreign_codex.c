/* SPDX-License-Identifier: MIT */
/*
 * Codex' *.rules: calls of prefix_rule and the like with literal arguments, read as the
 * small part of Starlark that they are. Anything else in the file refuses the whole of
 * it: a rule that is not understood might be the one that forbids.
 */
#include "base/xalloc.h"
#include "cli/foreign.h"

#include <jansson.h>

#include <ctype.h>
#include <stdlib.h>

enum { ALTERNATIVES_MAX = 64, WORDS_MAX = 64, DEPTH_MAX = 4 };

struct source {
	const char *at, *end;
	unsigned line;
};

/* ---- Reading ---- */

static bool refuse(const struct source *source, const char *what, struct error *err)
{
	return error_set(err, ERROR_SYNTAX, "line %u: %s", source->line, what);
}

static void skip_blanks(struct source *source)
{
	while (source->at < source->end) {
		if (*source->at == '#') {
			while (source->at < source->end && *source->at != '\n') {
				source->at++;
			}
		} else if (*source->at == '\n' || isspace((unsigned char)*source->at)) {
			source->line += *source->at == '\n';
			source->at++;
		} else {
			return;
		}
	}
}

static bool take(struct source *source, char c)
{
	skip_blanks(source);
	if (source->at < source->end && *source->at == c) {
		source->at++;
		return true;
	}
	return false;
}

/* A word of letters; owned; NULL: there is none. */
static char *read_name(struct source *source)
{
	skip_blanks(source);
	const char *start = source->at;
	while (source->at < source->end &&
		(isalnum((unsigned char)*source->at) || *source->at == '_')) {
		source->at++;
	}
	return source->at > start ? xmemdup0(start, (size_t)(source->at - start))
				  : NULL;
}

static json_t *read_string(struct source *source, struct error *err)
{
	char quote = *source->at++;
	char *text = xmalloc((size_t)(source->end - source->at) + 1);
	size_t length = 0;

	while (source->at < source->end && *source->at != quote &&
		*source->at != '\n') {
		if (*source->at == '\\') {
			source->at++;
			if (source->at == source->end ||
				!strchr("\\\"'", *source->at)) {
				(void)refuse(
					source, "an escape that is not known", err);
				free(text);
				return NULL;
			}
		}
		text[length++] = *source->at++;
	}
	bool is_closed = source->at < source->end && *source->at == quote;
	bool is_triple = is_closed && length == 0 && source->at + 1 < source->end &&
			 source->at[1] == quote;
	json_t *value = is_closed && !is_triple ? json_stringn(text, length) : NULL;
	source->at += is_closed;
	free(text);
	if (!value) {
		(void)refuse(source, "a text that is not closed, or not UTF-8", err);
	}
	return value;
}

static json_t *read_value(struct source *source, int depth, struct error *err)
{
	skip_blanks(source);
	if (source->at < source->end && (*source->at == '"' || *source->at == '\'')) {
		return read_string(source, err);
	}
	if (depth == DEPTH_MAX || !take(source, '[')) {
		(void)refuse(
			source, "only texts and lists of them are understood", err);
		return NULL;
	}
	json_t *list = json_array();
	while (!take(source, ']')) {
		json_t *item = read_value(source, depth + 1, err);

		if (!item) {
			json_decref(list);
			return NULL;
		}
		(void)json_array_append_new(list, item);
		skip_blanks(source);
		if (!take(source, ',') &&
			(source->at == source->end || *source->at != ']')) {
			(void)refuse(source, "a comma or ] is missing", err);
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The arguments of a call as an object; NULL with err. */
static json_t *read_arguments(struct source *source, struct error *err)
{
	json_t *arguments = json_object();
	bool is_good = take(source, '(') || refuse(source, "a ( is missing", err);

	while (is_good && !take(source, ')')) {
		char *name = read_name(source);
		json_t *value = NULL;

		if (!name || !take(source, '=')) {
			is_good = refuse(source, "NAME = VALUE is missing", err);
		} else {
			value = read_value(source, 0, err);
			is_good = value != NULL;
		}
		if (is_good && json_object_get(arguments, name)) {
			is_good = refuse(source, "an argument is given twice", err);
		}
		if (value) {
			(void)json_object_set_new(arguments, name ? name : "", value);
		}
		free(name);
		skip_blanks(source);
		if (is_good && !take(source, ',') &&
			(source->at == source->end || *source->at != ')')) {
			is_good = refuse(source, "a comma or ) is missing", err);
		}
	}
	if (!is_good) {
		json_decref(arguments);
		return NULL;
	}
	return arguments;
}

/* ---- Rules ---- */

static bool read_decision(const json_t *arguments, enum verdict *verdict)
{
	const json_t *decision = json_object_get(arguments, "decision");
	const char *word = decision ? json_string_value(decision) : "allow";
	static const struct {
		const char *word;
		enum verdict verdict;
	} words[] = {
		{"allow", VERDICT_ALLOW},
		{"prompt", VERDICT_ASK},
		{"forbidden", VERDICT_DENY},
		{"deny", VERDICT_DENY},
	};

	for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0) {
			*verdict = words[i].verdict;
			return true;
		}
	}
	return false;
}

/* Alternatives of a place: one text, or a list. */
static size_t alternatives(const json_t *item)
{
	return json_is_array(item) ? json_array_size(item) : 1;
}

static const char *alternative(const json_t *item, size_t at)
{
	return json_string_value(json_is_array(item) ? json_array_get(item, at) : item);
}

/* The number says, place by place, which alternative is meant. */
static bool add_combination(struct foreign *foreign, enum verdict verdict,
	const char *entry, const json_t *pattern, size_t number)
{
	const char *words[WORDS_MAX];
	size_t count = json_array_size(pattern);

	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(pattern, i);
		size_t choices = alternatives(item);

		words[i] = alternative(item, number % choices);
		number /= choices;
		if (!words[i]) {
			return false;
		}
	}
	foreign_add_words(foreign, verdict, entry, words, count);
	return true;
}

static bool add_prefix_rule(struct foreign *foreign, const char *entry,
	const json_t *arguments, enum verdict verdict)
{
	const json_t *pattern = json_object_get(arguments, "pattern");
	size_t combinations = 1;
	bool is_good = json_is_array(pattern) && json_array_size(pattern) > 0 &&
		       json_array_size(pattern) <= WORDS_MAX;

	for (size_t i = 0; i < json_array_size(pattern) && is_good; i++) {
		combinations *= alternatives(json_array_get(pattern, i));
		is_good = combinations > 0 && combinations <= ALTERNATIVES_MAX;
	}
	for (size_t i = 0; i < combinations && is_good; i++) {
		is_good = add_combination(foreign, verdict, entry, pattern, i);
	}
	return is_good;
}

static void add_network_rule(struct foreign *foreign, const char *entry,
	const json_t *arguments, enum verdict verdict)
{
	const char *host = json_string_value(json_object_get(arguments, "host"));
	const char *protocol =
		json_string_value(json_object_get(arguments, "protocol"));
	bool is_https = protocol && strcmp(protocol, "https") == 0;

	if (!host || (verdict == VERDICT_ALLOW && !is_https)) {
		foreign_leave_out(
			foreign, entry, "which port is meant is known of https alone");
		return;
	}
	foreign_add(foreign, verdict, entry,
		xasprintf("connect %s:%s", host, is_https ? "443" : "*"));
}

static bool add_call(struct foreign *foreign, const char *name, const json_t *arguments,
	const struct source *source, struct error *err)
{
	char *entry = xasprintf("line %u, %s", source->line, name);
	enum verdict verdict = VERDICT_DENY;
	bool is_good = true;

	if (strcmp(name, "host_executable") == 0) {
		foreign_leave_out(foreign, entry,
			"rules name programs by the paths that they have here");
	} else if (strcmp(name, "prefix_rule") != 0 &&
		   strcmp(name, "network_rule") != 0) {
		is_good = refuse(source, "a function that is not known", err);
	} else if (!read_decision(arguments, &verdict)) {
		is_good =
			refuse(source, "a decision is allow, prompt or forbidden", err);
	} else if (strcmp(name, "network_rule") == 0) {
		add_network_rule(foreign, entry, arguments, verdict);
	} else {
		is_good = add_prefix_rule(foreign, entry, arguments, verdict) ||
			  refuse(source, "a pattern that is not understood", err);
	}
	free(entry);
	return is_good;
}

bool foreign_read_codex(struct text text, struct foreign *foreign, struct error *err)
{
	struct source source = {text.bytes, text.bytes + text.length, 1};
	bool is_good = true;

	for (skip_blanks(&source); is_good && source.at < source.end;
		skip_blanks(&source)) {
		char *name = read_name(&source);
		const struct source start = source;
		json_t *arguments = name ? read_arguments(&source, err) : NULL;

		is_good = name ? arguments && add_call(foreign, name, arguments, &start,
						      err)
			       : refuse(&source, "only calls are understood", err);
		json_decref(arguments);
		free(name);
	}
	return is_good;
}
