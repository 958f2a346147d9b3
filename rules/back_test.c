/* SPDX-License-Identifier: MIT */
#include "rules/back_test.h"

enum verdict recorded_rule_verdict(const struct recorded_action *recorded)
{
	switch (recorded->by) {
	case RECORDED_BY_PERSON:
	case RECORDED_BY_NOBODY:
	case RECORDED_BY_HEADLESS:
		return VERDICT_ASK;
	case RECORDED_BY_RULE:
	case RECORDED_BY_BUILT_IN:
		break;
	}
	return recorded->verdict;
}

static bool denies(enum verdict verdict)
{
	return verdict == VERDICT_DENY || verdict == VERDICT_FORBID;
}

static enum back_test_outcome outcome_of(enum verdict before, enum verdict after)
{
	if (before == after || (denies(before) && denies(after))) {
		return BACK_TEST_SAME;
	}
	switch (after) {
	case VERDICT_ALLOW:
		return BACK_TEST_ALLOWED;
	case VERDICT_ASK:
		return BACK_TEST_ASKED;
	case VERDICT_DENY:
	case VERDICT_FORBID:
	case VERDICT_COUNT:
		break;
	}
	return BACK_TEST_DENIED;
}

struct rejudged back_test_judge(const struct rule_index *index,
	const struct recorded_action *recorded, time_t now)
{
	struct rejudged result = {.outcome = BACK_TEST_UNKNOWN,
		.before = recorded_rule_verdict(recorded)};

	if (recorded->is_partial) {
		return result;
	}
	struct judgement judgement =
		rule_index_judge(index, &recorded->action, recorded->subject, now);
	result.rule = judgement.rule;
	if (judgement.facts_missing == 0) {
		result.after = judgement.verdict;
		result.outcome = outcome_of(result.before, result.after);
	}
	return result;
}

bool back_test_lets_through(
	const struct recorded_action *recorded, const struct rejudged *rejudged)
{
	return recorded->by != RECORDED_BY_HEADLESS && !recorded->is_taken_back &&
	       denies(recorded->verdict) && rejudged->outcome != BACK_TEST_UNKNOWN &&
	       rejudged->after == VERDICT_ALLOW;
}
