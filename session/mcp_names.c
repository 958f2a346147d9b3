/* SPDX-License-Identifier: MIT */
/*
 * What servers are called. A name from an agent's configuration is the server's that is
 * started by just that command, and nobody else's; what a server calls itself counts
 * where no configuration names it, and only if the name is free.
 */
#include "base/xalloc.h"
#include "session/mcp_config.h"
#include "session/mcp_server.h"
#include "session/supervisor.h"

#include <stdlib.h>

enum { CLAIMS_MAX = 1024, TRIES_MAX = 10000 };

static bool is_free(const struct mcp_watch *watch, const char *name,
	const struct mcp_server *server)
{
	for (size_t i = 0; i < watch->configured_count; i++) {
		if (strcmp(watch->configured[i].name, name) == 0) {
			return false;
		}
	}
	for (size_t i = 0; i < watch->claim_count; i++) {
		if (strcmp(watch->claims[i].name, name) == 0) {
			return strcmp(watch->claims[i].identity, server->identity) == 0;
		}
	}
	return true;
}

static void claim(
	struct mcp_watch *watch, const char *name, const struct mcp_server *server)
{
	if (watch->claim_count == CLAIMS_MAX) {
		return;
	}
	watch->claims = xreallocarray(
		watch->claims, watch->claim_count + 1, sizeof(*watch->claims));
	watch->claims[watch->claim_count++] =
		(struct mcp_claim){xstrdup(name), xstrdup(server->identity)};
}

void mcp_server_rename(
	struct supervisor *supervisor, struct mcp_server *server, const char *claimed)
{
	struct mcp_watch *watch = &supervisor->mcp;

	if (server->is_configured) {
		return;
	}
	char *base = mcp_name(claimed);
	char *name = xstrdup(base);
	for (int i = 2; i < TRIES_MAX && !is_free(watch, name, server); i++) {
		free(name);
		name = xasprintf("%s~%d", base, i);
	}
	free(base);
	claim(watch, name, server);
	free(server->name);
	server->name = name;
	mcp_server_changed(server);
}
