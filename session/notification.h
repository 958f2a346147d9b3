/* SPDX-License-Identifier: MIT */
/*
 * Tells the person of a question that nobody may be looking at: through a process that
 * cli/ has started for it, since the loop starts none while it traces.
 */
#ifndef SESSION_NOTIFICATION_H
#define SESSION_NOTIFICATION_H

struct question;
struct supervisor;

enum { NOTIFICATION_SIZE_MAX = 2048 };

/*
 * Sends one message to options->notify_fd, if there is one and no front end is there whose
 * terminal has the focus: four terminated strings, the session, the question as
 * `duenna answer` takes it, how many are open, and a sentence, which is safe to show and
 * begins with "Duenna". Never waits: if so many are unread, one more would tell nothing
 * new.
 */
void notification_send(
	const struct supervisor *supervisor, const struct question *question);

#endif
