/* SPDX-License-Identifier: MIT */
/*
 * The table of keys as a person may change it, and the words for it in the
 * configuration. What a key does once the table is in use is asked in keys.h.
 */
#ifndef TUI_KEY_TABLE_H
#define TUI_KEY_TABLE_H

#include "base/error.h"
#include "tui/keys.h"

enum { KEY_BINDINGS_MAX = 192 };

/* A plain value. */
struct key_table {
	uint32_t prefix;
	size_t count;
	struct key_binding bindings[KEY_BINDINGS_MAX];
};

/* The bindings that hold unless somebody changes them. */
void key_table_init(struct key_table *table);

/*
 * Gives a command one more key and takes the key from what it did there before. Fails
 * with ERROR_SYNTAX if the command is not one of that context, if it has two keys, or if
 * Enter would answer a question.
 */
bool key_table_bind(struct key_table *table, enum key_context context, uint32_t key,
	enum command_key command, struct error *err);
void key_table_unbind(struct key_table *table, enum key_context context, uint32_t key);
bool key_table_set_prefix(struct key_table *table, uint32_t key, struct error *err);

/* That no key is hidden, and that every way out and every answer has one. */
bool key_table_check(const struct key_table *table, struct error *err);

/* From now on it is the table of this process; copied. */
void key_table_use(const struct key_table *table);

/* ---- Names, as the configuration has them ---- */

const char *key_context_name(enum key_context context);
bool key_context_from_name(const char *name, enum key_context *context);
const char *command_key_name(enum command_key command);
bool command_key_from_name(const char *name, enum command_key *command);
/* As key_words() writes it, in either case; KEY_NONE if it names no key. */
uint32_t key_from_name(const char *name);

#endif
