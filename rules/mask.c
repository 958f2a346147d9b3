/* SPDX-License-Identifier: MIT */
/*
 * Secrets by their names (PASSWORD=…, --token …, "api_key": "…"), by where they stand
 * (Authorization headers, user:password@ in addresses) and by their form (ghp_…, eyJ…).
 */
#include "rules/mask.h"

#include "base/text_buffer.h"
#include "base/xalloc.h"
#include "rules/mask_token.h"

#include <ctype.h>
#include <stdlib.h>

/* Parts of names, split at punctuation and capitals. */
enum name_place { ANYWHERE, AT_END };
struct secret_word {
	const char *word; /* lower case */
	enum name_place place;
};

/* clang-format off */
static const struct secret_word secret_words[] = {
	{"apikey", ANYWHERE},
	{"authtoken", ANYWHERE},
	{"bearer", AT_END},
	{"cookie", AT_END},
	{"credential", ANYWHERE},
	{"credentials", ANYWHERE},
	{"passphrase", ANYWHERE},
	{"passwd", ANYWHERE},
	{"password", ANYWHERE},
	{"secret", ANYWHERE},
	{"secrets", AT_END},
	{"token", ANYWHERE},
	{"auth", AT_END},
	{"key", AT_END},
	{"pass", AT_END},
	{"pat", AT_END},
	{"pin", AT_END},
	{"pwd", AT_END},
	{"signature", AT_END},
};

/* Whole names that look like one of the above and are none, in lower case. */
static const char *const plain_names[] = {
	"pwd", "oldpwd", "key", "pat", "pin", "auth", "public_key", "ssh_key",
	"host_key", "primary_key", "foreign_key", "sort_key", "partition_key", "cache_key",
	"token_type", "cancellation_token", "path", "compass",
};

/* Headers whose whole value is secret. */
static const char *const secret_headers[] = {
	"authorization:", "proxy-authorization:", "cookie:", "set-cookie:", "x-api-key:",
	"x-auth-token:", "api-key:", "private-token:", "job-token:", "x-amz-security-token:",
};
/* clang-format on */

enum { NAME_MAX_LENGTH = 128, HARMLESS_DIGITS_MAX = 6 };

struct output {
	struct text_buffer text;
	bool has_masked;
};

static void output_mask(struct output *output)
{
	text_buffer_add_string(&output->text, MASK_TEXT);
	output->has_masked = true;
}

static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static bool word_is_secret(const char *word, bool is_last)
{
	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		const struct secret_word *secret = &secret_words[i];
		/* PGPASSWORD and its like run words together. */
		bool matches = secret->place == ANYWHERE
				       ? text_ends_with(text_of(word), secret->word)
				       : is_last && strcmp(word, secret->word) == 0;
		if (matches) {
			return true;
		}
	}
	return false;
}

static char lower(char byte)
{
	return (char)tolower((unsigned char)byte);
}

/* At a byte of no word, and where a capital follows a small letter. */
static bool ends_word(struct text name, size_t at)
{
	unsigned char c = (unsigned char)name.bytes[at];
	bool is_hump =
		at > 0 && isupper(c) && islower((unsigned char)name.bytes[at - 1]);
	return is_hump || !isalnum(c);
}

/* Words in lower case, parted by single zero bytes: "githubApi_KEY" has three. */
static size_t split_name(struct text name, char words[2 * NAME_MAX_LENGTH + 1])
{
	size_t length = 0;

	for (size_t i = 0; i < name.length; i++) {
		bool is_word = isalnum((unsigned char)name.bytes[i]);
		if (length > 0 && words[length - 1] != '\0' && ends_word(name, i)) {
			words[length++] = '\0';
		}
		if (is_word) {
			words[length++] = lower(name.bytes[i]);
		}
	}
	words[length] = '\0';
	return length;
}

static bool is_plain_name(struct text name)
{
	for (size_t i = 0; i < sizeof(plain_names) / sizeof(plain_names[0]); i++) {
		if (name.length == strlen(plain_names[i]) &&
			strncasecmp(name.bytes, plain_names[i], name.length) == 0) {
			return true;
		}
	}
	return false;
}

