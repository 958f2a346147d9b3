/* SPDX-License-Identifier: MIT */
/* Answers, events and the list of processes on the wire. */
#include "base/xalloc.h"
#include "session/protocol_fields.h"

#include <stdlib.h>

json_t *protocol_answer_write(const struct protocol_answer *answer)
{
	json_t *body = protocol_new("answer");
	field_set_integer(body, "request", answer->request);
	field_set_integer(body, "question", answer->question);
	field_set_string(body, "verdict", verdict_name(answer->verdict));
	field_set_string(body, "scope", scope_name(answer->scope));
	field_set_integer(body, "until", answer->until);
	field_set_integer(body, "rung", answer->rung);
	if (answer->rule_count > 0) {
		json_object_set_new(
			body, "rules", field_texts(answer->rules, answer->rule_count));
	}
	field_set_text(body, "message", answer->message);
	field_set_text(body, "note", answer->note);
	return body;
}

static bool answer_fields(const json_t *body, struct protocol_answer *answer)
{
	int64_t rung;
	if (!field_get_integer(body, "rung", 0, &rung) || rung < 0 ||
		rung > INT16_MAX) {
		return false;
	}
	answer->rung = (int)rung;
	return field_get_integer(body, "request", 0, &answer->request) &&
	       field_get_integer(body, "question", 0, &answer->question) &&
	       field_get_verdict(body, &answer->verdict) &&
	       (answer->verdict == VERDICT_ALLOW || answer->verdict == VERDICT_DENY) &&
	       field_get_scope(body, &answer->scope) &&
	       field_get_integer(body, "until", 0, &answer->until) &&
	       answer->until >= 0 &&
	       field_get_texts(body, "rules", &answer->rules, &answer->rule_count) &&
	       field_get_text(body, "message", &answer->message) &&
	       field_get_text(body, "note", &answer->note);
}

bool protocol_answer_read(const json_t *body, struct protocol_answer *answer)
{
	*answer = (struct protocol_answer){0};
	if (!answer_fields(body, answer)) {
		protocol_answer_finish(answer);
		return false;
	}
	return true;
}

void protocol_answer_finish(struct protocol_answer *answer)
{
	field_texts_free(answer->rules, answer->rule_count);
	field_text_free(&answer->message);
	field_text_free(&answer->note);
	*answer = (struct protocol_answer){0};
}

json_t *protocol_event_write(const struct protocol_event *event)
{
	json_t *body = protocol_new("event");
	field_set_integer(body, "seq", event->seq);
	field_set_integer(body, "time", event->time);
	field_set_integer(body, "pid", event->pid);
	field_set_integer(body, "tid", event->tid);
	field_set_text(body, "program", event->program);
	field_set_string(body, "verb", verb_name(event->verb));
	field_set_text(body, "object", event->object);
	field_set_text(body, "asked_as", event->asked_as);
	field_set_text(body, "syscall", event->syscall);
	field_set_string(body, "verdict", verdict_name(event->verdict));
	field_set_text(body, "by", event->by);
	field_set_integer(body, "rule", event->rule);
	field_set_integer(body, "question", event->question);
	field_set_text(body, "mcp", event->mcp);
	json_object_set_new(body, "generated_code", json_boolean(event->is_generated));
	field_set_integer(body, "waited_ms", event->waited);
	field_set_integer(body, "errno", event->error);
	return body;
}

static bool event_fields(const json_t *body, struct protocol_event *event)
{
	int64_t error;
	if (!field_get_integer(body, "errno", 0, &error) || error < 0 ||
		error > INT16_MAX) {
		return false;
	}
	event->error = (int)error;
	return field_get_integer(body, "seq", 0, &event->seq) &&
	       field_get_integer(body, "time", 0, &event->time) &&
	       field_get_integer(body, "pid", 0, &event->pid) &&
	       field_get_integer(body, "tid", 0, &event->tid) &&
	       field_get_text(body, "program", &event->program) &&
	       field_get_verb(body, &event->verb) &&
	       field_get_text(body, "object", &event->object) &&
	       field_get_text(body, "asked_as", &event->asked_as) &&
	       field_get_text(body, "syscall", &event->syscall) &&
	       field_get_verdict(body, &event->verdict) &&
	       field_get_text(body, "by", &event->by) &&
	       field_get_integer(body, "rule", 0, &event->rule) &&
	       field_get_integer(body, "question", 0, &event->question) &&
	       field_get_text(body, "mcp", &event->mcp) &&
	       field_get_integer(body, "waited_ms", 0, &event->waited);
}

bool protocol_event_read(const json_t *body, struct protocol_event *event)
{
	*event = (struct protocol_event){0};
	if (!event_fields(body, event)) {
		protocol_event_finish(event);
		return false;
	}
	event->is_generated = json_is_true(json_object_get(body, "generated_code"));
	return true;
}

void protocol_event_finish(struct protocol_event *event)
{
	field_text_free(&event->program);
	field_text_free(&event->object);
	field_text_free(&event->asked_as);
	field_text_free(&event->syscall);
	field_text_free(&event->by);
	field_text_free(&event->mcp);
	*event = (struct protocol_event){0};
}

json_t *protocol_processes_write(const struct protocol_processes *processes)
{
	json_t *body = protocol_new("processes");
	json_t *array = json_array();
	for (size_t i = 0; i < processes->count; i++) {
		const struct protocol_process *process = &processes->processes[i];
		json_t *item = json_object();
		field_set_integer(item, "pid", process->pid);
		field_set_integer(item, "parent", process->parent);
		field_set_text(item, "program", process->program);
		json_object_set_new(
			item, "argv", field_texts(process->argv, process->argc));
		field_set_integer(item, "judged", process->judged);
		field_set_integer(item, "denied", process->denied);
		json_array_append_new(array, item);
	}
	json_object_set_new(body, "processes", array);
	return body;
}

static bool process_read(const json_t *body, struct protocol_process *process)
{
	return field_get_integer(body, "pid", 0, &process->pid) &&
	       field_get_integer(body, "parent", 0, &process->parent) &&
	       field_get_text(body, "program", &process->program) &&
	       field_get_texts(body, "argv", &process->argv, &process->argc) &&
	       field_get_integer(body, "judged", 0, &process->judged) &&
	       field_get_integer(body, "denied", 0, &process->denied);
}

bool protocol_processes_read(const json_t *body, struct protocol_processes *processes)
{
	size_t count;
	const json_t *array = field_get_array(body, "processes", &count);
	*processes = (struct protocol_processes){
		.processes = xcalloc(count + 1, sizeof(*processes->processes)),
	};
	while (processes->count < count) {
		size_t at = processes->count++;
		if (!process_read(
			    json_array_get(array, at), &processes->processes[at])) {
			protocol_processes_finish(processes);
			return false;
		}
	}
	return true;
}

void protocol_processes_finish(struct protocol_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		field_text_free(&processes->processes[i].program);
		field_texts_free(
			processes->processes[i].argv, processes->processes[i].argc);
	}
	free(processes->processes);
	*processes = (struct protocol_processes){0};
}
