/* SPDX-License-Identifier: MIT */
/*
 * The loop itself does what is mostly done at once: it looks names up and changes files.
 * But locks of the kernel can be in its way for a while, such as that of a large folder
 * that somebody lists. What took long once is then left to performers for fifty times as
 * long, so that whoever arranges such locks cannot take more than a small part of the
 * loop's time from everybody else. For the loop's thread alone.
 */
#ifndef TRACER_PATIENCE_H
#define TRACER_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

/* To be asked before, and said after, whatever may wait for such a lock. */
uint64_t patience_begin(void);
void patience_end(uint64_t begun);

/* True while performers are to do what the loop would do else. */
bool patience_is_lost(void);

#endif
