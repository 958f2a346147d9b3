/* SPDX-License-Identifier: MIT */
/* Learned proposals first, then the actions that are still open. */
#include "cli/proposal_desk.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/learn_store.h"
#include "cli/locations.h"
#include "cli/open_actions.h"
#include "cli/proposal_details.h"
#include "cli/show.h"
#include "rules/printer.h"
#include "tui/proposals.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a change was about: a proposal, or an open action as it was before. */
struct past_change {
	struct open_action *action; /* NULL: the learner knows */
	size_t rung;
	enum verdict verdict;
	size_t at;
};

struct desk {
	struct learning *learning;
	struct open_actions open;
	size_t stored;
	struct past_change *past;
	size_t past_count;
};

/* ---- Lines: proposals, then what was not dropped of the open actions ---- */

/* NULL: the line is a proposal. */
static struct open_action *open_at(const struct desk *desk, size_t at)
{
	size_t proposals = desk->learning->learned.count;

	for (size_t i = 0; at >= proposals && i < desk->open.count; i++) {
		struct open_action *action = &desk->open.actions[i];

		if (!action->is_dropped && at-- == proposals) {
			return action;
		}
	}
	return NULL;
}

static char *safe_rule(const struct rule *rule)
{
	char *text = rule_print(rule);
	char *safe = escape_copy(text_of(text));

	free(text);
	return safe;
}

static struct tui_proposal proposal_line(const struct proposal *proposal)
{
	char answers[SHOW_SIZE];

	return (struct tui_proposal){
		.rule = safe_rule(&proposal->rules.rules[0]),
		.reason = xstrdup(
			proposal->is_unreviewed
				? "nobody approved it"
				: show_count(proposal->answers, "answer", answers)),
		.is_single = proposal->is_unreviewed,
		.vectors = proposal_vectors(proposal),
	};
}

static struct tui_proposal open_line(const struct open_action *action)
{
	struct rule rule;
	struct tui_proposal line = {
		.reason = open_action_reason(action),
		.is_single = true,
		.vectors = action->first->vectors,
	};

	open_action_rule(action, &rule);
	line.rule = safe_rule(&rule);
	rule_finish(&rule);
	return line;
}

static void list(void *context, struct tui_proposal **lines, size_t *count)
{
	const struct desk *desk = context;
	const struct learned *learned = &desk->learning->learned;

	*lines = xcalloc(learned->count + desk->open.count + 1, sizeof(**lines));
	*count = 0;
	for (size_t i = 0; i < learned->count; i++) {
		(*lines)[(*count)++] = proposal_line(&learned->proposals[i]);
	}
	for (size_t i = 0; i < desk->open.count; i++) {
		if (!desk->open.actions[i].is_dropped) {
			(*lines)[(*count)++] = open_line(&desk->open.actions[i]);
		}
	}
}

static char *details(void *context, size_t at)
{
	const struct desk *desk = context;
	const struct open_action *action = open_at(desk, at);

	return action ? proposal_details_open(desk->learning, action)
		      : proposal_details(desk->learning, at);
}

static char *summary(void *context)
{
	const struct desk *desk = context;
	const struct learn_totals *totals = &desk->learning->learned.totals;

	return xasprintf(
		"saves %lld of %lld questions, lets through %lld of %lld denials",
		(long long)totals->questions_saved, (long long)totals->questions,
		(long long)totals->let_through, (long long)totals->denials);
}

/* ---- Changes ---- */

static bool change_open(
	struct open_action *action, enum tui_proposal_change change, struct error *err)
{
	switch (change) {
	case TUI_PROPOSAL_WIDEN:
		if (action->rung + 1 == action->ladder.count) {
			return error_set(err, ERROR_NOT_FOUND,
				"there is no wider rule for this");
		}
		action->rung++;
		return true;
	case TUI_PROPOSAL_NARROW:
		if (action->rung == 0) {
			return error_set(err, ERROR_NOT_FOUND,
				"there is no narrower rule for this");
		}
		action->rung--;
		return true;
	case TUI_PROPOSAL_SPLIT:
		return error_set(
			err, ERROR_NOT_FOUND, "it stands for one action; drop it");
	case TUI_PROPOSAL_DROP:
		action->is_dropped = true;
		return true;
	case TUI_PROPOSAL_FLIP:
		action->verdict =
			action->verdict == VERDICT_ALLOW ? VERDICT_DENY : VERDICT_ALLOW;
		return true;
	case TUI_PROPOSAL_UNDO:
		break;
	}
	return false;
}

static void remember(struct desk *desk, struct past_change past)
{
	desk->past =
		xreallocarray(desk->past, desk->past_count + 1, sizeof(*desk->past));
	desk->past[desk->past_count++] = past;
}

static bool undo(struct desk *desk, size_t *at, struct error *err)
{
	struct learning *learning = desk->learning;

	if (desk->past_count == 0) {
		return error_set(err, ERROR_NOT_FOUND, "there is nothing to take back");
	}
	const struct past_change past = desk->past[--desk->past_count];
	if (!past.action) {
		return learned_undo(learning->learner, &learning->learned, at, err);
	}
	past.action->rung = past.rung;
	past.action->verdict = past.verdict;
	past.action->is_dropped = false;
	*at = past.at;
	return true;
}

