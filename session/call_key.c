/* SPDX-License-Identifier: MIT */
/*
 * What makes two calls the same question: all that a person is told of them apart from
 * who called their program.
 */
#include "base/xalloc.h"
#include "session/supervisor.h"

#include <stdlib.h>

static struct text text_own(struct text text)
{
	return (struct text){text_copy(text), text.length};
}

static void text_free(struct text text)
{
	free((void *)(uintptr_t)text.bytes);
}

static struct text *texts_own(const struct text *texts, size_t count)
{
	if (texts == NULL) {
		return NULL;
	}
	struct text *copy = xcalloc(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = text_own(texts[i]);
	}
	return copy;
}

static void texts_free(const struct text *texts, size_t count)
{
	for (size_t i = 0; texts != NULL && i < count; i++) {
		text_free(texts[i]);
	}
	free((void *)(uintptr_t)texts);
}

static void key_own(struct call_key *key)
{
	key->program = text_own(key->program);
	key->script = text_own(key->script);
	for (size_t i = 0; i < key->action_count; i++) {
		struct action *action = &key->actions[i];
		action->object = text_own(action->object);
		action->asked_as = text_own(action->asked_as);
		action->argv = texts_own(action->argv, action->argc);
		action->recorded_argv = texts_own(action->recorded_argv, action->argc);
		action->endpoint.names =
			texts_own(action->endpoint.names, action->endpoint.name_count);
	}
}

/* Owned. What a program does is told by where it runs; other objects are whole names. */
static struct text folder_of(const struct request *request)
{
	for (size_t i = 0; i < request->action_count; i++) {
		if (request->actions[i].verb == VERB_EXEC) {
			char *folder = tracer_read_folder(request);
			return (struct text){folder, strlen(folder)};
		}
	}
	return (struct text){NULL, 0};
}

static uint64_t stack_digest(const struct request *request)
{
	const struct judged *judged = request_judged(request);
	return judged != NULL && judged->is_by_stack ? call_stack_digest(judged->stack)
						     : 0;
}

static uint64_t mcp_digest(const struct request *request)
{
	const struct judged *judged = request_judged(request);
	return judged != NULL && judged->is_by_mcp && judged->mcp != NULL
		       ? judged->mcp->digest
		       : 0;
}

void call_key_init(struct call_key *key, const struct request *request)
{
	*key = (struct call_key){
		.action_count = request->action_count,
		.program = text_of(request->process->program),
		.script = text_of(request->process->script),
		.stack = stack_digest(request),
		.mcp = mcp_digest(request),
	};
	memcpy(key->actions, request->actions,
		request->action_count * sizeof(request->actions[0]));
	key_own(key);
	key->folder = folder_of(request);
}

void call_key_copy(struct call_key *to, const struct call_key *from)
{
	*to = *from;
	key_own(to);
	to->folder = text_own(from->folder);
}

void call_key_finish(struct call_key *key)
{
	for (size_t i = 0; i < key->action_count; i++) {
		struct action *action = &key->actions[i];
		text_free(action->object);
		text_free(action->asked_as);
		texts_free(action->argv, action->argc);
		texts_free(action->recorded_argv, action->argc);
		texts_free(action->endpoint.names, action->endpoint.name_count);
	}
	text_free(key->program);
	text_free(key->script);
	text_free(key->folder);
	*key = (struct call_key){0};
}

/* Of processes and powers the object names only the kind: which one is asked as well. */
static bool means_the_same(const struct action *a, const struct action *b)
{
	return verb_object_kind(a->verb) != OBJECT_NAME ||
	       (a->process == b->process && text_equal(a->asked_as, b->asked_as));
}

static bool action_matches(const struct action *a, const struct action *b)
{
	return a->verb == b->verb && a->endpoint.transport == b->endpoint.transport &&
	       a->is_folder == b->is_folder && a->ignores_case == b->ignores_case &&
	       text_equal(a->object, b->object) && means_the_same(a, b) &&
	       texts_equal(a->argv, a->argc, b->argv, b->argc) &&
	       texts_equal(a->endpoint.names, a->endpoint.name_count, b->endpoint.names,
		       b->endpoint.name_count);
}

bool call_key_matches(const struct call_key *key, const struct request *request)
{
	if (key->action_count != request->action_count ||
		key->stack != stack_digest(request) ||
		key->mcp != mcp_digest(request) ||
		!text_equal(key->program, text_of(request->process->program)) ||
		!text_equal(key->script, text_of(request->process->script))) {
		return false;
	}
	for (size_t i = 0; i < key->action_count; i++) {
		if (!action_matches(&key->actions[i], &request->actions[i])) {
			return false;
		}
	}
	const struct text folder = folder_of(request);
	const bool is_there = text_equal(key->folder, folder);
	text_free(folder);
	return is_there;
}
