/* SPDX-License-Identifier: MIT */
/* `duenna rules check` and `duenna rules load`: rule files. */
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/foreign.h"
#include "cli/locations.h"
#include "cli/report.h"
#include "cli/rule_file.h"
#include "cli/rules_effect.h"
#include "cli/show.h"
#include "rules/printer.h"
#include "session/rule_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What only tracees' own memory says can be claimed by any process. */
static void note_claims(const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];

		if (rule->kind == RULE_JUDGE && rule->verdict == VERDICT_ALLOW &&
			(rule->code || rule->via)) {
			report_note("%s: this allows by what a process says of "
				    "itself; it is only as trustworthy as that process",
				rule->source);
		}
	}
}

static int run_check(const struct command_line *line, struct error *err)
{
	const char *path = line->arguments[0];
	struct rule_list list = {0};
	size_t expected = 0;
	bool is_good = rule_file_read(path, &list, err) &&
		       rule_file_check(path, line->database, line->project, err);

	if (is_good) {
		for (size_t i = 0; i < list.count; i++) {
			expected += list.rules[i].kind == RULE_EXPECT;
		}
		char rules[SHOW_SIZE], expectations[SHOW_SIZE];

		(void)printf("%s: %s, %s\n", path,
			show_count((int64_t)(list.count - expected), "rule", rules),
			show_count((int64_t)expected, "expectation", expectations));
		note_claims(&list);
	}
	rule_list_finish(&list);
	return is_good ? EXIT_DONE : EXIT_FAILED;
}

/* Records of all rules but expectations; their texts are owned by texts. */
static size_t make_records(const struct rule_list *list,
	const struct rule_record *common, struct rule_record *records, char **texts)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];

		if (rule->kind == RULE_EXPECT) {
			continue;
		}
		texts[count] = rule_bare_text(rule);
		records[count] = *common;
		records[count].text = text_of(texts[count]);
		records[count].source = text_of(rule->source);
		records[count].until = rule->until;
		records[count].note = text_of(rule->note);
		count++;
	}
	return count;
}

static void store_all(const struct command_line *line, const struct rule_list *list,
	const struct rule_record *common, struct error *err)
{
	struct rule_record *records = xcalloc(list->count + 1, sizeof(*records));
	char **texts = xcalloc(list->count + 1, sizeof(*texts));
	size_t count = make_records(list, common, records, texts);
	struct db *db = db_open(line->database, DB_WRITE, err);
	char loaded[SHOW_SIZE];

	if (db && (count == 0 || db_rules_add(db, records, count, err))) {
		(void)printf("loaded %s from %s\n",
			show_count((int64_t)count, "rule", loaded), line->arguments[0]);
	}
	db_close(db);
	for (size_t i = 0; i < count; i++) {
		free(texts[i]);
	}
	free(texts);
	free(records);
}

/* ---- Other tools ---- */

static void print_foreign(const struct foreign *foreign)
{
	char rules[SHOW_SIZE];

	(void)printf("%s:\n", show_count((int64_t)foreign->rules.count, "rule", rules));
	for (size_t i = 0; i < foreign->rules.count; i++) {
		const struct rule *rule = &foreign->rules.rules[i];
		char *text = rule_print(rule);
		char *from = show_text(text_of(rule->source), 0);

		(void)printf("  %s\t# %s\n", text, from);
		free(from);
		free(text);
	}
	if (foreign->note_count > 0) {
		(void)printf(
			"not as it was there, or left out (%zu):\n", foreign->left_out);
	}
	for (size_t i = 0; i < foreign->note_count; i++) {
		(void)printf("  %s\n", foreign->notes[i]);
	}
}

/* The rules of another tool's settings, with a report; appended to list. */
static bool read_foreign(const struct command_line *line, const char *path,
	struct rule_list *list, struct error *err)
{
	const char *tool = option_text(line, "from");
	char *home = location_home(err);
	struct foreign foreign = {.home = home, .project = line->project};
	size_t length;
	char *bytes = home ? rule_file_bytes(path, &length, err) : NULL;
	bool is_good = bytes &&
		       foreign_read(tool, (struct text){bytes, length}, &foreign, err);

	if (is_good) {
		print_foreign(&foreign);
	}
	for (size_t i = 0; is_good && i < foreign.rules.count; i++) {
		struct rule *rule = &foreign.rules.rules[i];
		char *source = xasprintf("%s (%s: %s)", path, tool, rule->source);

		free(rule->source);
		rule->source = source;
		rule_list_take(list, rule);
	}
	if (is_good) {
		foreign.rules.count = 0; /* they were taken */
	}
	foreign_finish(&foreign);
	free(bytes);
	free(home);
	return is_good;
}

/* What storing them would change, without storing them. */
static bool print_effect(const struct command_line *line,
	const struct rule_record *common, const struct rule_list *list,
	struct error *err)
{
	const struct effect_options effect = {
		.database = line->database,
		.project = common->scope == SCOPE_PROJECT ? line->project : NULL,
		.added = list,
	};

	return rules_effect_print(&effect, err);
}

static int run_load(const struct command_line *line, struct error *err)
{
	struct rule_record common = {.origin = ORIGIN_FILE, .created = rules_now()};
	const char *path = line->arguments[0];
	struct rule_list list = {0};
	const char *tool = option_text(line, "from");
	bool is_checked = !tool && strcmp(path, "-") != 0;
	bool is_good = rules_read_scope(line, &common, err) &&
		       (tool ? read_foreign(line, path, &list, err)
			     : rule_file_read(path, &list, err)) &&
		       (!is_checked || rule_file_check(path, line->database,
					       line->project, err));

	if (is_good && option_given(line, "effect")) {
		is_good = print_effect(line, &common, &list, err);
	} else if (is_good) {
		store_all(line, &list, &common, err);
		note_claims(&list);
	}
	rule_list_finish(&list);
	return is_good ? EXIT_DONE : EXIT_FAILED;
}

const struct command rules_check = {
	.name = "check",
	.arguments = "FILE",
	.summary = "say what is wrong with a rule file",
	.description =
		"Prints every error as file:line:column: message and ends with 1 "
		"if there is one. Lines that begin with \"expect\" are checked "
		"against the file together with all other rules in force.",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_check,
};

static const struct option_row load_options[] = {
	{.name = "scope",
		.value = "SCOPE",
		.choices = "always|project",
		.meaning = "where the rules hold; always by default"},
	{.name = "from",
		.value = "TOOL",
		.choices = "claude-code|codex|gemini-cli|opencode",
		.meaning = "the file has the permission settings of another tool"},
	{.name = "effect",
		.meaning = "store nothing; say what would change in the recordings"},
	{0},
};

const struct command rules_load = {
	.name = "load",
	.arguments = "FILE",
	.summary = "store the rules of a file, all or none",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = load_options,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_load,
};
