/* SPDX-License-Identifier: MIT */
/* The data behind syscall_table.h, indexed by number. Only syscall_table.c reads it. */
#ifndef TRACER_SYSCALL_ROWS_H
#define TRACER_SYSCALL_ROWS_H

#include "tracer/syscall_numbers_x86_64.h"
#include "tracer/syscall_table.h"

extern const struct syscall_row syscall_rows[SYSCALL_COUNT];

#endif
