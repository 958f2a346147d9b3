/* SPDX-License-Identifier: MIT */
/* The trie of patterns; see rule_trie.h. Node 0 stands for "none". */
#include "rules/rule_trie.h"

#include "base/error.h"
#include "base/xalloc.h"

#include <stdlib.h>

enum {
	ROOT_NONE,
	ROOT_ANYTHING,
	ROOT_ABSOLUTE,
	ROOT_RELATIVE,
	ROOT_UNIX,
	ROOT_ABSTRACT,
	ROOT_NETLINK,
	ROOT_VSOCK,
	ROOT_HOST_ANY,
	ROOT_HOST_NAME,
	ROOT_HOST_SUFFIX,
	ROOT_HOST_ADDRESS,
	ROOT_COUNT
};

enum { PLACES_MAX = 192, ADDRESS_KEY_SIZE = 18, HOST_NAME_MAX_LENGTH = 253 };

struct node {
	uint32_t terminals; /* first; 0: none */
	uint32_t star;	    /* child by `*` alone */
	uint32_t depth;	    /* child by `**` */
	uint32_t globs;	    /* first edge of other wildcards; 0: none */
	uint32_t argv;	    /* child where the arguments begin */
	uint32_t literals;  /* first literal child, for walks below; 0: none */
	uint32_t sibling;   /* next literal child of the same parent */
	bool is_depth;	    /* stays where it is at every segment */
};

struct terminal {
	uint32_t rank;
	uint32_t next;
};

struct edge {
	const struct glob *glob;
	uint32_t begin, end; /* units */
	uint32_t child;
	uint32_t next;
};

struct slot {
	uint32_t parent; /* 0: free */
	uint32_t hash;
	uint32_t child;
	uint32_t bytes; /* in pool */
	uint32_t length;
};

struct rule_trie {
	struct node *nodes;
	size_t node_count, node_capacity;
	struct terminal *terminals; /* [0] is unused, as in edges */
	size_t terminal_count, terminal_capacity;
	struct edge *edges;
	size_t edge_count, edge_capacity;
	struct slot *slots;
	size_t slot_count, slot_capacity; /* a power of two */
	char *pool;
	size_t pool_length, pool_capacity;
	/* Prefix lengths in use, longest first, so that only those are tried. */
	bool has_ipv4_prefix[33], has_ipv6_prefix[129];
};

static void *grow(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity) {
		return array;
	}
	*capacity = needed * 2;
	return xreallocarray(array, *capacity, size);
}

static uint32_t add_node(struct rule_trie *trie)
{
	trie->nodes = grow(trie->nodes, &trie->node_capacity, trie->node_count + 1,
		sizeof(*trie->nodes));
	memset(&trie->nodes[trie->node_count], 0, sizeof(*trie->nodes));
	return (uint32_t)trie->node_count++;
}

struct rule_trie *rule_trie_create(void)
{
	struct rule_trie *trie = xcalloc(1, sizeof(*trie));

	for (int i = 0; i < ROOT_COUNT; i++) {
		add_node(trie);
	}
	trie->slot_capacity = 64;
	trie->slots = xcalloc(trie->slot_capacity, sizeof(*trie->slots));
	trie->terminal_count = 1;
	trie->edge_count = 1;
	return trie;
}

void rule_trie_destroy(struct rule_trie *trie)
{
	if (!trie) {
		return;
	}
	free(trie->nodes);
	free(trie->terminals);
	free(trie->edges);
	free(trie->slots);
	free(trie->pool);
	free(trie);
}

/* Eight bytes at a time. The table is built from rules, not by a tracee: no seed. */
static uint64_t hash_segment(struct text segment)
{
	const uint64_t factor = 0x9e3779b97f4a7c15ULL;
	uint64_t hash = segment.length * factor;
	uint64_t chunk = 0;
	size_t i = 0;

	for (; i + 8 <= segment.length; i += 8) {
		memcpy(&chunk, segment.bytes + i, 8);
		hash = (hash ^ chunk) * factor;
		hash ^= hash >> 29;
	}
	chunk = 0;
	for (; i < segment.length; i++) {
		chunk = chunk << 8 | (unsigned char)segment.bytes[i];
	}
	hash = (hash ^ chunk) * factor;
	return hash ^ hash >> 32;
}

/* The place of one child of one node, from the segment's hash. */
static uint32_t hash_child(uint32_t parent, uint64_t segment_hash)
{
	uint64_t hash = (segment_hash + parent) * 0xd6e8feb86659fd93ULL;

	return (uint32_t)(hash >> 32);
}

static const struct slot *find_slot(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint32_t hash)
{
	size_t mask = trie->slot_capacity - 1;
	size_t i = hash & mask;

	for (; trie->slots[i].parent != 0; i = (i + 1) & mask) {
		const struct slot *slot = &trie->slots[i];
		if (slot->hash == hash && slot->parent == parent &&
			slot->length == segment.length &&
			memcmp(trie->pool + slot->bytes, segment.bytes,
				segment.length) == 0) {
			return slot;
		}
	}
	return &trie->slots[i];
}

