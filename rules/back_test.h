/* SPDX-License-Identifier: MIT */
/*
 * A recorded action judged again by other rules, from nothing but the action: what a
 * proposed rule would have changed. A whole session is judged again, with its calls and
 * its tree, by session/rejudge.h.
 */
#ifndef RULES_BACK_TEST_H
#define RULES_BACK_TEST_H

#include "rules/rule_index.h"

/* What decided an action when it was recorded. */
enum recorded_by {
	RECORDED_BY_RULE,     /* of a file, a profile or a stored one */
	RECORDED_BY_PERSON,   /* an answer */
	RECORDED_BY_NOBODY,   /* not covered, and allowed by --ask allow */
	RECORDED_BY_HEADLESS, /* not covered, and denied: nobody was there */
	RECORDED_BY_BUILT_IN,
};

struct recorded_action {
	struct action action;
	const struct subject *subject; /* not NULL */
	enum verdict verdict;
	enum recorded_by by;
	struct text rule_text; /* the rule that decided; empty: none */
	int64_t session, event;
	int64_t question; /* 0: nobody was asked */
	int64_t count;	  /* how many equal events it stands for */
	unsigned vectors; /* what it has to do with: bits 1u << enum vector */
	/* Something that rules look at was masked or could not be read. */
	bool is_partial;
	/* By a rule that a person stored, or an answer. */
	bool is_persons;
	/* What allowed or denied it was taken back by the person later. */
	bool is_taken_back;
};

/* What the rules alone said then: ASK where a person, or nobody, had to decide. */
enum verdict recorded_rule_verdict(const struct recorded_action *recorded);

enum back_test_outcome {
	BACK_TEST_SAME,
	BACK_TEST_ALLOWED, /* was asked, or denied by a rule, and is now allowed */
	BACK_TEST_ASKED,   /* was decided by a rule, and is now asked */
	BACK_TEST_DENIED,  /* was allowed or asked, and is now denied */
	BACK_TEST_UNKNOWN, /* cannot be judged again: facts are missing */
	BACK_TEST_OUTCOME_COUNT
};

struct rejudged {
	enum back_test_outcome outcome;
	enum verdict before, after; /* by rules alone; after: not if UNKNOWN */
	const struct rule *rule;    /* that decides now; NULL: none */
};

/* Judges one recorded action. now: seconds since the epoch, for `until`. */
struct rejudged back_test_judge(const struct rule_index *index,
	const struct recorded_action *recorded, time_t now);

/* True if the action was denied by a person, a rule or Duenna, and is now allowed. */
bool back_test_lets_through(
	const struct recorded_action *recorded, const struct rejudged *rejudged);

#endif
