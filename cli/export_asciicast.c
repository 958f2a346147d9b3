/* SPDX-License-Identifier: MIT */
/* The recorded terminal as asciicast v2, which asciinema plays. */
#include "base/xalloc.h"
#include "cli/export.h"
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>

enum { UTF8_MAX = 4, DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24 };

struct cast {
	FILE *file;
	int64_t started;
	bool has_header;
	char rest[UTF8_MAX]; /* of a character whose bytes lie in two chunks */
	size_t rest_length;
};

/* How many bytes a character has that begins so; 0: none does. */
static size_t sequence_length(unsigned char first)
{
	return first < 0x80		       ? 1
	       : first >= 0xc2 && first < 0xe0 ? 2
	       : first >= 0xe0 && first < 0xf0 ? 3
	       : first >= 0xf0 && first < 0xf5 ? 4
					       : 0;
}

/* The characters of text as JSON; what is not UTF-8 becomes U+FFFD. */
static json_t *text_repair(struct cast *cast, struct text text)
{
	char *out = NULL;
	size_t size = 0, at = 0;
	FILE *memory = open_memstream(&out, &size);

	invariant(memory != NULL);
	while (at < text.length) {
		size_t left = text.length - at;
		size_t length = sequence_length((unsigned char)text.bytes[at]);
		if (length > left && left < UTF8_MAX) {
			memcpy(cast->rest, text.bytes + at, left);
			cast->rest_length = left;
			break;
		}
		json_t *one = length ? json_stringn(text.bytes + at, length) : NULL;
		if (one) {
			(void)fwrite(text.bytes + at, 1, length, memory);
		} else {
			length = 1;
			(void)fputs("\xef\xbf\xbd", memory);
		}
		json_decref(one);
		at += length;
	}
	invariant(fclose(memory) == 0);
	json_t *value = json_stringn(out, size);
	free(out);
	return value ? value : json_string("");
}

static json_t *output_json(struct cast *cast, struct text bytes)
{
	size_t length = cast->rest_length + bytes.length;
	char *joined = xmalloc(length + 1);

	memcpy(joined, cast->rest, cast->rest_length);
	memcpy(joined + cast->rest_length, bytes.bytes, bytes.length);
	cast->rest_length = 0;
	json_t *value = text_repair(cast, (struct text){joined, length});
	free(joined);
	return value;
}

static void write_header(struct cast *cast, const struct session_record *session,
	unsigned columns, unsigned rows)
{
	enum { NANOSECONDS = 1000000000 };
	json_t *header = json_object();
	char *command = show_command(session->argv, session->argc, 0);

	export_set(header, "version", json_integer(2));
	export_set(header, "width", json_integer(columns ? columns : DEFAULT_COLUMNS));
	export_set(header, "height", json_integer(rows ? rows : DEFAULT_ROWS));
	export_set(header, "timestamp", json_integer(session->started / NANOSECONDS));
	export_set(header, "command", json_string(command));
	if (session->name.length) {
		export_set(header, "title", export_text(session->name));
	}
	export_line(cast->file, header);
	cast->has_header = true;
	free(command);
}

static void write_chunk(struct cast *cast, const struct terminal_record *chunk)
{
	static const char codes[][2] = {
		[TERMINAL_OUTPUT] = "o", [TERMINAL_INPUT] = "i", [TERMINAL_SIZE] = "r"};
	int64_t after = chunk->time - cast->started;
	json_t *line = json_array();
	char size[SHOW_SIZE];

	(void)json_array_append_new(
		line, json_real((double)(after > 0 ? after : 0) / 1e9));
	(void)json_array_append_new(line, json_string(codes[chunk->kind]));
	if (chunk->kind == TERMINAL_SIZE) {
		(void)snprintf(
			size, sizeof(size), "%ux%u", chunk->columns, chunk->rows);
		(void)json_array_append_new(line, json_string(size));
	} else if (chunk->kind == TERMINAL_OUTPUT) {
		(void)json_array_append_new(line, output_json(cast, chunk->bytes));
	} else {
		struct cast alone = {0};
		(void)json_array_append_new(line, output_json(&alone, chunk->bytes));
	}
	export_line(cast->file, line);
}

bool export_asciicast(struct db *db, const struct session_record *session, FILE *file,
	struct error *err)
{
	struct cast cast = {.file = file, .started = session->started};
	struct terminal_record chunk;
	struct error local = {0};

	if (!db_terminal_begin(db, session->id, 0, err)) {
		return false;
	}
	while (db_terminal_next(db, &chunk, &local)) {
		bool is_first_size = !cast.has_header && chunk.kind == TERMINAL_SIZE;
		if (!cast.has_header) {
			write_header(&cast, session, chunk.columns, chunk.rows);
		}
		if (!is_first_size) {
			write_chunk(&cast, &chunk);
		}
	}
	if (local.code) {
		return error_set(err, local.code, "%s", local.text);
	}
	return cast.has_header ||
	       error_set(err, ERROR_NOT_FOUND,
		       "session %lld has no recorded terminal: it used the one that "
		       "Duenna was started on",
		       (long long)session->id);
}
