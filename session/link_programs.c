/* SPDX-License-Identifier: MIT */
/* Programs that rules name by links: a process' program is what it really runs. */
#include "base/xalloc.h"
#include "rules/glob.h"
#include "rules/printer.h"
#include "session/link_names.h"
#include "session/link_way.h"

#include <stdlib.h>
#include <string.h>

/* The path that a pattern without wildcards is; owned; NULL: it has some, or no value. */
static char *literal_path(const char *pattern, const struct rule_variables *variables)
{
	struct glob glob;
	char *path = NULL;

	if (!glob_compile(text_of(pattern), variables, &glob)) {
		return NULL;
	}
	if (glob_is_literal(&glob)) {
		path = xcalloc(glob.count + 1, 1);
		for (size_t i = 0; i < glob.count; i++) {
			path[i] = (char)glob.units[i];
		}
	}
	glob_finish(&glob);
	return path;
}

/* What is run by that name, as a pattern; owned; NULL: there is no link. */
static char *program_behind(const char *pattern, const struct rule_variables *variables)
{
	char *path = pattern != NULL ? literal_path(pattern, variables) : NULL;
	struct link_way way = {0};
	char *place = path != NULL ? link_way_follow(&way, path) : NULL;
	char *result = way.count > 0 ? pattern_quote_literal(text_of(place)) : NULL;

	link_way_finish(&way);
	free(place);
	free(path);
	return result;
}

/* The same rule about the program at the end of the links; takes program. */
static void add_twin(struct rule_list *rules, size_t at, bool is_by, char *program)
{
	struct rule twin;

	rule_copy(&twin, &rules->rules[at]);
	char **field = is_by ? &twin.by : &twin.under;
	free(*field);
	*field = program;
	twin.id = -(int64_t)rules->count - 1;
	rule_list_take(rules, &twin);
}

void link_programs_add(struct rule_list *rules, const struct rule_variables *variables)
{
	/* Twins come last and are looked at as well: their other program may be a link. */
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->rules[i].kind != RULE_JUDGE ||
			rules->rules[i].verdict == VERDICT_ALLOW) {
			continue;
		}
		char *by = program_behind(rules->rules[i].by, variables);
		if (by != NULL) {
			add_twin(rules, i, true, by);
		}
		char *under = program_behind(rules->rules[i].under, variables);
		if (under != NULL) {
			add_twin(rules, i, false, under);
		}
	}
}
