/* SPDX-License-Identifier: MIT */
#include "cli/rules_in_force.h"

#include "db/db.h"

/* A first session would create it: what is judged here is judged as there. */
static bool create_database(const char *path, struct error *err)
{
	struct db *db = db_open(path, DB_WRITE, err);

	if (!db) {
		return false;
	}
	db_close(db);
	return true;
}

bool rules_in_force_load(struct rules_in_force *rules, const char *database,
	const char *project, const char *const *rule_files, struct error *err)
{
	struct session_options options = {
		.ask = ASK_DENY, .project = project, .database = database};

	*rules = (struct rules_in_force){0};
	if (!config_load(&rules->config, err)) {
		return false;
	}
	if (!create_database(database, err) ||
		!places_find(&options, &rules->places, err)) {
		config_finish(&rules->config);
		return false;
	}
	rules->sources = (struct rule_sources){
		.places = &rules->places,
		.database = database,
		.rule_files = rule_files,
		.profiles = (const char *const *)rules->config.profiles,
		.no_default_profiles = rules->config.has_no_default_profiles,
	};
	if (rule_sources_load(&rules->sources, err)) {
		rules->set =
			rule_sources_compile(&rules->sources, rule_files != NULL, err);
		rule_sources_find_links(&rules->sources);
	}
	if (!rules->set) {
		rules_in_force_finish(rules);
		return false;
	}
	return true;
}

void rules_in_force_finish(struct rules_in_force *rules)
{
	rule_set_release(rules->set);
	rule_sources_finish(&rules->sources);
	places_finish(&rules->places);
	config_finish(&rules->config);
}
