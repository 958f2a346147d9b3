/* SPDX-License-Identifier: MIT */
/* The #! line of a script, split as the kernel does it. Inside tracer/ only. */
#ifndef TRACER_EXEC_SCRIPT_H
#define TRACER_EXEC_SCRIPT_H

#include <stdbool.h>

enum { EXEC_START_SIZE = 256 }; /* BINPRM_BUF_SIZE: what the kernel looks at */

struct script_line {
	char interpreter[EXEC_START_SIZE];
	char argument[EXEC_START_SIZE];
	bool has_argument; /* it may be empty: "#!/bin/sh " at the end of a file */
};

/*
 * Of a file's first bytes, with zeros after its end. False if the kernel takes it for no
 * script: no #!, no interpreter, or one whose name may go on beyond these bytes
 * (load_script in fs/binfmt_script.c, since Linux 5.0).
 */
bool script_line_parse(struct script_line *line, const char start[EXEC_START_SIZE]);

#endif
