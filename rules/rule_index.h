/* SPDX-License-Identifier: MIT */
/*
 * Rules compiled for look-up. Immutable after creation: a changed rule set is a new
 * index, built away from the loop and swapped in.
 *
 * Precedence: (1) forbid; (2) the more specific object pattern; (3) more qualifiers;
 * (4) origin, but a deny that a person wrote is never beaten by origin; (5) the stricter
 * verdict. Rules of a repository are judged alone and the stricter of both holds.
 */
#ifndef RULES_RULE_INDEX_H
#define RULES_RULE_INDEX_H

#include "rules/rule.h"

struct rule_index;

/* Values of the variables in patterns. Paths are canonical, without trailing slash. */
struct rule_variables {
	const char *home;
	const char *project;
	const char *temporary; /* the session's own temporary folder, {tmp} */
};

struct judgement {
	enum verdict verdict;	 /* ASK when no rule matches */
	const struct rule *rule; /* the one that decided; NULL: none matched */
	/* Facts whose value could still change the verdict (enum fact); 0: final. */
	unsigned facts_missing;
};

/* Copies what it needs of the rules, which may go afterwards. Time is for `until`. */
struct rule_index *rule_index_create(
	const struct rule_list *rules, const struct rule_variables *variables);
void rule_index_destroy(struct rule_index *index);

/*
 * No allocation, no formatting, except where the action ignores case: then the stricter
 * verdict of its name as it is and of all names that may be the same file holds. now:
 * seconds since the epoch.
 */
struct judgement rule_index_judge(const struct rule_index *index,
	const struct action *action, const struct subject *subject, time_t now);

/* A canonical path, and whether names below it ignore case (struct action). */
struct folder {
	struct text name;
	bool ignores_case;
	bool is_left; /* what lies in it goes elsewhere */
};

static inline struct folder action_folder(const struct action *action)
{
	return (struct folder){
		action->object, action->ignores_case, action->verb == VERB_DELETE};
}

/*
 * The strictest verdict that any rule for this verb gives to something below folder,
 * if it is stricter than verdict; else verdict.
 */
struct judgement rule_index_judge_below(const struct rule_index *index, enum verb verb,
	struct folder folder, const struct subject *subject, time_t now);

/*
 * The same for one end of a move, given first: without the rules that hold for the same
 * things below the other end.
 */
struct judgement rule_index_judge_move(const struct rule_index *index, enum verb verb,
	const struct folder ends[2], const struct subject *subject, time_t now);

/*
 * What rules say of writing below a name that is about to lead to another folder: whoever
 * looks there finds what is in that. Only rules count that say the name itself, not those
 * about something in any folder.
 */
struct judgement rule_index_judge_alias(const struct rule_index *index,
	struct folder folder, const struct subject *subject, time_t now);

/*
 * As rule_index_judge_below, without rules that ask for a name in any folder (their
 * pattern begins with two stars and a slash).
 */
struct judgement rule_index_judge_named_below(const struct rule_index *index,
	enum verb verb, struct folder folder, const struct subject *subject,
	time_t now);

/* Every matching rule, best first, for `duenna why`; returns the number stored. */
size_t rule_index_matches(const struct rule_index *index, const struct action *action,
	const struct subject *subject, time_t now, const struct rule **rules,
	size_t max);

/* Why `better` beats `worse` on this action, as one sentence in words. */
void rule_index_explain(const struct rule_index *index, const struct rule *better,
	const struct rule *worse, char *buffer, size_t size);

/* Facts (enum fact, or-ed) that any qualifier of a loaded rule uses. */
uint32_t rule_index_facts_used(const struct rule_index *index);

/* Names of the labels that rules give to this object; returns the number stored. */
size_t rule_index_labels(const struct rule_index *index, const struct action *action,
	const char **labels, size_t max);

/*
 * Names of the labels that rules may give to something below a folder but not below
 * where it is moved to: they have to go along. Returns the number stored.
 */
size_t rule_index_labels_below(const struct rule_index *index, struct folder from,
	struct folder to, const char **labels, size_t max);

size_t rule_index_count(const struct rule_index *index);

#endif
