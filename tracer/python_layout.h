/* SPDX-License-Identifier: MIT */
/*
 * Where CPython keeps what a call stack is made of, by version, for x86-64 builds with
 * the global lock. Found with offsetof against each version's own internal headers.
 */
#ifndef TRACER_PYTHON_LAYOUT_H
#define TRACER_PYTHON_LAYOUT_H

#include <stdint.h>

struct python_layout {
	uint8_t minor;	       /* of Python 3 */
	uint16_t interpreters; /* _PyRuntime.interpreters.head */
	uint16_t first_thread; /* of an interpreter; its next one is at 0 */
	uint16_t next_thread, thread_id, native_thread_id;
	uint16_t control; /* of a thread: its control frame; 0: there is none */
	uint16_t current; /* frame, in the control frame, else in the thread */
	uint16_t code, previous, instruction, owner; /* of a frame */
	uint8_t first_shim;  /* owners from here on run no code of their own */
	uint16_t frame_size; /* as much of a frame as is looked at */
	uint16_t file, name; /* of a code object; the qualified name */
	uint16_t first_line, line_table, instructions;
	uint16_t code_size;  /* as much of a code object as is looked at */
	uint8_t ascii, wide; /* of a string: where the characters begin */
};

/* NULL: this version is not known. */
const struct python_layout *python_layout_find(unsigned minor);

#endif
