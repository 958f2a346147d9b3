/* SPDX-License-Identifier: MIT */
/* Building the trie of patterns; see rule_trie.h. Walking is in rule_trie_walk.c. */
#include "rules/rule_trie.h"

#include "base/xalloc.h"
#include "rules/trie_node.h"

#include <stdlib.h>

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
	uint32_t hash = trie_hash_child(parent, trie_hash_segment(segment));
	const struct slot *found = trie_find_slot(trie, parent, segment, hash);

	if (found->parent != 0) {
		return found->child;
	}
	if ((trie->slot_count + 1) * 2 > trie->slot_capacity) {
		grow_slots(trie);
		found = trie_find_slot(trie, parent, segment, hash);
	}
	uint32_t child = add_node(trie);
	trie->nodes[child].sibling = trie->nodes[parent].literals;
	trie->nodes[parent].literals = child;
	struct slot slot = {parent, hash, child, (uint32_t)segment.length, {{0}}};
	if (segment.length <= SLOT_BYTES_MAX) {
		memcpy(slot.bytes, segment.bytes, segment.length);
	} else {
		slot.pool = pool_add(trie, segment);
	}
	trie->slots[found - trie->slots] = slot;
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
		trie_address_key(
			host->family, host->address, host->prefix_length, key));
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
