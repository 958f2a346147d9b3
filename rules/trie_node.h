/* SPDX-License-Identifier: MIT */
/* What building and walking the trie share; for rules/rule_trie*.c only. */
#ifndef RULES_TRIE_NODE_H
#define RULES_TRIE_NODE_H

#include "rules/rule_trie.h"

/* Nodes that are always there; 0 stands for "none". */
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

enum { ADDRESS_KEY_SIZE = 18 };

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

/* Short segments lie in the slot itself: one cache line less for most. */
enum { SLOT_BYTES_MAX = 16 };
struct slot {
	uint32_t parent; /* 0: free */
	uint32_t hash;
	uint32_t child;
	uint32_t length;
	union {
		char bytes[SLOT_BYTES_MAX];
		uint32_t pool; /* where longer ones begin in the pool */
	};
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

uint64_t trie_hash_segment(struct text segment);
uint32_t trie_hash_child(uint32_t parent, uint64_t segment_hash);
/* The child's slot, or the free one where it would go. */
const struct slot *trie_find_slot(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint32_t hash);
uint32_t trie_literal_child(const struct rule_trie *trie, uint32_t parent,
	struct text segment, uint64_t segment_hash);

/* Family, prefix length and the address cut to it, as one key. */
struct text trie_address_key(enum endpoint_family family, const uint8_t address[16],
	unsigned prefix_length, char key[ADDRESS_KEY_SIZE]);

#endif
