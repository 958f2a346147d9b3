/* SPDX-License-Identifier: MIT */
/* Who is at the other end of the session's socket, and whether it may speak for a person. */
#ifndef SESSION_PEER_H
#define SESSION_PEER_H

#include <sys/types.h>

struct supervisor;

/*
 * The process that connected to fd, or 0 if it is not welcome: it is another user's, of
 * this tree, or held by another tracer than the supervisor itself, as the trees of other
 * sessions are, whose rules need not know of this session's socket.
 */
pid_t peer_admit(const struct supervisor *supervisor, int fd);

/* "/dev/pts/3" if that is the process' controlling terminal; owned; or NULL. */
char *peer_terminal(pid_t pid);

#endif
