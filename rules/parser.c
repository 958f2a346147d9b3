/* SPDX-License-Identifier: MIT */
/* Words to rules. Every refusal has a column, and a hint where one helps. */
#include "rules/parser.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/keyword.h"
#include "rules/parser_internal.h"
#include "rules/pattern.h"
#include "rules/until.h"

#include <stdlib.h>

struct parser {
	const struct words *words;
	size_t next;
	size_t line_length;
	struct rule *rule;
	bool is_any; /* the verbs were written as `any` */
	struct rule_error *error;
};

static bool fail_at(
	struct parser *parser, size_t offset, char *message, const char *hint)
{
	parser->error->column = (unsigned)offset + 1;
	parser->error->message = message;
	parser->error->hint = hint ? xstrdup(hint) : NULL;
	return false;
}

/* "WORD: message" about the whole word, which is made safe to show. */
static bool fail_word(struct parser *parser, const struct word *word,
	const char *message, const char *hint)
{
	char shown[80];

	escape_text(word->text, shown, sizeof(shown));
	size_t offset = word->offset - (word->is_quoted ? 1 : 0);
	return fail_at(parser, offset, xasprintf("%s: %s", shown, message), hint);
}

static bool fail_glob(
	struct parser *parser, const struct word *word, const struct glob_error *error)
{
	return fail_at(parser, word->offset + error->offset, xstrdup(error->message),
		error->hint);
}

static const struct word *peek(const struct parser *parser)
{
	return parser->next < parser->words->count ? &parser->words->words[parser->next]
						   : NULL;
}

static const struct word *take(
	struct parser *parser, const char *missing, const char *hint)
{
	const struct word *word = peek(parser);

	if (!word) {
		fail_at(parser, parser->line_length, xstrdup(missing), hint);
		return NULL;
	}
	parser->next++;
	return word;
}

static bool parse_verb(struct parser *parser, const struct word *word, struct text name)
{
	enum verb verb;

	if (text_equal_string(name, "any")) {
		parser->is_any = true;
		parser->rule->verbs = VERBS_ALL;
		return true;
	}
	if (!verb_from_name(name, &verb)) {
		struct word part = {name,
			(size_t)(name.bytes - word->text.bytes) + word->offset, false};
		return fail_word(parser, &part, "unknown verb",
			"verbs are read, write, delete, meta, exec, connect, listen, "
			"signal, "
			"inspect, system, mcp and any, joined by commas");
	}
	parser->rule->verbs |= 1U << verb;
	return true;
}

static bool parse_verbs(struct parser *parser)
{
	const struct word *word = take(
		parser, "the verb is missing", "write for example: allow read /usr/**");

	if (!word) {
		return false;
	}
	struct text rest = word->text;
	for (;;) {
		const char *comma =
			rest.length > 0 ? memchr(rest.bytes, ',', rest.length) : NULL;
		struct text name = rest;
		if (comma) {
			name.length = (size_t)(comma - rest.bytes);
		}
		if (!parse_verb(parser, word, name)) {
			return false;
		}
		if (!comma) {
			return true;
		}
		rest.bytes += name.length + 1;
		rest.length -= name.length + 1;
	}
}

static bool parse_pattern(struct parser *parser)
{
	const struct word *word = take(parser, "the object is missing",
		"write a pattern after the verb, or * for anything");
	struct glob_error error = {0};

	if (!word) {
		return false;
	}
	parser->rule->pattern = pattern_canonical(
		word->text, parser->rule->verbs, parser->is_any, &error);
	return parser->rule->pattern != NULL || fail_glob(parser, word, &error);
}

static void add_argument(struct rule *rule, char *argument)
{
	rule->argv_patterns = xreallocarray(
		rule->argv_patterns, rule->argv_pattern_count + 1, sizeof(char *));
	rule->argv_patterns[rule->argv_pattern_count++] = argument;
}

static bool starts_qualifier(const struct word *word)
{
	enum keyword keyword;

	return !word->is_quoted && keyword_from_name(word->text, &keyword);
}

static bool parse_no_arguments(struct parser *parser)
{
	parser->rule->has_argv = true;
	parser->next++;
	const struct word *after = peek(parser);
	return !after || starts_qualifier(after) ||
	       fail_word(parser, after, "() says that there are no arguments",
		       "write \"()\" for an argument of that name");
}

static bool parse_arguments(struct parser *parser)
{
	const struct word *word = peek(parser);

	if (word && !word->is_quoted && text_equal_string(word->text, NO_ARGUMENTS)) {
		return parse_no_arguments(parser);
	}
	for (; word && !starts_qualifier(word); word = peek(parser)) {
		struct glob_error error = {0};
		parser->next++;
		const struct word *after = peek(parser);
		bool is_last = !after || starts_qualifier(after);
		char *argument =
			pattern_canonical_argument(word->text, is_last, &error);
		if (!argument) {
			return fail_glob(parser, word, &error);
		}
		parser->rule->has_argv = true;
		add_argument(parser->rule, argument);
	}
	return true;
}

