/* SPDX-License-Identifier: MIT */
#include "session/mcp_arguments.h"
#include "session/mcp_lines.h"
#include "session/mcp_message.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct reading {
	const char *line;
	enum mcp_kind kind;
	const char *id;	    /* NULL: none */
	const char *method; /* NULL: none */
};

static const struct reading readings[] = {
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", MCP_REQUEST, "1",
		"ping"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n", MCP_REQUEST, "1",
		"ping"},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}", MCP_REQUEST, "a",
		"ping"},
	/* what a client may take for the same id */
	{"{\"jsonrpc\":\"2.0\",\"id\":\"5\",\"result\":{}}", MCP_RESPONSE, "5", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":5.0,\"result\":{}}", MCP_RESPONSE, "5", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":\" 0x5 \",\"result\":{}}", MCP_RESPONSE, "5",
		NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"\",\"result\":{}}", MCP_RESPONSE, "0", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"-0\",\"result\":{}}", MCP_RESPONSE, "0", NULL},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", MCP_NOTIFICATION, NULL, "x"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", MCP_RESPONSE, "1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}", MCP_RESPONSE, "1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{}}", MCP_RESPONSE, NULL, NULL},
	/* none of these is one message for everybody */
	{"", MCP_MALFORMED, NULL, NULL},
	{"\n", MCP_MALFORMED, NULL, NULL},
	{"x", MCP_MALFORMED, NULL, NULL},
	{"{", MCP_MALFORMED, NULL, NULL},
	{"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", MCP_MALFORMED, NULL,
		NULL},
	{"{\"id\":1,\"method\":\"ping\"}", MCP_MALFORMED, "1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"x\"}", MCP_MALFORMED, NULL,
		NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"x\"}", MCP_MALFORMED, NULL,
		NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"x\"}", MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", MCP_MALFORMED, "1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1}", MCP_MALFORMED, "1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"result\":{}}", MCP_MALFORMED,
		"1", NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"method\":\"tools/call\"}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"metho\\u0064\":\"tools/"
	 "call\"}",
		MCP_MALFORMED, NULL, NULL},
	/* who takes no heed of case reads another name */
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"METHOD\":\"y\"}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"\xc4\xb1"
	 "d\":1}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":{\"Name\":1}}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tool\xc5\xbf\":[]}}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"arguments\":{\"Name\":1}}"
	 "}",
		MCP_NOTIFICATION, NULL, "x"},
	{"{\"a\":\r{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
	 "call\"}\r,\"jsonrpc\":\"2.0\",\"method\":\"x\"}",
		MCP_MALFORMED, NULL, NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"} {}", MCP_MALFORMED, NULL,
		NULL},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", MCP_MALFORMED, NULL,
		NULL},
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

Test(mcp_message, reads)
{
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		const struct reading *reading = &readings[i];
		struct mcp_message message;
		mcp_message_parse(&message, text_of(reading->line));
		cr_expect(eq(int, message.kind, reading->kind), "%s", reading->line);
		cr_expect(same(message.id, reading->id), "%s: id %s", reading->line,
			message.id ? message.id : "none");
		cr_expect(same(message.method, reading->method), "%s", reading->line);
		cr_expect(
			eq(int, message.kind == MCP_MALFORMED, message.fault != NULL));
		mcp_message_finish(&message);
	}
}

Test(mcp_message, nesting_is_bounded)
{
	enum { DEEP = 100000 };
	char *line = malloc(2 * DEEP);
	struct mcp_message message;

	memset(line, '[', DEEP);
	memset(line + DEEP, ']', DEEP);
	mcp_message_parse(&message, (struct text){line, 2 * (size_t)DEEP});
	cr_expect(eq(int, message.kind, MCP_MALFORMED));
	mcp_message_finish(&message);
	free(line);
	/* brackets in strings are none, and an escaped quote ends no string */
	char text[400] = "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"a\":\"\\\"";
	for (int i = 0; i < 200; i++) {
		strcat(text, "[");
	}
	strcat(text, "\"}");
	mcp_message_parse(&message, text_of(text));
	cr_expect(eq(int, message.kind, MCP_NOTIFICATION));
	mcp_message_finish(&message);
}

