/* SPDX-License-Identifier: MIT */
/* Fields of messages: how texts, lists of them, numbers and names are read and written. */
#ifndef SESSION_PROTOCOL_FIELDS_H
#define SESSION_PROTOCOL_FIELDS_H

#include "session/protocol.h"

json_t *field_texts(const struct text *texts, size_t count);
void field_set_text(json_t *body, const char *name, struct text text);
void field_set_integer(json_t *body, const char *name, int64_t value);
void field_set_string(json_t *body, const char *name, const char *value);

/*
 * Readers. An absent field (or null) is the empty text, the empty list, or what `absent`
 * says; false if it is of another type. Results are owned, also after a failure.
 */
bool field_get_text(const json_t *body, const char *name, struct text *text);
bool field_get_texts(
	const json_t *body, const char *name, struct text **texts, size_t *count);
bool field_get_integer(
	const json_t *body, const char *name, int64_t absent, int64_t *value);
bool field_get_boolean(const json_t *body, const char *name, bool *value);
/* 0 to 65535. */
bool field_get_short(const json_t *body, const char *name, uint16_t *value);
/* These must be there. */
bool field_get_verb(const json_t *body, enum verb *verb);
bool field_get_verdict(const json_t *body, enum verdict *verdict);
/* Absent: once. */
bool field_get_scope(const json_t *body, enum scope *scope);
/* The array of that name, or NULL if it is absent or none; count of its elements. */
const json_t *field_get_array(const json_t *body, const char *name, size_t *count);

void field_text_free(struct text *text);
void field_texts_free(struct text *texts, size_t count);

#endif
