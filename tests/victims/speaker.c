/* SPDX-License-Identifier: MIT */
/*
 * An MCP server that nothing but what is said gives away: static, compiled, of a name that
 * says nothing. Its one tool makes the file "path".
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The text after a key, up to the byte that ends it; empty: there is no such key. */
static const char *member(const char *line, const char *key, char end, char value[256])
{
	const char *start = strstr(line, key);
	size_t length = 0;

	if (start != NULL) {
		start += strlen(key);
		while (start[length] != end && start[length] != '\0' && length < 255) {
			value[length] = start[length];
			length++;
		}
	}
	value[length] = '\0';
	return value;
}

int main(void)
{
	char line[4096], id[256], path[256];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (member(line, "\"id\": ", ',', id)[0] == '\0') {
			continue;
		}
		printf("{\"jsonrpc\": \"2.0\", \"id\": %s, \"result\": ", id);
		if (strstr(line, "\"initialize\"") != NULL) {
			printf("{\"serverInfo\": {\"name\": \"compiled\"}}}\n");
		} else {
			int file = open(member(line, "\"path\": \"", '"', path),
				O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			close(file);
			printf("{\"isError\": %s}}\n", file < 0 ? "true" : "false");
		}
		fflush(stdout);
	}
	return 0;
}
