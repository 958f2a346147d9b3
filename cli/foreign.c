/* SPDX-License-Identifier: MIT */
#include "cli/foreign.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/parser.h"
#include "rules/pattern_overlap.h"
#include "rules/precedence.h"
#include "rules/printer.h"

#include <stdlib.h>

void foreign_finish(struct foreign *foreign)
{
	rule_list_finish(&foreign->rules);
	for (size_t i = 0; i < foreign->note_count; i++) {
		free(foreign->notes[i]);
	}
	free(foreign->notes);
	*foreign = (struct foreign){0};
}

static void add_note(struct foreign *foreign, const char *entry, const char *words)
{
	char *safe = escape_copy(text_of(entry));

	foreign->notes =
		xreallocarray(foreign->notes, foreign->note_count + 1, sizeof(char *));
	foreign->notes[foreign->note_count++] = xasprintf("%s: %s", safe, words);
	free(safe);
}

void foreign_leave_out(struct foreign *foreign, const char *entry, const char *why)
{
	char *words = xasprintf("left out: %s", why);

	add_note(foreign, entry, words);
	foreign->left_out++;
	free(words);
}

void foreign_note_stricter(struct foreign *foreign, const char *entry, const char *how)
{
	add_note(foreign, entry, how);
}

static void add_line(struct foreign *foreign, enum verdict verdict, const char *entry,
	const char *text)
{
	char *line = xasprintf("%s %s", verdict_name(verdict), text);
	struct error err = {0};
	struct rule rule;

	if (rule_parse_line(text_of(line), &rule, &err)) {
		rule.source = xstrdup(entry);
		rule_list_take(&foreign->rules, &rule);
	} else {
		foreign_leave_out(foreign, entry, err.text);
	}
	free(line);
}

void foreign_add(
	struct foreign *foreign, enum verdict verdict, const char *entry, char *text)
{
	const char *object = strchr(text, ' ') + 1;

	if (strpbrk(object, " \t\r\n\"'#\\")) {
		foreign_leave_out(foreign, entry,
			"it has characters that mean something else here");
	} else {
		add_line(foreign, verdict, entry, text);
	}
	free(text);
}

/* Written out and read again: what is stored is what the text says. */
void foreign_add_program(struct foreign *foreign, enum verdict verdict,
	const char *entry, const char *program, char **arguments, size_t count)
{
	const struct rule rule = {
		.verdict = verdict,
		.verbs = 1U << VERB_EXEC,
		.pattern = (char *)(uintptr_t)program, /* only read */
		.argv_patterns = arguments,
		.argv_pattern_count = count,
		.has_argv = true,
	};
	char *text = rule_print(&rule);
	size_t before = foreign->rules.count;

	add_line(foreign, verdict, entry, text + strlen(verdict_name(verdict)) + 1);
	if (foreign->rules.count > before &&
		foreign->rules.rules[before].argv_pattern_count != count) {
		rule_finish(&foreign->rules.rules[before]);
		foreign->rules.count = before;
		foreign_leave_out(
			foreign, entry, "its arguments cannot be written down");
	}
	free(text);
}

/* ---- Whose word counts, there and here ---- */

static int strictness(enum verdict verdict)
{
	static const int ranks[VERDICT_COUNT] = {[VERDICT_ALLOW] = 0,
		[VERDICT_ASK] = 1,
		[VERDICT_DENY] = 2,
		[VERDICT_FORBID] = 3};

	return ranks[verdict];
}

static bool would_win_at(const struct rule *mild, const struct rule *strict,
	const struct rule_variables *variables)
{
	struct pattern a, b;
	struct precedence of_a, of_b;
	bool wins = false;

	if (!pattern_compile(mild, variables, &a)) {
		return false;
	}
	if (pattern_compile(strict, variables, &b)) {
		precedence_of(mild, &a, &of_a);
		precedence_of(strict, &b, &of_b);
		wins = pattern_overlaps(&a, &b) && precedence_compare(&of_a, &of_b) < 0;
		pattern_finish(&b);
	}
	pattern_finish(&a);
	return wins;
}

/* Anywhere, and where the project lies now: "~/work" may be what it lies in. */
static bool would_win(const struct foreign *foreign, const struct rule *mild,
	const struct rule *strict)
{
	static const struct rule_variables anywhere = {
		"/home/user", "/home/user/project", "/tmp/duenna-000000"};
	const struct rule_variables here = {.home = foreign->home,
		.project = foreign->project,
		.temporary = anywhere.temporary};

	return would_win_at(mild, strict, &anywhere) ||
	       would_win_at(mild, strict, &here);
}

/* The entry of the stricter rule that counted there, and that this one would overrule here. */
static const char *overruled(const struct foreign *foreign, size_t at)
{
	const struct rule *rule = &foreign->rules.rules[at];

	for (size_t i = foreign->last_match_wins ? at + 1 : 0; i < foreign->rules.count;
		i++) {
		const struct rule *other = &foreign->rules.rules[i];

		if (strictness(other->verdict) > strictness(rule->verdict) &&
			would_win(foreign, rule, other)) {
			return other->source;
		}
	}
	return NULL;
}

/* Here the more specific rule wins. All are looked at before any goes. */
static void drop_overruling(struct foreign *foreign)
{
	bool *drops = xcalloc(foreign->rules.count + 1, sizeof(*drops));
	struct rule_list kept = {0};

	for (size_t i = 0; i < foreign->rules.count; i++) {
		const char *other = overruled(foreign, i);

		drops[i] = other != NULL;
		if (other) {
			char *why =
				xasprintf("here it would win over \"%s\", being more "
					  "specific",
					other);
			foreign_leave_out(foreign, foreign->rules.rules[i].source, why);
			free(why);
		}
	}
	for (size_t i = 0; i < foreign->rules.count; i++) {
		if (drops[i]) {
			rule_finish(&foreign->rules.rules[i]);
		} else {
			rule_list_take(&kept, &foreign->rules.rules[i]);
		}
	}
	free(foreign->rules.rules);
	foreign->rules = kept;
	free(drops);
}

bool foreign_read(
	const char *tool, struct text text, struct foreign *foreign, struct error *err)
{
	static const struct {
		const char *name;
		bool (*read)(struct text, struct foreign *, struct error *);
	} readers[] = {
		{"claude-code", foreign_read_claude},
		{"codex", foreign_read_codex},
		{"gemini-cli", foreign_read_gemini},
		{"opencode", foreign_read_opencode},
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (strcmp(readers[i].name, tool) == 0) {
			if (!readers[i].read(text, foreign, err)) {
				return false;
			}
			drop_overruling(foreign);
			return true;
		}
	}
	return error_set(
		err, ERROR_USAGE, "the settings of \"%s\" cannot be read", tool);
}