static bool is_plain_word(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.bytes[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9') || c == '-' || c == '_';
		if (!is_word) {
			return false;
		}
	}
	return text.length > 0;
}

static bool parse_label(struct parser *parser, const struct word *word, char **label)
{
	if (!is_plain_word(word->text)) {
		return fail_word(parser, word, "this is no name of a label",
			"a label's name has letters, digits, - and _");
	}
	*label = text_copy(word->text);
	return true;
}

static bool parse_via(struct parser *parser, const struct word *word)
{
	struct glob_error error = {0};

	if (!text_starts_with(word->text, "mcp:") || word->text.length == 4) {
		return fail_word(parser, word, "via needs an MCP server",
			"write via mcp:server or via mcp:server/tool");
	}
	char *canonical = glob_canonical(word->text, &error);
	if (!canonical) {
		return fail_glob(parser, word, &error);
	}
	size_t slashes = 0;
	for (const char *c = canonical; *c != '\0'; c++) {
		slashes += *c == '/';
	}
	if (slashes > 1 || canonical[strlen(canonical) - 1] == '/') {
		free(canonical);
		return fail_word(parser, word,
			"via names one server and perhaps one tool",
			"write via mcp:server/tool");
	}
	parser->rule->via = canonical;
	return true;
}

static bool parse_path(struct parser *parser, const struct word *word, char **path)
{
	struct glob_error error = {0};

	*path = pattern_canonical_path(word->text, &error);
	return *path != NULL || fail_glob(parser, word, &error);
}

static bool parse_note(struct parser *parser, const struct word *word)
{
	struct glob_error error = {0};

	parser->rule->note = glob_unescape(word->text, &error);
	return parser->rule->note != NULL || fail_glob(parser, word, &error);
}

static bool parse_until(struct parser *parser, const struct word *word)
{
	if (!until_parse(word->text, &parser->rule->until)) {
		return fail_word(parser, word, "this is no date",
			"write 2026-12-31 or 2026-12-31T18:00Z (UTC)");
	}
	return true;
}

static bool parse_code(struct parser *parser, const struct word *word)
{
	if (!word->is_quoted && text_equal_string(word->text, CODE_WORD_GENERATED)) {
		parser->rule->code = xstrdup(CODE_WORD_GENERATED);
		return true;
	}
	return parse_path(parser, word, &parser->rule->code);
}

static bool qualifier_is_given(const struct rule *rule, enum keyword keyword)
{
	const char *values[KEYWORD_COUNT] = {
		[KEYWORD_BY] = rule->by,
		[KEYWORD_UNDER] = rule->under,
		[KEYWORD_VIA] = rule->via,
		[KEYWORD_CODE] = rule->code,
		[KEYWORD_AFTER] = rule->after,
		[KEYWORD_UNTIL] = rule->until ? "" : NULL,
		[KEYWORD_NOTE] = rule->note,
	};

	return values[keyword] != NULL;
}

static bool parse_qualifier(
	struct parser *parser, enum keyword keyword, const struct word *value)
{
	switch (keyword) {
	case KEYWORD_BY:
		return parse_path(parser, value, &parser->rule->by);
	case KEYWORD_UNDER:
		return parse_path(parser, value, &parser->rule->under);
	case KEYWORD_VIA:
		return parse_via(parser, value);
	case KEYWORD_CODE:
		return parse_code(parser, value);
	case KEYWORD_AFTER:
		return parse_label(parser, value, &parser->rule->after);
	case KEYWORD_UNTIL:
		return parse_until(parser, value);
	case KEYWORD_NOTE:
		return parse_note(parser, value);
	case KEYWORD_COUNT:
		break;
	}
	return false;
}

static bool qualifier_is_allowed(const struct rule *rule, enum keyword keyword)
{
	return rule->kind == RULE_JUDGE || keyword == KEYWORD_NOTE ||
	       (rule->kind == RULE_EXPECT && keyword != KEYWORD_UNTIL);
}

static bool parse_qualifiers(struct parser *parser)
{
	static const char known[] = "qualifiers are by, under, via, code, after, until "
				    "and note; only a rule "
				    "for exec alone takes arguments";

	for (const struct word *word = peek(parser); word; word = peek(parser)) {
		enum keyword keyword;
		if (word->is_quoted || !keyword_from_name(word->text, &keyword)) {
			return fail_word(parser, word, "unexpected word", known);
		}
		if (qualifier_is_given(parser->rule, keyword)) {
			return fail_word(
				parser, word, "given twice", "write one of them");
		}
		if (!qualifier_is_allowed(parser->rule, keyword)) {
			return fail_word(parser, word,
				"this line takes no such qualifier", NULL);
		}
		parser->next++;
		const struct word *value =
			take(parser, "the qualifier has no value", known);
		if (!value || !parse_qualifier(parser, keyword, value)) {
			return false;
		}
	}
	return true;
}

