/* SPDX-License-Identifier: MIT */
/* Matching of compiled tokens. Both matchers keep one place to go back to: no recursion. */
#include "base/error.h"
#include "rules/glob_item.h"

static const size_t NO_PLACE = SIZE_MAX;

static bool set_has(const struct glob_set *set, unsigned char c)
{
	bool is_member = c < 128 && (set->members[c / 32] >> (c % 32) & 1) != 0;

	return is_member != set->is_negated;
}

/* How many bytes of text the unit takes at that place; 0 if it does not match. */
static size_t unit_takes(
	const struct glob *glob, uint16_t unit, struct text text, size_t at)
{
	if (unit < UNIT_ANY) {
		return (unsigned char)text.bytes[at] == unit ? 1 : 0;
	}
	if (unit == UNIT_ONE) {
		return glob_character_length(text.bytes + at, text.length - at);
	}
	invariant(unit >= UNIT_SET);
	const struct glob_set *set = &glob->sets[unit - UNIT_SET];
	return set_has(set, (unsigned char)text.bytes[at])
		       ? glob_character_length(text.bytes + at, text.length - at)
		       : 0;
}

static bool is_star(uint16_t unit)
{
	return unit == UNIT_ANY || unit == UNIT_DEPTH;
}

bool glob_match_part(
	const struct glob *glob, size_t begin, size_t end, struct text text)
{
	size_t unit = begin;
	size_t at = 0;
	size_t star = NO_PLACE;
	size_t star_at = 0;

	while (at < text.length) {
		if (unit < end && is_star(glob->units[unit])) {
			star = unit++;
			star_at = at;
			continue;
		}
		size_t taken =
			unit < end ? unit_takes(glob, glob->units[unit], text, at) : 0;
		if (taken > 0) {
			unit++;
			at += taken;
			continue;
		}
		if (star == NO_PLACE) {
			return false;
		}
		unit = star + 1;
		at = ++star_at;
	}
	while (unit < end && is_star(glob->units[unit])) {
		unit++;
	}
	return unit == end;
}

bool glob_match(const struct glob *glob, struct text text)
{
	return glob_match_part(glob, 0, glob->count, text);
}

static size_t segment_end(const struct glob *glob, size_t begin)
{
	size_t end = begin;

	while (end < glob->count && glob->units[end] != '/') {
		end++;
	}
	return end;
}

static size_t text_segment_end(struct text text, size_t begin)
{
	const char *slash = begin < text.length ? memchr(text.bytes + begin, '/',
							  text.length - begin)
						: NULL;

	return slash ? (size_t)(slash - text.bytes) : text.length;
}

/*
 * Most globs are told from most paths by a byte: the last one, or one of the beginning.
 * The slash before a wildcard may be missing: a folder is below itself.
 */
static bool may_match_path(const struct glob *glob, struct text path)
{
	const size_t last = glob->count - 1;

	if (glob->count == 0 || path.length == 0) {
		return true;
	}
	if (glob->units[last] < UNIT_ANY &&
		glob->units[last] != (unsigned char)path.bytes[path.length - 1]) {
		return false;
	}
	for (size_t i = 0; i < last && glob->units[i] < UNIT_ANY; i++) {
		if (glob->units[i] == '/' && glob->units[i + 1] >= UNIT_ANY) {
			break;
		}
		if (i >= path.length ||
			glob->units[i] != (unsigned char)path.bytes[i]) {
			return false;
		}
	}
	return true;
}

bool glob_match_path(const struct glob *glob, struct text path)
{
	if (!may_match_path(glob, path)) {
		return false;
	}
	/* A place is the start of a segment; one past the end means none is left. */
	size_t unit = 0;
	size_t at = 0;
	size_t depth = NO_PLACE;
	size_t depth_at = 0;

	while (at <= path.length) {
		size_t unit_end = unit <= glob->count ? segment_end(glob, unit) : unit;
		size_t end = text_segment_end(path, at);
		if (unit_end == unit + 1 && glob->units[unit] == UNIT_DEPTH) {
			depth = unit = unit_end + 1;
			depth_at = at;
			continue;
		}
		/* An empty path may have no bytes at all. */
		struct text segment = {at < end ? path.bytes + at : "", end - at};
		/* An empty segment is the root folder: no wildcard stands for it. */
		bool may_match =
			unit <= glob->count && (segment.length > 0 || unit_end == unit);
		if (may_match && glob_match_part(glob, unit, unit_end, segment)) {
			unit = unit_end + 1;
			at = end + 1;
			continue;
		}
		if (depth == NO_PLACE) {
			return false;
		}
		unit = depth;
		depth_at = text_segment_end(path, depth_at) + 1;
		at = depth_at;
	}
	while (unit < glob->count && glob->units[unit] == UNIT_DEPTH) {
		unit = segment_end(glob, unit) + 1;
	}
	return unit > glob->count;
}

/* Places are segments of the glob, by number, as bits; more than these are not followed. */
enum { PLACES_MAX = 63 };

static bool is_depth_at(const struct glob *glob, size_t begin)
{
	return segment_end(glob, begin) == begin + 1 &&
	       glob->units[begin] == UNIT_DEPTH;
}

/* What is reached by one more segment of a path, when these were; `**` needs none. */
static uint64_t places_step(
	const struct glob *glob, uint64_t places, const struct text *segment)
{
	uint64_t reached = 0;
	size_t begin = 0;

	for (unsigned i = 0; begin <= glob->count; i++) {
		const size_t end = segment_end(glob, begin);
		const bool is_depth = is_depth_at(glob, begin);
		const uint64_t place = UINT64_C(1) << i;

		if (segment == NULL) {
			reached |= places & place;
			places |= is_depth && (places & place) ? place << 1 : 0;
		} else if ((places & place) && is_depth) {
			reached |= place;
		} else if ((places & place) &&
			   glob_match_part(glob, begin, end, *segment)) {
			reached |= place << 1;
		}
		begin = end + 1;
	}
	return reached;
}

/* The places from which it goes on below the folder. */
static uint64_t places_below(const struct glob *glob, struct text folder)
{
	uint64_t places = places_step(glob, 1, NULL);

	for (size_t at = 0; at <= folder.length;) {
		const size_t end = text_segment_end(folder, at);
		const struct text segment = {folder.bytes + at, end - at};

		places = places_step(glob, places_step(glob, places, &segment), NULL);
		at = end + 1;
	}
	return places;
}

bool glob_goes_along(const struct glob *glob, struct text here, struct text there)
{
	size_t segments = 1;

	for (size_t i = 0; i < glob->count; i++) {
		segments += glob->units[i] == '/';
	}
	return segments <= PLACES_MAX &&
	       (places_below(glob, here) & ~places_below(glob, there)) == 0;
}

bool glob_names_folder(const struct glob *glob, struct text folder)
{
	struct glob upper = *glob;

	for (size_t i = 1; i < glob->count; i++) {
		upper.count = i;
		if (glob->units[i] == '/' && glob->units[i - 1] != UNIT_DEPTH &&
			glob_match_path(&upper, folder)) {
			return true;
		}
	}
	return false;
}
