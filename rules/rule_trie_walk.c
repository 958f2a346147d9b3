/* SPDX-License-Identifier: MIT */
/* Walking the trie with an action's object: all nodes that fit, step by step. */
#include "rules/trie_node.h"

enum { PLACES_MAX = 192, HOST_NAME_MAX_LENGTH = 253 };

/* The nodes that fit what has been read so far. */
struct places {
	uint32_t nodes[PLACES_MAX];
	size_t count;
	bool is_full;
};

static bool places_have(const struct places *places, uint32_t node)
{
	for (size_t i = 0; i < places->count; i++) {
		if (places->nodes[i] == node) {
			return true;
		}
	}
	return false;
}

/*
 * Adds a node, and its `**` child, which needs no segment. Only `**` nodes can be
 * reached in two ways, so only they are looked for.
 */
static void places_add(
	const struct rule_trie *trie, struct places *places, uint32_t node)
{
	while (node != 0) {
		bool is_there = trie->nodes[node].is_depth && places_have(places, node);
		if (!is_there && places->count == PLACES_MAX) {
			places->is_full = true;
			return;
		}
		if (!is_there) {
			places->nodes[places->count++] = node;
		}
		node = trie->nodes[node].depth;
	}
}

static void places_step(const struct rule_trie *trie, const struct places *from,
	struct text segment, bool is_argument, struct places *to)
{
	uint64_t hash = trie_hash_segment(segment);

	to->count = 0;
	to->is_full = from->is_full;
	for (size_t i = 0; i < from->count; i++) {
		const struct node *node = &trie->nodes[from->nodes[i]];
		if (node->is_depth) {
			places_add(trie, to, from->nodes[i]);
		}
		places_add(trie, to,
			trie_literal_child(trie, from->nodes[i], segment, hash));
		/* An empty segment is the root folder: no wildcard stands for it. */
		if (segment.length == 0 && !is_argument) {
			continue;
		}
		places_add(trie, to, node->star);
		for (uint32_t e = node->globs; e != 0; e = trie->edges[e].next) {
			const struct edge *edge = &trie->edges[e];
			if (glob_match_part(
				    edge->glob, edge->begin, edge->end, segment)) {
				places_add(trie, to, edge->child);
			}
		}
	}
}

/* Two sets, one of which is current. */
struct walk {
	struct places places[2];
	unsigned current;
};

static void walk_step(const struct rule_trie *trie, struct walk *walk,
	struct text segment, bool is_argument)
{
	places_step(trie, &walk->places[walk->current], segment, is_argument,
		&walk->places[1 - walk->current]);
	walk->current = 1 - walk->current;
}

static void walk_start(const struct rule_trie *trie, struct walk *walk, uint32_t root)
{
	walk->current = 0;
	walk->places[0].count = 0;
	walk->places[0].is_full = false;
	places_add(trie, &walk->places[0], root);
}

static void walk_path(const struct rule_trie *trie, struct walk *walk, struct text path)
{
	size_t begin = 0;

	while (begin <= path.length && walk->places[walk->current].count > 0) {
		const char *slash =
			begin < path.length
				? memchr(path.bytes + begin, '/', path.length - begin)
				: NULL;
		size_t end = slash ? (size_t)(slash - path.bytes) : path.length;
		struct text segment = {path.bytes + begin, end - begin};
		walk_step(trie, walk, segment, false);
		begin = end + 1;
	}
}

static void visit_node(const struct rule_trie *trie, uint32_t node,
	rule_trie_visit_fn *visit, void *context)
{
	uint32_t i = trie->nodes[node].terminals;

	while (i != 0 && visit(context, trie->terminals[i].rank)) {
		i = trie->terminals[i].next;
	}
}

static void visit_places(const struct rule_trie *trie, const struct places *places,
	rule_trie_visit_fn *visit, void *context)
{
	for (size_t i = 0; i < places->count; i++) {
		visit_node(trie, places->nodes[i], visit, context);
	}
}

/* From the nodes of the program to those of its arguments. */
static void walk_argv(
	const struct rule_trie *trie, struct walk *walk, const struct action *action)
{
	const struct places *programs = &walk->places[walk->current];
	struct places *arguments = &walk->places[1 - walk->current];

	arguments->count = 0;
	arguments->is_full = programs->is_full;
	for (size_t i = 0; i < programs->count; i++) {
		places_add(trie, arguments, trie->nodes[programs->nodes[i]].argv);
	}
	places_add(trie, arguments, trie->nodes[ROOT_ANYTHING].argv);
	walk->current = 1 - walk->current;
	for (size_t i = 1; i < action->argc && walk->places[walk->current].count > 0;
		i++) {
		walk_step(trie, walk, action->argv[i], true);
	}
}

static void visit_child(const struct rule_trie *trie, uint32_t root, struct text key,
	rule_trie_visit_fn *visit, void *context)
{
	visit_node(trie, trie_literal_child(trie, root, key, trie_hash_segment(key)),
		visit, context);
}

static void visit_address(const struct rule_trie *trie, const struct endpoint *endpoint,
	rule_trie_visit_fn *visit, void *context)
{
	bool is_ipv4 = endpoint->family == ENDPOINT_IPV4;
	const bool *has_prefix =
		is_ipv4 ? trie->has_ipv4_prefix : trie->has_ipv6_prefix;
	unsigned longest = is_ipv4 ? 32 : 128;
	char key[ADDRESS_KEY_SIZE];

	if (trie->nodes[ROOT_HOST_ADDRESS].literals == 0) {
		return;
	}
	for (unsigned length = 0; length <= longest; length++) {
		if (has_prefix[length]) {
			visit_child(trie, ROOT_HOST_ADDRESS,
				trie_address_key(endpoint->family, endpoint->address,
					length, key),
				visit, context);
		}
	}
}

