/* SPDX-License-Identifier: MIT */
/* Why one rule decides and not another, as a sentence. */
#include "rules/entry.h"
#include "rules/rule_index.h"

#include <stdio.h>

/* What the better rule's pattern has more of, by kind of object. */
static const char *const path_reasons[PART_COUNT] = {
	[PART_SOMETHING] = "its object is more specific: the other's is * alone",
	[PART_CLASS] = NULL, /* depends on the class */
	[PART_SEGMENTS] =
		"its object is more specific: it has more literal segments before "
		"the first wildcard",
	[PART_BYTES] = "its object is more specific: it has more literal characters",
	[PART_DEPTHS] = "its object is more specific: it has fewer **",
	[PART_STARS] = "its object is more specific: it has fewer *",
	[PART_ONES] = "its object is more specific: it has fewer ? and [ ]",
	[PART_ARGV_FIRST] =
		"its arguments are more specific: more literal ones before the "
		"first wildcard",
	[PART_ARGV_ALL] = "its arguments are more specific: more literal ones",
	[PART_ARGV_END] = "its arguments are more specific: they do not end in **",
	[PART_ARGV_COUNT] = "its arguments are more specific: there are more of them",
	[PART_ARGV_BYTES] = "its arguments are more specific: they have more literal "
			    "characters",
};

static const char *const path_class_reasons[] = {
	[PATH_CLASS_DEPTH] = "its object is more specific",
	[PATH_CLASS_STAR] =
		"its object is more specific: it ends in *, the other's in ** or less",
	[PATH_CLASS_TEXT] =
		"its object is more specific: its last segment has literal text",
	[PATH_CLASS_EXACT] = "its object is more specific: it has no wildcard",
};

static const char *host_reason(enum specificity_part part, const struct pattern *better)
{
	static const char *const class_reasons[] = {
		[HOST_ANY] = "its object is more specific",
		[HOST_NETWORK] =
			"its object is more specific: a network before any host",
		[HOST_SUFFIX] = "its object is more specific: a suffix of names before "
				"a network",
		[HOST_ADDRESS] =
			"its object is more specific: one address before a suffix "
			"or network",
		[HOST_NAME] =
			"its object is more specific: one name before a suffix or "
			"network",
	};

	if (part == PART_SOMETHING) {
		return path_reasons[PART_SOMETHING];
	}
	if (part == PART_CLASS) {
		return class_reasons[better->host.kind];
	}
	if (part == PART_SEGMENTS) {
		return better->host.kind == HOST_SUFFIX
			       ? "its object is more specific: the suffix is longer"
			       : "its object is more specific: the network is smaller";
	}
	return part == PART_STARS ? "its object is more specific: it names the protocol"
				  : "its object is more specific: it has fewer ports";
}

static const char *object_reason(enum precedence_key key, const struct entry *better)
{
	enum specificity_part part = (enum specificity_part)(key - PRECEDENCE_OBJECT);

	if (better->pattern.kind == PATTERN_HOST) {
		return host_reason(part, &better->pattern);
	}
	if (part == PART_CLASS) {
		return path_class_reasons[better->precedence.keys[key]];
	}
	return path_reasons[part];
}

static void explain_qualifiers(
	const struct rule *better, const struct rule *worse, char *buffer, size_t size)
{
	(void)snprintf(buffer, size,
		"the objects are equally specific, and it has more qualifiers (%u "
		"against "
		"%u)",
		precedence_qualifier_count(better), precedence_qualifier_count(worse));
}

static void explain_origin(
	const struct rule *better, const struct rule *worse, char *buffer, size_t size)
{
	if (better->origin == ORIGIN_PERSON && better->verdict == VERDICT_DENY) {
		(void)snprintf(buffer, size,
			"the objects are equally specific, and a person's deny is not "
			"beaten "
			"by where a rule comes from");
		return;
	}
	(void)snprintf(buffer, size,
		"the objects are equally specific, and its origin (%s) comes before "
		"the "
		"other's (%s)",
		rule_origin_name(better->origin), rule_origin_name(worse->origin));
}

static void explain_repository(const struct rule *better, char *buffer, size_t size)
{
	(void)snprintf(buffer, size,
		"rules of a repository are judged alone and the stricter verdict holds "
		"(here %s)",
		verdict_name(better->verdict));
}

void rule_index_explain(const struct rule_index *index, const struct rule *better,
	const struct rule *worse, char *buffer, size_t size)
{
	const struct entry *first = rule_index_entry(index, better);
	const struct entry *second = rule_index_entry(index, worse);

	if (!first || !second) {
		(void)snprintf(buffer, size, "nothing is known of one of the rules");
		return;
	}
	bool is_repository = better->origin == ORIGIN_REPOSITORY;
	if (is_repository != (worse->origin == ORIGIN_REPOSITORY)) {
		explain_repository(better, buffer, size);
		return;
	}
	enum precedence_key key =
		precedence_difference(&first->precedence, &second->precedence);
	if (key == PRECEDENCE_FORBID) {
		(void)snprintf(buffer, size, "forbid comes before everything else");
	} else if (key < PRECEDENCE_QUALIFIERS) {
		(void)snprintf(buffer, size, "%s", object_reason(key, first));
	} else if (key == PRECEDENCE_QUALIFIERS) {
		explain_qualifiers(better, worse, buffer, size);
	} else if (key == PRECEDENCE_ORIGIN) {
		explain_origin(better, worse, buffer, size);
	} else if (key == PRECEDENCE_VERDICT) {
		(void)snprintf(buffer, size,
			"all else is equal, and %s is stricter than %s",
			verdict_name(better->verdict), verdict_name(worse->verdict));
	} else {
		(void)snprintf(buffer, size, "both say the same; it was loaded first");
	}
}
