/* SPDX-License-Identifier: MIT */
#include "tracer/input_signals.h"

#include "base/defence.h"
#include "tracer/path.h"
#include "tracer/process_target.h"
#include "tracer/sharing.h"
#include "tracer/terminal_owner.h"
#include "tracer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Enough to find out that there are more than can be shown. */
enum { OWNERS_MAX = REQUEST_ACTIONS_MAX + 1 };

/* Where whether to turn them on lies in memory, it is read here, once. */
static bool read_wish(const struct call *call, int *turns_on)
{
	if (call->number == SYS_fcntl) {
		*turns_on = 1;
		return true;
	}
	return call_read(call, call->arguments[2], turns_on, sizeof(*turns_on));
}

int input_signals_prepare(struct pending *pending)
{
	const struct call *call = &pending->call;
	pid_t owners[OWNERS_MAX];

	if (!read_wish(call, &pending->turns_on)) {
		return -EFAULT;
	}
	const int fd = path_take_descriptor(call, (int)call->arguments[0]);

	if (fd < 0) {
		return fd;
	}
	pending->terminal = terminal_number(fd);
	close(fd);
	if (!pending->turns_on || pending->terminal == 0) {
		return 0;
	}
	const int count = terminal_outsiders(pending->terminal, owners, OWNERS_MAX);

	for (int i = 0; i < count; i++) {
		process_target_name(pending, VERB_SIGNAL, owners[i]);
	}
	return count < 0 ? count : 0;
}

/* On our copy of the descriptor; what the kernel tells of signals has its number. */
static int64_t perform_on_copy(const struct pending *pending)
{
	const struct call *call = &pending->call;
	const int fd = path_take_descriptor(call, (int)call->arguments[0]);
	int turns_on = pending->turns_on;

	if (fd < 0) {
		return fd;
	}
	const bool is_judged = terminal_number(fd) == pending->terminal;
	const int result = !is_judged ? -1
			   : call->number == SYS_fcntl
				   ? fcntl(fd, F_SETFL, (int)call->arguments[2])
				   : ioctl(fd, FIOASYNC, &turns_on);
	const int failure = is_judged ? errno : EPERM;

	close(fd);
	return result < 0 ? -failure : 0;
}

bool input_signals_perform(
	struct tracer *tracer, struct pending *pending, int64_t *result)
{
	if (defence_is_off(DEFENCE_OWN_TERMINAL) ||
		(pending->terminal == 0 &&
			!tracee_shares(tracer, pending->tracee, KCMP_FILES))) {
		return false;
	}
	/* Signals will come with our ids, of which this caller may have given some up. */
	const bool may = !pending->turns_on || !pending->call.has_own_credentials;

	*result = may ? perform_on_copy(pending) : -EPERM;
	return true;
}
