/* SPDX-License-Identifier: MIT */
/*
 * `duenna rules export`: the stored rules as a file meant for others to read, and as far
 * as they can be said there as lists for Landlock, bubblewrap and sandbox-runtime.
 */
#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/event_json.h"
#include "cli/learn_cover.h"
#include "cli/report.h"
#include "cli/show.h"
#include "rules/pattern_overlap.h"
#include "rules/printer.h"

#include <jansson.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- As a rule file ---- */

static const char *const group_names[] = {
	[OBJECT_PATH] = "Files",
	[OBJECT_PROGRAM] = "Programs",
	[OBJECT_HOST] = "Hosts and sockets",
	[OBJECT_NAME] = "Processes, kernel powers and tools",
};

struct exported {
	char *text; /* of a rule file, with note and expiry */
	char *evidence;
	enum object_kind kind;
};

/* By group and text: the same rules give the same file. */
static int exported_compare(const void *a, const void *b)
{
	const struct exported *x = a;
	const struct exported *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind
				  : strcmp(x->text, y->text);
}

static char *evidence_of(const struct rule_record *record)
{
	char date[SHOW_SIZE], actions[SHOW_SIZE];
	char *source = show_text(record->source, 0);
	char *text =
		xasprintf("%.10s, %s%s; decided %s", show_date(record->created, date),
			*source			  ? "from "
			: record->origin_question ? "an answer"
						  : "added by hand",
			source, show_count(record->hits, "action", actions));

	free(source);
	return text;
}

static bool export_add(const struct rule_record *record, struct exported **list,
	size_t *count, struct error *err)
{
	struct rule rule;

	if (!db_rule_parse(record, &rule, err)) {
		return false;
	}
	*list = xreallocarray(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = (struct exported){
		.text = rule_print(&rule),
		.evidence = evidence_of(record),
		.kind = verb_object_kind((enum verb)__builtin_ctz(rule.verbs)),
	};
	rule_finish(&rule);
	return true;
}

static void print_file(const struct exported *list, size_t count)
{
	(void)puts(
		"# Stored rules of Duenna; take them in with: duenna rules load FILE");
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || list[i].kind != list[i - 1].kind) {
			(void)printf("\n# ---- %s ----\n", group_names[list[i].kind]);
		}
		(void)printf("# %s\n%s\n", list[i].evidence, list[i].text);
	}
}

static void export_file(const struct command_line *line, struct error *err)
{
	const struct rule_filter filter = {.project = line->project};
	struct db *db = db_open(line->database, DB_READ, err);
	struct exported *list = NULL;
	struct rule_record record;
	size_t count = 0;
	bool is_good = db && db_rules_begin(db, &filter, err);

	while (is_good && db_rules_next(db, &record, err)) {
		is_good = export_add(&record, &list, &count, err);
	}
	db_close(db);
	if (count > 0) {
		qsort(list, count, sizeof(*list), exported_compare);
	}
	if (!err->code) {
		print_file(list, count);
	}
	for (size_t i = 0; i < count; i++) {
		free(list[i].text);
		free(list[i].evidence);
	}
	free(list);
}

/* ---- As lists of others ---- */

struct lists {
	const struct learn_place *place;
	json_t *reads, *writes, *execs, *hosts; /* allowed */
	json_t *denied_reads, *denied_writes, *denied_hosts;
};

static void leave_out(const struct rule *rule, const char *why)
{
	char *text = rule_print(rule);
	char *safe = escape_copy(text_of(text));

	report_note("left out: %s: %s", safe, why);
	free(safe);
	free(text);
}

static bool has_qualifiers(const struct rule *rule)
{
	return rule->by || rule->under || rule->via || rule->code || rule->after ||
	       rule->until;
}

/* The path of a pattern without wildcards, or of a whole tree; owned; NULL: neither. */
static char *plain_path(const struct rule *rule, const struct rule_variables *variables)
{
	struct glob glob;
	size_t length;

	if (!glob_compile(text_of(rule->pattern), variables, &glob)) {
		return NULL;
	}
	length = glob.count;
	if (length > 2 && glob.units[length - 1] == UNIT_DEPTH &&
		glob.units[length - 2] == '/') {
		length -= 2;
	}
	char *path = xmalloc(length + 1);
	bool is_plain = length > 0;
	for (size_t i = 0; i < length; i++) {
		is_plain = is_plain && glob.units[i] < UNIT_ANY;
		path[i] = (char)glob.units[i];
	}
	path[length] = '\0';
	glob_finish(&glob);
	if (!is_plain) {
		free(path);
		return NULL;
	}
	return path;
}

/* Lists of domains know no addresses. */
static bool is_address(const struct pattern *pattern)
{
	return pattern->kind == PATTERN_HOST &&
	       (pattern->host.kind == HOST_ADDRESS ||
		       pattern->host.kind == HOST_NETWORK);
}

