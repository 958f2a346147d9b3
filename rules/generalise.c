/* SPDX-License-Identifier: MIT */
/* Widening by kind of object; paths are generalise_path.c, arguments generalise_argv.c. */
#include "rules/generalise.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "rules/generalise_internal.h"
#include "rules/host_pattern.h"
#include "rules/ladder.h"

#include <stdlib.h>

/* Ports that the kernel chooses by itself (ip_local_port_range as it is shipped). */
enum { CHOSEN_PORT_FIRST = 32768, CHOSEN_PORT_LAST = 60999 };

void generaliser_give(
	const struct generaliser *generaliser, char *pattern, struct widened *widened)
{
	widened->rule.kind = RULE_JUDGE;
	widened->rule.verdict = VERDICT_ALLOW;
	widened->rule.verbs = 1U << generaliser->action->verb;
	widened->rule.pattern = pattern;
	widened->rule.origin = ORIGIN_PERSON;
	widened->rule.scope = SCOPE_ALWAYS;
	generaliser->receive(generaliser->context, widened);
}

void generalise_exact(const struct action *action,
	const struct rule_variables *variables, struct rule *rule)
{
	struct ladder ladder;

	ladder_build(&ladder, action, VERDICT_ALLOW, variables);
	rule_copy(rule, &ladder.rungs[0].rule);
	rule->scope = SCOPE_ALWAYS;
	ladder_finish(&ladder);
}

static void give_exact(const struct generaliser *generaliser)
{
	struct widened widened = {.width = WIDTH_EXACT, .min_examples = 1};

	generalise_exact(generaliser->action, generaliser->variables, &widened.rule);
	generaliser->receive(generaliser->context, &widened);
}

struct text generalise_kind(struct text name)
{
	enum { KIND_MAX = 8 };
	const char *dot =
		name.length > 0 ? memrchr(name.bytes, '.', name.length) : NULL;
	bool has_letter = false;

	if (!dot || dot == name.bytes) {
		return (struct text){NULL, 0};
	}
	struct text kind = {dot, name.length - (size_t)(dot - name.bytes)};
	for (size_t i = 1; i < kind.length; i++) {
		char c = kind.bytes[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(c >= '0' && c <= '9')) {
			return (struct text){NULL, 0};
		}
		has_letter = has_letter || is_letter;
	}
	return has_letter && kind.length <= KIND_MAX ? kind : (struct text){NULL, 0};
}

/* ---- Hosts ---- */

/* The one name that was looked up; of several the strictest verdict holds. */
static bool known_name(const struct endpoint *endpoint, struct host_pattern *host)
{
	if (endpoint->name_count != 1 ||
		endpoint->names[0].length >= sizeof(host->name)) {
		return false;
	}
	*host = (struct host_pattern){.kind = HOST_SUFFIX,
		.first_port = endpoint->port,
		.last_port = endpoint->port};
	for (size_t i = 0; i < endpoint->names[0].length; i++) {
		char c = endpoint->names[0].bytes[i];

		host->name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return true;
}

static void give_domains(
	const struct generaliser *generaliser, struct host_pattern host)
{
	struct text name = generaliser->action->endpoint.names[0];
	const char *registrable = host_registrable(host.name);
	const char *dot = strchr(host.name, '.');
	size_t own = registrable ? strlen(registrable) : 0;

	while (registrable && dot && strlen(dot + 1) >= own) {
		size_t suffix = strlen(dot + 1);
		struct widened widened = {.width = WIDTH_FOLDER,
			.min_examples = 2,
			.min_parts = 2,
			.part = {name.bytes, name.length - suffix}};

		memmove(host.name, dot + 1, suffix + 1);
		generaliser_give(generaliser, host_pattern_print(&host), &widened);
		dot = strchr(host.name, '.');
	}
}

static void give_chosen_ports(const struct generaliser *generaliser)
{
	const struct endpoint *endpoint = &generaliser->action->endpoint;
	struct host_pattern host = {.kind = HOST_ADDRESS,
		.family = endpoint->family,
		.prefix_length = endpoint->family == ENDPOINT_IPV4 ? 32 : 128,
		.first_port = CHOSEN_PORT_FIRST,
		.last_port = CHOSEN_PORT_LAST};
	struct widened widened = {.width = WIDTH_RANDOM, .min_examples = 2};

	memcpy(host.address, endpoint->address, sizeof(host.address));
	if (endpoint->port >= CHOSEN_PORT_FIRST && endpoint->port <= CHOSEN_PORT_LAST) {
		generaliser_give(generaliser, host_pattern_print(&host), &widened);
	}
}

void generalise_host(const struct generaliser *generaliser)
{
	const struct endpoint *endpoint = &generaliser->action->endpoint;
	struct text object = generaliser->action->object;
	struct host_pattern host;

	switch (endpoint->family) {
	case ENDPOINT_NONE:
	case ENDPOINT_IPV4:
	case ENDPOINT_IPV6:
		if (known_name(endpoint, &host)) {
			give_domains(generaliser, host);
		} else if (endpoint_is_loopback(endpoint)) {
			give_chosen_ports(generaliser);
		}
		break;
	case ENDPOINT_UNIX:
		if (text_starts_with(object, "unix:/")) {
			struct text path = {object.bytes + 5, object.length - 5};

			generalise_path(generaliser, "unix:", path, false);
		}
		break;
	case ENDPOINT_ABSTRACT:
	case ENDPOINT_NETLINK:
	case ENDPOINT_VSOCK:
	case ENDPOINT_OTHER:
		break;
	}
}

void generalise(const struct action *action, const struct rule_variables *variables,
	generalise_fn *receive, void *context)
{
	const struct generaliser generaliser = {action, variables, receive, context};

	give_exact(&generaliser);
	switch (verb_object_kind(action->verb)) {
	case OBJECT_PATH:
		generalise_path(&generaliser, "", action->object, true);
		break;
	case OBJECT_PROGRAM:
		generalise_program(&generaliser);
		break;
	case OBJECT_HOST:
		generalise_host(&generaliser);
		break;
	case OBJECT_NAME:
		break; /* a power, a process or a tool is itself and nothing else */
	}
}