static void visit_name(const struct rule_trie *trie, struct text name,
	rule_trie_visit_fn *visit, void *context)
{
	char lower[HOST_NAME_MAX_LENGTH];

	if (name.length == 0 || name.length > sizeof(lower)) {
		return;
	}
	for (size_t i = 0; i < name.length; i++) {
		char c = name.bytes[i];
		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	struct text rest = {lower, name.length};
	visit_child(trie, ROOT_HOST_NAME, rest, visit, context);
	for (;;) {
		const char *dot = memchr(rest.bytes, '.', rest.length);
		if (!dot) {
			return;
		}
		rest.length -= (size_t)(dot - rest.bytes) + 1;
		rest.bytes = dot + 1;
		visit_child(trie, ROOT_HOST_SUFFIX, rest, visit, context);
	}
}

static void visit_internet(const struct rule_trie *trie,
	const struct endpoint *endpoint, struct text name, rule_trie_visit_fn *visit,
	void *context)
{
	visit_node(trie, ROOT_HOST_ANY, visit, context);
	if (endpoint->family != ENDPOINT_NONE) {
		visit_address(trie, endpoint, visit, context);
	}
	visit_name(trie, name, visit, context);
	if (endpoint_is_loopback(endpoint)) {
		visit_child(trie, ROOT_HOST_NAME, text_of("localhost"), visit, context);
	}
}

static uint32_t root_of(const struct action *action)
{
	if (verb_object_kind(action->verb) != OBJECT_HOST) {
		return text_starts_with(action->object, "/") ? ROOT_ABSOLUTE
							     : ROOT_RELATIVE;
	}
	switch (action->endpoint.family) {
	case ENDPOINT_UNIX:
		return ROOT_UNIX;
	case ENDPOINT_ABSTRACT:
		return ROOT_ABSTRACT;
	case ENDPOINT_NETLINK:
		return ROOT_NETLINK;
	case ENDPOINT_VSOCK:
		return ROOT_VSOCK;
	case ENDPOINT_NONE:
	case ENDPOINT_IPV4:
	case ENDPOINT_IPV6:
		return ROOT_HOST_ANY;
	case ENDPOINT_OTHER:
		break;
	}
	return ROOT_NONE;
}

bool rule_trie_walk(const struct rule_trie *trie, const struct action *action,
	struct text name, rule_trie_visit_fn *visit, void *context)
{
	uint32_t root = root_of(action);
	struct text object = pattern_object_text(action);
	struct walk walk;

	visit_node(trie, ROOT_ANYTHING, visit, context);
	if (root == ROOT_HOST_ANY) {
		visit_internet(trie, &action->endpoint, name, visit, context);
		return true;
	}
	walk_start(trie, &walk, root);
	if (root == ROOT_ABSOLUTE || root == ROOT_UNIX) {
		if (!text_starts_with(object, "/")) {
			return true;
		}
		object.bytes++;
		object.length--;
	}
	walk_path(trie, &walk, object);
	visit_places(trie, &walk.places[walk.current], visit, context);
	if (action->verb == VERB_EXEC) {
		walk_argv(trie, &walk, action);
		visit_places(trie, &walk.places[walk.current], visit, context);
	}
	return !walk.places[0].is_full && !walk.places[1].is_full;
}

static void visit_subtree(const struct rule_trie *trie, uint32_t at,
	rule_trie_visit_fn *visit, void *context);

static void visit_children(const struct rule_trie *trie, uint32_t at,
	rule_trie_visit_fn *visit, void *context)
{
	const struct node *node = &trie->nodes[at];

	for (uint32_t i = node->literals; i != 0; i = trie->nodes[i].sibling) {
		visit_subtree(trie, i, visit, context);
	}
	for (uint32_t e = node->globs; e != 0; e = trie->edges[e].next) {
		visit_subtree(trie, trie->edges[e].child, visit, context);
	}
	visit_subtree(trie, node->star, visit, context);
	visit_subtree(trie, node->depth, visit, context);
}

/* A node and all that hangs below it; as deep as the longest pattern has segments. */
static void visit_subtree(const struct rule_trie *trie, uint32_t at,
	rule_trie_visit_fn *visit, void *context)
{
	if (at != ROOT_NONE) {
		visit_node(trie, at, visit, context);
		visit_children(trie, at, visit, context);
	}
}

bool rule_trie_walk_below(const struct rule_trie *trie, enum verb verb,
	struct text folder, rule_trie_visit_fn *visit, void *context)
{
	struct walk walk;

	visit_node(trie, ROOT_ANYTHING, visit, context);
	walk_start(trie, &walk, verb == VERB_CONNECT ? ROOT_UNIX : ROOT_ABSOLUTE);
	folder.bytes++;
	folder.length--;
	if (folder.length > 0) {
		walk_path(trie, &walk, folder);
	}
	const struct places *places = &walk.places[walk.current];
	for (size_t i = 0; i < places->count; i++) {
		uint32_t node = places->nodes[i];
		/* What ends here names the folder itself, unless it ends in `**`. */
		if (trie->nodes[node].is_depth) {
			visit_node(trie, node, visit, context);
		}
		visit_children(trie, node, visit, context);
	}
	return !places->is_full;
}
