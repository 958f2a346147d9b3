/* SPDX-License-Identifier: MIT */
/*
 * The rules that one approved action could be an example of, from itself to wider ones,
 * each with how many examples it takes. Nothing reaches across guard folders, public
 * suffixes, or the arguments of programs that run others; see rules/ladder.h.
 */
#ifndef RULES_GENERALISE_H
#define RULES_GENERALISE_H

#include "rules/rule_index.h"

/* Narrower first: of two that cover the same examples the narrower is taken. */
enum width {
	WIDTH_SURE, /* only parts that nobody chose are open */
	WIDTH_EXACT,
	WIDTH_RANDOM,	   /* random parts of names */
	WIDTH_KIND,	   /* files of one kind in a folder; arguments of one shape */
	WIDTH_FOLDER,	   /* all files in a folder; hosts of a domain */
	WIDTH_SUBCOMMAND2, /* a subcommand and its first argument */
	WIDTH_SUBCOMMAND,
	WIDTH_TREE_KIND, /* files of one kind in a tree */
	WIDTH_TREE,
	WIDTH_PROGRAM, /* any arguments */
	WIDTH_COUNT
};

struct widened {
	struct rule rule; /* allow, one verb, no qualifiers; the receiver's */
	enum width width;
	struct text part;    /* of this example, what the first wildcard stands for */
	size_t min_examples; /* different objects */
	size_t min_parts;    /* different parts */
	/* Two different parts are enough if each has two examples. */
	bool balances_parts;
	/* A tree: hidden folders in it are not meant. */
	bool has_hidden;
};

typedef void generalise_fn(void *context, struct widened *widened);

/* Calls receive for each rule, the exact one first. */
void generalise(const struct action *action, const struct rule_variables *variables,
	generalise_fn *receive, void *context);

/* Only the exact one: what a question would store for just this action. Owned. */
void generalise_exact(const struct action *action,
	const struct rule_variables *variables, struct rule *rule);

#endif
