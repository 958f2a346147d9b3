/* SPDX-License-Identifier: MIT */
#include "session/protocol_fields.h"

#include "base/xalloc.h"

#include <stdlib.h>

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64_encode(struct text text, size_t *length)
{
	char *out = xmalloc(text.length / 3 * 4 + 5);
	size_t used = 0;
	for (size_t i = 0; i < text.length; i += 3) {
		uint32_t group = 0;
		size_t here = text.length - i < 3 ? text.length - i : 3;
		for (size_t k = 0; k < 3; k++) {
			uint8_t byte = k < here ? (uint8_t)text.bytes[i + k] : 0;
			group = group << 8 | byte;
		}
		for (size_t k = 0; k < 4; k++) {
			out[used++] =
				k <= here ? digits[group >> (18 - 6 * k) & 63] : '=';
		}
	}
	*length = used;
	return out;
}

/* Padding is optional; anything else that is no digit makes it invalid. */
static bool base64_decode(struct text in, struct text *out)
{
	char *bytes = xmalloc(in.length / 4 * 3 + 4);
	size_t used = 0;
	uint32_t group = 0;
	unsigned bits = 0;
	while (in.length > 0 && in.bytes[in.length - 1] == '=') {
		in.length--;
	}
	for (size_t i = 0; i < in.length; i++) {
		const char *digit = memchr(digits, in.bytes[i], sizeof(digits) - 1);
		if (digit == NULL) {
			free(bytes);
			return false;
		}
		group = group << 6 | (uint32_t)(digit - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[used++] = (char)(group >> bits & 0xff);
		}
	}
	bytes[used] = '\0';
	*out = (struct text){bytes, used};
	return true;
}

json_t *protocol_text(struct text text)
{
	json_t *string = NULL;
	if (text.length == 0) {
		return json_string("");
	}
	if (memchr(text.bytes, '\0', text.length) == NULL) {
		string = json_stringn(text.bytes, text.length);
	}
	if (string != NULL) {
		return string;
	}
	size_t length;
	char *encoded = base64_encode(text, &length);
	json_t *object = json_object();
	json_object_set_new(object, "b64", json_stringn(encoded, length));
	free(encoded);
	return object;
}

static struct text json_text(const json_t *string)
{
	return (struct text){json_string_value(string), json_string_length(string)};
}

struct text protocol_text_read(const json_t *value)
{
	struct text result = {0};
	if (json_is_string(value)) {
		struct text text = json_text(value);
		return (struct text){xmemdup0(text.bytes, text.length), text.length};
	}
	const json_t *encoded = json_object_get(value, "b64");
	if (json_is_string(encoded)) {
		(void)base64_decode(json_text(encoded), &result);
	}
	return result;
}

size_t protocol_text_size(struct text text)
{
	enum { AROUND = 12 /* {"b64":""}, and a comma */, ESCAPED = 6 /* \u0001 */ };
	size_t size = text.length + AROUND;
	for (size_t i = 0; i < text.length; i++) {
		const unsigned char byte = (unsigned char)text.bytes[i];
		size += byte < ' ' ? ESCAPED - 1 : byte == '"' || byte == '\\' ? 1 : 0;
	}
	const size_t encoded = text.length / 3 * 4 + 4 + AROUND;
	return size > encoded ? size : encoded;
}

size_t protocol_text_fit(struct text text, size_t room)
{
	text.length = text.length < room ? text.length : room;
	while (text.length > 0 && protocol_text_size(text) > room) {
		text.length -= text.length / 16 + 1;
		while (text.length > 0 &&
			((unsigned char)text.bytes[text.length] & 0xc0) == 0x80) {
			text.length--;
		}
	}
	return text.length;
}

size_t protocol_arguments_fit(const struct text *argv, size_t argc, size_t *room)
{
	size_t count = 0;
	while (count < argc) {
		const size_t size = protocol_text_size(argv[count]);
		if (size > *room) {
			break;
		}
		*room -= size;
		count++;
	}
	return count;
}

json_t *protocol_new(const char *type)
{
	json_t *body = json_object();
	json_object_set_new(body, "type", json_string(type));
	return body;
}

json_t *field_texts(const struct text *texts, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_array_append_new(array, protocol_text(texts[i]));
	}
	return array;
}

void field_set_text(json_t *body, const char *name, struct text text)
{
	json_object_set_new(body, name, protocol_text(text));
}

void field_set_integer(json_t *body, const char *name, int64_t value)
{
	json_object_set_new(body, name, json_integer(value));
}

void field_set_string(json_t *body, const char *name, const char *value)
{
	json_object_set_new(body, name, json_string(value));
}

bool field_get_text(const json_t *body, const char *name, struct text *text)
{
	const json_t *value = json_object_get(body, name);
	if (value == NULL || json_is_null(value)) {
		*text = (struct text){xstrdup(""), 0};
		return true;
	}
	*text = protocol_text_read(value);
	return text->bytes != NULL;
}

const json_t *field_get_array(const json_t *body, const char *name, size_t *count)
{
	const json_t *array = json_object_get(body, name);
	*count = json_array_size(array);
	return json_is_array(array) ? array : NULL;
}

bool field_get_texts(
	const json_t *body, const char *name, struct text **texts, size_t *count)
{
	size_t size;
	const json_t *array = field_get_array(body, name, &size);
	*count = 0;
	*texts = xcalloc(size + 1, sizeof(**texts));
	if (array == NULL) {
		const json_t *value = json_object_get(body, name);
		return value == NULL || json_is_null(value);
	}
	for (size_t i = 0; i < size; i++) {
		struct text text = protocol_text_read(json_array_get(array, i));
		if (text.bytes == NULL) {
			return false;
		}
		(*texts)[(*count)++] = text;
	}
	return true;
}

bool field_get_integer(
	const json_t *body, const char *name, int64_t absent, int64_t *value)
{
	const json_t *found = json_object_get(body, name);
	if (found == NULL || json_is_null(found)) {
		*value = absent;
		return true;
	}
	*value = json_integer_value(found);
	return json_is_integer(found);
}

bool field_get_boolean(const json_t *body, const char *name, bool *value)
{
	const json_t *found = json_object_get(body, name);
	*value = json_is_true(found);
	return found == NULL || json_is_boolean(found);
}

bool field_get_short(const json_t *body, const char *name, uint16_t *value)
{
	int64_t number;
	bool valid = field_get_integer(body, name, 0, &number) && number >= 0 &&
		     number <= UINT16_MAX;
	*value = valid ? (uint16_t)number : 0;
	return valid;
}

/* A borrowed name of a table; empty if the field is absent or no string. */
static struct text field_name(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);
	return json_is_string(value) ? json_text(value) : text_of("");
}

bool field_get_verb(const json_t *body, enum verb *verb)
{
	return verb_from_name(field_name(body, "verb"), verb);
}

bool field_get_verdict(const json_t *body, enum verdict *verdict)
{
	return verdict_from_name(field_name(body, "verdict"), verdict);
}

bool field_get_scope(const json_t *body, enum scope *scope)
{
	if (json_object_get(body, "scope") == NULL) {
		*scope = SCOPE_ONCE;
		return true;
	}
	return scope_from_name(field_name(body, "scope"), scope);
}

void field_text_free(struct text *text)
{
	/* Read texts are owned, though struct text always points to const. */
	free((void *)(uintptr_t)text->bytes);
	*text = (struct text){0};
}

void field_texts_free(struct text *texts, size_t count)
{
	for (size_t i = 0; texts != NULL && i < count; i++) {
		field_text_free(&texts[i]);
	}
	free(texts);
}