/* What an expectation is about must be one thing, not a pattern. */
static bool check_one_object(struct parser *parser, const struct word *word)
{
	static const struct rule_variables any = {"/h", "/p", "/t"};
	struct pattern pattern;
	bool is_one = pattern_compile(parser->rule, &any, &pattern);

	if (is_one && pattern.kind == PATTERN_HOST) {
		bool is_host = pattern.host.kind == HOST_ADDRESS ||
			       pattern.host.kind == HOST_NAME;
		is_one = is_host && pattern.host.first_port == pattern.host.last_port;
	} else if (is_one) {
		is_one = pattern.kind != PATTERN_ANYTHING &&
			 glob_is_literal(&pattern.glob);
	}
	for (size_t i = 0; is_one && i < pattern.argc; i++) {
		is_one = glob_is_literal(&pattern.argv[i]);
	}
	is_one = is_one && !pattern.has_rest;
	pattern_finish(&pattern);
	return is_one || fail_word(parser, word, "an expectation names one object",
				 "write it without wildcards");
}

static bool parse_verdict(struct parser *parser, const struct word *word)
{
	if (!word->is_quoted && verdict_from_name(word->text, &parser->rule->verdict)) {
		return true;
	}
	return fail_word(parser, word, "a line begins with a verdict",
		"write allow, ask, deny, forbid, label or expect");
}

static bool parse_judge(struct parser *parser)
{
	size_t object = parser->next + 1;

	if (!parse_verbs(parser) || !parse_pattern(parser)) {
		return false;
	}
	if (parser->rule->verbs == 1U << VERB_EXEC && !parse_arguments(parser)) {
		return false;
	}
	if (!parse_qualifiers(parser)) {
		return false;
	}
	return parser->rule->kind != RULE_EXPECT ||
	       check_one_object(parser, &parser->words->words[object]);
}

static bool parse_words(struct parser *parser)
{
	const struct word *first = take(parser, "there is no rule in this line",
		"write for example: allow read /usr/**");

	if (!first) {
		return false;
	}
	if (!first->is_quoted && text_equal_string(first->text, "label")) {
		parser->rule->kind = RULE_LABEL;
		parser->rule->verbs = VERBS_ALL;
		parser->is_any = true;
		const struct word *label = take(parser, "the label's name is missing",
			"write for example: label secret ~/.ssh/**");
		return label && parse_label(parser, label, &parser->rule->label) &&
		       parse_pattern(parser) && parse_qualifiers(parser);
	}
	if (!first->is_quoted && text_equal_string(first->text, "expect")) {
		parser->rule->kind = RULE_EXPECT;
		first = take(parser, "the expected verdict is missing",
			"write for example: expect deny read ~/.ssh/id_ed25519");
	}
	return first && parse_verdict(parser, first) && parse_judge(parser);
}

bool parser_read_rule(struct text line, const struct words *words, struct rule *rule,
	struct rule_error *error)
{
	struct parser parser = {.words = words,
		.line_length = line.length,
		.rule = rule,
		.error = error};

	memset(rule, 0, sizeof(*rule));
	if (parse_words(&parser)) {
		return true;
	}
	rule_finish(rule);
	return false;
}

bool parser_split(struct text line, struct words *words, struct rule_error *error)
{
	struct glob_error glob_error;

	if (lexer_split(line, words, &glob_error)) {
		return true;
	}
	error->column = (unsigned)glob_error.offset + 1;
	error->message = xstrdup(glob_error.message);
	error->hint = xstrdup(glob_error.hint);
	return false;
}

bool rule_parse_line(struct text text, struct rule *rule, struct error *err)
{
	struct words words = {0};
	struct rule_error error = {.line = 1};
	const char *newline =
		text.length > 0 ? memchr(text.bytes, '\n', text.length) : NULL;

	memset(rule, 0, sizeof(*rule));
	bool is_rule = false;
	if (newline) {
		error.column = (unsigned)(newline - text.bytes) + 1;
		error.message = xstrdup("a rule is one line");
	} else {
		is_rule = parser_split(text, &words, &error) &&
			  parser_read_rule(text, &words, rule, &error);
	}
	if (!is_rule) {
		char *message = rule_error_format(&error);
		error_set(err, ERROR_SYNTAX, "%s", message);
		free(message);
		free(error.message);
		free(error.hint);
	}
	words_finish(&words);
	return is_rule;
}
