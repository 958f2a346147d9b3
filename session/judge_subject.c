/* SPDX-License-Identifier: MIT */
/* Who does something, as far as that is known without a look at the process. */
#include "session/judge.h"
#include "tracer/lineage.h"

const struct label_set *judge_labels_of(const struct process *process)
{
	const struct process_state *state =
		process == NULL
			? NULL
			: (const struct process_state *)(uintptr_t)process->user;
	return state == NULL ? NULL : &state->labels.set;
}

static void run_add(struct programs *programs, const struct lineage *lineage)
{
	programs_add(programs, text_of(lineage->program), text_of(lineage->script));
}

static void lineage_tell(
	struct above *above, const struct lineage *lineage, struct subject *subject)
{
	above_begin(above);
	while (lineage != NULL) {
		const struct lineage *former = lineage->former;
		for (; former != NULL; former = former->former) {
			run_add(&above->formers, former);
		}
		subject->are_ancestors_unknown |= lineage->is_unknown;
		lineage = lineage->maker;
		if (lineage != NULL) {
			run_add(&above->ancestors, lineage);
		}
	}
	above_tell(above, subject);
}

struct subject judge_subject(struct judge *judge, const struct process *process)
{
	struct subject subject = {
		.program = text_of(process->program),
		.script = text_of(process->script),
		.pid = process->pid,
	};
	const struct label_set *carried = judge_labels_of(process);
	lineage_tell(&judge->above, process->lineage, &subject);
	if (judge->labels != NULL && carried != NULL) {
		labels_subject(judge->labels, carried, &subject);
	}
	return subject;
}