static uint32_t literal_child(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint64_t segment_hash)
{
	if (trie->nodes[parent].literals == 0) {
		return 0;
	}
	return find_slot(trie, parent, segment, hash_child(parent, segment_hash))
		->child;
}

static void grow_slots(struct rule_trie *trie)
{
	struct slot *old = trie->slots;
	size_t old_capacity = trie->slot_capacity;

	trie->slot_capacity *= 4;
	trie->slots = xcalloc(trie->slot_capacity, sizeof(*trie->slots));
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].parent == 0) {
			continue;
		}
		size_t at = old[i].hash & (trie->slot_capacity - 1);
		while (trie->slots[at].parent != 0) {
			at = (at + 1) & (trie->slot_capacity - 1);
		}
		trie->slots[at] = old[i];
	}
	free(old);
}

static uint32_t pool_add(struct rule_trie *trie, struct text bytes)
{
	uint32_t at = (uint32_t)trie->pool_length;

	trie->pool = grow(trie->pool, &trie->pool_capacity,
		trie->pool_length + bytes.length + 1, 1);
	memcpy(trie->pool + at, bytes.bytes, bytes.length);
	trie->pool_length += bytes.length;
	return at;
}

static uint32_t add_literal(
	struct rule_trie *trie, uint32_t parent, struct text segment)
{
	uint32_t hash = hash_child(parent, hash_segment(segment));
	const struct slot *found = find_slot(trie, parent, segment, hash);

	if (found->parent != 0) {
		return found->child;
	}
	if ((trie->slot_count + 1) * 2 > trie->slot_capacity) {
		grow_slots(trie);
		found = find_slot(trie, parent, segment, hash);
	}
	uint32_t child = add_node(trie);
	trie->nodes[child].sibling = trie->nodes[parent].literals;
	trie->nodes[parent].literals = child;
	trie->slots[found - trie->slots] = (struct slot){
		parent, hash, child, pool_add(trie, segment), (uint32_t)segment.length};
	trie->slot_count++;
	return child;
}

static bool edge_equal(
	const struct edge *edge, const struct glob *glob, size_t begin, size_t end)
{
	size_t count = end - begin;

	return edge->glob->set_count == 0 && glob->set_count == 0 &&
	       edge->end - edge->begin == count &&
	       memcmp(edge->glob->units + edge->begin, glob->units + begin,
		       count * sizeof(*glob->units)) == 0;
}

static uint32_t add_edge(struct rule_trie *trie, uint32_t parent,
	const struct glob *glob, size_t begin, size_t end)
{
	for (uint32_t i = trie->nodes[parent].globs; i != 0; i = trie->edges[i].next) {
		if (edge_equal(&trie->edges[i], glob, begin, end)) {
			return trie->edges[i].child;
		}
	}
	trie->edges = grow(trie->edges, &trie->edge_capacity, trie->edge_count + 1,
		sizeof(*trie->edges));
	uint32_t child = add_node(trie);
	trie->edges[trie->edge_count] = (struct edge){
		glob, (uint32_t)begin, (uint32_t)end, child, trie->nodes[parent].globs};
	trie->nodes[parent].globs = (uint32_t)trie->edge_count++;
	return child;
}

static uint32_t add_star(struct rule_trie *trie, uint32_t parent)
{
	if (trie->nodes[parent].star == 0) {
		uint32_t child = add_node(trie);
		trie->nodes[parent].star = child;
	}
	return trie->nodes[parent].star;
}

static uint32_t add_depth(struct rule_trie *trie, uint32_t parent)
{
	if (trie->nodes[parent].is_depth) {
		return parent; /* two in a row say no more than one */
	}
	if (trie->nodes[parent].depth == 0) {
		uint32_t child = add_node(trie);
		trie->nodes[child].is_depth = true;
		trie->nodes[parent].depth = child;
	}
	return trie->nodes[parent].depth;
}

/* One segment, or one argument, as an edge of whatever kind fits. */
static uint32_t add_part(struct rule_trie *trie, uint32_t parent,
	const struct glob *glob, size_t begin, size_t end)
{
	if (end == begin + 1 && glob->units[begin] == UNIT_DEPTH) {
		return add_depth(trie, parent);
	}
	if (end == begin + 1 && glob->units[begin] == UNIT_ANY) {
		return add_star(trie, parent);
	}
	char *bytes = xmalloc(end - begin + 1);
	bool is_literal = true;
	for (size_t i = begin; i < end && is_literal; i++) {
		is_literal = glob->units[i] < UNIT_ANY;
		bytes[i - begin] = (char)glob->units[i];
	}
	struct text segment = {bytes, end - begin};
	uint32_t child = is_literal ? add_literal(trie, parent, segment)
				    : add_edge(trie, parent, glob, begin, end);
	free(bytes);
	return child;
}

