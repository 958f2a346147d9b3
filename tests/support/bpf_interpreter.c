/* SPDX-License-Identifier: MIT */
/* A plain interpreter of classic BPF over struct seccomp_data. */
#include "tests/support/bpf_interpreter.h"

#include <string.h>

struct machine {
	const struct seccomp_data *data;
	uint32_t accumulator;
	uint32_t index;
	uint32_t memory[BPF_MEMWORDS];
	size_t next; /* instruction */
	bool valid;
};

static void machine_load(struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t k = instruction->k;

	switch (BPF_MODE(instruction->code)) {
	case BPF_ABS:
		if (k % 4 != 0 || k + 4 > sizeof(*machine->data)) {
			machine->valid = false;
			return;
		}
		memcpy(&machine->accumulator, (const char *)machine->data + k, 4);
		break;
	case BPF_IMM:
		machine->accumulator = k;
		break;
	case BPF_MEM:
		machine->valid = k < BPF_MEMWORDS;
		machine->accumulator = machine->valid ? machine->memory[k] : 0;
		break;
	default:
		machine->valid = false;
	}
}

static void machine_compute(
	struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t operand =
		BPF_SRC(instruction->code) == BPF_X ? machine->index : instruction->k;

	switch (BPF_OP(instruction->code)) {
	case BPF_AND:
		machine->accumulator &= operand;
		break;
	case BPF_OR:
		machine->accumulator |= operand;
		break;
	case BPF_RSH:
		machine->accumulator >>= operand & 31;
		break;
	case BPF_LSH:
		machine->accumulator <<= operand & 31;
		break;
	default:
		machine->valid = false;
	}
}

static void machine_jump(struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t operand =
		BPF_SRC(instruction->code) == BPF_X ? machine->index : instruction->k;
	bool taken = false;

	switch (BPF_OP(instruction->code)) {
	case BPF_JA:
		machine->next += instruction->k;
		return;
	case BPF_JEQ:
		taken = machine->accumulator == operand;
		break;
	case BPF_JGT:
		taken = machine->accumulator > operand;
		break;
	case BPF_JGE:
		taken = machine->accumulator >= operand;
		break;
	case BPF_JSET:
		taken = (machine->accumulator & operand) != 0;
		break;
	default:
		machine->valid = false;
	}
	machine->next += taken ? instruction->jt : instruction->jf;
}

static void machine_step(struct machine *machine, const struct sock_filter *instruction)
{
	switch (BPF_CLASS(instruction->code)) {
	case BPF_LD:
		machine_load(machine, instruction);
		break;
	case BPF_ST:
		machine->valid = instruction->k < BPF_MEMWORDS;
		if (machine->valid) {
			machine->memory[instruction->k] = machine->accumulator;
		}
		break;
	case BPF_ALU:
		machine_compute(machine, instruction);
		break;
	case BPF_JMP:
		machine_jump(machine, instruction);
		break;
	case BPF_MISC:
		if (BPF_MISCOP(instruction->code) == BPF_TAX) {
			machine->index = machine->accumulator;
		} else {
			machine->accumulator = machine->index;
		}
		break;
	default:
		machine->valid = false;
	}
}

struct bpf_result bpf_run(
	const struct sock_fprog *program, const struct seccomp_data *data)
{
	struct machine machine = {.data = data, .valid = true};
	struct bpf_result result = {0};

	/* Jumps only go forward, so every program ends. */
	while (machine.valid && machine.next < program->len) {
		const struct sock_filter *instruction = &program->filter[machine.next];
		machine.next++;
		result.steps++;
		if (BPF_CLASS(instruction->code) == BPF_RET) {
			result.valid = BPF_RVAL(instruction->code) == BPF_K;
			result.value = instruction->k;
			return result;
		}
		machine_step(&machine, instruction);
	}
	return result;
}
