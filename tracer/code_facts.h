/* SPDX-License-Identifier: MIT */
/* What interpreted code a call comes from, as far as its process' memory says. */
#ifndef TRACER_CODE_FACTS_H
#define TRACER_CODE_FACTS_H

#include "rules/action.h"

enum { CODE_FRAMES_MAX = 512 };

struct code_frame {
	struct text file;     /* as the interpreter has it: UTF-8; owned */
	struct text function; /* qualified name; owned */
	int line;	      /* of JavaScript where the function begins; 0: unknown */
	int first_line;	      /* of the function, or what it is */
	uint64_t address, code, file_object; /* in the process */
	uint64_t entered; /* in the native frame that it was entered from; 0: unknown */
	struct text
		source;	 /* as excerpted for people; no bytes: not looked for; owned */
	bool is_script;	 /* JavaScript, not Python */
	bool is_starter; /* what Python's library gave a worker by -c to begin with */
	bool is_generated; /* given to exec, eval, -c and the like as text */
	bool is_forged;	   /* it bears the name of a file that it is not from */
	bool is_entry;	   /* the evaluator's native frame was entered with it */
	bool is_outermost; /* nothing called it; a thread may be in two interpreters */
};

/*
 * All of it is a claim of the process, which can forge its own memory. NONE: it runs
 * neither Python nor node. UNKNOWN: it does, and it cannot be told what runs.
 */
struct code_facts {
	enum code_origin origin;
	struct code_frame *frames; /* innermost first; owned */
	size_t frame_count;
	bool is_cut; /* there are more frames, or one could not be read */
};

/* Frames of which the line in a file is shown. */
enum { SOURCE_FRAMES_MAX = 8 };

void code_frame_finish(struct code_frame *frame);
void code_facts_finish(struct code_facts *facts);

#endif
