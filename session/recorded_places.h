/* SPDX-License-Identifier: MIT */
/* Where things lay in a recorded session: kept with its options, to judge it again. */
#ifndef SESSION_RECORDED_PLACES_H
#define SESSION_RECORDED_PLACES_H

#include "db/event.h"
#include "session/places.h"

#include <jansson.h>

json_t *recorded_places_write(const struct places *places);

/*
 * The places of a recorded session; false if they were not recorded. Given back by
 * places_forget: they may be of another machine, or invented.
 */
bool recorded_places_read(const struct session_record *session, struct places *places);

#endif