/* About names in any folder: what counts is whether there are such files. */
static bool is_anywhere(const struct rule *rule)
{
	return strstr(rule->pattern, "/**/") != NULL;
}

/* False if files below are asked about or denied by name, or it cannot be said. */
static bool has_no_exceptions(const struct learn_place *place, const struct rule *rule)
{
	struct rule copy = *rule; /* borrows everything */
	const struct proposal alone = {.rules = {&copy, 1, 1}};
	size_t length = strlen(rule->pattern);
	struct cover cover;

	if (length < 3 || strcmp(rule->pattern + length - 3, "/**") != 0) {
		return true;
	}
	cover_find(place, &alone, &cover);
	bool is_clean = cover.is_known && cover.is_complete && cover.sensitive == 0;
	cover_finish(&cover);
	return is_clean;
}

/* A rule in force that asks or denies within what the rule allows; NULL: none. */
static const struct rule *exception_to(
	const struct learn_place *place, const struct rule *rule)
{
	const struct rule *found = NULL;
	struct pattern wide, other;

	if (!pattern_compile(rule, &place->variables, &wide)) {
		return NULL;
	}
	for (size_t i = 0; i < place->rules.count && !found; i++) {
		const struct rule *candidate = &place->rules.rules[i];

		if (candidate->kind != RULE_JUDGE ||
			candidate->verdict == VERDICT_ALLOW ||
			strcmp(candidate->pattern, "*") == 0 ||
			!pattern_compile(candidate, &place->variables, &other)) {
			continue;
		}
		bool is_exception = pattern_overlaps(&wide, &other) &&
				    !is_address(&other) && !is_anywhere(candidate);
		found = is_exception ? candidate : NULL;
		pattern_finish(&other);
	}
	pattern_finish(&wide);
	return found;
}

static void append(json_t *list, const char *text)
{
	json_t *value = json_string(text);

	for (size_t i = 0; value && i < json_array_size(list); i++) {
		if (json_equal(json_array_get(list, i), value)) {
			json_decref(value);
			return;
		}
	}
	if (value) { /* a path that is not UTF-8 cannot be said there */
		(void)json_array_append_new(list, value);
	}
}

static void add_path(struct lists *lists, const struct rule *rule, const char *path)
{
	bool allows = rule->verdict == VERDICT_ALLOW;
	bool reads = rule->verbs & 1U << VERB_READ;
	bool changes = rule->verbs & (1U << VERB_WRITE | 1U << VERB_DELETE);
	bool changes_all = (rule->verbs & 1U << VERB_WRITE) &&
			   (rule->verbs & 1U << VERB_DELETE) &&
			   (rule->verbs & 1U << VERB_META);

	if (allows && !has_no_exceptions(lists->place, rule)) {
		leave_out(rule,
			"there is no such folder, or other rules ask about or deny "
			"files in it");
		return;
	}
	if (reads) {
		append(allows ? lists->reads : lists->denied_reads, path);
	}
	if (changes && !allows) {
		append(lists->denied_writes, path);
	} else if (changes && changes_all) {
		append(lists->writes, path);
	} else if (changes) {
		leave_out(rule, "there, writing is also deleting and changing modes");
	}
}

/* "host:443" to "host"; NULL if there is no name, or it is for other ports. */
static char *plain_host(const struct rule *rule)
{
	const char *colon = strrchr(rule->pattern, ':');
	bool is_name = colon && strspn(rule->pattern,
					"abcdefghijklmnopqrstuvwxyz0123456789-.*") ==
					(size_t)(colon - rule->pattern);
	bool has_letter = is_name &&
			  strpbrk(rule->pattern, "abcdefghijklmnopqrstuvwxyz") &&
			  strpbrk(rule->pattern, "abcdefghijklmnopqrstuvwxyz") < colon;
	bool is_any_port = colon && strcmp(colon, ":*") == 0;

	/* There a domain stands for all of its ports. */
	return has_letter && (is_any_port || rule->verdict != VERDICT_ALLOW)
		       ? xmemdup0(rule->pattern, (size_t)(colon - rule->pattern))
		       : NULL;
}

static void add_host(struct lists *lists, const struct rule *rule)
{
	char *host = plain_host(rule);

	if (!host) {
		leave_out(rule, "there, a host is a name with all of its ports");
	} else {
		append(rule->verdict == VERDICT_ALLOW ? lists->hosts
						      : lists->denied_hosts,
			host);
	}
	free(host);
}

