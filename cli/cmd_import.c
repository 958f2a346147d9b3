/* SPDX-License-Identifier: MIT */
/* `duenna import`: a recording that was exported as jsonl, perhaps elsewhere. */
#include "cli/commands.h"
#include "session/recording.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Checked as a whole first, so that other writers of the database wait less. */
static bool import_file(
	const char *path, const char *database, int64_t *id, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct stat status;

	if (!file) {
		return error_set(err, errno, "open %s: %s", path, strerror(errno));
	}
	bool is_good = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode);
	if (!is_good) {
		(void)error_set(err, EINVAL, "%s is no regular file", path);
	}
	is_good = is_good && recording_read(file, path, NULL, id, err);
	if (is_good && fseek(file, 0, SEEK_SET) != 0) {
		is_good = error_set(err, errno, "read %s: %s", path, strerror(errno));
	}
	if (is_good) {
		struct db *db = db_open(database, DB_WRITE, err);
		is_good = db && recording_read(file, path, db, id, err);
		db_close(db);
	}
	(void)fclose(file); /* only read */
	return is_good;
}

static int run_import(const struct command_line *line, struct error *err)
{
	int64_t id = 0;

	if (import_file(line->arguments[0], line->database, &id, err)) {
		(void)printf("imported as session %lld\n", (long long)id);
	}
	return EXIT_DONE;
}

const struct command command_import = {
	.name = "import",
	.arguments = "FILE",
	.summary = "take in a recording that was exported as jsonl",
	.description =
		"Checks the whole file first; if anything is wrong, says in which "
		"line and changes nothing. The new session is marked as imported: "
		"answers in it count for nothing here, and no rules come with it.",
	.common = COMMON_DATABASE,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run_import,
};
