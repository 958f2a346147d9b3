/* SPDX-License-Identifier: MIT */
/* What rules say of the names that lead to an object by links. */
#include "session/judge.h"
#include "session/link_names.h"

bool judge_by_links(const struct link_names *links, const struct rule_index *index,
	const struct link_use *use, struct judgement *strictest)
{
	bool found = false;

	for (size_t i = 0; links != NULL && i < links->count; i++) {
		char name[LINK_NAME_SIZE];
		struct action renamed = *use->action;
		if (!link_name_apply(&links->list[i], use->action, use->moves, name,
			    &renamed.object)) {
			continue;
		}
		const struct judgement judgement =
			rule_index_judge(index, &renamed, use->subject, use->now);
		if (judgement.rule != NULL &&
			(!found || verdict_strictness(judgement.verdict) >
					   verdict_strictness(strictest->verdict))) {
			*strictest = judgement;
			found = true;
		}
	}
	return found;
}

bool judge_link_yields(const struct rule *by_link, const struct rule *by_name)
{
	if (by_name == NULL || by_link->verdict == VERDICT_FORBID) {
		return false;
	}
	/* Whoever was asked about the very place has said what they want. */
	if (by_name->origin == ORIGIN_PERSON && by_link->verdict == VERDICT_ASK) {
		return true;
	}
	return by_link->origin == ORIGIN_PROFILE &&
	       (by_name->origin == ORIGIN_PERSON || by_name->origin == ORIGIN_FILE);
}