/* What is allowed must be allowed as a whole; what asks counts as denied. */
static void add_rule(struct lists *lists, const struct rule *rule)
{
	bool allows = rule->verdict == VERDICT_ALLOW;
	enum object_kind kind = verb_object_kind((enum verb)__builtin_ctz(rule->verbs));
	const struct rule *exception = allows ? exception_to(lists->place, rule) : NULL;
	char *path;

	if (allows && has_qualifiers(rule)) {
		leave_out(rule, "there, a rule is for every program and for good");
	} else if (exception) {
		char *text = rule_print(exception);
		char *why = xasprintf("within it holds: %s", text);

		leave_out(rule, why);
		free(why);
		free(text);
	} else if (kind == OBJECT_HOST && rule->verbs & 1U << VERB_CONNECT) {
		add_host(lists, rule);
	} else if ((kind == OBJECT_PATH ||
			   (kind == OBJECT_PROGRAM && !rule->has_argv)) &&
		   (path = plain_path(rule, &lists->place->variables)) != NULL) {
		if (kind == OBJECT_PROGRAM && allows) {
			append(lists->execs, path);
		} else if (kind == OBJECT_PATH) {
			add_path(lists, rule, path);
		} else {
			leave_out(rule, "there, programs are only allowed");
		}
		free(path);
	} else {
		leave_out(rule, "there is no list for it, or it has wildcards");
	}
}

static void print_list(const char *option, const json_t *list, bool twice)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *safe = escape_quoted(
			text_of(json_string_value(json_array_get(list, i))));

		(void)printf(twice ? "%s %s %s\n" : "%s %s\n", option, safe, safe);
		free(safe);
	}
}

static void print_lists(const struct lists *lists, const char *to)
{
	if (strcmp(to, "landlock") == 0) { /* one right and path a line */
		print_list("read", lists->reads, false);
		print_list("write", lists->writes, false);
		print_list("execute", lists->execs, false);
	} else if (strcmp(to, "bwrap") == 0) {
		print_list("--ro-bind", lists->reads, true);
		print_list("--ro-bind", lists->execs, true);
		print_list("--bind", lists->writes, true);
	} else {
		json_print_line(json_pack("{s:{s:O,s:O},s:{s:O,s:O,s:O}}", "network",
			"allowedDomains", lists->hosts, "deniedDomains",
			lists->denied_hosts, "filesystem", "denyRead",
			lists->denied_reads, "allowWrite", lists->writes, "denyWrite",
			lists->denied_writes));
		report_note("there, reading is allowed but for what is listed");
	}
}

/*
 * Where reading is allowed but for a list, what profiles and files ask about or deny
 * belongs on it. Gives how many rules cannot be said there.
 */
static size_t add_others(struct lists *lists)
{
	size_t left_out = 0;

	for (size_t i = 0; i < lists->place->rules.count; i++) {
		const struct rule *rule = &lists->place->rules.rules[i];
		bool is_meant = rule->kind == RULE_JUDGE && rule->id <= 0 &&
				rule->verdict != VERDICT_ALLOW &&
				rule->verbs & 1U << VERB_READ &&
				strcmp(rule->pattern, "*") != 0;
		char *path =
			is_meant ? plain_path(rule, &lists->place->variables) : NULL;

		if (path) {
			add_path(lists, rule, path);
		}
		left_out += is_meant && !path;
		free(path);
	}
	return left_out;
}

static void export_lists(
	const struct command_line *line, const char *to, struct error *err)
{
	const struct learn_rules from = {.database = line->database};
	struct learn_place place;
	struct lists lists = {.place = &place};
	json_t **all[] = {&lists.reads, &lists.writes, &lists.execs, &lists.hosts,
		&lists.denied_reads, &lists.denied_writes, &lists.denied_hosts};

	if (!learn_place_init(&place, line->project ? line->project : "", &from, err)) {
		return;
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i] = json_array();
	}
	for (size_t i = 0; i < place.rules.count; i++) {
		const struct rule *rule = &place.rules.rules[i];

		if (rule->kind == RULE_JUDGE && rule->id > 0) { /* stored */
			add_rule(&lists, rule);
		}
	}
	size_t left_out = strcmp(to, "sandbox-runtime") == 0 ? add_others(&lists) : 0;
	print_lists(&lists, to);
	if (left_out > 0) {
		report_note(
			"left out: %zu rules of profiles and files that ask about or "
			"deny reading, since they have wildcards",
			left_out);
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_decref(*all[i]);
	}
	learn_place_finish(&place);
}

static int run_export(const struct command_line *line, struct error *err)
{
	const char *to = option_text(line, "to");

	if (to) {
		export_lists(line, to, err);
	} else {
		export_file(line, err);
	}
	return EXIT_DONE;
}

static const struct option_row export_options[] = {
	{.name = "to",
		.value = "TOOL",
		.choices = "landlock|bwrap|sandbox-runtime",
		.meaning = "as path lists or settings of another tool"},
	{0},
};

const struct command rules_export_command = {
	.name = "export",
	.arguments = "",
	.summary = "print the stored rules that hold here as a rule file",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = export_options,
	.run = run_export,
};
