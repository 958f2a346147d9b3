/* SPDX-License-Identifier: MIT */
#include "cli/learn_store.h"

#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/rule_file.h"

#include <stdlib.h>

static char *source_text(const int64_t *sources, size_t count)
{
	char *text = xstrdup(count == 1 ? "learning, session" : "learning, sessions");

	for (size_t i = 0; i < count; i++) {
		char *longer = xasprintf(
			"%s%s%lld", text, i ? ", " : " ", (long long)sources[i]);

		free(text);
		text = longer;
	}
	return text;
}

static struct rule_record record_of(
	const struct rule_to_store *rule, const char *project, char *text)
{
	return (struct rule_record){
		.text = text_of(text),
		.origin = ORIGIN_PERSON,
		.scope = project ? SCOPE_PROJECT : SCOPE_ALWAYS,
		.project = text_of(project),
		.created = rules_now(),
		.origin_session = rule->origin->session,
		.origin_event = rule->origin->event,
		.origin_question = rule->origin->question,
	};
}

bool learn_store(
	const char *database, const struct rules_to_store *learned, struct error *err)
{
	const size_t count = learned->count;
	struct rule_record *records = xcalloc(count + 1, sizeof(*records));
	char **texts = xcalloc(count + 1, sizeof(*texts));
	char *source = source_text(learned->sources, learned->source_count);

	for (size_t i = 0; i < count; i++) {
		texts[i] = rule_bare_text(learned->rules[i].rule);
		records[i] = record_of(&learned->rules[i], learned->project, texts[i]);
		records[i].source = text_of(source);
	}
	struct db *db = db_open(database, DB_WRITE, err);
	bool is_good = db && (count == 0 || db_rules_add(db, records, count, err));
	db_close(db);
	for (size_t i = 0; i < count; i++) {
		free(texts[i]);
	}
	free(records);
	free(texts);
	free(source);
	return is_good;
}