/* Absolute paths begin after their first slash. */
static uint32_t add_path(struct rule_trie *trie, uint32_t root, const struct glob *glob)
{
	bool is_absolute = root == ROOT_ABSOLUTE || root == ROOT_UNIX;
	size_t begin = is_absolute && glob->count > 0 && glob->units[0] == '/' ? 1 : 0;
	uint32_t node = root;

	for (size_t i = begin; i <= glob->count; i++) {
		if (i == glob->count || glob->units[i] == '/') {
			node = add_part(trie, node, glob, begin, i);
			begin = i + 1;
		}
	}
	return node;
}

static struct text address_key(enum endpoint_family family, const uint8_t address[16],
	unsigned prefix_length, char key[ADDRESS_KEY_SIZE])
{
	size_t size = family == ENDPOINT_IPV4 ? 4 : 16;

	memset(key, 0, ADDRESS_KEY_SIZE);
	key[0] = (char)family;
	key[1] = (char)prefix_length;
	for (size_t i = 0; i < size && i * 8 < prefix_length; i++) {
		unsigned bits = prefix_length - (unsigned)i * 8;
		unsigned mask = bits >= 8 ? 0xff : 0xff00U >> bits & 0xff;
		key[2 + i] = (char)(address[i] & mask);
	}
	return (struct text){key, 2 + size};
}

static uint32_t add_host(struct rule_trie *trie, const struct host_pattern *host)
{
	char key[ADDRESS_KEY_SIZE];

	switch (host->kind) {
	case HOST_ANY:
		return ROOT_HOST_ANY;
	case HOST_NAME:
		return add_literal(trie, ROOT_HOST_NAME, text_of(host->name));
	case HOST_SUFFIX:
		return add_literal(trie, ROOT_HOST_SUFFIX, text_of(host->name));
	case HOST_ADDRESS:
	case HOST_NETWORK:
		break;
	}
	if (host->family == ENDPOINT_IPV4) {
		trie->has_ipv4_prefix[host->prefix_length] = true;
	} else {
		trie->has_ipv6_prefix[host->prefix_length] = true;
	}
	return add_literal(trie, ROOT_HOST_ADDRESS,
		address_key(host->family, host->address, host->prefix_length, key));
}

static uint32_t add_object(struct rule_trie *trie, const struct pattern *pattern)
{
	switch (pattern->kind) {
	case PATTERN_ANYTHING:
		return ROOT_ANYTHING;
	case PATTERN_PATH:
		return add_path(trie, ROOT_ABSOLUTE, &pattern->glob);
	case PATTERN_NAME:
		return add_path(trie, ROOT_RELATIVE, &pattern->glob);
	case PATTERN_HOST:
		return add_host(trie, &pattern->host);
	case PATTERN_UNIX:
		return add_path(trie, ROOT_UNIX, &pattern->glob);
	case PATTERN_ABSTRACT:
		return add_path(trie, ROOT_ABSTRACT, &pattern->glob);
	case PATTERN_NETLINK:
		return add_path(trie, ROOT_NETLINK, &pattern->glob);
	case PATTERN_VSOCK:
		return add_path(trie, ROOT_VSOCK, &pattern->glob);
	}
	return ROOT_NONE;
}

static uint32_t add_argv(
	struct rule_trie *trie, uint32_t node, const struct pattern *pattern)
{
	if (trie->nodes[node].argv == 0) {
		uint32_t child = add_node(trie);
		trie->nodes[node].argv = child;
	}
	node = trie->nodes[node].argv;
	for (size_t i = 0; i < pattern->argc; i++) {
		const struct glob *glob = &pattern->argv[i];
		node = add_part(trie, node, glob, 0, glob->count);
	}
	return pattern->has_rest ? add_depth(trie, node) : node;
}

void rule_trie_add(struct rule_trie *trie, const struct pattern *pattern, uint32_t rank)
{
	uint32_t node = add_object(trie, pattern);

	if (pattern->has_argv) {
		node = add_argv(trie, node, pattern);
	}
	trie->terminals = grow(trie->terminals, &trie->terminal_capacity,
		trie->terminal_count + 1, sizeof(*trie->terminals));
	trie->terminals[trie->terminal_count] =
		(struct terminal){rank, trie->nodes[node].terminals};
	trie->nodes[node].terminals = (uint32_t)trie->terminal_count++;
}

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
	uint64_t hash = hash_segment(segment);

	to->count = 0;
	to->is_full = from->is_full;
	for (size_t i = 0; i < from->count; i++) {
		const struct node *node = &trie->nodes[from->nodes[i]];
		if (node->is_depth) {
			places_add(trie, to, from->nodes[i]);
		}
		places_add(
			trie, to, literal_child(trie, from->nodes[i], segment, hash));
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
	visit_node(trie, literal_child(trie, root, key, hash_segment(key)), visit,
		context);
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
				address_key(endpoint->family, endpoint->address, length,
					key),
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

bool rule_trie_walk_below(const struct rule_trie *trie, struct text folder,
	rule_trie_visit_fn *visit, void *context)
{
	struct walk walk;

	visit_node(trie, ROOT_ANYTHING, visit, context);
	walk_start(trie, &walk, ROOT_ABSOLUTE);
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
