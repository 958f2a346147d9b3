/* SPDX-License-Identifier: MIT */
/*
 * Calls that say who gets the signals of a descriptor (fcntl(2) F_SETOWN, F_SETOWN_EX,
 * ioctl FIOSETOWN, SIOCSPGRP). A part of process_call.h.
 */
#ifndef TRACER_OWNER_CALL_H
#define TRACER_OWNER_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct tracer;
struct pending;
struct registers;

/* As process_call_prepare. */
int owner_call_prepare(struct tracer *tracer, struct pending *pending);
/*
 * True if the call ends here, with its result. Others are run by the caller with the owner
 * in a register: its ids go with the signals.
 */
bool owner_call_perform(const struct pending *pending, int64_t *result);
/* The judged owner into the registers. */
void owner_call_restate(const struct pending *pending, struct registers *registers);

#endif