Test(mcp_message, names)
{
	static const char *const names[][2] = {{"read_file", "read_file"},
		{"a/b", "a_b"}, {"", "_"}, {"..", "_."}, {"x y\n*", "x_y__"},
		{"caf\xc3\xa9", "caf__"}, {NULL, "_"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name = mcp_name(names[i][0]);
		cr_expect(eq(str, name, (char *)names[i][1]));
		free(name);
	}
}

static void expect_texts(const struct text *texts, size_t count, const char *wanted)
{
	char all[1024] = "";

	for (size_t i = 0; i < count; i++) {
		strncat(all, texts[i].bytes, texts[i].length);
		strcat(all, "|");
	}
	cr_expect(eq(str, all, (char *)wanted));
}

static void expect_arguments(const char *json, const char *shown, const char *recorded)
{
	json_t *values = json_loads(json, 0, NULL);
	struct mcp_arguments arguments = mcp_arguments_read(values);
	struct mcp_arguments copy = mcp_arguments_copy(&arguments);

	expect_texts(arguments.shown, arguments.count, shown);
	expect_texts(mcp_arguments_masked(&arguments), arguments.count, recorded);
	expect_texts(mcp_arguments_masked(&copy), copy.count, recorded);
	mcp_arguments_finish(&copy);
	mcp_arguments_finish(&arguments);
	json_decref(values);
}

Test(mcp_message, arguments)
{
	expect_arguments("{\"url\":\"https://x\",\"n\":3}", "url=https://x|n=3|",
		"url=https://x|n=3|");
	expect_arguments("{\"token\":\"abc\"}", "token=abc|", "token=[masked]|");
	expect_arguments(
		"{\"api_key\":{\"a\":1}}", "api_key={\"a\":1}|", "api_key=[masked]|");
	expect_arguments("{\"headers\":{\"password\":\"x\",\"b\":[{\"token\":\"y\"}]}}",
		"headers={\"password\":\"x\",\"b\":[{\"token\":\"y\"}]}|",
		"headers={\"password\":\"[masked]\",\"b\":[{\"token\":\"[masked]\"}]}"
		"|");
}

Test(mcp_message, many_and_long_arguments_are_cut)
{
	enum { MANY = 1000, LONG = 1 << 20 };
	json_t *arguments = json_object();
	char *value = malloc(LONG);
	char name[16];

	memset(value, 'x', LONG);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		json_object_set_new(
			arguments, name, json_stringn(value, i < 2 ? LONG : 1));
	}
	struct mcp_arguments read = mcp_arguments_read(arguments);
	const size_t count = read.count;
	cr_expect(lt(sz, count, MANY));
	cr_expect(lt(sz, read.shown[0].length, 5000));
	cr_expect(text_ends_with(read.shown[0], "xxx… (1044480 bytes more)"));
	cr_expect(text_equal_string(read.shown[count - 1], "… (936 arguments more)"));
	mcp_arguments_finish(&read);
	json_decref(arguments);
	free(value);
}

Test(mcp_message, errors)
{
	json_t *id = json_string("a\"b");
	char *line = mcp_error_line(id, "no: \"x\"\n");

	cr_expect(eq(str, line,
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"error\":{\"code\":-32001,"
		"\"message\":\"no: \\\"x\\\"\\n\"}}\n"));
	free(line);
	json_decref(id);
}

static void add(struct mcp_lines *lines, const char *text)
{
	mcp_lines_add(lines, text_of(text));
}

static void expect_line(struct mcp_lines *lines, bool has_ended, const char *wanted)
{
	struct text line = {0};

	if (!wanted) {
		cr_expect(eq(
			int, mcp_lines_next(lines, has_ended, &line), MCP_LINE_NONE));
		return;
	}
	cr_assert(eq(int, mcp_lines_next(lines, has_ended, &line), MCP_LINE_WHOLE));
	cr_expect(
		text_equal_string(line, wanted), "%.*s", (int)line.length, line.bytes);
	mcp_lines_drop(lines, line.length);
}

Test(mcp_lines, come_whole)
{
	struct mcp_lines lines = {0};

	expect_line(&lines, false, NULL);
	add(&lines, "a");
	expect_line(&lines, false, NULL);
	add(&lines, "b\nc\n\nd");
	expect_line(&lines, false, "ab\n");
	expect_line(&lines, false, "c\n");
	expect_line(&lines, false, "\n");
	expect_line(&lines, false, NULL);
	expect_line(&lines, true, "d");
	expect_line(&lines, true, NULL);
	mcp_lines_drop(&lines, 100); /* of nothing */
	cr_expect(eq(sz, mcp_lines_length(&lines), 0));
	mcp_lines_finish(&lines);
}

Test(mcp_lines, too_long_is_thrown_away)
{
	enum { PART = 1 << 20 };
	struct mcp_lines lines = {0};
	struct text line;
	char *part = malloc(PART);
	int reported = 0;

	memset(part, 'x', PART);
	for (int i = 0; i < 40; i++) {
		mcp_lines_add(&lines, (struct text){part, PART});
		reported += mcp_lines_next(&lines, false, &line) == MCP_LINE_TOO_LONG;
		cr_expect(le(sz, mcp_lines_length(&lines), MCP_LINE_MAX + PART));
	}
	cr_expect(eq(int, reported, 1));
	add(&lines, "end\nnext\n");
	expect_line(&lines, false, "next\n");
	/* whole at once */
	for (int i = 0; i < 9; i++) {
		mcp_lines_add(&lines, (struct text){part, PART});
	}
	add(&lines, "\nlast\n");
	cr_expect(eq(int, mcp_lines_next(&lines, false, &line), MCP_LINE_TOO_LONG));
	expect_line(&lines, false, "last\n");
	mcp_lines_finish(&lines);
	free(part);
}
