/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "session/labels_internal.h"

#include <inttypes.h>
#include <stdlib.h>

struct labels *labels_create(struct supervisor *supervisor)
{
	struct labels *labels = xcalloc(1, sizeof(*labels));
	labels->supervisor = supervisor;
	mount_table_read_own(&labels->mounts);
	labels->marks = marks_create(&labels->mounts);
	return labels;
}

void labels_destroy(struct labels *labels)
{
	if (labels == NULL) {
		return;
	}
	for (size_t i = 0; i < labels->name_count; i++) {
		free(labels->names[i]);
	}
	for (size_t i = 0; i < labels->origin_count; i++) {
		free(labels->origins[i].object);
		free(labels->origins[i].program);
	}
	free(labels->origins);
	free(labels->flying);
	marks_destroy(labels->marks);
	mount_table_finish(&labels->mounts);
	free(labels);
}

void label_carrier_finish(struct label_carrier *carrier)
{
	for (size_t i = 0; i < carrier->endpoint_count; i++) {
		free((char *)(uintptr_t)carrier->endpoints[i].bytes);
	}
	free(carrier->endpoints);
	*carrier = (struct label_carrier){0};
}

uint32_t label_bit(struct labels *labels, const char *name)
{
	for (size_t i = 0; i < labels->name_count; i++) {
		if (strcmp(labels->names[i], name) == 0) {
			return 1u << i;
		}
	}
	if (labels->name_count == LABELS_MAX) {
		labels->has_too_many = true;
		return 0;
	}
	labels->names[labels->name_count] = xstrdup(name);
	return 1u << labels->name_count++;
}

bool label_set_join(struct label_set *set, const struct label_set *more)
{
	uint32_t added = more->mask & ~set->mask;
	for (size_t i = 0; added != 0 && i < LABELS_MAX; i++) {
		if ((added >> i & 1u) != 0) {
			set->origins[i] = more->origins[i];
		}
	}
	set->mask |= added;
	return added != 0;
}

void labels_subject(
	struct labels *labels, const struct label_set *set, struct subject *subject)
{
	size_t count = 0;
	for (size_t i = 0; set->mask != 0 && i < labels->name_count; i++) {
		if ((set->mask >> i & 1u) != 0) {
			labels->texts[count++] = text_of(labels->names[i]);
		}
	}
	subject->labels = labels->texts;
	subject->label_count = count;
	if (!labels->is_used) {
		subject->facts_known |= FACT_LABELS;
	}
}

void labels_refresh(
	struct labels *labels, struct process_state *process, struct subject *subject)
{
	label_spread(labels->supervisor);
	labels_subject(labels, &process->labels.set, subject);
	if (!labels->has_too_many) {
		subject->facts_known |= FACT_LABELS;
	}
}

char *labels_names(const struct labels *labels, uint32_t mask)
{
	char *names = NULL;
	for (size_t i = 0; mask != 0 && i < labels->name_count; i++) {
		if ((mask >> i & 1u) == 0) {
			continue;
		}
		char *longer = names == NULL
				       ? xstrdup(labels->names[i])
				       : xasprintf("%s,%s", names, labels->names[i]);
		free(names);
		names = longer;
	}
	return names;
}

static char *line_write(
	const char *name, const struct origin *origin, pid_t pid, int64_t now)
{
	static const char *const done[VERB_COUNT] = {
		[VERB_READ] = "read",
		[VERB_EXEC] = "ran",
		[VERB_CONNECT] = "connected to",
		[VERB_LISTEN] = "listened at",
		[VERB_INSPECT] = "looked into",
		[VERB_DELETE] = "renamed",
		[VERB_MCP] = "called",
	};
	char *who = origin->pid == pid
			    ? xstrdup("it")
			    : xasprintf("%s (%d)", origin->program, (int)origin->pid);
	char *line = xasprintf("%s: %s %s %s %" PRId64 " s before", name, who,
		done[origin->verb] != NULL ? done[origin->verb] : "touched",
		origin->object, (now - origin->time) / NANOSECONDS_PER_SECOND);
	free(who);
	return line;
}

struct text *labels_lines(const struct labels *labels,
	const struct process_state *process, int64_t now, size_t *count)
{
	const struct label_set *set = &process->labels.set;
	struct text *lines = xcalloc(LABELS_MAX, sizeof(*lines));
	*count = 0;
	for (size_t i = 0; i < labels->name_count; i++) {
		if ((set->mask >> i & 1u) != 0) {
			lines[(*count)++] = text_of(line_write(labels->names[i],
				&labels->origins[set->origins[i]],
				process->process->pid, now));
		}
	}
	return lines;
}