static bool change_one(struct desk *desk, struct open_action *action,
	enum tui_proposal_change change, size_t at, struct error *err)
{
	const struct past_change past = {action, action->rung, action->verdict, at};
	bool is_done = change_open(action, change, err);

	if (is_done) {
		remember(desk, past);
	}
	return is_done;
}

static bool change(
	void *context, enum tui_proposal_change what, size_t *at, struct error *err)
{
	static const enum proposal_change changes[] = {
		[TUI_PROPOSAL_WIDEN] = PROPOSAL_WIDEN,
		[TUI_PROPOSAL_NARROW] = PROPOSAL_NARROW,
		[TUI_PROPOSAL_SPLIT] = PROPOSAL_SPLIT,
		[TUI_PROPOSAL_DROP] = PROPOSAL_DROP,
	};
	struct desk *desk = context;
	struct learning *learning = desk->learning;
	struct open_action *action = open_at(desk, *at);

	if (what == TUI_PROPOSAL_UNDO) {
		return undo(desk, at, err);
	}
	if (action) {
		return change_one(desk, action, what, *at, err);
	}
	if (what == TUI_PROPOSAL_FLIP) {
		return error_set(err, ERROR_REFUSED,
			"it was approved; drop it, or deny it with duenna rules add");
	}
	bool is_done = learned_change(
		learning->learner, &learning->learned, changes[what], at, err);
	if (is_done) {
		remember(desk, (struct past_change){.action = NULL});
	}
	return is_done;
}

/* ---- Storing ---- */

static size_t collect(const struct desk *desk, const bool *accepted,
	struct rule_to_store *rules, struct rule *own)
{
	const struct learned *learned = &desk->learning->learned;
	const struct open_action *action;
	size_t count = 0;

	for (size_t i = 0; i < learned->count; i++) {
		const struct proposal *proposal = &learned->proposals[i];

		for (size_t j = 0; accepted[i] && j < proposal->rules.count; j++) {
			rules[count++] =
				(struct rule_to_store){&proposal->rules.rules[j],
					proposal->examples[0]->records[0]};
		}
	}
	for (size_t i = learned->count; (action = open_at(desk, i)) != NULL; i++) {
		if (accepted[i]) {
			open_action_rule(action, own);
			rules[count++] = (struct rule_to_store){own++, action->first};
		}
	}
	return count;
}

/* What is shown is what is stored, but it must also decide something. */
static bool check(const struct desk *desk, const bool *accepted, struct error *err)
{
	const struct open_action *action;
	bool is_good = true;

	for (size_t i = desk->learning->learned.count;
		is_good && (action = open_at(desk, i)) != NULL; i++) {
		char *obstacle = accepted[i]
					 ? open_action_obstacle(desk->learning, action)
					 : NULL;

		if (obstacle) {
			is_good = error_set(err, ERROR_REFUSED,
				"line %zu would not take effect: %s", i + 1, obstacle);
		}
		free(obstacle);
	}
	return is_good;
}

static bool store(
	void *context, const bool *accepted, bool in_project, struct error *err)
{
	struct desk *desk = context;
	const struct learning *learning = desk->learning;
	size_t most = 2 * learning->learned.count + desk->open.count + 1;
	struct rule_to_store *rules = xcalloc(most, sizeof(*rules));
	struct rule *own = xcalloc(desk->open.count + 1, sizeof(*own));
	bool is_good = check(desk, accepted, err);

	if (is_good) {
		size_t count = collect(desk, accepted, rules, own);

		const struct rules_to_store learned = {
			in_project ? learning->options->project : NULL, rules, count,
			learning->sources, learning->source_count};
		is_good = learn_store(learning->options->database, &learned, err);
		desk->stored = count;
	}
	for (size_t i = 0; i < desk->open.count; i++) {
		rule_finish(&own[i]);
	}
	free(own);
	free(rules);
	return is_good;
}

bool proposal_desk_run(struct learning *learning, const struct tui_settings *settings,
	struct error *err)
{
	struct desk desk = {.learning = learning};
	const struct tui_proposals proposals = {
		.context = &desk,
		.has_project = learning->options->project != NULL,
		.title = "Rules",
		.settings = settings,
		.list = list,
		.details = details,
		.summary = summary,
		.change = change,
		.store = store,
	};
	char stored[SHOW_SIZE];
	bool is_stored = false;

	open_actions_find(learning, &desk.open);
	if (learning->learned.count + desk.open.count == 0) {
		(void)puts("There is nothing to allow that is not allowed already, and "
			   "nothing that is still asked.");
		return true;
	}
	bool is_good = tui_proposals_run(
		STDIN_FILENO, STDOUT_FILENO, &proposals, &is_stored, err);
	if (is_good && is_stored) {
		char *option = location_database_option(learning->options->database);
		(void)printf("stored %s; duenna rules undo%s takes them back\n",
			show_count((int64_t)desk.stored, "rule", stored), option);
		free(option);
	} else if (is_good) {
		(void)puts("nothing was stored");
	}
	open_actions_finish(&desk.open);
	free(desk.past);
	return is_good;
}
