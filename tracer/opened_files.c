/* SPDX-License-Identifier: MIT */
#include "tracer/opened_files.h"

#include "base/hash.h"
#include "tracer/credentials.h"

#include <stdatomic.h>

/* Whose open it was: 0 for all before the first change of credentials. */
static uint64_t credentials_of(const struct call *call)
{
	uint64_t hash = 0;

	if (call->has_own_credentials && !caller_credentials_hash(call->tid, &hash)) {
		return 0;
	}
	return hash;
}

static uint64_t hash_of(const struct stat *status, uint64_t credentials)
{
	uint64_t hash = hash_number(HASH_START, status->st_dev);

	hash = hash_number(hash, status->st_ino);
	hash = hash_number(hash, credentials);
	return hash != 0 ? hash : 1;
}

/* Where the hash is, or could be put. There is always a free slot. */
static size_t slot_of(const struct opened_files *files, uint64_t hash)
{
	size_t slot = (hash ^ hash >> 32) % OPENED_FILES_SLOTS;

	for (;;) {
		const uint64_t there =
			atomic_load_explicit(&files->slots[slot], memory_order_relaxed);
		if (there == 0 || there == hash) {
			return slot;
		}
		slot = (slot + 1) % OPENED_FILES_SLOTS;
	}
}

static bool has_hash(const struct opened_files *files, uint64_t hash)
{
	return atomic_load_explicit(&files->slots[slot_of(files, hash)],
		       memory_order_relaxed) == hash;
}

static bool is_full(const struct opened_files *files)
{
	return atomic_load_explicit(&files->count, memory_order_relaxed) ==
	       OPENED_FILES_MAX;
}

void opened_files_forget(struct opened_files *files)
{
	if (atomic_load_explicit(&files->count, memory_order_relaxed) > 0) {
		for (int i = 0; i < OPENED_FILES_SLOTS; i++) {
			atomic_store_explicit(
				&files->slots[i], 0, memory_order_relaxed);
		}
	}
	atomic_store_explicit(&files->count, 0, memory_order_relaxed);
	atomic_store_explicit(&files->first_credentials, 0, memory_order_relaxed);
}

void opened_files_note(
	struct opened_files *files, const struct call *call, const struct stat *status)
{
	if (files->is_unknown || is_full(files)) {
		return;
	}
	const uint64_t hash = hash_of(status, credentials_of(call));

	if (!has_hash(files, hash)) {
		atomic_store_explicit(&files->slots[slot_of(files, hash)], hash,
			memory_order_relaxed);
		(void)atomic_fetch_add_explicit(&files->count, 1, memory_order_relaxed);
	}
}

void opened_files_begin_change(struct opened_files *files, const struct call *call)
{
	uint64_t hash = 0;

	(void)caller_credentials_hash(call->tid, &hash);
	atomic_store_explicit(&files->first_credentials, hash, memory_order_relaxed);
}

bool opened_files_may_have(const struct opened_files *files, const struct call *call,
	const struct stat *status)
{
	const uint64_t credentials = credentials_of(call);
	const bool is_first =
		credentials ==
		atomic_load_explicit(&files->first_credentials, memory_order_relaxed);

	return files->is_unknown || is_full(files) ||
	       has_hash(files, hash_of(status, credentials)) ||
	       (is_first && has_hash(files, hash_of(status, 0)));
}
