/* SPDX-License-Identifier: MIT */
#include "session/repository_rules.h"

#include "base/xalloc.h"
#include "session/project_file.h"

#include <stdlib.h>
#include <unistd.h>

/* Far more than a project needs; whoever made it must not make every session slow. */
enum { REPOSITORY_RULES_KB = 256 };

static void find_state(
	struct repository_rules *repository, const char *project, struct db *db)
{
	struct acceptance accepted;
	repository->state = REPOSITORY_TIGHTENS;
	if (db == NULL || !db_accepted(db, text_of(project), &accepted, NULL)) {
		return;
	}
	repository->accepted = accepted.time;
	repository->state = strcmp(accepted.hash, repository->hash) == 0
				    ? REPOSITORY_ACCEPTED
				    : REPOSITORY_CHANGED;
}

bool repository_rules_read(struct repository_rules *repository, const char *project,
	const char *database, struct db *db, struct error *err)
{
	*repository = (struct repository_rules){0};
	if (project == NULL) {
		return true;
	}
	repository->path = xasprintf("%s/.duenna.rules", project);
	if (access(repository->path, F_OK) != 0) {
		return true;
	}
	repository->bytes = project_file_bytes(repository->path,
		(size_t)REPOSITORY_RULES_KB << 10, &repository->length, err);
	if (repository->bytes == NULL) {
		return false;
	}
	db_content_hash(
		(struct text){repository->bytes, repository->length}, repository->hash);
	struct db *own = db == NULL ? db_open(database, DB_READ, NULL) : NULL;
	find_state(repository, project, db != NULL ? db : own);
	db_close(own);
	return true;
}

void repository_rules_finish(struct repository_rules *repository)
{
	free(repository->path);
	free(repository->bytes);
	*repository = (struct repository_rules){0};
}
