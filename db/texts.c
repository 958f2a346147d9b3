/* SPDX-License-Identifier: MIT */
/*
 * Texts that recur from event to event (stacks, rule texts, reasons), each kept once.
 * A small cache in memory spares the look-up for what was used lately. Ids in it come
 * from the transaction in hand or from earlier ones; when a transaction is rolled back
 * the recorder writes nothing more, so that none can be stale.
 */
#include "base/hash.h"
#include "base/xalloc.h"
#include "db/connection.h"

#include <stdlib.h>

enum { CACHE_SIZE = 1024 };

struct text_cache {
	struct {
		int64_t id; /* 0: empty */
		char *bytes;
		size_t length;
	} slots[CACHE_SIZE];
};

static int64_t find_stored(
	struct db *db, const struct value values[static 2], struct error *err)
{
	struct error local = {0};
	sqlite3_stmt *row = db_statement(db, STATEMENT_TEXT_FIND, values, 2, err);
	int64_t id = 0;

	if (!row) {
		return -1;
	}
	if (db_step(db, STATEMENT_TEXT_FIND, &local)) {
		id = sqlite3_column_int64(row, 0);
		(void)sqlite3_reset(row); /* a reset after a row cannot fail */
	} else if (local.code) {
		(void)error_set(err, local.code, "%s", local.text);
		return -1;
	}
	return id;
}

static int64_t find_or_store(
	struct db *db, struct text text, uint64_t hash, struct error *err)
{
	struct value values[2] = {integer((int64_t)hash), bytes(text)};
	int64_t id = find_stored(db, values, err);

	if (id != 0) {
		return id;
	}
	if (!db_execute(db, STATEMENT_TEXT_INSERT, values, 2, err)) {
		return -1;
	}
	return sqlite3_last_insert_rowid(db->connection);
}

int64_t text_id(struct db *db, struct text text, struct error *err)
{
	if (text.length == 0) {
		return 0;
	}
	if (!db->texts) {
		db->texts = xcalloc(1, sizeof(*db->texts));
	}
	/* Only spreads; equality is always decided by the bytes. */
	uint64_t hash = hash_text(HASH_START, text);
	size_t slot = hash % CACHE_SIZE;
	struct text cached = {
		db->texts->slots[slot].bytes, db->texts->slots[slot].length};

	if (db->texts->slots[slot].id && text_equal(cached, text)) {
		return db->texts->slots[slot].id;
	}
	int64_t id = find_or_store(db, text, hash, err);
	if (id > 0) {
		free(db->texts->slots[slot].bytes);
		db->texts->slots[slot].id = id;
		db->texts->slots[slot].bytes = xmemdup0(text.bytes, text.length);
		db->texts->slots[slot].length = text.length;
	}
	return id;
}

void text_cache_destroy(struct text_cache *cache)
{
	if (!cache) {
		return;
	}
	for (size_t i = 0; i < CACHE_SIZE; i++) {
		free(cache->slots[i].bytes);
	}
	free(cache);
}
