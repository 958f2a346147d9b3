/* SPDX-License-Identifier: MIT */
#include "tracer/anchors.h"
#include "tracer/ipc_objects.h"
#include "tracer/syscall_numbers_x86_64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 0x1234, ID = 32771, OTHER_ID = 7 };

static struct call call_of(uint64_t number, int a0, int a1, int a2)
{
	return (struct call){.number = number,
		.arguments = {(uint32_t)a0, (uint32_t)a1, (uint32_t)a2}};
}

static void note(struct ipc_objects *objects, struct call call, int64_t result)
{
	ipc_objects_note(objects, &call, getpid(), result);
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

/* Its thread was killed in it. */
Test(ipc_objects, forgets_what_may_have_been_removed)
{
	struct ipc_objects objects = {0};

	note(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 1, 0600), ID);
	ipc_objects_note_removal(&objects, &(struct call){.number = SYSCALL_shmget});
	cr_expect(owns(&objects, call_of(SYSCALL_shmat, ID, 0, 0)));
	struct call removal = call_of(SYSCALL_shmctl, ID, IPC_RMID, 0);
	ipc_objects_note_removal(&objects, &removal);
	cr_expect(not(owns(&objects, call_of(SYSCALL_shmat, ID, 0, 0))));
	ipc_objects_finish(&objects);
}

/* 0: it owns the id; 1: it does not; 2: no filter can be added; 3: it owns what is gone. */
static int owns_zero_with_filters(int filters)
{
	struct ipc_objects objects = {0};
	struct sock_filter passes = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = {1, &passes};

	for (int i = 0; i < filters; i++) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
			return 2;
		}
	}
	note(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 4096, 0600), ID);
	note(&objects, call_of(SYSCALL_shmctl, ID, IPC_RMID, 0), 0);
	if (owns(&objects, call_of(SYSCALL_shmat, ID, 0, 0))) {
		return 3;
	}
	note(&objects, call_of(SYSCALL_shmget, IPC_PRIVATE, 4096, 0600), 0);
	return owns(&objects, call_of(SYSCALL_shmat, 0, 0, 0)) ? 0 : 1;
}

/* Filters of the tree can answer 0 to whoever asks for a new object. */
Test(ipc_objects, doubts_the_id_that_a_filter_can_answer)
{
	(void)anchors_get(); /* the supervisor is who asked first */
	for (int filters = 1; filters <= 2; filters++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			_exit(owns_zero_with_filters(filters));
		}
		cr_assert(eq(i32, waitpid(child, &status, 0), child));
		cr_expect(eq(i32, WEXITSTATUS(status), filters == 1 ? 0 : 1));
	}
}