bool mask_is_secret_name(struct text name)
{
	char words[2 * NAME_MAX_LENGTH + 1];
	char previous[8] = "";

	while (name.length > 0 && name.bytes[0] == '-') {
		name.bytes++;
		name.length--;
	}
	if (name.length == 0 || name.length > NAME_MAX_LENGTH || is_plain_name(name)) {
		return false;
	}
	size_t length = split_name(name, words);
	for (size_t at = 0; at < length;) {
		const char *word = words + at;
		size_t word_length = strlen(word);
		bool is_last = at + word_length + 1 >= length;
		bool is_public =
			strcmp(word, "key") == 0 && strcmp(previous, "public") == 0;
		if (!is_public && word_is_secret(word, is_last)) {
			return true;
		}
		bool fits = word_length < sizeof(previous);
		memcpy(previous, fits ? word : "", fits ? word_length + 1 : 1);
		at += word_length + 1;
	}
	return false;
}

/* A few digits are a count, as in --max-token=100, or nothing at all. */
static bool is_harmless_value(struct text value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (value.bytes[i] < '0' || value.bytes[i] > '9') {
			return false;
		}
	}
	return value.length <= HARMLESS_DIGITS_MAX;
}

/* Where a secret header's value begins, from the start of the header; 0: none here. */
static size_t header_length(struct text text)
{
	for (size_t i = 0; i < sizeof(secret_headers) / sizeof(secret_headers[0]);
		i++) {
		size_t length = strlen(secret_headers[i]);
		if (text.length > length &&
			strncasecmp(text.bytes, secret_headers[i], length) == 0) {
			return length;
		}
	}
	return 0;
}

static size_t header_value_end(struct text text, size_t at)
{
	while (at < text.length && !strchr("\r\n\"'", text.bytes[at])) {
		at++;
	}
	return at;
}

/* "scheme://user:" with "@" after a password: where the password is. */
static bool find_password(struct text text, size_t *begin, size_t *end)
{
	size_t at = 3;

	if (!text_starts_with(text, "://")) {
		return false;
	}
	while (at < text.length && !strchr(":/@?# \t\n\"'", text.bytes[at])) {
		at++;
	}
	if (at >= text.length || text.bytes[at] != ':') {
		return false;
	}
	*begin = at + 1;
	for (at = *begin; at < text.length && !strchr("/?# \t\n\"'", text.bytes[at]);
		at++) {
		if (text.bytes[at] == '@') {
			*end = at;
			return *end > *begin;
		}
	}
	return false;
}

/*
 * text.bytes[at] is "=" or ":" after a name: the value that follows, if that name is of
 * a secret. JSON puts quotes and blanks between.
 */
static bool find_named_value(struct text text, size_t at, size_t *begin, size_t *end)
{
	size_t name_end = at;
	bool is_quoted_name = name_end > 0 && strchr("\"'", text.bytes[name_end - 1]);

	name_end -= is_quoted_name;
	size_t name_begin = name_end;
	while (name_begin > 0 && is_name_character(text.bytes[name_begin - 1])) {
		name_begin--;
	}
	struct text name = {text.bytes + name_begin, name_end - name_begin};
	if ((text.bytes[at] == ':' && !is_quoted_name) || !mask_is_secret_name(name)) {
		return false;
	}
	size_t value = at + 1;
	while (is_quoted_name && value < text.length && text.bytes[value] == ' ') {
		value++;
	}
	char quote = value < text.length ? text.bytes[value] : '\0';
	bool is_quoted = quote == '"' || quote == '\'';
	value += is_quoted;
	*begin = value;
	while (value < text.length &&
		(is_quoted ? text.bytes[value] != quote
			   : !strchr("&;, \t\r\n\"'", text.bytes[value]))) {
		value++;
	}
	*end = value;
	return *end > *begin &&
	       !is_harmless_value((struct text){text.bytes + *begin, *end - *begin});
}

static size_t skip_until(struct text text, size_t at, const char *ends)
{
	while (at < text.length && !strchr(ends, text.bytes[at])) {
		at++;
	}
	return at;
}

