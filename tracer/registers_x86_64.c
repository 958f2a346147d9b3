/* SPDX-License-Identifier: MIT */
/* Register names of x86-64. The system call instruction is two bytes long. */
#include "tracer/registers.h"

#include <stddef.h>
#include <sys/ptrace.h>

enum { CALL_INSTRUCTION_LENGTH = 2 };

bool registers_read(pid_t tid, struct registers *registers)
{
	return ptrace(PTRACE_GETREGS, tid, NULL, &registers->raw) == 0;
}

bool registers_write(pid_t tid, const struct registers *registers)
{
	struct registers copy = *registers;

	return ptrace(PTRACE_SETREGS, tid, NULL, &copy.raw) == 0;
}

uint64_t registers_number(const struct registers *registers)
{
	/* As the kernel takes it: the high half may hold anything, and stays. */
	return (uint64_t)(int64_t)(int32_t)registers->raw.orig_rax;
}

int64_t registers_result(const struct registers *registers)
{
	return (int64_t)registers->raw.rax;
}

uint64_t registers_instruction(const struct registers *registers)
{
	return registers->raw.rip;
}

uint64_t registers_stack(const struct registers *registers)
{
	return registers->raw.rsp;
}

void registers_set_number(struct registers *registers, uint64_t number)
{
	registers->raw.orig_rax = number;
}

void registers_set_result(struct registers *registers, int64_t result)
{
	registers->raw.rax = (uint64_t)result;
}

static unsigned long long *argument_slot(struct registers *registers, int index)
{
	struct user_regs_struct *raw = &registers->raw;
	unsigned long long *slots[] = {
		&raw->rdi, &raw->rsi, &raw->rdx, &raw->r10, &raw->r8, &raw->r9};

	return slots[index];
}

void registers_set_argument(struct registers *registers, int index, uint64_t value)
{
	*argument_slot(registers, index) = value;
}

uint64_t registers_argument(const struct registers *registers, int index)
{
	struct registers copy = *registers;

	return *argument_slot(&copy, index);
}

bool registers_have_arguments(
	const struct registers *registers, const struct registers *other)
{
	for (int i = 0; i < 6; i++) {
		if (registers_argument(registers, i) != registers_argument(other, i)) {
			return false;
		}
	}
	return true;
}

void registers_rewind(struct registers *registers, uint64_t number)
{
	registers->raw.rip -= CALL_INSTRUCTION_LENGTH;
	registers->raw.rax = number;
	/* Not inside a call any more: the kernel must not restart it on top of that. */
	registers->raw.orig_rax = (unsigned long long)-1;
}

bool registers_are_rewound(
	const struct registers *registers, const struct registers *before)
{
	return registers->raw.rip + CALL_INSTRUCTION_LENGTH == before->raw.rip &&
	       registers->raw.rax == before->raw.orig_rax;
}

static bool poke(pid_t tid, size_t offset, uint64_t value)
{
	return ptrace(PTRACE_POKEUSER, tid, offset, value) == 0;
}

bool registers_skip_call(pid_t tid, int64_t result)
{
	return poke(tid, offsetof(struct user_regs_struct, orig_rax), UINT64_MAX) &&
	       poke(tid, offsetof(struct user_regs_struct, rax), (uint64_t)result);
}

bool registers_replace_number(pid_t tid, uint64_t number)
{
	return poke(tid, offsetof(struct user_regs_struct, orig_rax), number);
}

bool registers_read_call(pid_t tid, struct call_registers *call)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
		info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
		return false;
	}
	*call = (struct call_registers){
		.architecture = info.arch,
		.number = info.seccomp.nr,
		.instruction = info.instruction_pointer,
		.stack = info.stack_pointer,
	};
	for (int i = 0; i < 6; i++) {
		call->arguments[i] = info.seccomp.args[i];
	}
	return true;
}
