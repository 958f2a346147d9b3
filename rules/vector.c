/* SPDX-License-Identifier: MIT */
#include "rules/vector.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[VECTOR_COUNT] = {
	[VECTOR_FILES] = "files",
	[VECTOR_NETWORK] = "network",
	[VECTOR_APPLICATIONS] = "applications",
	[VECTOR_MCP] = "mcp",
	[VECTOR_INTERPRETER] = "interpreter",
	[VECTOR_RAG] = "rag",
	[VECTOR_MEMORY] = "memory",
};

/* Of paths; an asterisk stands for slashes, too, and begins each. */
static const struct {
	const char *pattern;
	enum vector vector;
} paths[] = {
	{"*/chroma.sqlite3*", VECTOR_RAG},
	{"*/chroma_db/*", VECTOR_RAG},
	{"*/chromadb/*", VECTOR_RAG},
	{"*/.chroma/*", VECTOR_RAG},
	{"*.lance", VECTOR_RAG},
	{"*.lance/*", VECTOR_RAG},
	{"*lancedb/*", VECTOR_RAG},
	{"*.faiss", VECTOR_RAG},
	{"*/faiss_index*", VECTOR_RAG},
	{"*.hnsw", VECTOR_RAG},
	{"*.usearch", VECTOR_RAG},
	{"*.annoy", VECTOR_RAG},
	{"*/qdrant_storage/*", VECTOR_RAG},
	{"*/qdrant/storage/*", VECTOR_RAG},
	{"*/milvus*.db", VECTOR_RAG},
	{"*/vectra/*", VECTOR_RAG},
	{"*vector_store*", VECTOR_RAG},
	{"*vectorstore*", VECTOR_RAG},
	{"*vector_db/*", VECTOR_RAG},
	{"*vectordb/*", VECTOR_RAG},
	{"*vector_index/*", VECTOR_RAG},
	{"*/docstore.json", VECTOR_RAG},
	{"*/index_store.json", VECTOR_RAG},
	{"*/CLAUDE.md", VECTOR_MEMORY},
	{"*/CLAUDE.local.md", VECTOR_MEMORY},
	{"*/AGENTS.md", VECTOR_MEMORY},
	{"*/AGENTS.override.md", VECTOR_MEMORY},
	{"*/AGENT.md", VECTOR_MEMORY},
	{"*/GEMINI.md", VECTOR_MEMORY},
	{"*/QWEN.md", VECTOR_MEMORY},
	{"*/MEMORY.md", VECTOR_MEMORY},
	{"*/.cursorrules", VECTOR_MEMORY},
	{"*/.windsurfrules", VECTOR_MEMORY},
	{"*/.clinerules*", VECTOR_MEMORY},
	{"*/.goosehints", VECTOR_MEMORY},
	{"*/copilot-instructions.md", VECTOR_MEMORY},
	{"*/.claude/*", VECTOR_MEMORY},
	{"*/.claude.json*", VECTOR_MEMORY},
	{"*/.codex/*", VECTOR_MEMORY},
	{"*/.gemini/*", VECTOR_MEMORY},
	{"*/.cursor/*", VECTOR_MEMORY},
	{"*/.windsurf/*", VECTOR_MEMORY},
	{"*/.codeium/*", VECTOR_MEMORY},
	{"*/.continue/*", VECTOR_MEMORY},
	{"*/.agents/*", VECTOR_MEMORY},
	{"*/.qwen/*", VECTOR_MEMORY},
	{"*/.pi/*", VECTOR_MEMORY},
	{"*/opencode/*", VECTOR_MEMORY},
	{"*/.opencode/*", VECTOR_MEMORY},
	{"*/goose/*", VECTOR_MEMORY},
	{"*/.aider*", VECTOR_MEMORY},
	/* Of the official MCP server for memory. */
	{"*/memory.json", VECTOR_MEMORY},
	{"*/memory.jsonl", VECTOR_MEMORY},
};

/* Of addresses and of the names that they were looked up by: Qdrant, Milvus, services. */
static const char *const stores[] = {"*:6333", "*:6334", "*:19530", "*pinecone.io*",
	"*qdrant.io*", "*weaviate.cloud*", "*weaviate.network*", "*zillizcloud.com*",
	"*trychroma.com*", "*turbopuffer.com*"};

/* As fnmatch, which takes long where all events of a recording are asked about. */
static bool path_matches(const char *pattern, const char *path, size_t length)
{
	const char *words = pattern + 1;
	const size_t size = strcspn(words, "*");

	if (words[size] == '\0') {
		return length >= size && memcmp(path + length - size, words, size) == 0;
	}
	return words[size + 1] == '\0' ? memmem(path, length, words, size) != NULL
				       : fnmatch(pattern, path, 0) == 0;
}

static unsigned path_vectors(const char *path)
{
	const size_t length = strlen(path);
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (path_matches(paths[i].pattern, path, length)) {
			found |= 1u << paths[i].vector;
		}
	}
	return found;
}

static unsigned host_vectors(const char *host)
{
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		if (fnmatch(stores[i], host, 0) == 0) {
			return 1u << VECTOR_RAG;
		}
	}
	return 0;
}

static unsigned object_vectors(struct text object, unsigned (*find)(const char *text))
{
	if (object.length == 0) {
		return 0;
	}
	char *copy = text_copy(object);
	const unsigned found = find(copy);
	free(copy);
	return found;
}

static unsigned verb_vectors(const struct vector_facts *facts)
{
	switch (facts->verb) {
	case VERB_READ:
	case VERB_WRITE:
	case VERB_DELETE:
	case VERB_META:
		return 1u << VECTOR_FILES | object_vectors(facts->object, path_vectors);
	case VERB_CONNECT:
	case VERB_LISTEN:
		if (text_starts_with(facts->object, "unix:")) {
			return 1u << VECTOR_APPLICATIONS;
		}
		return 1u << VECTOR_NETWORK |
		       object_vectors(facts->object, host_vectors) |
		       object_vectors(facts->asked_as, host_vectors);
	case VERB_EXEC:
	case VERB_SIGNAL:
	case VERB_INSPECT:
	case VERB_SYSTEM:
		return 1u << VECTOR_APPLICATIONS;
	case VERB_MCP:
		return 1u << VECTOR_MCP;
	case VERB_COUNT:
		break;
	}
	return 0;
}

unsigned vectors_of(const struct vector_facts *facts)
{
	return verb_vectors(facts) | (facts->mcp.length > 0 ? 1u << VECTOR_MCP : 0) |
	       (facts->code == CODE_GENERATED ? 1u << VECTOR_INTERPRETER : 0);
}

enum vector vector_foremost(unsigned vectors)
{
	enum vector foremost = VECTOR_FILES;

	for (unsigned i = 0; i < VECTOR_COUNT; i++) {
		foremost = (vectors >> i & 1) != 0 ? (enum vector)i : foremost;
	}
	return foremost;
}

const char *vector_name(enum vector vector)
{
	return names[vector];
}

bool vector_from_name(struct text name, enum vector *vector)
{
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		if (text_equal_string(name, names[i])) {
			*vector = (enum vector)i;
			return true;
		}
	}
	return false;
}