/* "--password X" or "-u NAME:X" in a command line for a shell: where X is. */
static bool find_option_value(struct text rest, size_t *begin, size_t *end)
{
	static const char parts[] = " \t\n\"'";
	const size_t name_end = skip_until(rest, 0, parts);
	const struct text name = {rest.bytes, name_end};
	const bool is_user = text_equal_string(name, "-u") ||
			     text_equal_string(name, "--user") ||
			     text_equal_string(name, "--proxy-user");
	size_t value = name_end;

	value += value < rest.length && strchr("\"'", rest.bytes[value]);
	if (value >= rest.length || !strchr(" \t", rest.bytes[value]) ||
		(!is_user && (!text_starts_with(name, "--") ||
				     !mask_is_secret_name(name)))) {
		return false;
	}
	while (value < rest.length && strchr(" \t", rest.bytes[value])) {
		value++;
	}
	const char quote[] = {value < rest.length ? rest.bytes[value] : '\0', '\0'};
	const bool is_quoted = *quote == '"' || *quote == '\'';
	value += is_quoted;
	*end = skip_until(rest, value, is_quoted ? quote : parts);
	/* No further than the value: there may be many of them. */
	const size_t colon = skip_until((struct text){rest.bytes, *end}, value, ":");
	*begin = !is_user ? value : colon < *end ? colon + 1 : *end;
	/* What a variable has is not there to be seen. */
	return *end > *begin && !strchr("-$", rest.bytes[*begin]) &&
	       !is_harmless_value((struct text){rest.bytes + *begin, *end - *begin});
}

/* A secret that starts at this place: up to where it is kept, and where it ends. */
static bool find_secret(struct text text, size_t at, size_t *begin, size_t *end)
{
	struct text rest = {text.bytes + at, text.length - at};
	bool is_word_start = at == 0 || !isalnum((unsigned char)text.bytes[at - 1]);

	*begin = 0;
	*end = 0;
	if (is_word_start) {
		*end = mask_token_length(rest);
		if (*end == 0 && (*begin = header_length(rest)) > 0) {
			*begin += *begin < rest.length && rest.bytes[*begin] == ' ';
			*end = header_value_end(rest, *begin);
		}
	}
	if (*end == 0 && rest.bytes[0] == ':') {
		(void)find_password(rest, begin, end);
	}
	if (*end == 0 && rest.bytes[0] == '-' && at > 0 &&
		strchr(" \t\n\"'", text.bytes[at - 1]) &&
		!find_option_value(rest, begin, end)) {
		*begin = *end = 0;
	}
	if (*end > *begin) {
		*begin += at;
		*end += at;
		return true;
	}
	return (rest.bytes[0] == '=' || rest.bytes[0] == ':') &&
	       find_named_value(text, at, begin, end);
}

static char *mask_within(struct text text)
{
	struct output output = {0};
	size_t at = 0;

	while (at < text.length) {
		size_t begin = 0;
		size_t end = 0;
		if (find_secret(text, at, &begin, &end)) {
			text_buffer_add(&output.text,
				(struct text){text.bytes + at, begin - at});
			output_mask(&output);
			at = end;
			continue;
		}
		text_buffer_add(&output.text, (struct text){text.bytes + at, 1});
		at++;
	}
	if (!output.has_masked) {
		free(output.text.bytes);
		return NULL;
	}
	return output.text.bytes;
}

/* "--password" and the like, whose value is the next argument. */
static bool names_next(struct text argument)
{
	return text_starts_with(argument, "--") &&
	       !memchr(argument.bytes, '=', argument.length) &&
	       mask_is_secret_name(argument);
}

/* After curl's -u and its kin stands user:password. */
static char *mask_user(struct text argument)
{
	const char *colon = argument.length > 0
				    ? memchr(argument.bytes, ':', argument.length)
				    : NULL;

	if (!colon) {
		return NULL;
	}
	return xasprintf(
		"%.*s" MASK_TEXT, (int)(colon - argument.bytes) + 1, argument.bytes);
}

char *mask_argument(struct text previous, struct text argument)
{
	bool is_user = text_equal_string(previous, "-u") ||
		       text_equal_string(previous, "--user") ||
		       text_equal_string(previous, "--proxy-user");

	if (argument.length == 0) {
		return NULL;
	}
	if (names_next(previous) && argument.bytes[0] != '-' &&
		!is_harmless_value(argument)) {
		return xstrdup(MASK_TEXT);
	}
	if (is_user) {
		char *masked = mask_user(argument);
		if (masked) {
			return masked;
		}
	}
	return mask_within(argument);
}

char *mask_environment(struct text entry)
{
	const char *equals =
		entry.length > 0 ? memchr(entry.bytes, '=', entry.length) : NULL;

	if (!equals) {
		return mask_within(entry);
	}
	struct text name = {entry.bytes, (size_t)(equals - entry.bytes)};
	struct text value = {equals + 1, entry.length - name.length - 1};
	if (mask_is_secret_name(name) && !is_harmless_value(value)) {
		return xasprintf("%.*s=" MASK_TEXT, (int)name.length, name.bytes);
	}
	return mask_within(entry);
}
