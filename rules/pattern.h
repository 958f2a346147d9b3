/* SPDX-License-Identifier: MIT */
/*
 * What a rule is about, compiled: object pattern and argv patterns. Checks the object of
 * a rule text, compiles it, matches it against actions, and says how specific it is.
 */
#ifndef RULES_PATTERN_H
#define RULES_PATTERN_H

#include "rules/glob.h"
#include "rules/host_pattern.h"

enum pattern_kind {
	PATTERN_ANYTHING, /* `*` */
	PATTERN_PATH,
	PATTERN_NAME,
	PATTERN_HOST,
	PATTERN_UNIX,
	PATTERN_ABSTRACT,
	PATTERN_NETLINK,
	PATTERN_VSOCK,
};

enum { VERBS_ALL = (1u << VERB_COUNT) - 1 };

struct pattern {
	enum pattern_kind kind;
	uint32_t verbs;	  /* those of the rule that this kind of object can have */
	struct glob glob; /* all but ANYTHING and HOST; without "unix:" and the like */
	struct host_pattern host;
	struct glob *argv; /* has_argv: patterns of argv[1..] without a final `**` */
	size_t argc;
	bool has_argv;
	bool has_rest; /* ends in `**` */
};

/* Larger at the first difference is more specific; explain.c puts the parts in words. */
enum specificity_part {
	PART_SOMETHING,	 /* not `*` alone */
	PART_CLASS,	 /* paths: enum path_class; hosts: enum host_kind */
	PART_SEGMENTS,	 /* literal segments before the first wildcard; host length */
	PART_BYTES,	 /* literal bytes; hosts: exact port, range, any */
	PART_DEPTHS,	 /* fewer `**`; hosts: narrower range */
	PART_STARS,	 /* fewer `*`; hosts: one transport */
	PART_ONES,	 /* fewer `?` and sets */
	PART_ARGV_FIRST, /* literal tokens before the first wildcard */
	PART_ARGV_ALL,	 /* literal tokens */
	PART_ARGV_END,	 /* no `**` at the end */
	PART_ARGV_COUNT, /* tokens */
	PART_ARGV_BYTES, /* literal bytes of tokens */
	PART_COUNT
};
struct specificity {
	uint32_t parts[PART_COUNT];
};

enum path_class {
	PATH_CLASS_DEPTH,
	PATH_CLASS_STAR,
	PATH_CLASS_TEXT,
	PATH_CLASS_EXACT
};

/*
 * The canonical spelling of an object for these verbs, owned; NULL with error. is_any
 * says that the verbs were written as `any`.
 */
char *pattern_canonical(
	struct text token, uint32_t verbs, bool is_any, struct glob_error *error);
/* The same for the path of a qualifier (by, under, code). */
char *pattern_canonical_path(struct text token, struct glob_error *error);
/* And for one argv token; is_last: it may be `**`. */
char *pattern_canonical_argument(
	struct text token, bool is_last, struct glob_error *error);

/* False if a variable in it has no value: such a rule matches nothing. */
bool pattern_compile(const struct rule *rule, const struct rule_variables *variables,
	struct pattern *pattern);
void pattern_finish(struct pattern *pattern);

/* Verb and object; name as in host_pattern_matches. */
bool pattern_matches(
	const struct pattern *pattern, const struct action *action, struct text name);

void pattern_specificity(
	const struct pattern *pattern, struct specificity *specificity);

/* The object's text without "unix:@" and the like, as globs of that kind see it. */
struct text pattern_object_text(const struct action *action);

#endif
