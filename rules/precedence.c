/* SPDX-License-Identifier: MIT */
/* The order of rules as numbers. */
#include "rules/precedence.h"

static const uint32_t origin_rank[ORIGIN_COUNT] = {
	[ORIGIN_PROFILE] = 1,
	[ORIGIN_FILE] = 2,
	[ORIGIN_PERSON] = 3,
	[ORIGIN_REPOSITORY] = 1, /* judged alone: only compared with its own kind */
	[ORIGIN_BUILT_IN] = 4,
};

static const uint32_t verdict_rank[VERDICT_COUNT] = {
	[VERDICT_ALLOW] = 0,
	[VERDICT_ASK] = 1,
	[VERDICT_DENY] = 2,
	[VERDICT_FORBID] = 3,
};

/* A deny that a person wrote is never beaten by origin. */
enum { PERSON_DENY_RANK = 5 };

struct glob_counts {
	uint32_t literal_segments; /* before the first wildcard */
	uint32_t bytes, depths, stars, ones;
	bool last_is_depth, last_has_text;
};

static void count_unit(struct glob_counts *counts, uint16_t unit)
{
	if (unit < UNIT_ANY) {
		counts->bytes++;
	} else if (unit == UNIT_DEPTH) {
		counts->depths++;
	} else if (unit == UNIT_ANY) {
		counts->stars++;
	} else {
		counts->ones++;
	}
}

static void count_glob(const struct glob *glob, struct glob_counts *counts)
{
	bool is_segment_literal = true;
	bool has_wildcard = false;

	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; i < glob->count; i++) {
		uint16_t unit = glob->units[i];
		count_unit(counts, unit);
		if (unit == '/') {
			/* The empty segment before a leading slash is none. */
			counts->literal_segments += !has_wildcard && i > 0;
			is_segment_literal = true;
			counts->last_has_text = false;
			counts->last_is_depth = false;
			continue;
		}
		if (unit >= UNIT_ANY) {
			is_segment_literal = false;
			has_wildcard = true;
			counts->last_is_depth = unit == UNIT_DEPTH;
		} else {
			counts->last_has_text = true;
		}
	}
	counts->literal_segments +=
		!has_wildcard && is_segment_literal && glob->count > 0;
}

static uint32_t path_class(const struct glob_counts *counts)
{
	if (counts->depths + counts->stars + counts->ones == 0) {
		return PATH_CLASS_EXACT;
	}
	if (counts->last_has_text) {
		return PATH_CLASS_TEXT;
	}
	return counts->last_is_depth ? PATH_CLASS_DEPTH : PATH_CLASS_STAR;
}

static void glob_specificity(const struct glob *glob, uint32_t parts[PART_COUNT])
{
	struct glob_counts counts;

	count_glob(glob, &counts);
	parts[PART_CLASS] = path_class(&counts);
	parts[PART_SEGMENTS] = counts.literal_segments;
	parts[PART_BYTES] = counts.bytes;
	parts[PART_DEPTHS] = UINT32_MAX - counts.depths;
	parts[PART_STARS] = UINT32_MAX - counts.stars;
	parts[PART_ONES] = UINT32_MAX - counts.ones;
}

static uint32_t host_rank(enum host_kind kind)
{
	switch (kind) {
	case HOST_ANY:
		return 0;
	case HOST_NETWORK:
		return 1;
	case HOST_SUFFIX:
		return 2;
	case HOST_ADDRESS:
	case HOST_NAME:
		return 3;
	}
	return 0;
}

static void host_specificity(
	const struct host_pattern *host, uint32_t parts[PART_COUNT])
{
	uint32_t width = (uint32_t)host->last_port - host->first_port;

	parts[PART_CLASS] = host_rank(host->kind);
	if (host->kind == HOST_SUFFIX) {
		parts[PART_SEGMENTS] = (uint32_t)strlen(host->name);
	} else if (host->kind == HOST_NETWORK) {
		parts[PART_SEGMENTS] = host->prefix_length;
	}
	parts[PART_BYTES] = width == 0 ? 2 : width == UINT16_MAX ? 0 : 1;
	parts[PART_DEPTHS] = UINT16_MAX - width;
	parts[PART_STARS] = host->transport != TRANSPORT_OTHER;
}

static void argv_specificity(const struct pattern *pattern, uint32_t parts[PART_COUNT])
{
	bool is_before_wildcard = true;

	if (!pattern->has_argv) {
		return;
	}
	for (size_t i = 0; i < pattern->argc; i++) {
		struct glob_counts counts;
		count_glob(&pattern->argv[i], &counts);
		bool is_literal = counts.depths + counts.stars + counts.ones == 0;
		is_before_wildcard = is_before_wildcard && is_literal;
		parts[PART_ARGV_FIRST] += is_before_wildcard;
		parts[PART_ARGV_ALL] += is_literal;
		parts[PART_ARGV_BYTES] += counts.bytes;
	}
	parts[PART_ARGV_END] = !pattern->has_rest;
	parts[PART_ARGV_COUNT] = (uint32_t)pattern->argc;
}

void pattern_specificity(const struct pattern *pattern, struct specificity *specificity)
{
	memset(specificity, 0, sizeof(*specificity));
	specificity->parts[PART_SOMETHING] = pattern->kind != PATTERN_ANYTHING;
	argv_specificity(pattern, specificity->parts);
	if (pattern->kind == PATTERN_HOST) {
		host_specificity(&pattern->host, specificity->parts);
	} else if (pattern->kind != PATTERN_ANYTHING) {
		glob_specificity(&pattern->glob, specificity->parts);
	}
}

unsigned precedence_qualifier_count(const struct rule *rule)
{
	return (unsigned)(rule->by != NULL) + (rule->under != NULL) +
	       (rule->via != NULL) + (rule->code != NULL) + (rule->after != NULL);
}

void precedence_of(const struct rule *rule, const struct pattern *pattern,
	struct precedence *result)
{
	struct specificity specificity;
	bool is_person_deny =
		rule->origin == ORIGIN_PERSON && rule->verdict == VERDICT_DENY;

	pattern_specificity(pattern, &specificity);
	result->keys[PRECEDENCE_FORBID] = rule->verdict == VERDICT_FORBID;
	memcpy(result->keys + PRECEDENCE_OBJECT, specificity.parts,
		sizeof(specificity.parts));
	result->keys[PRECEDENCE_QUALIFIERS] = precedence_qualifier_count(rule);
	result->keys[PRECEDENCE_ORIGIN] =
		is_person_deny ? PERSON_DENY_RANK : origin_rank[rule->origin];
	result->keys[PRECEDENCE_VERDICT] = verdict_rank[rule->verdict];
}

enum precedence_key precedence_difference(
	const struct precedence *a, const struct precedence *b)
{
	unsigned i = 0;

	while (i < PRECEDENCE_COUNT && a->keys[i] == b->keys[i]) {
		i++;
	}
	return (enum precedence_key)i;
}

int precedence_compare(const struct precedence *a, const struct precedence *b)
{
	unsigned i = precedence_difference(a, b);

	return i == PRECEDENCE_COUNT ? 0 : a->keys[i] > b->keys[i] ? -1 : 1;
}
