/* SPDX-License-Identifier: MIT */
#include "rules/vector.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>

struct example {
	enum verb verb;
	const char *object, *asked_as;
	enum code_origin code;
	const char *mcp;
	const char *vectors;
};

static const struct example examples[] = {
	{VERB_READ, "/home/u/notes", "", CODE_FILES, "", " files"},
	{VERB_META, "/home/u/.claude/settings.json", "", CODE_UNKNOWN, "",
		" files memory"},
	{VERB_WRITE, "/p/AGENTS.md", "", CODE_GENERATED, "",
		" files interpreter memory"},
	{VERB_READ, "/p/MY-AGENTS.md.txt", "", CODE_NONE, "", " files"},
	{VERB_WRITE, "/p/db/chroma.sqlite3-journal", "", CODE_NONE, "", " files rag"},
	{VERB_DELETE, "/p/data/t.lance/1.manifest", "", CODE_NONE, "[{}]",
		" files mcp rag"},
	{VERB_CONNECT, "192.0.2.1:443", "x.svc.pinecone.io:443", CODE_NONE, "",
		" network rag"},
	{VERB_CONNECT, "127.0.0.1:6333", "", CODE_NONE, "", " network rag"},
	{VERB_CONNECT, "127.0.0.1:63330", "", CODE_NONE, "", " network"},
	{VERB_LISTEN, "[::1]:80", "", CODE_NONE, "", " network"},
	{VERB_CONNECT, "unix:/run/docker.sock", "", CODE_NONE, "", " applications"},
	{VERB_EXEC, "/usr/bin/git", "", CODE_GENERATED, "",
		" applications interpreter"},
	{VERB_SIGNAL, "/usr/bin/sleep", "", CODE_NONE, "", " applications"},
	{VERB_SYSTEM, "mount", "", CODE_NONE, "", " applications"},
	{VERB_MCP, "files/read_file", "", CODE_UNKNOWN, "", " mcp"},
};

Test(vector, of_actions)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *example = &examples[i];
		const struct vector_facts facts = {.verb = example->verb,
			.object = text_of(example->object),
			.asked_as = text_of(example->asked_as),
			.code = example->code,
			.mcp = text_of(example->mcp)};
		const unsigned found = vectors_of(&facts);
		char names[128] = "";
		size_t length = 0;
		for (unsigned j = 0; j < VECTOR_COUNT; j++) {
			if ((found >> j & 1) != 0) {
				length += (size_t)snprintf(names + length,
					sizeof(names) - length, " %s",
					vector_name((enum vector)j));
			}
		}
		cr_expect(eq(str, names, (char *)example->vectors), "%s",
			example->object);
	}
}

Test(vector, names)
{
	enum vector vector;

	for (unsigned i = 0; i < VECTOR_COUNT; i++) {
		cr_assert(vector_from_name(
			text_of(vector_name((enum vector)i)), &vector));
		cr_expect(eq(int, vector, i));
	}
	cr_expect(not(vector_from_name(text_of("file"), &vector)));
	cr_expect(not(vector_from_name(text_of(""), &vector)));
}
