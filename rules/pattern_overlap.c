/* SPDX-License-Identifier: MIT */
/*
 * Two globs are walked side by side; a wildcard of one takes what the other offers.
 * Patterns are short and mostly differ in their first segments, so plain recursion ends
 * soon.
 */
#include "rules/pattern_overlap.h"

/* A run of units of one glob. */
struct part {
	const struct glob *glob;
	size_t begin, end;
	bool is_visible; /* its `**` takes nothing hidden */
	size_t *budget;	 /* steps left for the whole question, shared by both */
};

/* Far more than sensible patterns take; a repository's rules may be made to take long. */
enum { STEPS_MAX = 20000 };

static bool is_spent(struct part part)
{
	if (*part.budget == 0) {
		return true;
	}
	--*part.budget;
	return false;
}

static bool set_has(const struct glob *glob, uint16_t unit, unsigned c)
{
	const struct glob_set *set = &glob->sets[unit - UNIT_SET];
	bool is_member = c < 128 && (set->members[c / 32] >> (c % 32) & 1) != 0;

	return is_member != set->is_negated;
}

static bool unit_has(const struct glob *glob, uint16_t unit, unsigned c)
{
	return unit == UNIT_ONE || (unit < UNIT_ANY && unit == c) ||
	       (unit >= UNIT_SET && set_has(glob, unit, c));
}

/* A byte that both units can stand for. */
static bool units_meet(
	const struct glob *a, uint16_t unit_a, const struct glob *b, uint16_t unit_b)
{
	if (unit_a < UNIT_ANY) {
		return unit_has(b, unit_b, unit_a);
	}
	for (unsigned c = 1; c < UNIT_ANY; c++) {
		if (unit_has(a, unit_a, c) && unit_has(b, unit_b, c)) {
			return true;
		}
	}
	return false;
}

static bool is_star(uint16_t unit)
{
	return unit == UNIT_ANY || unit == UNIT_DEPTH;
}

/* Bytes within one segment, or one argument. */
static bool parts_meet(struct part a, struct part b)
{
	if (is_spent(a)) {
		return true;
	}
	while (a.begin < a.end && b.begin < b.end && !is_star(a.glob->units[a.begin]) &&
		!is_star(b.glob->units[b.begin])) {
		if (!units_meet(a.glob, a.glob->units[a.begin], b.glob,
			    b.glob->units[b.begin])) {
			return false;
		}
		a.begin++;
		b.begin++;
	}
	bool a_stars = a.begin < a.end && is_star(a.glob->units[a.begin]);
	bool b_stars = b.begin < b.end && is_star(b.glob->units[b.begin]);
	if (!a_stars && !b_stars) {
		return a.begin == a.end && b.begin == b.end;
	}
	struct part star = a_stars ? a : b;
	struct part other = a_stars ? b : a;
	struct part after = {
		star.glob, star.begin + 1, star.end, star.is_visible, star.budget};
	for (;; other.begin++) {
		if (parts_meet(after, other)) {
			return true;
		}
		if (other.begin == other.end) {
			return false;
		}
	}
}

static struct part first_segment(struct part path)
{
	size_t end = path.begin;

	while (end < path.end && path.glob->units[end] != '/') {
		end++;
	}
	return (struct part){path.glob, path.begin, end, path.is_visible, path.budget};
}

static bool is_depth(struct part segment)
{
	return segment.end == segment.begin + 1 &&
	       segment.glob->units[segment.begin] == UNIT_DEPTH;
}

/* begin == end + 1: no segment is left. */
static bool is_over(struct part path)
{
	return path.begin > path.end;
}

static struct part after_segment(struct part path, struct part segment)
{
	return (struct part){
		path.glob, segment.end + 1, path.end, path.is_visible, path.budget};
}

/* Whether the `**` of a path may take this segment of the other. */
static bool may_take(struct part path, struct part segment)
{
	bool is_hidden = segment.begin < segment.end &&
			 segment.glob->units[segment.begin] == '.';

	return !path.is_visible || !is_hidden;
}

