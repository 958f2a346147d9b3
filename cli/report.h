/* SPDX-License-Identifier: MIT */
/*
 * What a person is told on standard error: one sentence a line, "duenna: …", with
 * everything that could trick a terminal escaped. Results go to standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/error.h"

/* "duenna: SENTENCE"; several lines if the text has line breaks. */
void report_error(const struct error *err);

/* "duenna: warning: SENTENCE" */
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "duenna: SENTENCE", for what is worth saying but no failure. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Flushes standard output. False if something that was printed could not be written
 * (a full disk; a closed pipe counts as written).
 */
bool report_output_written(struct error *err);

#endif
