/* SPDX-License-Identifier: MIT */
/*
 * Runs a seccomp filter as the kernel would, so that tests can ask what it says of any
 * call. Knows the instructions that seccomp(2) accepts and fails on any other.
 */
#ifndef TESTS_SUPPORT_BPF_INTERPRETER_H
#define TESTS_SUPPORT_BPF_INTERPRETER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_result {
	bool valid; /* false: the program left its bounds or used a wrong instruction */
	uint32_t value; /* what it returned, SECCOMP_RET_… */
	size_t steps;	/* instructions run */
};

struct bpf_result bpf_run(
	const struct sock_fprog *program, const struct seccomp_data *data);

#endif
