/* SPDX-License-Identifier: MIT */
/*
 * Answers: checked, made durable, and only then put into force. An answer whose rules
 * would not take effect is refused before anything is stored.
 */
#ifndef SESSION_ANSWER_H
#define SESSION_ANSWER_H

#include "db/recorder.h"
#include "session/protocol.h"
#include "session/question.h"

/* What an answer stored, for undo and to know its rules again. */
struct answer_record {
	int64_t question;
	struct rule_list rules; /* with their ids; none: it was for once */
	int64_t image;		/* scope process: the image that they hold for */
	enum scope scope;
	char *message; /* to the agent; or NULL */
};
void answer_record_free(struct answer_record *record);
bool answer_has_rule(const struct answer_record *record, int64_t id);

/* Who is told how a request went: a client's id and its own number for the request. */
struct answer_sender {
	int64_t client;
	int64_t request;
};

/* Queues the answer; the sender gets its reply when it is in force. False: refused. */
bool answer_submit(struct supervisor *supervisor, struct answer_sender sender,
	const struct protocol_answer *answer, struct error *err);
/* Takes back the rules of the last answer that stored some. */
bool answer_undo(
	struct supervisor *supervisor, struct answer_sender sender, struct error *err);
/* A decision is on disk, or could not be stored. */
void answer_completed(
	struct supervisor *supervisor, const struct completion *completion);

/* The question is going: an answer on its way no longer belongs to it. */
void answer_forget(struct question *question);

/* All rules were read anew since the last change, or could not be: err. */
void answer_rules_read(struct supervisor *supervisor, const struct error *err);

void answer_finish_all(struct supervisor *supervisor);

/* ---- answer_rules.c ---- */

/* The rules that the answer names, by rung or written by hand; adds to list. */
bool answer_rules_make(const struct question *question,
	const struct protocol_answer *answer, struct rule_list *list,
	struct error *err);
/*
 * Whether the calls that wait would be decided by these rules. To allow, every action
 * must be; to deny, one is enough.
 */
bool answer_rules_take_effect(struct supervisor *supervisor,
	const struct question *question, const struct rule_list *rules,
	struct error *err);

/* ---- rules_in_force.c ---- */

/* A newly read rule set has what was decided; fresh answers in it are dropped. */
void answer_rules_swapped(struct supervisor *supervisor);

void rules_put_in_force(
	struct supervisor *supervisor, const struct answer_record *record);
/* True if they hold until the rules have been read anew. */
bool rules_take_back(struct supervisor *supervisor, const struct answer_record *record);

#endif
