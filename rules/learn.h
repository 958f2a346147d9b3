/* SPDX-License-Identifier: MIT */
/*
 * What people approved, turned into few rules. Examples are the approved actions that the
 * rules in force do not cover; rules/generalise.h says what each could be an example of;
 * of those the ones that cover most examples are taken, unless they would let through
 * what was ever denied, or would decide where another rule asks or denies. Pure: whoever
 * has the recordings adds the actions.
 */
#ifndef RULES_LEARN_H
#define RULES_LEARN_H

#include "base/error.h"
#include "rules/back_test.h"

struct learner;

struct learner *learner_create(time_t now);
void learner_destroy(struct learner *learner); /* accepts NULL */

/*
 * A project, or none, with the rules in force there. Both are borrowed until the learner
 * is destroyed. Gives the number of the place.
 */
size_t learner_add_place(struct learner *learner,
	const struct rule_variables *variables, const struct rule_list *rules);

/*
 * Adds a recorded action of that place. Texts are copied, the subject is borrowed.
 * is_source: it may be learned from; all are tested against.
 */
void learner_add(struct learner *learner, size_t place,
	const struct recorded_action *recorded, bool is_source);

/* An action that was learned from, or that stays a question. */
struct example {
	struct rule exact;			/* the rule for just this action */
	const struct recorded_action **records; /* in order of adding, not owned */
	size_t count;
};

struct proposal {
	struct rule_list
		rules;	    /* the rule, and perhaps one that keeps asking below it */
	bool is_unreviewed; /* nobody approved it: it was only observed */
	const struct example **examples; /* not owned */
	size_t example_count;
	int64_t events, sessions, answers;
	uint32_t *candidates; /* the learner's numbers of what it is made of */
	size_t candidate_count;
};

struct learn_totals {
	int64_t events;	   /* that were added */
	int64_t approvals; /* events of source sessions that a person approved */
	int64_t questions; /* that were put to a person, in all sessions */
	int64_t questions_answered; /* of those, by the rules in force */
	int64_t questions_saved;    /* and by the proposals */
	int64_t denials;	    /* events that were denied, and tested against */
	int64_t let_through;	    /* of those, by the proposals: none */
	int64_t unknown;	    /* events that cannot be judged again */
	int64_t dropped;	    /* proposals that failed the last test */
};

struct learned {
	struct proposal *proposals; /* reviewed first */
	size_t count;
	struct rule_list expectations;
	/* Approved, but asked about each time: what a rule asks about, and dangers. */
	const struct example **kept;
	size_t kept_count;
	/* Approved, but not learned for a denial or for what decided it. */
	const struct example **conflicting;
	size_t conflicting_count;
	struct learn_totals totals;
};

/* unreviewed: also proposes what was allowed by observation, apart. Call it once. */
void learner_run(struct learner *learner, bool unreviewed, struct learned *learned);
void learned_finish(struct learned *learned);

/*
 * What of the source sessions a person was asked about, or was denied since nobody was
 * there, and neither the rules in force nor the proposals decide: each different action
 * once, with how many events it stands for, in order.
 */
typedef void open_action_fn(void *context, size_t place,
	const struct recorded_action *first, int64_t events);
void learner_open_actions(
	struct learner *learner, open_action_fn *receive, void *context);

/* What its evidence has to do with: bits 1u << enum vector. */
unsigned proposal_vectors(const struct proposal *proposal);

/* What of all that was added a rule matches, by how it ended then. */
struct rule_matches {
	int64_t events;
	int64_t denied; /* by a person, a rule or Duenna, not for want of a person */
	int64_t let_through; /* of these: newly allowed */
};
void learner_count_matches(const struct learner *learner, const struct rule *rule,
	struct rule_matches *matches);

/* What a person makes of a proposal. */
enum proposal_change {
	PROPOSAL_WIDEN,	 /* to the next rule that covers more */
	PROPOSAL_NARROW, /* to the next that covers less, but all of its examples */
	PROPOSAL_SPLIT,	 /* into narrower ones that share its examples */
	PROPOSAL_DROP,
};

/*
 * Changes the proposal at *at and tests all of them anew on the recordings; *at is then
 * where the changed one is. How many examples speak for a wider rule is left to the
 * person, but a denial that it would let through, or a rule that it would overrule,
 * is not: then false with a sentence, and everything stays as it was.
 */
bool learned_change(struct learner *learner, struct learned *learned,
	enum proposal_change change, size_t *at, struct error *err);

/* Takes the last change back that is not taken back yet; false: there is none. */
bool learned_undo(struct learner *learner, struct learned *learned, size_t *at,
	struct error *err);

#endif
