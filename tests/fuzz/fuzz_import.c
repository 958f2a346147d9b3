/* SPDX-License-Identifier: MIT */
/* Hostile recordings: what is taken in can be written again, and then stays the same. */
#include "base/error.h"
#include "session/recording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes bytes in and writes them again; NULL if they were refused. Owned. */
static char *take_in(const char *bytes, size_t size, size_t *length)
{
	struct error err = {0};
	struct session_record session;
	char *result = NULL;
	int64_t id;
	FILE *in = fmemopen((void *)(uintptr_t)bytes, size, "r");
	struct db *db = db_open(":memory:", DB_WRITE, &err);
	invariant(in != NULL && db != NULL);
	if (recording_read(in, "x", db, &id, &err)) {
		FILE *out = open_memstream(&result, length);
		invariant(out != NULL && db_session_find(db, NULL, &session, &err));
		invariant(recording_write(db, &session, out, &err));
		invariant(fclose(out) == 0);
	} else {
		invariant(err.code != 0);
		invariant(!db_session_find(db, NULL, &session, &err));
	}
	db_close(db);
	(void)fclose(in);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length, again_length;
	if (size == 0) {
		return 0;
	}
	char *written = take_in((const char *)data, size, &length);
	if (written != NULL) {
		char *again = take_in(written, length, &again_length);
		invariant(again != NULL && again_length == length &&
			  memcmp(again, written, length) == 0);
		free(again);
	}
	free(written);
	return 0;
}
