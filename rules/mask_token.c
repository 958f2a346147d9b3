/* SPDX-License-Identifier: MIT */
/* Secrets that show by themselves what they are, wherever they stand. */
#include "rules/mask_token.h"

#include "rules/mask.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/* clang-format off */
/* Forms of tokens: the beginning, and how many more characters there are at least. */
struct token_form {
	const char *prefix;
	size_t rest_min;
};
static const struct token_form token_forms[] = {
	{"AIza", 30},
	{"AKIA", 16},
	{"ASIA", 16},
	{"AGE-SECRET-KEY-", 20},
	{"SG.", 20},
	{"dop_v1_", 20},
	{"eyJ", 20},
	{"gho_", 20},
	{"ghp_", 20},
	{"ghr_", 20},
	{"ghs_", 20},
	{"ghu_", 20},
	{"github_pat_", 20},
	{"glpat-", 16},
	{"hf_", 20},
	{"npm_", 20},
	{"pypi-", 20},
	{"rk_live_", 10},
	{"shpat_", 20},
	{"sk-", 16},
	{"sk_live_", 10},
	{"sk_test_", 10},
	{"whsec_", 16},
	{"xapp-", 10},
	{"xoxa-", 10},
	{"xoxb-", 10},
	{"xoxe-", 10},
	{"xoxp-", 10},
	{"xoxr-", 10},
	{"xoxs-", 10},
	{"ya29.", 20},
};
/* clang-format on */

static bool is_token_character(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_-./+=", c));
}

/* Length of a token of a known form at the start of text; 0 if there is none. */
static size_t token_length(struct text text)
{
	for (size_t i = 0; i < sizeof(token_forms) / sizeof(token_forms[0]); i++) {
		const struct token_form *form = &token_forms[i];
		if (form->prefix[0] != text.bytes[0] ||
			!text_starts_with(text, form->prefix)) {
			continue;
		}
		size_t length = strlen(form->prefix);
		while (length < text.length && is_token_character(text.bytes[length])) {
			length++;
		}
		if (length >= strlen(form->prefix) + form->rest_min) {
			return length;
		}
	}
	return 0;
}

/* True within a control sequence, and for the letter that ends it; ECMA-48. */
static bool is_in_sequence(unsigned char c, bool *has_begun)
{
	bool was_in = *has_begun;

	*has_begun = c == '\x1b' || (was_in && !isalpha(c));
	return was_in || *has_begun;
}

/* A line break that became a blank: more of the key follows. */
static bool goes_on(struct text rest)
{
	enum { WORD_MIN = 16 };
	size_t length = 0;

	while (length < rest.length && is_token_character(rest.bytes[length])) {
		length++;
	}
	return length >= WORD_MIN;
}

/* Of a key without its last line: what is no part of a key stays to be seen. */
static size_t open_key_length(struct text text, size_t at)
{
	bool has_begun = false;

	for (; at < text.length; at++) {
		const char c = text.bytes[at];
		const struct text rest = {text.bytes + at + 1, text.length - at - 1};
		bool is_blank = c == ' ' || c == '\t';
		bool is_part = is_in_sequence((unsigned char)c, &has_begun) ||
			       is_token_character(c) ||
			       (c != '\0' && strchr("\r\n\\:,", c));
		if (!is_part &&
			!(is_blank && (text.bytes[at - 1] == ':' || goes_on(rest)))) {
			break;
		}
	}
	return at;
}

/* "-----BEGIN … PRIVATE KEY-----" up to the end of the last line of it. */
static size_t private_key_length(struct text text)
{
	static const char begin[] = "-----BEGIN ";
	static const char kind[] = "PRIVATE KEY";
	static const char end[] = "-----END ";
	enum { KIND_WITHIN = 64, KEY_MAX = 16384 };

	if (!text_starts_with(text, begin)) {
		return 0;
	}
	const size_t length = text.length < KEY_MAX ? text.length : KEY_MAX;
	const char *found = memmem(text.bytes,
		length < KIND_WITHIN ? length : KIND_WITHIN, kind, strlen(kind));
	if (!found) {
		return 0;
	}
	const char *last = memmem(text.bytes, length, end, strlen(end));
	if (!last) {
		size_t at = (size_t)(found - text.bytes) + strlen(kind);
		const char *dashes = memmem(text.bytes + at, length - at, "-----", 5);
		at = dashes ? (size_t)(dashes - text.bytes) : at;
		return open_key_length((struct text){text.bytes, length}, at);
	}
	size_t at = (size_t)(last - text.bytes) + strlen(end);
	const char *dashes = memmem(text.bytes + at, length - at, "-----", 5);
	return dashes ? (size_t)(dashes - text.bytes) + 5 : length;
}

size_t mask_token_length(struct text text)
{
	size_t length = token_length(text);

	return length > 0 ? length : private_key_length(text);
}

/* Control sequences and line ends stay as they are. */
static void cover(char *bytes, size_t length)
{
	bool has_begun = false;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (!is_in_sequence(c, &has_begun) && isgraph(c)) {
			bytes[i] = '*';
		}
	}
}

/* Whether the letter before this place ends a control sequence. */
static bool is_after_sequence(struct text output, size_t at)
{
	enum { SEQUENCE_MAX = 32 };

	for (size_t back = 2; back <= at && back < SEQUENCE_MAX; back++) {
		const char c = output.bytes[at - back];
		if (c == '\x1b' || isalpha((unsigned char)c)) {
			return c == '\x1b';
		}
	}
	return false;
}

static bool is_word_start(struct text output, size_t at)
{
	return at == 0 || !isalnum((unsigned char)output.bytes[at - 1]) ||
	       is_after_sequence(output, at);
}

/* Covers what is secret from here to the end of a run; gives where that ended. */
static size_t cover_run(struct text output, size_t at, size_t end, char **masked)
{
	while (at < end) {
		const struct text rest = {output.bytes + at, output.length - at};
		size_t length = is_word_start(output, at) ? mask_token_length(rest) : 0;
		if (length > 0) {
			*masked = *masked ? *masked : text_copy(output);
			cover(*masked + at, length);
		}
		at += length > 0 ? length : 1U;
	}
	return at;
}

/*
 * All that a terminal shows comes through here. Most of it is short words, which cannot be
 * secrets: only long runs of what tokens are made of are looked at.
 */
char *mask_output(struct text output)
{
	enum { RUN_MIN = 10 }; /* "-----BEGIN"; tokens are longer */
	bool is_part[UCHAR_MAX + 1] = {false};
	char *masked = NULL;
	size_t at = 0;

	for (int c = 0; c <= UCHAR_MAX; c++) {
		is_part[c] = is_token_character((char)c);
	}
	while (at < output.length) {
		size_t end = at;
		while (end < output.length &&
			is_part[(unsigned char)output.bytes[end]]) {
			end++;
		}
		if (end - at >= RUN_MIN) {
			end = cover_run(output, at, end, &masked);
		}
		at = end > at ? end : at + 1;
	}
	return masked;
}
