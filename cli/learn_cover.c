/* SPDX-License-Identifier: MIT */
/* Walks from the last folder without a wildcard, to a limit. */
#include "cli/learn_cover.h"

#include "base/xalloc.h"
#include "rules/glob.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { FILES_MAX = 50000 };

struct walk {
	const struct proposal *proposal;
	struct rule_index *alone;    /* only the proposal's rules */
	struct rule_index *before;   /* the rules in force */
	struct rule_index *together; /* both */
	enum verb verb;
	struct cover *cover;
	size_t looked_at;
};

/* The folder that all matches lie in, as a path; NULL if there is nothing to walk. */
static char *literal_folder(const char *pattern, const struct rule_variables *variables)
{
	struct glob glob;
	size_t slash = 0;

	if (!glob_compile(text_of(pattern), variables, &glob)) {
		return NULL;
	}
	bool is_literal = glob_is_literal(&glob);
	char *path = xmalloc(glob.count + 1);
	for (size_t i = 0; i < glob.count && glob.units[i] < UNIT_ANY; i++) {
		path[i] = (char)glob.units[i];
		slash = path[i] == '/' ? i : slash;
	}
	path[slash] = '\0';
	glob_finish(&glob);
	if (is_literal || slash == 0) {
		free(path);
		return NULL;
	}
	return path;
}

static struct rule_index *index_of(const struct rule_list *first,
	const struct rule_list *second, const struct rule_variables *variables)
{
	size_t count = first->count + (second ? second->count : 0);
	/* The lists lend their rules. */
	struct rule_list both = {xcalloc(count + 1, sizeof(struct rule)), count, count};

	for (size_t i = 0; i < first->count; i++) {
		both.rules[i] = first->rules[i];
	}
	for (size_t i = 0; second && i < second->count; i++) {
		both.rules[first->count + i] = second->rules[i];
	}
	struct rule_index *index = rule_index_create(&both, variables);
	free(both.rules);
	return index;
}

static bool is_example(const struct proposal *proposal, struct text path)
{
	for (size_t i = 0; i < proposal->example_count; i++) {
		if (text_equal(
			    proposal->examples[i]->records[0]->action.object, path)) {
			return true;
		}
	}
	return false;
}

static void add_name(char **names, size_t count, struct text path)
{
	if (count < COVER_NAMES_MAX) {
		names[count] = text_copy(path);
	}
}

static void look_at(struct walk *walk, const FTSENT *entry)
{
	static const struct subject nobody = {.program = {"", 0},
		.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS,
		.code = CODE_NONE};
	struct text path = {entry->fts_path, entry->fts_pathlen};
	struct action action = {.verb = walk->verb,
		.object = path,
		.is_folder = entry->fts_info == FTS_D};
	struct cover *cover = walk->cover;
	time_t now = time(NULL);
	struct judgement alone = rule_index_judge(walk->alone, &action, &nobody, now);

	if (!alone.rule || is_example(walk->proposal, path) ||
		rule_index_judge(walk->before, &action, &nobody, now).verdict ==
			VERDICT_ALLOW) {
		return;
	}
	if (rule_index_judge(walk->together, &action, &nobody, now).verdict ==
		VERDICT_ALLOW) {
		add_name(cover->names, cover->files++, path);
	} else {
		add_name(cover->sensitive_names, cover->sensitive++, path);
	}
}

static void walk_folder(struct walk *walk, char *folder)
{
	char *const roots[] = {folder, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;

	if (!tree) {
		return;
	}
	walk->cover->is_known = true;
	walk->cover->is_complete = true;
	while ((entry = fts_read(tree)) != NULL) {
		if (entry->fts_info != FTS_DP && entry->fts_level > 0) {
			look_at(walk, entry);
		}
		if (++walk->looked_at == FILES_MAX) {
			walk->cover->is_complete = false;
			break;
		}
	}
	(void)fts_close(tree); /* it was only read */
}

void cover_find(const struct learn_place *place, const struct proposal *proposal,
	struct cover *cover)
{
	const struct rule *rule = &proposal->rules.rules[0];
	struct rule alone = *rule; /* borrows everything */
	struct rule_list lone = {&alone, 1, 1};

	*cover = (struct cover){0};
	if (verb_object_kind((enum verb)__builtin_ctz(rule->verbs)) != OBJECT_PATH) {
		return;
	}
	char *folder = literal_folder(rule->pattern, &place->variables);
	if (!folder) {
		return;
	}
	alone.by = NULL; /* whoever it is for, these are the files */
	alone.under = NULL;
	struct walk walk = {
		.proposal = proposal,
		.alone = index_of(&lone, NULL, &place->variables),
		.before = index_of(&place->rules, NULL, &place->variables),
		.together =
			index_of(&place->rules, &proposal->rules, &place->variables),
		.verb = (enum verb)__builtin_ctz(rule->verbs),
		.cover = cover,
	};
	walk_folder(&walk, folder);
	rule_index_destroy(walk.alone);
	rule_index_destroy(walk.before);
	rule_index_destroy(walk.together);
	free(folder);
}

void cover_finish(struct cover *cover)
{
	for (size_t i = 0; i < COVER_NAMES_MAX; i++) {
		free(cover->names[i]);
		free(cover->sensitive_names[i]);
	}
}
