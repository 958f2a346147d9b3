/* SPDX-License-Identifier: MIT */
/* Answers for once, until the calls that they were for are done. */
#include "base/xalloc.h"
#include "session/supervisor.h"

#include <stdlib.h>

static struct grant **grant_find(struct supervisor *supervisor, pid_t tid)
{
	struct grant **link = &supervisor->questions.grants;
	while (*link != NULL && (*link)->tid != tid) {
		link = &(*link)->next;
	}
	return link;
}

static void grant_remove(struct grant **link)
{
	struct grant *grant = *link;
	if (grant != NULL) {
		*link = grant->next;
		call_key_finish(&grant->key);
		free(grant->message);
		free(grant);
	}
}

void grant_add(struct supervisor *supervisor, const struct waiter *waiter,
	enum verdict verdict, const char *message)
{
	if (waiter->question->key.actions[0].verb == VERB_MCP) {
		return; /* a message, which does not start anew */
	}
	/* A thread is in one call at a time. */
	grant_remove(grant_find(supervisor, waiter->tid));
	struct grant *grant = xcalloc(1, sizeof(*grant));
	*grant = (struct grant){
		.next = supervisor->questions.grants,
		.tid = waiter->tid,
		.verdict = verdict,
		.question = waiter->question->number,
		.message = message != NULL ? xstrdup(message) : NULL,
	};
	call_key_copy(&grant->key, &waiter->question->key);
	supervisor->questions.grants = grant;
}

void judged_set_once(struct judged *judged, enum verdict verdict, int64_t question,
	const char *message)
{
	judged_settle(judged, verdict, BY_PERSON);
	judged->question = question;
	judged->has_scope = true;
	judged->scope = SCOPE_ONCE;
	free(judged->message);
	judged->message = message != NULL ? xstrdup(message) : NULL;
}

bool question_use_grant(struct supervisor *supervisor, struct request *request)
{
	struct grant **link = grant_find(supervisor, request->tid);
	struct grant *grant = *link;
	if (grant == NULL || !call_key_matches(&grant->key, request)) {
		return false; /* perhaps of a signal handler: the call may come back */
	}
	if (!request->restarted) {
		/* The same once more: the call that the answer was for is over. */
		grant_remove(link);
		return false;
	}
	judged_set_once(request_judged(request), grant->verdict, grant->question,
		grant->message);
	if (grant->verdict == VERDICT_ALLOW) {
		supervisor_allow(supervisor, request);
	} else {
		supervisor_deny(supervisor, request);
	}
	return true;
}

void question_call_done(struct supervisor *supervisor, const struct request *request)
{
	if (supervisor->questions.grants == NULL) {
		return;
	}
	struct grant **link = grant_find(supervisor, request->tid);
	if (*link != NULL && call_key_matches(&(*link)->key, request)) {
		grant_remove(link);
	}
}

void grant_remove_all(struct supervisor *supervisor)
{
	while (supervisor->questions.grants != NULL) {
		grant_remove(&supervisor->questions.grants);
	}
}