static bool paths_meet(struct part a, struct part b)
{
	if (is_spent(a)) {
		return true;
	}
	if (is_over(a) && is_over(b)) {
		return true;
	}
	struct part first_a = is_over(a) ? a : first_segment(a);
	struct part first_b = is_over(b) ? b : first_segment(b);
	if (!is_over(a) && is_depth(first_a)) {
		return paths_meet(after_segment(a, first_a), b) ||
		       (!is_over(b) && may_take(a, first_b) &&
			       paths_meet(a, after_segment(b, first_b)));
	}
	if (!is_over(b) && is_depth(first_b)) {
		return paths_meet(a, after_segment(b, first_b)) ||
		       (!is_over(a) && may_take(b, first_a) &&
			       paths_meet(after_segment(a, first_a), b));
	}
	return !is_over(a) && !is_over(b) && parts_meet(first_a, first_b) &&
	       paths_meet(after_segment(a, first_a), after_segment(b, first_b));
}

static struct part whole(const struct glob *glob, size_t *budget)
{
	return (struct part){glob, 0, glob->count, false, budget};
}

static bool arguments_meet(const struct pattern *a, const struct pattern *b)
{
	size_t budget = STEPS_MAX;
	size_t shared = a->argc < b->argc ? a->argc : b->argc;

	if (!a->has_argv || !b->has_argv) {
		return true;
	}
	if ((a->argc < b->argc && !a->has_rest) ||
		(b->argc < a->argc && !b->has_rest)) {
		return false;
	}
	for (size_t i = 0; i < shared; i++) {
		if (!parts_meet(
			    whole(&a->argv[i], &budget), whole(&b->argv[i], &budget))) {
			return false;
		}
	}
	return true;
}

static bool name_is_below(const char *name, const char *suffix)
{
	size_t length = strlen(name);
	size_t below = strlen(suffix);

	return length > below + 1 && name[length - below - 1] == '.' &&
	       strcmp(name + length - below, suffix) == 0;
}

/* An address may have any name, and a name any address. */
static bool hosts_meet(const struct host_pattern *a, const struct host_pattern *b)
{
	bool a_is_name = a->kind == HOST_NAME || a->kind == HOST_SUFFIX;
	bool b_is_name = b->kind == HOST_NAME || b->kind == HOST_SUFFIX;
	bool is_transport_apart = a->transport != TRANSPORT_OTHER &&
				  b->transport != TRANSPORT_OTHER &&
				  a->transport != b->transport;

	if (is_transport_apart || a->last_port < b->first_port ||
		b->last_port < a->first_port) {
		return false;
	}
	if (a->kind == HOST_ADDRESS && b->kind == HOST_ADDRESS) {
		return a->family == b->family &&
		       memcmp(a->address, b->address, sizeof(a->address)) == 0;
	}
	if (!a_is_name || !b_is_name) {
		return true;
	}
	if (a->kind == HOST_NAME && b->kind == HOST_NAME) {
		return strcmp(a->name, b->name) == 0;
	}
	bool a_is_below = name_is_below(a->name, b->name);
	bool b_is_below = name_is_below(b->name, a->name);
	bool are_suffixes = a->kind == b->kind;
	return are_suffixes ? a_is_below || b_is_below || strcmp(a->name, b->name) == 0
			    : (a->kind == HOST_NAME ? a_is_below : b_is_below);
}

static bool overlaps(const struct pattern *a, const struct pattern *b, bool is_visible)
{
	size_t budget = STEPS_MAX;

	if (!(a->verbs & b->verbs)) {
		return false;
	}
	if (a->kind == PATTERN_ANYTHING || b->kind == PATTERN_ANYTHING) {
		return arguments_meet(a, b);
	}
	if (a->kind != b->kind) {
		return false;
	}
	if (a->kind == PATTERN_HOST) {
		return hosts_meet(&a->host, &b->host);
	}
	struct part path = whole(&a->glob, &budget);
	path.is_visible = is_visible;
	return paths_meet(path, whole(&b->glob, &budget)) && arguments_meet(a, b);
}

bool pattern_overlaps(const struct pattern *a, const struct pattern *b)
{
	return overlaps(a, b, false);
}

bool pattern_overlaps_visibly(const struct pattern *a, const struct pattern *b)
{
	return overlaps(a, b, true);
}

/* ---- Covering ---- */

