/* SPDX-License-Identifier: MIT */
/* Who does something, as far as that is known without a look at the process. */
#include "base/xalloc.h"
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

static void program_add(struct programs *list, const char *program)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		list->texts = xreallocarray(
			list->texts, list->capacity, sizeof(*list->texts));
	}
	list->texts[list->count++] = text_of(program);
}

/* A program, and the script that it interprets. */
static void run_add(struct programs *list, const struct lineage *lineage)
{
	program_add(list, lineage->program);
	if (lineage->script != NULL) {
		program_add(list, lineage->script);
	}
}

static void lineage_add(
	struct judge *judge, const struct lineage *lineage, struct subject *subject)
{
	judge->ancestors.count = 0;
	judge->formers.count = 0;
	while (lineage != NULL) {
		const struct lineage *former = lineage->former;
		for (; former != NULL; former = former->former) {
			run_add(&judge->formers, former);
		}
		subject->are_ancestors_unknown |= lineage->is_unknown;
		lineage = lineage->maker;
		if (lineage != NULL) {
			run_add(&judge->ancestors, lineage);
		}
	}
	subject->ancestors = judge->ancestors.texts;
	subject->ancestor_count = judge->ancestors.count;
	subject->formers = judge->formers.texts;
	subject->former_count = judge->formers.count;
}

struct subject judge_subject(struct judge *judge, const struct process *process)
{
	struct subject subject = {
		.program = text_of(process->program),
		.script = text_of(process->script),
		.pid = process->pid,
	};
	const struct label_set *carried = judge_labels_of(process);
	lineage_add(judge, process->lineage, &subject);
	if (judge->labels != NULL && carried != NULL) {
		labels_subject(judge->labels, carried, &subject);
	}
	return subject;
}
