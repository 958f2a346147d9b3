/* SPDX-License-Identifier: MIT */
/* The rules that answers have stored. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/app_fill.h"
#include "tui/lines.h"

#include <inttypes.h>
#include <stdlib.h>

static int by_hits(const void *a, const void *b)
{
	const struct tui_rule *left = a;
	const struct tui_rule *right = b;

	return (left->hits < right->hits) - (left->hits > right->hits);
}

static void add_rule(struct app *app, const struct tui_rule *rule)
{
	char clock[APP_CLOCK_SIZE];
	char *text = escape_copy(text_of(rule->text));
	char *last = rule->last_hit > 0
			     ? xasprintf(", last %s", app_clock(rule->last_hit, clock))
			     : xstrdup("");

	view_add(&app->view, rule->id, STYLE_PLAIN,
		xasprintf("%4" PRId64 "  %-8s %5" PRId64 " hit%s%s  %s", rule->id,
			rule->scope, rule->hits, rule->hits == 1 ? "" : "s", last,
			text));
	free(last);
	free(text);
}

static void rules_free(struct tui_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rules[i].text);
		free(rules[i].scope);
		free(rules[i].origin);
	}
	free(rules);
}

static bool rules_read(struct app *app, struct tui_rule **rules, size_t *count)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};

	*rules = NULL;
	*count = 0;
	if (memory == NULL || memory->rules == NULL) {
		view_set_problem(&app->view, "The rules cannot be read from here.");
		return false;
	}
	if (!memory->rules(memory->context, rules, count, &err)) {
		char *safe = escape_copy(text_of(err.text));
		view_set_problem(&app->view, safe);
		free(safe);
		return false;
	}
	return true;
}

void app_fill_rules(struct app *app)
{
	struct tui_rule *rules;
	size_t count;

	if (!rules_read(app, &rules, &count)) {
		return;
	}
	if (app->view.is_sorted && count > 0) {
		qsort(rules, count, sizeof(*rules), by_hits);
	}
	for (size_t i = 0; i < count; i++) {
		add_rule(app, &rules[i]);
	}
	rules_free(rules, count);
}

static void add_fields(struct app *app, const char *text)
{
	const int room = app->screen.columns - 2;
	struct lines lines = {.columns = room > LINES_COLUMNS_MAX   ? LINES_COLUMNS_MAX
					 : room < LINES_COLUMNS_MIN ? LINES_COLUMNS_MIN
								    : (unsigned)room};

	while (*text != '\0') {
		const size_t length = strcspn(text, "\n");
		const size_t tab = strcspn(text, "\t\n");
		char *label = xmemdup0(text, tab);
		char *value = xmemdup0(
			text + tab + (tab < length), length - tab - (tab < length));
		lines_field(&lines, label, value, 0);
		free(value);
		free(label);
		text += length + (text[length] == '\n' ? 1 : 0);
	}
	app_add_text(&app->view, lines.bytes != NULL ? lines.bytes : "");
	lines_finish(&lines);
}

void app_fill_rule(struct app *app)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	char *text = memory != NULL && memory->rule_details != NULL
			     ? memory->rule_details(memory->context, app->rule, &err)
			     : NULL;

	if (text == NULL) {
		view_set_problem(&app->view, "This cannot be read from here.");
		return;
	}
	add_fields(app, text);
	free(text);
}

void app_begin_rule_edit(struct app *app, int64_t id)
{
	struct tui_rule *rules;
	size_t count;

	if (!rules_read(app, &rules, &count)) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (rules[i].id == id) {
			view_ask(&app->view, PROMPT_TEXT,
				xasprintf("rule %" PRId64 ": ", id), rules[i].text);
		}
	}
	rules_free(rules, count);
}

void app_change_rule(struct app *app, int64_t id, const char *text)
{
	const struct tui_memory *memory = app->options.memory;
	struct error err = {0};
	bool done;

	if (text != NULL) {
		done = memory->edit != NULL &&
		       memory->edit(memory->context, id, text, &err);
	} else {
		done = memory->revoke != NULL &&
		       memory->revoke(memory->context, id, &err);
	}
	app_fill_view(app);
	char *safe = done ? xasprintf("rule %" PRId64 " is %s", id,
				    text != NULL ? "changed" : "revoked")
			  : escape_copy(text_of(err.text));
	view_set_problem(&app->view, safe);
	free(safe);
}
