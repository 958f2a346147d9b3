/* SPDX-License-Identifier: MIT */
/* How labels pass between processes that are there at the same time. */
#include "base/xalloc.h"
#include "session/channels.h"
#include "session/labels_internal.h"
#include "session/mcp.h"

#include <stdlib.h>

void label_record_taken(struct supervisor *supervisor,
	const struct process_state *state, uint32_t added)
{
	struct labels *labels = supervisor->labels;
	(void)label_set_join(&labels->everybody, &state->labels.set);
	for (size_t i = 0; i < labels->name_count; i++) {
		const struct label_record record = {
			.session = supervisor->session,
			.time = clock_wall(&supervisor->clock, clock_monotonic()),
			.process = state->number,
			.label = text_of(labels->names[i]),
		};
		if ((added >> i & 1u) != 0) {
			recorder_label(supervisor->recorder, &record);
		}
	}
}

/* The files that a process has open for writing may carry what it knows. */
static void open_files_mark(struct supervisor *supervisor,
	const struct channels *channels, size_t at, const struct label_set *set)
{
	struct labels *labels = supervisor->labels;
	const char *name;
	for (size_t i = 0; (name = channels_written(channels, at, i)) != NULL; i++) {
		labels->has_identities = labels->has_identities || name[0] != '/';
		marks_add(labels->marks, text_of(name), set);
	}
}

/* Everybody in the tree, and how they hang together. */
struct survey {
	struct process_state **states;
	size_t count;
	struct channels *channels;
	bool *is_waiting; /* to be looked at: it took something */
};

/* What a process is about to open, put behind what is in openings; the new count. */
static size_t openings_add(const struct labels *labels, const struct process *process,
	struct channel_opening *openings, size_t count)
{
	for (size_t i = 0; i < labels->flying_count; i++) {
		const struct request *request = labels->flying[i];
		for (size_t j = 0;
			request->process == process && j < request->action_count; j++) {
			const struct action *action = &request->actions[j];
			if (action->verb == VERB_READ || action->verb == VERB_WRITE) {
				openings[count++] = (struct channel_opening){
					action->object, action->verb == VERB_READ,
					action->verb == VERB_WRITE};
			}
		}
	}
	return count;
}

static void survey_take(struct supervisor *supervisor, struct survey *survey)
{
	const struct labels *labels = supervisor->labels;
	struct channel_opening *openings = xcalloc(
		labels->flying_count * REQUEST_ACTIONS_MAX + 1, sizeof(*openings));
	size_t opened = 0;
	size_t count = 0;
	for (struct process_state *s = supervisor->processes; s != NULL; s = s->next) {
		count++;
	}
	struct channel_process *processes = xcalloc(count + 1, sizeof(*processes));
	survey->states = xcalloc(count + 1, sizeof(struct process_state *));
	survey->is_waiting = xcalloc(count + 1, sizeof(*survey->is_waiting));
	survey->count = 0;
	for (struct process_state *s = supervisor->processes; s != NULL; s = s->next) {
		const size_t before = opened;
		opened = openings_add(labels, s->process, openings, opened);
		processes[survey->count] = (struct channel_process){
			.pid = s->process->pid,
			.is_opaque = s->labels.is_opaque,
			.counts_system = labels->has_changed_system,
			.endpoints = s->labels.endpoints,
			.endpoint_count = s->labels.endpoint_count,
			.openings = openings + before,
			.opening_count = opened - before,
		};
		survey->states[survey->count++] = s;
	}
	size_t relay_count;
	struct channel_relay *relays = mcp_channels(supervisor, &relay_count);
	survey->channels = channels_take(processes, survey->count, relays, relay_count);
	free(relays);
	free(processes);
	free(openings);
}

static void survey_finish(struct survey *survey)
{
	channels_destroy(survey->channels);
	free(survey->states);
	free(survey->is_waiting);
}

static void survey_pass(
	struct supervisor *supervisor, struct survey *survey, size_t from, size_t to)
{
	struct label_set *target = &survey->states[to]->labels.set;
	const struct label_set *source = &survey->states[from]->labels.set;
	uint32_t added = source->mask & ~target->mask;
	if (from == to || added == 0 || !channels_lead(survey->channels, from, to)) {
		return;
	}
	(void)label_set_join(target, source);
	label_record_taken(supervisor, survey->states[to], added);
	survey->is_waiting[to] = true;
}

/* Looks on until nobody takes anything any more: each does at most once a label. */
static void survey_settle(struct supervisor *supervisor, struct survey *survey)
{
	bool has_changed = true;
	while (has_changed) {
		has_changed = false;
		for (size_t from = 0; from < survey->count; from++) {
			if (!survey->is_waiting[from]) {
				continue;
			}
			survey->is_waiting[from] = false;
			has_changed = true;
			open_files_mark(supervisor, survey->channels, from,
				&survey->states[from]->labels.set);
			for (size_t to = 0; to < survey->count; to++) {
				survey_pass(supervisor, survey, from, to);
			}
		}
	}
}

void label_spread(struct supervisor *supervisor)
{
	struct survey survey;
	survey_take(supervisor, &survey);
	for (size_t i = 0; i < survey.count; i++) {
		survey.is_waiting[i] = survey.states[i]->labels.set.mask != 0;
	}
	survey_settle(supervisor, &survey);
	survey_finish(&survey);
}
