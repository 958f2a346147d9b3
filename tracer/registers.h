/* SPDX-License-Identifier: MIT */
/*
 * The registers of a thread in a ptrace stop, by their role in a system call. What is
 * bound to an architecture is in registers_ARCHITECTURE.c. All functions return false if
 * the thread has vanished (ESRCH), which is a normal outcome.
 */
#ifndef TRACER_REGISTERS_H
#define TRACER_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct registers {
	struct user_regs_struct raw;
};

bool registers_read(pid_t tid, struct registers *registers);
bool registers_write(pid_t tid, const struct registers *registers);

uint64_t registers_number(const struct registers *registers);
int64_t registers_result(const struct registers *registers);
uint64_t registers_instruction(const struct registers *registers);
uint64_t registers_stack(const struct registers *registers);
void registers_set_number(struct registers *registers, uint64_t number);
void registers_set_result(struct registers *registers, int64_t result);
void registers_set_argument(struct registers *registers, int index, uint64_t value);
uint64_t registers_argument(const struct registers *registers, int index);
/* True if all six arguments are those of the other. */
bool registers_have_arguments(
	const struct registers *registers, const struct registers *other);

/* At an exit stop: run this system call next, by going back to the instruction. */
void registers_rewind(struct registers *registers, uint64_t number);

/*
 * Whether the kernel has already gone back to the instruction to restart the call in
 * which the thread was seen before, and the thread was stopped again before it ran.
 */
bool registers_are_rewound(
	const struct registers *registers, const struct registers *before);

/* At a seccomp stop, without reading the rest: the call is skipped with this result. */
bool registers_skip_call(pid_t tid, int64_t result);
/* At a seccomp stop: another number runs with the same arguments. */
bool registers_replace_number(pid_t tid, uint64_t number);

/* What the stopped thread is about to call (seccomp stop); PTRACE_GET_SYSCALL_INFO. */
struct call_registers {
	uint32_t architecture; /* AUDIT_ARCH_… */
	uint64_t number;
	uint64_t arguments[6];
	uint64_t instruction;
	uint64_t stack;
};
bool registers_read_call(pid_t tid, struct call_registers *call);

#endif
