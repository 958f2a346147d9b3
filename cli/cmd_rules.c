/* SPDX-License-Identifier: MIT */
/* `duenna rules`: the stored rules. Rule files are cmd_rules_file.c. */
#include "cli/cmd_rules.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/rule_file.h"
#include "cli/rule_provenance.h"
#include "cli/show.h"
#include "rules/parser.h"
#include "rules/printer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

static const char no_rules[] =
	"no stored rules yet; answers become rules, and so does: "
	"duenna rules add RULE";

/* ---- list ---- */

static void print_end(const struct rule_record *rule, const char *lead)
{
	char date[SHOW_SIZE];

	if (rule->until) {
		/* the last second in which it holds */
		(void)printf("%suntil %s%s\n", lead,
			show_date((rule->until - 1) * NANOSECONDS, date),
			rule->until <= time(NULL) ? ": it is over" : "");
	}
}

/* Where and until when it holds, where it comes from, and the note. */
static void print_limits(const struct rule_record *rule)
{
	char *project = show_text(rule->project, 0);
	char *note = show_text(rule->note, 0);
	char *source = show_text(rule->source, 0);
	const char *lead = "                                    ";

	if (rule->scope == SCOPE_PROJECT) {
		(void)printf("%sin %s\n", lead, project);
	} else if (rule->session) {
		(void)printf("%sin session %lld\n", lead, (long long)rule->session);
	}
	print_end(rule, lead);
	if (rule->source.length) {
		(void)printf("%sfrom %s\n", lead, source);
	} else if (rule->origin_question) {
		(void)printf("%sanswer in session %lld\n", lead,
			(long long)rule->origin_session);
	}
	if (rule->note.length) {
		(void)printf("%snote: %s\n", lead, note);
	}
	free(project);
	free(note);
	free(source);
}

static void print_rule(const struct rule_record *rule)
{
	char date[SHOW_SIZE];
	char *text = show_text(rule->text, 0);

	(void)printf("%4lld  %-7s %6lld  %-10.10s  %s\n", (long long)rule->id,
		scope_name(rule->scope), (long long)rule->hits,
		show_date(rule->last_hit, date), text);
	print_limits(rule);
	free(text);
}

/* NULL without err->code if there is no database, which was said then. */
static struct db *open_for_rules(const char *path, struct error *err)
{
	struct db *db = db_open(path, DB_READ, err);

	if (!db && err->code == ERROR_NOT_FOUND) {
		*err = (struct error){0};
		(void)puts(no_rules);
	}
	return db;
}

/* Rules are numbered first: telling of one reads the rules anew. */
static int64_t *list_ids(struct db *db, size_t *count, struct error *err)
{
	struct rule_record rule;
	int64_t *ids = NULL;

	*count = 0;
	bool is_good = db_rules_begin(db, &(struct rule_filter){.all = true}, err);
	while (is_good && db_rules_next(db, &rule, err)) {
		ids = xreallocarray(ids, *count + 1, sizeof(*ids));
		ids[(*count)++] = rule.id;
	}
	return ids;
}

static void show_one(struct db *db, int64_t id, struct error *err)
{
	char *text = rule_provenance(db, id, err);

	if (text) {
		(void)printf("rule %lld\n", (long long)id);
	}
	for (char *line = text; line && *line;) {
		char *end = strchrnul(line, '\n');
		char *tab = strchrnul(line, '\t');

		(void)printf("  %-10.*s %.*s\n", (int)(tab - line), line,
			(int)(end - tab - 1), tab + 1);
		line = *end ? end + 1 : end;
	}
	free(text);
}

static void list_verbose(struct db *db, struct error *err)
{
	size_t count;
	int64_t *ids = list_ids(db, &count, err);

	for (size_t i = 0; i < count && !err->code; i++) {
		(void)fputs(i ? "\n" : "", stdout);
		show_one(db, ids[i], err);
	}
	if (!err->code && count == 0) {
		(void)puts(no_rules);
	}
	free(ids);
}

