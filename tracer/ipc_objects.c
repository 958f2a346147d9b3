/* SPDX-License-Identifier: MIT */
/*
 * An id comes again only after the kernel has gone through millions of others, so that a
 * removal by an outsider need not be noticed. The tree itself can have it go through them.
 */
#include "tracer/ipc_objects.h"

#include "base/xalloc.h"
#include "tracer/credentials.h"
#include "tracer/syscall_numbers_x86_64.h"

#include <stdlib.h>
#include <sys/ipc.h>

enum ipc_kind { IPC_NOT_BY_ID, IPC_SHARED_MEMORY, IPC_SEMAPHORES, IPC_MESSAGES };

struct ipc_object {
	enum ipc_kind kind;
	int id;
};

/* How a call names its object, and which arguments say what becomes of it. */
struct ipc_shape {
	enum ipc_kind kind;
	int flags;   /* of a call that takes a key; 0: it takes an id */
	int command; /* of a call that may remove; 0: it does not */
};

static struct ipc_shape shape_of(const struct call *call)
{
	switch (call->number) {
	case SYSCALL_shmget:
		return (struct ipc_shape){.kind = IPC_SHARED_MEMORY, .flags = 2};
	case SYSCALL_semget:
		return (struct ipc_shape){.kind = IPC_SEMAPHORES, .flags = 2};
	case SYSCALL_msgget:
		return (struct ipc_shape){.kind = IPC_MESSAGES, .flags = 1};
	case SYSCALL_shmctl:
		return (struct ipc_shape){.kind = IPC_SHARED_MEMORY, .command = 1};
	case SYSCALL_semctl:
		return (struct ipc_shape){.kind = IPC_SEMAPHORES, .command = 2};
	case SYSCALL_msgctl:
		return (struct ipc_shape){.kind = IPC_MESSAGES, .command = 1};
	case SYSCALL_shmat:
		return (struct ipc_shape){.kind = IPC_SHARED_MEMORY};
	case SYSCALL_semop:
	case SYSCALL_semtimedop:
		return (struct ipc_shape){.kind = IPC_SEMAPHORES};
	case SYSCALL_msgsnd:
	case SYSCALL_msgrcv:
		return (struct ipc_shape){.kind = IPC_MESSAGES};
	default: /* mq_open, mq_unlink: by name */
		return (struct ipc_shape){.kind = IPC_NOT_BY_ID};
	}
}

static struct ipc_object *find(
	const struct ipc_objects *objects, enum ipc_kind kind, int id)
{
	for (size_t i = 0; i < objects->count; i++) {
		struct ipc_object *object = &objects->objects[i];
		if (object->kind == kind && object->id == id) {
			return object;
		}
	}
	return NULL;
}

static void add(struct ipc_objects *objects, enum ipc_kind kind, int id)
{
	if (find(objects, kind, id)) {
		return;
	}
	if (objects->count == objects->capacity) {
		objects->capacity = objects->capacity ? 2 * objects->capacity : 16;
		objects->objects = xreallocarray(
			objects->objects, objects->capacity, sizeof(*objects->objects));
	}
	objects->objects[objects->count++] = (struct ipc_object){kind, id};
}

static void forget(struct ipc_objects *objects, enum ipc_kind kind, int id)
{
	struct ipc_object *object = find(objects, kind, id);

	if (object) {
		*object = objects->objects[--objects->count];
	}
}

void ipc_objects_finish(struct ipc_objects *objects)
{
	free(objects->objects);
	*objects = (struct ipc_objects){0};
}

bool ipc_objects_own(const struct ipc_objects *objects, const struct call *call)
{
	struct ipc_shape shape = shape_of(call);
	int key_or_id = (int)call->arguments[0];

	if (shape.kind == IPC_NOT_BY_ID) {
		return false;
	}
	if (shape.flags != 0) {
		return key_or_id == IPC_PRIVATE;
	}
	return find(objects, shape.kind, key_or_id) != NULL;
}

static bool makes_new(const struct call *call, const struct ipc_shape *shape)
{
	const int exclusively = IPC_CREAT | IPC_EXCL;

	return shape->flags != 0 && ((int)call->arguments[0] == IPC_PRIVATE ||
					    ((int)call->arguments[shape->flags] &
						    exclusively) == exclusively);
}

void ipc_objects_note(
	struct ipc_objects *objects, const struct call *call, pid_t tid, int64_t result)
{
	const struct ipc_shape shape = shape_of(call);

	if (result < 0) {
		return;
	}
	if (makes_new(call, &shape) &&
		(result != 0 || !caller_is_filtered_further(tid))) {
		add(objects, shape.kind, (int)result);
	}
	ipc_objects_note_removal(objects, call);
}

void ipc_objects_note_removal(struct ipc_objects *objects, const struct call *call)
{
	const struct ipc_shape shape = shape_of(call);

	if (shape.command != 0 && (int)call->arguments[shape.command] == IPC_RMID) {
		forget(objects, shape.kind, (int)call->arguments[0]);
	}
}
