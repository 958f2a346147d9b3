/* SPDX-License-Identifier: MIT */
/*
 * What code is compared with: files that it names. If it could not read them itself, the
 * verdict would tell it what is in them.
 */
#include "session/judge.h"
#include "tracer/mounts.h"

#include <time.h>

bool judge_may_read(
	struct judge *judge, const struct request *request, struct text path)
{
	const struct subject subject = judge_subject(judge, request->process);
	const struct request reading = {
		.tid = request->tid,
		.process = request->process,
		.syscall = -1,
		.syscall_name = "open",
		.actions = {{.verb = VERB_READ,
			.object = path,
			.ignores_case = mounts_have(MOUNT_IGNORES_CASE, path)}},
		.action_count = 1,
	};
	struct judged *judged = judge_request_of(judge, &reading, &subject, time(NULL));
	const enum verdict verdict = judged->verdict;

	judge_release(judge, judged);
	return verdict == VERDICT_ALLOW ||
	       (verdict == VERDICT_ASK && judge->allows_asked);
}
