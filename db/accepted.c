/* SPDX-License-Identifier: MIT */
/* Which content of a project's own rule file a person has accepted. */
#include "db/connection.h"

#include <nettle/sha2.h>

void db_content_hash(struct text content, char hash[static CONTENT_HASH_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&context);
	sha256_update(&context, content.length, (const uint8_t *)content.bytes);
	sha256_digest(&context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		hash[2 * i] = digits[digest[i] >> 4];
		hash[2 * i + 1] = digits[digest[i] & 15];
	}
	hash[2 * sizeof(digest)] = '\0';
}

bool db_accept(struct db *db, struct text project, const char *hash, int64_t time,
	struct error *err)
{
	struct value values[] = {bytes(project), words(text_of(hash)), integer(time)};

	return db_begin_decision(db, err) &&
	       db_end_decision(db,
		       db_execute(db, STATEMENT_ACCEPT, values, COUNT_OF(values), err),
		       err);
}

bool db_withdraw_acceptance(
	struct db *db, struct text project, bool *was_accepted, struct error *err)
{
	struct value value = bytes(project);

	if (!db_begin_decision(db, err)) {
		return false;
	}
	bool is_good = db_execute(db, STATEMENT_WITHDRAW, &value, 1, err);
	*was_accepted = sqlite3_changes(db->connection) > 0;
	return db_end_decision(db, is_good, err);
}

bool db_accepted(struct db *db, struct text project, struct acceptance *accepted,
	struct error *err)
{
	struct value value = bytes(project);

	*accepted = (struct acceptance){0};
	if (!db_statement(db, STATEMENT_ACCEPTED, &value, 1, err) ||
		!db_step(db, STATEMENT_ACCEPTED, err)) {
		return false;
	}
	sqlite3_stmt *row = db->statements[STATEMENT_ACCEPTED];
	struct text hash = column_text(row, 0);
	bool is_whole = hash.length == CONTENT_HASH_SIZE - 1;
	if (is_whole) {
		memcpy(accepted->hash, hash.bytes, hash.length);
		accepted->time = sqlite3_column_int64(row, 1);
	}
	db_abandon(db, STATEMENT_ACCEPTED);
	return is_whole;
}