static void list_table(struct db *db, struct error *err)
{
	struct rule_record rule;
	size_t count = 0;
	bool is_good = db_rules_begin(db, &(struct rule_filter){.all = true}, err);

	while (is_good && db_rules_next(db, &rule, err)) {
		if (count++ == 0) {
			(void)puts("  ID  SCOPE     HITS  LAST HIT    RULE");
		}
		print_rule(&rule);
	}
	if (!err->code && count == 0) {
		(void)puts(no_rules);
	}
}

static int run_list(const struct command_line *line, struct error *err)
{
	struct db *db = open_for_rules(line->database, err);

	if (db && option_given(line, "verbose")) {
		list_verbose(db, err);
	} else if (db) {
		list_table(db, err);
	}
	db_close(db);
	return EXIT_DONE;
}

/* ---- add, remove, undo ---- */

static char *join_arguments(const struct command_line *line)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < line->argument_count; i++) {
		char *longer =
			xasprintf("%s%s%s", text, i ? " " : "", line->arguments[i]);

		free(text);
		text = longer;
	}
	return text;
}

int64_t rules_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

bool rules_read_scope(
	const struct command_line *line, struct rule_record *record, struct error *err)
{
	const char *scope = option_text(line, "scope");

	record->scope = SCOPE_ALWAYS;
	if (scope && strcmp(scope, "project") == 0) {
		if (!line->project) {
			return error_set(err, ERROR_USAGE,
				"there is no project here; name one with --project "
				"DIR");
		}
		record->scope = SCOPE_PROJECT;
		record->project = text_of(line->project);
	}
	return true;
}

/* The id of a stored rule that says the same and holds where record does; 0: none. */
static int64_t find_same(
	struct db *db, const struct rule_record *record, struct error *err)
{
	struct rule_filter filter = {.all = true};
	struct rule_record stored;
	int64_t id = 0;

	if (!db_rules_begin(db, &filter, err)) {
		return 0;
	}
	while (db_rules_next(db, &stored, err)) {
		if (stored.scope == record->scope && stored.until == record->until &&
			text_equal(stored.project, record->project) &&
			text_equal(stored.text, record->text)) {
			id = stored.id;
		}
	}
	return id;
}

static void store_one(
	struct db *db, const struct rule_record *record, struct error *err)
{
	int64_t id = find_same(db, record, err);

	if (err->code) {
		return;
	}
	if (id) {
		(void)printf("rule %lld says that already\n", (long long)id);
	} else if (db_rule_add(db, record, &id, err)) {
		char *text = show_text(record->text, 0);

		(void)printf("rule %lld: %s\n", (long long)id, text);
		print_end(record, "        ");
		free(text);
	}
}

static bool check_kind(const struct rule *rule, struct error *err)
{
	if (rule->kind == RULE_EXPECT) {
		return error_set(err, ERROR_USAGE,
			"an expectation belongs in a rule file; test it with: duenna "
			"rules check FILE");
	}
	return true;
}

static int run_add(const struct command_line *line, struct error *err)
{
	struct rule_record record = {.origin = ORIGIN_PERSON, .created = rules_now()};
	struct rule rule = {0};
	char *written = join_arguments(line);
	bool is_good = rules_read_scope(line, &record, err) &&
		       rule_parse_line(text_of(written), &rule, err) &&
		       check_kind(&rule, err);

	if (is_good) {
		char *text = rule_bare_text(&rule);
		struct db *db = db_open(line->database, DB_WRITE, err);

		record.text = text_of(text);
		record.until = rule.until;
		record.note = text_of(rule.note);
		if (db) {
			store_one(db, &record, err);
		}
		db_close(db);
		free(text);
	}
	rule_finish(&rule);
	free(written);
	return EXIT_DONE;
}

