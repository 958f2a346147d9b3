/* SPDX-License-Identifier: MIT */
#include "tui/rule_text.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/until.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MAX = 4 };

static struct rule parse_with_verdict(
	enum verdict verdict, struct text rule, struct error *err)
{
	struct rule parsed = {0};
	char *line = xasprintf(
		"%s %.*s", verdict_name(verdict), (int)rule.length, rule.bytes);

	if (!rule_parse_line(text_of(line), &parsed, err)) {
		parsed = (struct rule){0};
	}
	free(line);
	return parsed;
}

char *rule_text_show(
	enum verdict verdict, struct text rule, int64_t until, struct text program)
{
	struct error err = {0};
	struct rule parsed = parse_with_verdict(verdict, rule, &err);
	char *text;

	if (err.code == 0) {
		parsed.until = until != 0 ? (time_t)until : parsed.until;
		if (program.length > 0 && parsed.by == NULL) {
			parsed.by = pattern_quote_literal(program);
		}
		text = rule_print(&parsed);
	} else {
		/* Of a newer session: shown as it came, and the session judges it. */
		text = xasprintf(
			"%s %.*s", verdict_name(verdict), (int)rule.length, rule.bytes);
	}
	char *safe = escape_copy(text_of(text));
	free(text);
	rule_finish(&parsed);
	return safe;
}

static struct text first_word(struct text text)
{
	size_t length = 0;

	while (length < text.length && text.bytes[length] != ' ' &&
		text.bytes[length] != '\t') {
		length++;
	}
	return (struct text){text.bytes, length};
}

static struct text without_spaces_before(struct text text)
{
	while (text.length > 0 && (*text.bytes == ' ' || *text.bytes == '\t')) {
		text.bytes++;
		text.length--;
	}
	return text;
}

/* The parsed rule as an answer carries it. Takes what parsed owns. */
static void take_parsed(struct rule *parsed, struct rule_typed *result)
{
	const enum verdict verdict = parsed->verdict;
	const int64_t until = parsed->until;

	parsed->until = 0;
	char *text = rule_print(parsed);
	const char *rest = text + strcspn(text, " ");
	rest += strspn(rest, " ");
	*result = (struct rule_typed){
		.verdict = verdict, .until = until, .rule = xstrdup(rest)};
	free(text);
	rule_finish(parsed);
}

/* The parser's sentence about text that began shift bytes before or after. */
static bool refuse(const struct error *parse_error, long shift, struct error *err)
{
	long column;
	int length = 0;

	if (sscanf(parse_error->text, "column %ld%n", &column, &length) != 1) {
		return error_set(err, ERROR_SYNTAX, "%s", parse_error->text);
	}
	column += shift;
	return error_set(err, ERROR_SYNTAX, "column %ld%s", column > 1 ? column : 1,
		parse_error->text + length);
}

bool rule_text_read(struct text typed, const enum verdict *wished,
	struct rule_typed *result, struct error *err)
{
	struct error parse_error = {0};
	struct rule parsed = {0};
	enum verdict verdict;
	const struct text whole = typed;

	typed = without_spaces_before(typed);
	long shift = typed.bytes - whole.bytes;
	const bool has_verdict = verdict_from_name(first_word(typed), &verdict);
	if (has_verdict && verdict != VERDICT_ALLOW && verdict != VERDICT_DENY) {
		return error_set(
			err, ERROR_SYNTAX, "an answer is an allow rule or a deny rule");
	}
	if (has_verdict && wished != NULL && verdict != *wished) {
		return error_set(err, ERROR_SYNTAX,
			"this answer is to %s; type a rule that begins with %s",
			verdict_name(*wished), verdict_name(*wished));
	}
	if (has_verdict || wished == NULL) {
		(void)rule_parse_line(typed, &parsed, &parse_error);
	} else {
		parsed = parse_with_verdict(*wished, typed, &parse_error);
		shift -= (long)strlen(verdict_name(*wished)) + 1;
	}
	if (parse_error.code != 0) {
		return refuse(&parse_error, shift, err);
	}
	if (parsed.kind != RULE_JUDGE) {
		rule_finish(&parsed);
		return error_set(
			err, ERROR_SYNTAX, "an answer is an allow rule or a deny rule");
	}
	take_parsed(&parsed, result);
	return true;
}

static int64_t unit_seconds(char letter)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', INT64_C(604800)}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].letter == letter) {
			return units[i].seconds;
		}
	}
	return 0;
}

/* "2h"; 0 if it is not of that form. */
static int64_t duration_read(struct text typed)
{
	int64_t number = 0;

	if (typed.length < 2 || typed.length > DIGITS_MAX + 1) {
		return 0;
	}
	for (size_t i = 0; i + 1 < typed.length; i++) {
		if (typed.bytes[i] < '0' || typed.bytes[i] > '9') {
			return 0;
		}
		number = number * 10 + (typed.bytes[i] - '0');
	}
	return number * unit_seconds(typed.bytes[typed.length - 1]);
}

bool until_read(struct text typed, int64_t now, int64_t *until, struct error *err)
{
	const int64_t seconds = duration_read(typed);

	if (seconds > 0) {
		*until = now + seconds;
		return true;
	}
	time_t end;
	if (!until_parse(typed, &end)) {
		return error_set(err, ERROR_SYNTAX,
			"write how long it holds as 30m, 1h, 2d, 1w or 2026-12-31");
	}
	if (end <= now) {
		return error_set(err, ERROR_SYNTAX, "that time has passed");
	}
	*until = end;
	return true;
}
