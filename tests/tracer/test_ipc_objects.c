/* SPDX-License-Identifier: MIT */
#include "tracer/ipc_objects.h"
#include "tracer/syscall_numbers_x86_64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <sys/ipc.h>

enum { KEY = 0x1234, ID = 32771, OTHER_ID = 7 };

static struct call call_of(uint64_t number, int a0, int a1, int a2)
{
	return (struct call){.number = number,
		.arguments = {(uint32_t)a0, (uint32_t)a1, (uint32_t)a2}};
}

static void note(struct ipc_objects *objects, struct call call, int64_t result)
{
	ipc_objects_note(objects, &call, result);
}

static bool owns(const struct ipc_objects *objects, struct call call)
{
	return ipc_objects_own(objects, &call);
}

Test(ipc_objects, owns_what_it_made_and_nothing_else)
{
	struct ipc_objects objects = {0};

	cr_expect(owns(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 4096, 0600)));
	cr_expect(not(owns(&objects, call_of(SYSCALL_shmat, ID, 0, 0))));
	note(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 4096, 0600), ID);
	cr_expect(owns(&objects, call_of(SYSCALL_shmat, ID, 0, 0)));
	cr_expect(owns(&objects, call_of(SYSCALL_shmctl, ID, IPC_STAT, 0)));
	cr_expect(not(owns(&objects, call_of(SYSCALL_shmat, OTHER_ID, 0, 0))));
	cr_expect(not(owns(&objects, call_of(SYSCALL_semop, ID, 0, 0))));
	cr_expect(not(owns(&objects, call_of(SYSCALL_msgrcv, ID, 0, 0))));
	ipc_objects_finish(&objects);
}

Test(ipc_objects, judges_every_use_of_a_key)
{
	struct ipc_objects objects = {0};

	note(&objects, call_of(SYSCALL_semget, KEY, 1, IPC_CREAT | 0600), ID);
	cr_expect(not(owns(&objects, call_of(SYSCALL_semget, KEY, 1, 0600))));
	cr_expect(not(owns(&objects, call_of(SYSCALL_semop, ID, 0, 0))));
	ipc_objects_finish(&objects);
}

Test(ipc_objects, owns_what_it_made_by_key_alone)
{
	struct ipc_objects objects = {0};

	note(&objects, call_of(SYSCALL_msgget, KEY, IPC_CREAT | IPC_EXCL | 0600, 0),
		ID);
	cr_expect(owns(&objects, call_of(SYSCALL_msgsnd, ID, 0, 0)));
	ipc_objects_finish(&objects);
}

Test(ipc_objects, forgets_what_is_removed)
{
	struct ipc_objects objects = {0};

	note(&objects, call_of(SYSCALL_semget, IPC_PRIVATE, 1, 0600), ID);
	note(&objects, call_of(SYSCALL_semctl, ID, 0, IPC_RMID), -1);
	cr_expect(owns(&objects, call_of(SYSCALL_semtimedop, ID, 0, 0)));
	note(&objects, call_of(SYSCALL_semctl, ID, 0, IPC_RMID), 0);
	cr_expect(not(owns(&objects, call_of(SYSCALL_semtimedop, ID, 0, 0))));
	ipc_objects_finish(&objects);
}

Test(ipc_objects, remembers_many)
{
	struct ipc_objects objects = {0};

	for (int id = 0; id < 100; id++) {
		note(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 1, 0600), id);
	}
	for (int id = 0; id < 100; id++) {
		cr_expect(owns(&objects, call_of(SYSCALL_shmat, id, 0, 0)));
	}
	ipc_objects_finish(&objects);
}

Test(ipc_objects, never_owns_a_queue_by_name)
{
	struct ipc_objects objects = {0};

	cr_expect(not(owns(&objects, call_of(SYSCALL_mq_open, 0, 0, 0))));
	ipc_objects_finish(&objects);
}
