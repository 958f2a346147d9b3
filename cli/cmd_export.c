/* SPDX-License-Identifier: MIT */
/* `duenna export`: a recording in a format that other programs read. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/export.h"
#include "cli/report.h"
#include "session/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	export_fn *write;
} formats[] = {
	{"jsonl", recording_write},
	{"asciicast", export_asciicast},
	{"perfetto", export_perfetto},
	{"html", export_html},
	{"ocsf", export_ocsf},
};

void export_set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

json_t *export_text(struct text text)
{
	char *safe = escape_copy(text);
	json_t *value = json_string(safe);

	free(safe);
	return value;
}

json_t *export_texts(const struct text *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		(void)json_array_append_new(list, export_text(texts[i]));
	}
	return list;
}

void export_line(FILE *file, json_t *object)
{
	(void)json_dumpf(object, file, EXPORT_JSON);
	(void)putc('\n', file);
	json_decref(object);
}

static export_fn *format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			return formats[i].write;
		}
	}
	return NULL;
}

/* A whole file bears the name, or none: a recording may be secret, so 0600. */
static bool write_file(struct db *db, const struct session_record *session,
	const char *path, export_fn *format, struct error *err)
{
	char *partial = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(partial, O_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!file) {
		(void)error_set(err, errno, "create %s: %s", path, strerror(errno));
		free(partial);
		return false;
	}
	bool is_good = format(db, session, file, err);
	bool is_written = !ferror(file);
	is_written = fclose(file) == 0 && is_written;
	if (is_good && (!is_written || rename(partial, path) != 0)) {
		is_good = error_set(err, errno ? errno : EIO, "write %s: %s", path,
			strerror(errno ? errno : EIO));
	}
	if (!is_good) {
		(void)unlink(partial);
	}
	free(partial);
	return is_good;
}

static int run_export(const struct command_line *line, struct error *err)
{
	struct session_record session;
	const char *path = option_text(line, "output");
	const char *name = option_text(line, "format");

	if (!name) {
		(void)error_set(err, ERROR_USAGE, "say in which format: --format");
		return EXIT_DONE;
	}
	export_fn *format = format_find(name);
	invariant(format != NULL);
	struct db *db = db_open(line->database, DB_READ, err);
	if (!db) {
		return EXIT_DONE;
	}
	if (db_session_find(db, line->arguments[0], &session, err)) {
		if (path) {
			(void)write_file(db, &session, path, format, err);
		} else if (format(db, &session, stdout, err)) {
			(void)report_output_written(err);
		}
	}
	db_close(db);
	return EXIT_DONE;
}

static const struct option_row export_options[] = {
	{.name = "format",
		.value = "FORMAT",
		.choices = "jsonl|asciicast|perfetto|html|ocsf",
		.meaning = "the format to write"},
	{.name = "output",
		.letter = 'o',
		.value = "FILE",
		.meaning = "write to FILE instead of standard output"},
	{0},
};

const struct command command_export = {
	.name = "export",
	.arguments = "[SESSION]",
	.summary = "write a recording in a format that others read",
	.description =
		"jsonl is all of the recording, for `duenna import`; asciicast the "
		"terminal, for asciinema; perfetto processes and judged calls on a "
		"time line, for ui.perfetto.dev or chrome://tracing; html a report "
		"in one file; ocsf events for log pipelines.",
	.common = COMMON_DATABASE,
	.options = export_options,
	.arguments_max = 1,
	.run = run_export,
};