/* Whether every character that inner stands for is one that outer stands for. */
static bool unit_covers(struct part outer, struct part inner)
{
	uint16_t wide = outer.glob->units[outer.begin];
	uint16_t narrow = inner.glob->units[inner.begin];

	if (is_star(narrow)) {
		return false;
	}
	/* A wildcard takes a whole character, of which this is only one byte. */
	if (narrow < UNIT_ANY && narrow >= 128) {
		return wide == narrow;
	}
	for (unsigned c = 1; c < UNIT_ANY; c++) {
		if (unit_has(inner.glob, narrow, c) && !unit_has(outer.glob, wide, c)) {
			return false;
		}
	}
	return true;
}

/* Within one segment, or one argument: a star of outer takes what inner has there. */
static bool part_covers(struct part outer, struct part inner)
{
	if (is_spent(outer)) {
		return false;
	}
	while (outer.begin < outer.end && !is_star(outer.glob->units[outer.begin])) {
		if (inner.begin == inner.end || !unit_covers(outer, inner)) {
			return false;
		}
		outer.begin++;
		inner.begin++;
	}
	if (outer.begin == outer.end) {
		return inner.begin == inner.end;
	}
	struct part after = outer;
	for (after.begin++;; inner.begin++) {
		if (part_covers(after, inner)) {
			return true;
		}
		if (inner.begin == inner.end) {
			return false;
		}
	}
}

static bool path_covers(struct part outer, struct part inner)
{
	if (is_spent(outer)) {
		return false;
	}
	if (is_over(outer)) {
		return is_over(inner);
	}
	struct part first = first_segment(outer);
	if (is_depth(first)) {
		return path_covers(after_segment(outer, first), inner) ||
		       (!is_over(inner) &&
			       path_covers(outer,
				       after_segment(inner, first_segment(inner))));
	}
	if (is_over(inner) || is_depth(first_segment(inner))) {
		return false;
	}
	return part_covers(first, first_segment(inner)) &&
	       path_covers(after_segment(outer, first),
		       after_segment(inner, first_segment(inner)));
}

static bool arguments_cover(const struct pattern *outer, const struct pattern *inner)
{
	size_t budget = STEPS_MAX;

	if (!outer->has_argv) {
		return true;
	}
	bool is_counted = outer->has_rest
				  ? inner->argc >= outer->argc
				  : inner->argc == outer->argc && !inner->has_rest;
	if (!inner->has_argv || !is_counted) {
		return false;
	}
	for (size_t i = 0; i < outer->argc; i++) {
		if (!part_covers(whole(&outer->argv[i], &budget),
			    whole(&inner->argv[i], &budget))) {
			return false;
		}
	}
	return true;
}

static bool host_covers(
	const struct host_pattern *outer, const struct host_pattern *inner)
{
	bool has_port = outer->first_port <= inner->first_port &&
			outer->last_port >= inner->last_port;
	bool has_transport = outer->transport == TRANSPORT_OTHER ||
			     outer->transport == inner->transport;

	if (!has_port || !has_transport) {
		return false;
	}
	switch (outer->kind) {
	case HOST_ANY:
		return true;
	case HOST_SUFFIX:
		return (inner->kind == HOST_NAME || inner->kind == HOST_SUFFIX) &&
		       (name_is_below(inner->name, outer->name) ||
			       (inner->kind == HOST_SUFFIX &&
				       strcmp(inner->name, outer->name) == 0));
	case HOST_NAME:
		return inner->kind == HOST_NAME &&
		       strcmp(inner->name, outer->name) == 0;
	case HOST_ADDRESS:
	case HOST_NETWORK:
		break;
	}
	return inner->kind == outer->kind && inner->family == outer->family &&
	       inner->prefix_length == outer->prefix_length &&
	       memcmp(inner->address, outer->address, sizeof(inner->address)) == 0;
}

bool pattern_covers(const struct pattern *outer, const struct pattern *inner)
{
	size_t budget = STEPS_MAX;

	if (inner->verbs & ~outer->verbs) {
		return false;
	}
	if (outer->kind == PATTERN_ANYTHING) {
		return arguments_cover(outer, inner);
	}
	if (outer->kind != inner->kind) {
		return false;
	}
	if (outer->kind == PATTERN_HOST) {
		return host_covers(&outer->host, &inner->host);
	}
	return path_covers(
		       whole(&outer->glob, &budget), whole(&inner->glob, &budget)) &&
	       arguments_cover(outer, inner);
}
