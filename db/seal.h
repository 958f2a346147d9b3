/* SPDX-License-Identifier: MIT */
/*
 * Seals: what is recorded beside events (processes, questions, answers, terminal, MCP
 * calls, labels) is stored with the SHA-256 of its columns, and an ended session with
 * that of all its seals in order. For db/ only; db_chain_verify checks them, too.
 */
#ifndef DB_SEAL_H
#define DB_SEAL_H

#include "db/connection.h"

/* Kinds are hashed with what they are: their constants never change places. */
enum seal_kind {
	SEAL_PROCESS,
	SEAL_PROCESS_END,
	SEAL_QUESTION,
	SEAL_ANSWER,
	SEAL_TERMINAL,
	SEAL_MCP_CALL,
	SEAL_MCP_END,
	SEAL_LABEL,
	SEAL_KIND_COUNT
};

enum { SEAL_SIZE = CHAIN_LINK_SIZE };

/*
 * The seal of a row that is about to be stored, values[0] being its session, which is
 * not part of it: recordings travel. Put into seal, and given as a value for the row.
 */
struct value seal_of(enum seal_kind kind, const struct value *values, size_t count,
	uint8_t seal[static SEAL_SIZE]);

/* Over all seals that the session has. *has_any false: it was recorded without them. */
bool seal_whole(struct db *db, int64_t session, uint8_t whole[static SEAL_SIZE],
	bool *has_any, struct error *err);

/* Checks rows against their seals, and these against the session's; fills state. */
bool seal_verify(
	struct db *db, int64_t session, struct chain_state *state, struct error *err);

#endif
