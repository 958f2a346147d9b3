/* SPDX-License-Identifier: MIT */
/*
 * Where CPython keeps what a call stack is made of, by version, for x86-64 builds with
 * the global lock. Found with offsetof against each version's own internal headers; from
 * 3.13 on the interpreter says it itself, at the start of _PyRuntime, also of builds
 * without the lock.
 */
#ifndef TRACER_PYTHON_LAYOUT_H
#define TRACER_PYTHON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a code object tells which lines its instructions are of. */
enum python_lines {
	LINES_DIFFERENCES, /* co_lnotab, up to 3.9 */
	LINES_RANGES,	   /* 3.10 */
	LINES_LOCATIONS,   /* since 3.11 */
};

/* How to tell the frame that the native evaluator was entered with. */
enum python_entry {
	ENTRY_EACH,  /* every frame has an evaluator of its own */
	ENTRY_FLAG,  /* the frame has a flag */
	ENTRY_SHIMS, /* the frame before one that runs no code of its own */
};

struct python_layout {
	uint8_t minor;				 /* of Python 3 */
	uint16_t interpreters;			 /* _PyRuntime.interpreters.head */
	uint16_t next_interpreter, first_thread; /* of an interpreter */
	uint16_t next_thread, thread_id;
	uint16_t native_thread_id; /* 0: there is none */
	uint16_t control; /* of a thread: its control frame; 0: there is none */
	uint16_t current; /* frame, in the control frame, else in the thread */
	uint16_t head;	  /* of any object, up to its own fields; ends with its type */
	uint16_t code, previous, instruction; /* of a frame */
	/* Where threads have copies of instructions, else 0: which one a frame runs, and
	   the array of them in a code object. */
	uint16_t bytecode_index, bytecodes;
	uint16_t variables; /* where a frame's own begin; 0: not looked at */
	enum python_entry entries;
	uint16_t entry;	     /* flag in a frame; of shims: its owner */
	uint8_t first_shim;  /* owners from here on run no code of their own */
	uint16_t file, name; /* of a code object; the qualified name */
	uint16_t first_line, line_table;
	uint16_t names;	      /* that the code uses */
	uint16_t tuple_items; /* of a tuple */
	uint16_t
		instructions; /* of a code object; 0: frames have an index, not a pointer */
	enum python_lines lines;
	uint8_t ascii, wide; /* of a string: where the characters begin */
};

/* NULL: this version is not known. */
const struct python_layout *python_layout_find(unsigned minor);

/* From 3.13 on the first bytes of _PyRuntime; as much of it as is looked at. */
enum { PYTHON_OFFSETS_SIZE = 8 * 64 };

/*
 * Takes the offsets that the interpreter's own file gives over those of its version.
 * False if they do not fit together: the build is not known.
 */
bool python_layout_adjust(struct python_layout *layout,
	const unsigned char offsets[static PYTHON_OFFSETS_SIZE]);

#endif
