/* SPDX-License-Identifier: MIT */
#include "tracer/sharing.h"

#include "tracer/tree.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

bool tracee_shares(
	const struct tracer *tracer, const struct tracee *tracee, enum kcmp_type kind)
{
	const struct tracee *other;
	size_t position = 0;

	while ((other = pid_map_next(&tracer->tracees, &position)) != NULL) {
		if (other == tracee) {
			continue;
		}
		const long order =
			syscall(SYS_kcmp, tracee->tid, other->tid, kind, 0, 0);
		if (order == 0 || (order < 0 && errno != ESRCH)) {
			return true;
		}
	}
	return false;
}

bool tracee_is_alone(const struct tracer *tracer, const struct tracee *tracee)
{
	return tracee->process->threads == 1 && !tracee->process->has_lost_threads &&
	       !tracee_shares(tracer, tracee, KCMP_FS) &&
	       !tracee_shares(tracer, tracee, KCMP_FILES);
}
