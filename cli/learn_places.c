/* SPDX-License-Identifier: MIT */
#include "cli/learn_places.h"

#include "base/xalloc.h"
#include "db/db.h"

#include <stdlib.h>

static bool load(struct learn_place *place, const struct learn_rules *from,
	struct rule_sources *sources, struct error *err)
{
	const struct rule_filter filter = {.project = place->places.project};

	if (!rule_sources_load(sources, err)) {
		return false;
	}
	for (size_t i = 0; i < sources->fixed.count; i++) {
		if (sources->fixed.rules[i].kind != RULE_EXPECT) {
			rule_list_copy(&place->rules, &sources->fixed.rules[i]);
		}
	}
	struct db *db = db_open(from->database, DB_READ, err);
	bool is_good = db && db_rules_load(db, &filter, &place->rules, err);
	db_close(db);
	return is_good;
}

bool learn_place_init(struct learn_place *place, const char *project,
	const struct learn_rules *from, struct error *err)
{
	struct session_options options = {.ask = ASK_DENY,
		.project = *project ? project : NULL,
		.database = from->database};

	*place = (struct learn_place){.project = xstrdup(project)};
	if (!places_find(&options, &place->places, err)) {
		learn_place_finish(place);
		return false;
	}
	struct rule_sources sources = {.places = &place->places,
		.database = from->database,
		.rule_files = from->rule_files,
		.profiles = from->profiles,
		.no_default_profiles = from->no_default_profiles};
	place->variables = places_variables(&place->places);
	bool is_good = load(place, from, &sources, err);
	rule_sources_finish(&sources);
	if (!is_good) {
		learn_place_finish(place);
	}
	return is_good;
}

void learn_place_finish(struct learn_place *place)
{
	rule_list_finish(&place->rules);
	places_finish(&place->places);
	free(place->project);
	*place = (struct learn_place){0};
}
