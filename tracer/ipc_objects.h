/* SPDX-License-Identifier: MIT */
/*
 * Which System V objects (shared memory, semaphores, message queues) the tree made for
 * itself. Their ids are numbers that anybody may guess, and the calls on an object name
 * nothing else; so what the tree did not make is judged at each use.
 */
#ifndef TRACER_IPC_OBJECTS_H
#define TRACER_IPC_OBJECTS_H

#include "tracer/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipc_object;

/* Zero-initialise. */
struct ipc_objects {
	struct ipc_object *objects;
	size_t count, capacity;
};
void ipc_objects_finish(struct ipc_objects *objects);

/* True if this OPERATION_IPC call is about an object that the tree makes or made. */
bool ipc_objects_own(const struct ipc_objects *objects, const struct call *call);

/*
 * Notes what the call of this thread made or removed, once it has returned result. An id of
 * 0 may be the answer of a seccomp filter that the tree added, and an outsider's object.
 */
void ipc_objects_note(struct ipc_objects *objects, const struct call *call, pid_t tid,
	int64_t result);
/* The same of a call of which nobody will say whether it removed what it was to remove. */
void ipc_objects_note_removal(struct ipc_objects *objects, const struct call *call);

#endif
