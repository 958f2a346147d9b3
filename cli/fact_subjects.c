/* SPDX-License-Identifier: MIT */
#include "cli/fact_subjects.h"

#include "base/xalloc.h"
#include "session/recorded_facts.h"

#include <stdlib.h>

struct fact_subject {
	struct fact_subject *next;
	const struct subject *base;
	struct recorded_facts facts; /* that subject borrows */
	struct subject subject;
};

static bool are_equal(
	const struct text *a, size_t a_count, const struct text *b, size_t b_count)
{
	bool are_equal = a_count == b_count;

	for (size_t i = 0; are_equal && i < a_count; i++) {
		are_equal = text_equal(a[i], b[i]);
	}
	return are_equal;
}

static bool facts_equal(const struct recorded_facts *a, const struct recorded_facts *b)
{
	return a->known == b->known && a->code == b->code &&
	       a->are_mcp_calls_ended == b->are_mcp_calls_ended &&
	       are_equal(a->code_files, a->code_file_count, b->code_files,
		       b->code_file_count) &&
	       are_equal(a->mcp_calls, a->mcp_call_count, b->mcp_calls,
		       b->mcp_call_count) &&
	       are_equal(a->labels, a->label_count, b->labels, b->label_count);
}

const struct subject *fact_subjects_find(struct fact_subjects *subjects,
	const struct subject *base, const struct event *event)
{
	struct recorded_facts facts = {0};

	recorded_facts_read(&facts, event);
	for (struct fact_subject *known = subjects->first; known; known = known->next) {
		if (known->base == base && facts_equal(&known->facts, &facts)) {
			recorded_facts_finish(&facts);
			return &known->subject;
		}
	}
	struct fact_subject *fresh = xcalloc(1, sizeof(*fresh));
	*fresh = (struct fact_subject){subjects->first, base, facts, *base};
	recorded_facts_apply(&fresh->facts, &fresh->subject);
	subjects->first = fresh;
	return &fresh->subject;
}

void fact_subjects_finish(struct fact_subjects *subjects)
{
	while (subjects->first) {
		struct fact_subject *next = subjects->first->next;

		recorded_facts_finish(&subjects->first->facts);
		free(subjects->first);
		subjects->first = next;
	}
}
