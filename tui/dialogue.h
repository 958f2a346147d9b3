/* SPDX-License-Identifier: MIT */
/*
 * The talk about one question in lines: takes what a person typed, a line at a time,
 * and says what to do. Knows nothing of terminals or sockets. Nothing but a letter or
 * number that was offered decides anything; an empty line never does.
 */
#ifndef TUI_DIALOGUE_H
#define TUI_DIALOGUE_H

#include "session/protocol.h"
#include "tui/lines.h"

enum dialogue_step {
	STEP_CHOOSE,  /* what to do */
	STEP_SCOPE,   /* how far the answer reaches */
	STEP_RUNG,    /* which of the offered rules is stored */
	STEP_RULE,    /* a rule is being typed */
	STEP_MESSAGE, /* a sentence for the agent is being typed */
};

/* What the person wants done now. */
enum dialogue_wish {
	WISH_NOTHING,
	WISH_ANSWER, /* dialogue_answer() */
	WISH_KILL,   /* the asking process */
	WISH_PAUSE,
	WISH_RESUME,
	WISH_UNDO,
	WISH_NEXT,    /* another question */
	WISH_DETAILS, /* these two are fulfilled by the dialogue itself */
	WISH_HELP,
};

/* Zero-initialise but for word and project. */
struct dialogue {
	const char *word;    /* every line that offers something begins with it */
	struct text project; /* empty: answers cannot be kept for the project */
	bool is_paused;	     /* the tree stands still */
	size_t position, open_count; /* of the question, from 1; 0: there is none */

	const struct protocol_question *question; /* NULL: the tree is only paused */
	enum dialogue_step step;
	enum verdict verdict;
	enum scope scope;
	bool has_scope;
	int64_t until;
	char **rules; /* owned; without a verdict */
	size_t rule_count;
	char *message; /* owned; NULL: none */
};

void dialogue_finish(struct dialogue *dialogue);

/* Begins with a question (or NULL) and shows it. It must stay until the next call. */
void dialogue_begin(struct dialogue *dialogue, const struct protocol_question *question,
	int64_t now_ms, struct lines *lines);

/* Says which rule was learned for it, if one was; it may become known only later. */
void dialogue_show_offer(const struct dialogue *dialogue, struct lines *lines);

/* Back to the first choice, keeping the question. */
void dialogue_restart(struct dialogue *dialogue);

/* The prompt for the next line, without an end of line. */
void dialogue_prompt(const struct dialogue *dialogue, struct lines *lines);

/* Takes a typed line without its end, and adds what is to be shown about it. */
enum dialogue_wish dialogue_take(struct dialogue *dialogue, struct text typed,
	int64_t now_ms, struct lines *lines);

/* After WISH_ANSWER: the answer, borrowed from dialogue. texts holds rule_count. */
struct protocol_answer dialogue_answer(
	const struct dialogue *dialogue, struct text *texts);

/* "allowed once: read /etc/passwd": what that answer did, without an end. Owned. */
char *dialogue_outcome(const struct dialogue *dialogue);

#endif
