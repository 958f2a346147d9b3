/* SPDX-License-Identifier: MIT */
/*
 * Names of rules that are symbolic links, or lie behind one. An action is about where all
 * links end, a rule perhaps about where they begin; this tells one from the other. As the
 * links are when a session begins: the tree makes none where rules name something.
 */
#ifndef SESSION_LINK_NAMES_H
#define SESSION_LINK_NAMES_H

#include "rules/rule_index.h"

enum { LINK_NAME_SIZE = 8448 };

struct link_name {
	char *place; /* where it leads, or a link on the way there; canonical */
	size_t place_length;
	char *name;	/* as rules have it */
	uint32_t verbs; /* that rules about it have */
	bool is_link;	/* place is a link: nothing lies below it */
};

struct link_names {
	struct link_name *list;
	size_t count;
};

/*
 * What the rules of the lists need, but for those that allow; a NULL ends them. Looks at the
 * file system: at the links on the way to each name, and in the folders of home and project
 * that patterns are about.
 */
void link_names_find(struct link_names *names, const struct rule_list *const *lists,
	const struct rule_variables *variables);
void link_names_finish(struct link_names *names);

/*
 * Adds a twin to each rule that does not allow and has a link as its `by` or `under`, about
 * the program at its end. For lists whose rules have negative ids, as those read from files.
 */
void link_programs_add(struct rule_list *rules, const struct rule_variables *variables);

/*
 * The action's object by that name, in buffer; false if it is not about it. moves: what
 * lies below the object goes away or comes along.
 */
bool link_name_apply(const struct link_name *link, const struct action *action,
	bool moves, char buffer[LINK_NAME_SIZE], struct text *object);

#endif
