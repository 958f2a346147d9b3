/* SPDX-License-Identifier: MIT */
/*
 * Labels: who in the tree touched what a `label` rule names, and through whom it may
 * have passed on since. A process takes a label when it is allowed to read, run or
 * reach a labelled object. It passes on, never less than what really happened:
 *
 * - to children, when they are forked;
 * - to processes that share memory, pipes, sockets, terminals' other ends or open files
 *   with it in the direction of the data, when it takes the label, again when it
 *   connects to a process of the tree or is connected to, and before a rule with `after`
 *   decides about one of them;
 * - to who reads its memory, and to whose memory it writes;
 * - to files that it opens for writing, and from them to whoever opens them for reading;
 *   all names of a labelled file are labelled.
 *
 * It stays for the life of the process. Nothing here costs more than a look at a
 * number as long as nothing labelled was touched.
 */
#ifndef SESSION_LABELS_H
#define SESSION_LABELS_H

#include "base/text.h"
#include "rules/action.h"

#include <sys/types.h>

struct labels;
struct supervisor;
struct process_state;
struct request;

/* Names known to a session; with more of them, facts count as not known: strict. */
enum { LABELS_MAX = 32 };

/* What a process, or a file, carries. */
struct label_set {
	uint32_t mask;		      /* bits 1u << number of the label */
	uint32_t origins[LABELS_MAX]; /* where each came from; see labels.c */
};

/* Adds what set lacks; true if that was anything. */
bool label_set_join(struct label_set *set, const struct label_set *more);

/* What a process did that labels pass on by. Zero-initialise. */
struct label_carrier {
	struct label_set set;
	struct text *endpoints; /* of this machine, that it connected to; owned */
	size_t endpoint_count;
	bool is_opaque; /* it reaches whom cannot be seen: everybody */
};
void label_carrier_finish(struct label_carrier *carrier);

/* Borrows the supervisor, whose processes and rules it looks at. */
struct labels *labels_create(struct supervisor *supervisor);
void labels_destroy(struct labels *labels); /* accepts NULL */

/*
 * Fills in what the subject carries; its texts are valid until labels_destroy. As soon as
 * anybody carries a label it counts as not known before labels_refresh().
 */
void labels_subject(
	struct labels *labels, const struct label_set *set, struct subject *subject);
/* Looks at what the process shares just now, and then fills in the same, as known. */
void labels_refresh(
	struct labels *labels, struct process_state *process, struct subject *subject);

/* Before a request is carried out that was allowed, and after that went well. */
void labels_touch(struct supervisor *supervisor, struct request *request);
void labels_done(struct supervisor *supervisor, struct request *request);
/* However it went, before it is gone. */
void labels_gone(struct supervisor *supervisor, const struct request *request);
/* At a fork. parent may be NULL. */
void labels_inherit(struct supervisor *supervisor, struct process_state *child,
	const struct process_state *parent);

/* "a,b": names in a mask, as events have them; owned; NULL: none. */
char *labels_names(const struct labels *labels, uint32_t mask);
/*
 * For a person, one owned line a label: "secret: it read /home/u/.ssh/id_rsa 2 s
 * before". Given back by field_texts_free.
 */
struct text *labels_lines(const struct labels *labels,
	const struct process_state *process, int64_t now, size_t *count);

#endif