static bool read_id(const char *argument, int64_t *id, struct error *err)
{
	char *end;

	errno = 0;
	intmax_t value = strtoimax(argument, &end, 10);
	if (errno || end == argument || *end || value <= 0) {
		return error_set(err, ERROR_USAGE,
			"\"%s\" is no rule's number; duenna rules lists them",
			argument);
	}
	*id = value;
	return true;
}

static int run_show(const struct command_line *line, struct error *err)
{
	struct db *db = db_open(line->database, DB_READ, err);

	for (size_t i = 0; db && i < line->argument_count && !err->code; i++) {
		int64_t id = 0;

		(void)fputs(i ? "\n" : "", stdout);
		if (read_id(line->arguments[i], &id, err)) {
			show_one(db, id, err);
		}
	}
	db_close(db);
	return EXIT_DONE;
}

static int run_remove(const struct command_line *line, struct error *err)
{
	struct db *db = db_open(line->database, DB_WRITE, err);

	for (size_t i = 0; db && i < line->argument_count && !err->code; i++) {
		int64_t id = 0;

		if (read_id(line->arguments[i], &id, err) &&
			db_rule_remove(db, id, err)) {
			(void)printf("removed rule %lld\n", (long long)id);
		}
	}
	db_close(db);
	return EXIT_DONE;
}

/* Says which rules were stored last, together. */
static bool print_last_addition(struct db *db, struct error *err)
{
	struct rule_filter filter = {.all = true};
	struct rule_record rule;
	struct error local = {0};
	int64_t last = 0;

	for (int pass = 0; pass < 2; pass++) {
		if (!db_rules_begin(db, &filter, err)) {
			return false;
		}
		while (db_rules_next(db, &rule, &local)) {
			if (pass == 1 && rule.addition == last) {
				char *text = show_text(rule.text, 0);

				(void)printf("took back rule %lld: %s\n",
					(long long)rule.id, text);
				free(text);
			}
			last = pass == 0 ? rule.addition : last;
		}
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}

static int run_undo(const struct command_line *line, struct error *err)
{
	struct db *db = db_open(line->database, DB_WRITE, err);
	size_t removed;

	if (db && print_last_addition(db, err) && db_rules_undo(db, &removed, err) &&
		removed == 0) {
		(void)puts("there is nothing to take back");
	}
	db_close(db);
	return EXIT_DONE;
}

const struct option_row rules_scope_options[] = {
	{.name = "scope",
		.value = "SCOPE",
		.choices = "always|project",
		.meaning = "where the rule holds; always by default"},
	{0},
};

static const struct option_row list_options[] = {
	{.name = "verbose",
		.letter = 'v',
		.meaning = "say of each where it comes from, as show does"},
	{0},
};

static const struct command rules_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the stored rules with their hits",
	.common = COMMON_DATABASE,
	.options = list_options,
	.run = run_list,
};

static const struct command rules_show = {
	.name = "show",
	.arguments = "ID...",
	.summary = "say where a rule comes from: question, processes, time",
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_show,
};

static const struct command rules_add = {
	.name = "add",
	.arguments = "RULE",
	.summary = "store a rule",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = rules_scope_options,
	.arguments_min = 1,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_add,
};

static const struct command rules_remove = {
	.name = "remove",
	.arguments = "ID...",
	.summary = "remove stored rules",
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = ARGUMENTS_ANY,
	.run = run_remove,
};

static const struct command rules_undo = {
	.name = "undo",
	.arguments = "",
	.summary = "take back the rule, or the file of rules, that was stored last",
	.common = COMMON_DATABASE,
	.run = run_undo,
};

static const struct command *const subcommands[] = {&rules_list, &rules_show,
	&rules_add, &rules_remove, &rules_undo, &rules_review_command, &rules_check,
	&rules_load, &rules_accept_command, &rules_export_command, NULL};

const struct command command_rules = {
	.name = "rules",
	.arguments = "[list|show|add|remove|undo|review|check|load|accept|export]",
	.summary = "list, show, store, remove, review, check, load and export rules",
	.subcommands = subcommands,
};
