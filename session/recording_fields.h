/* SPDX-License-Identifier: MIT */
/* The fields of recorded things as tables, from which they are written and read. */
#ifndef SESSION_RECORDING_FIELDS_H
#define SESSION_RECORDING_FIELDS_H

#include "base/error.h"
#include "db/event.h"

#include <jansson.h>

enum recording_type {
	FIELD_NUMBER,  /* int64_t, not negative */
	FIELD_SIGNED,  /* int64_t, any: ids of rules of files are negative */
	FIELD_INT,     /* int, not negative; pid_t as well */
	FIELD_STATUS,  /* int, any */
	FIELD_SIZE,    /* unsigned, at most 65535 */
	FIELD_FLAGS,   /* unsigned: only flags that events have */
	FIELD_TEXT,    /* struct text */
	FIELD_JSON,    /* struct text: a JSON object, or empty */
	FIELD_TEXTS,   /* const struct text *, with a size_t at offset_count */
	FIELD_BOOLEAN, /* bool */
	FIELD_VERB,
	FIELD_VERDICT,
	FIELD_DECIDER,
	FIELD_SCOPE,
	FIELD_CODE,	/* enum code_origin */
	FIELD_TERMINAL, /* enum terminal_kind */
};

/* A table of them ends with a zeroed row. */
struct recording_field {
	const char *name;
	enum recording_type type;
	size_t offset, offset_count;
};

enum { RECORDING_FORMAT = 1 };

enum recording_kind {
	RECORDING_SESSION,
	RECORDING_PROCESS,
	RECORDING_EVENT,
	RECORDING_QUESTION,
	RECORDING_TERMINAL,
	RECORDING_MCP,
	RECORDING_LABEL,
	RECORDING_END,
	RECORDING_KIND_COUNT
};

/* What a line of any kind says. */
union recording_record {
	struct session_record session;
	struct process_record process;
	struct event event;
	struct question_record question;
	struct terminal_record terminal;
	struct mcp_record mcp;
	struct label_record label;
	int64_t lines; /* END: how many lines there are, with this one */
};

struct recording_shape {
	const char *name;
	const struct recording_field *fields;
};
extern const struct recording_shape recording_shapes[RECORDING_KIND_COUNT];

/* A new object with the kind and its fields. */
json_t *recording_record_write(enum recording_kind kind, const void *record);

/* What reading allocated, to be freed at once. */
struct recording_memory {
	void **blocks;
	size_t count, capacity;
};
void recording_memory_clear(struct recording_memory *memory);
void recording_memory_finish(struct recording_memory *memory);

/* False with a sentence that names the field. Texts are the memory's. */
bool recording_record_read(enum recording_kind kind, const json_t *object, void *record,
	struct recording_memory *memory, struct error *err);

#endif
