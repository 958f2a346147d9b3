/* SPDX-License-Identifier: MIT */
/* Going to a moment of the recording, by steps or as it is played. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/replay_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_EVENTS = 20, JUMP_SECONDS = 10, PER_CENT = 100, PER_MINUTE = 60 };

/* Longer pauses of the recording are cut to this. */
static const int64_t idle_max = REPLAY_SECOND;

const char *replay_speed_name(unsigned speed)
{
	static const char *const names[REPLAY_SPEEDS] = {
		"0.25", "0.5", "1", "2", "4", "8", "16"};

	return names[speed];
}

const char *replay_clock(int64_t time, char buffer[static REPLAY_CLOCK_SIZE])
{
	const int64_t tenths = (time > 0 ? time : 0) / (REPLAY_SECOND / 10);
	const int64_t seconds = tenths / 10;
	const int64_t per_hour = INT64_C(60) * PER_MINUTE;

	if (seconds >= per_hour) {
		(void)snprintf(buffer, REPLAY_CLOCK_SIZE, "%" PRId64 ":%02d:%02d.%d",
			seconds / per_hour, (int)(seconds / PER_MINUTE % PER_MINUTE),
			(int)(seconds % PER_MINUTE), (int)(tenths % 10));
	} else {
		(void)snprintf(buffer, REPLAY_CLOCK_SIZE, "%d:%02d.%d",
			(int)(seconds / PER_MINUTE), (int)(seconds % PER_MINUTE),
			(int)(tenths % 10));
	}
	return buffer;
}

void replay_set_playing(struct replay *replay, bool is_playing)
{
	replay->is_playing = is_playing;
	replay->advanced = replay_now();
	replay->is_dirty = true;
}

/* ---- To one moment ---- */

struct pane *replay_pane(const struct replay *replay)
{
	return replay->preview != NULL ? replay->preview
				       : replay_terminal_pane(replay->terminal);
}

static void drop_preview(struct replay *replay)
{
	if (replay->preview != NULL) {
		pane_free(replay->preview);
		replay->preview = NULL;
		pane_damage_all(replay_terminal_pane(replay->terminal));
	}
}

static void make_preview(struct replay *replay)
{
	struct error err = {0};

	if (replay->preview != NULL && replay->previewed == replay->chunk) {
		return;
	}
	drop_preview(replay);
	replay->previewed = replay->chunk;
	replay->preview = replay_preview_make(replay->source, replay->chunk,
		replay_terminal_pane(replay->terminal), &err);
	if (replay->preview == NULL) {
		replay_fail(replay, &err);
	}
}

void replay_catch_up(struct replay *replay)
{
	enum { BYTES = 256 << 10 }; /* some 15 ms */
	struct error err = {0};
	bool is_there = false;

	if (!replay_terminal_seek_some(
		    replay->terminal, replay->chunk, BYTES, &is_there, &err)) {
		replay_fail(replay, &err);
	}
	replay->is_behind = !is_there;
	if (is_there) {
		drop_preview(replay);
	} else if (!replay->is_over) {
		make_preview(replay);
	}
	replay->is_dirty = true;
}

static void show_chunk(struct replay *replay, int64_t chunk)
{
	replay->chunk = chunk;
	replay_catch_up(replay);
}

static void show_time(struct replay *replay)
{
	const struct replay_source *source = replay->source;
	struct error err = {0};
	int64_t chunk = 0;

	if (!source->chunk_at(source->context, replay->time, &chunk, &err)) {
		replay_fail(replay, &err);
		return;
	}
	show_chunk(replay, chunk);
}

void replay_go_to(struct replay *replay, int64_t time)
{
	const struct replay_source *source = replay->source;
	struct error err = {0};

	time = time > replay->extent.duration ? replay->extent.duration : time;
	replay->time = time > 0 ? time : 0;
	if (!source->event_at(source->context, replay->time, &replay->seq, &err)) {
		replay_fail(replay, &err);
		return;
	}
	show_time(replay);
}

void replay_go_to_event(struct replay *replay, int64_t seq)
{
	const struct replay_source *source = replay->source;
	struct replay_event event = {0};
	struct error err = {0};

	if (seq == 0) {
		replay_go_to(replay, 0);
		replay->seq = 0;
		return;
	}
	if (!source->event(source->context, seq, &event, &err)) {
		if (err.code != 0) {
			replay_fail(replay, &err);
		}
		return;
	}
	replay->time = event.time > 0 ? event.time : 0;
	replay->seq = seq;
	replay_event_finish(&event);
	show_time(replay);
}

void replay_go_to_chunk(struct replay *replay, int64_t chunk)
{
	const struct replay_source *source = replay->source;
	struct error err = {0};
	int64_t time;

	if (!source->chunk_time(source->context, chunk, &time, &err)) {
		if (err.code != 0) {
			replay_fail(replay, &err);
		}
		return;
	}
	replay_go_to(replay, time);
	show_chunk(replay, chunk); /* others may have come at the same time */
}

/* ---- A typed time ---- */

/* "1:02:03.5" in nanoseconds; -1: it is none. */
static int64_t read_clock(const char *typed)
{
	double seconds = 0;

	if (*typed == '\0') {
		return -1;
	}
	for (;;) {
		char *end;
		if (*typed < '0' || *typed > '9') {
			return -1;
		}
		const double part = strtod(typed, &end);
		seconds = seconds * (double)PER_MINUTE + part;
		if (!(seconds <= 1e9) || (*end != '\0' && *end != ':')) {
			return -1;
		}
		if (*end == '\0') {
			return (int64_t)(seconds * (double)REPLAY_SECOND);
		}
		typed = end + 1;
	}
}

bool replay_go_to_typed(struct replay *replay, const char *typed)
{
	const char sign = *typed;
	const size_t length = strlen(typed);
	char *end;

	if (sign == '#') {
		const int64_t seq = strtoll(typed + 1, &end, 10);
		if (end == typed + 1 || *end != '\0' || seq < 1 ||
			seq > replay->extent.last_event) {
			return false;
		}
		replay_go_to_event(replay, seq);
		return true;
	}
	if (length > 1 && typed[length - 1] == '%') {
		const double part = strtod(typed, &end);
		if (*end != '%' || !(part >= 0 && part <= (double)PER_CENT)) {
			return false;
		}
		replay_go_to(replay, (int64_t)((double)replay->extent.duration * part /
					       (double)PER_CENT));
		return true;
	}
	const bool is_relative = sign == '+' || sign == '-';
	const int64_t time = read_clock(typed + (is_relative ? 1 : 0));
	if (time < 0) {
		return false;
	}
	replay_go_to(replay, sign == '+'   ? replay->time + time
			     : sign == '-' ? replay->time - time
					   : time);
	return true;
}

/* ---- Steps ---- */

static void step_events(struct replay *replay, int64_t count)
{
	const int64_t total = (int64_t)replay_list_count(replay);
	const size_t upto = replay_list_upto(replay, replay->seq);
	const bool is_shown =
		upto > 0 && replay_list_seq(replay, upto - 1) == replay->seq;
	/* From between two events, one step back is the one before. */
	int64_t to = (int64_t)upto + count + (!is_shown && count < 0 ? 1 : 0);

	to = to > total ? total : to;
	if (to > 0) {
		replay_go_to_event(replay, replay_list_seq(replay, (size_t)to - 1));
	} else {
		replay_go_to_event(replay, 0);
	}
}

static void step_denial(struct replay *replay, bool is_forward)
{
	struct error err = {0};
	int64_t seq;

	if (!replay->source->denial_beside(
		    replay->source->context, replay->seq, is_forward, &seq, &err)) {
		replay_fail(replay, &err);
	} else if (seq == 0) {
		replay_say(replay, xasprintf("no denial %s this",
					   is_forward ? "after" : "before"));
	} else {
		replay_go_to_event(replay, seq);
	}
}

static void step_change(struct replay *replay, bool is_forward)
{
	const struct replay_source *source = replay->source;
	const int64_t seq = source->has_changes ? source->change_beside(source->context,
							  replay->seq, is_forward)
						: 0;

	if (seq != 0) {
		replay_go_to_event(replay, seq);
		return;
	}
	replay_say(replay,
		source->has_changes
			? xasprintf("no difference %s this",
				  is_forward ? "after" : "before")
			: xstrdup("nothing was judged again: give --rules or --judge"));
}

static void step_question(struct replay *replay, bool is_forward)
{
	const struct replay_source *source = replay->source;
	const int64_t number =
		source->question_beside(source->context, replay->time, is_forward);

	if (number == 0) {
		replay_say(replay, xasprintf("no question %s this",
					   is_forward ? "after" : "before"));
		return;
	}
	replay_go_to(replay, source->question_time(source->context, number));
}

static void step_output(struct replay *replay, bool is_forward)
{
	const int64_t chunk = replay->chunk + (is_forward ? 1 : -1);

	if (chunk < 1 || chunk > replay->extent.last_chunk) {
		replay_say(replay, xasprintf("no output %s this",
					   is_forward ? "after" : "before"));
		return;
	}
	replay_go_to_chunk(replay, chunk);
}

/* ---- Marks ---- */

static size_t marks_before(const struct replay *replay, int64_t time)
{
	size_t count = 0;

	while (count < replay->mark_count && replay->marks[count] < time) {
		count++;
	}
	return count;
}

void replay_toggle_mark(struct replay *replay)
{
	const size_t at = marks_before(replay, replay->time);
	int64_t *mark = &replay->marks[at];
	const size_t after = replay->mark_count - at;
	char clock[REPLAY_CLOCK_SIZE];

	if (after > 0 && *mark == replay->time) {
		memmove(mark, mark + 1, (after - 1) * sizeof(*mark));
		replay->mark_count--;
		replay_say(replay, xstrdup("the mark is gone"));
		return;
	}
	if (replay->mark_count == REPLAY_MARKS_MAX) {
		replay_say(replay, xasprintf("there are %d marks already: no room",
					   REPLAY_MARKS_MAX));
		return;
	}
	memmove(mark + 1, mark, after * sizeof(*mark));
	*mark = replay->time;
	replay->mark_count++;
	replay_say(replay, xasprintf("marked: %s", replay_clock(replay->time, clock)));
}

static void step_mark(struct replay *replay, bool is_forward)
{
	size_t at = marks_before(replay, replay->time + (is_forward ? 1 : 0));

	if ((is_forward && at == replay->mark_count) || (!is_forward && at == 0)) {
		replay_say(replay,
			xasprintf("no mark %s this", is_forward ? "after" : "before"));
		return;
	}
	replay_go_to(replay, replay->marks[is_forward ? at : at - 1]);
}

void replay_step(struct replay *replay, enum command_key command)
{
	static const struct {
		enum command_key forward, back;
		void (*step)(struct replay *replay, bool is_forward);
	} steps[] = {
		{COMMAND_NEXT_QUESTION, COMMAND_PREVIOUS_QUESTION, step_question},
		{COMMAND_NEXT_DENIAL, COMMAND_PREVIOUS_DENIAL, step_denial},
		{COMMAND_NEXT_OUTPUT, COMMAND_PREVIOUS_OUTPUT, step_output},
		{COMMAND_NEXT_CHANGE, COMMAND_PREVIOUS_CHANGE, step_change},
		{COMMAND_NEXT_MARK, COMMAND_PREVIOUS_MARK, step_mark},
	};
	static const struct {
		enum command_key command;
		int64_t events;
	} moves[] = {
		{COMMAND_UP, -1},
		{COMMAND_DOWN, 1},
		{COMMAND_PAGE_UP, -PAGE_EVENTS},
		{COMMAND_PAGE_DOWN, PAGE_EVENTS},
	};
	const int64_t jump = JUMP_SECONDS * REPLAY_SECOND;

	replay->follows = false;
	replay_set_playing(replay,
		replay->is_playing &&
			(command == COMMAND_BACK || command == COMMAND_FORWARD));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (command == steps[i].forward || command == steps[i].back) {
			steps[i].step(replay, command == steps[i].forward);
			return;
		}
	}
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (command == moves[i].command) {
			step_events(replay, moves[i].events);
			return;
		}
	}
	if (command == COMMAND_BACK || command == COMMAND_FORWARD) {
		replay_go_to(replay,
			replay->time + (command == COMMAND_BACK ? -jump : jump));
	} else if (command == COMMAND_TOP) {
		replay_go_to_event(replay, 0);
	} else if (command == COMMAND_BOTTOM) {
		replay_go_to(replay, replay->extent.duration);
	}
}

/* ---- Playing ---- */

/* When something happens next; the end if nothing does. */
static int64_t next_moment(struct replay *replay)
{
	const struct replay_source *source = replay->source;
	struct replay_event event = {0};
	struct error err = {0};
	int64_t next = replay->extent.duration;
	int64_t time;

	if (source->chunk_time(source->context, replay->chunk + 1, &time, &err) &&
		time < next) {
		next = time;
	}
	if (err.code == 0 &&
		source->event(source->context, replay->seq + 1, &event, &err)) {
		next = event.time < next ? event.time : next;
		replay_event_finish(&event);
	}
	if (err.code != 0) {
		replay_fail(replay, &err);
	}
	return next;
}

void replay_play(struct replay *replay)
{
	const int64_t now = replay_now();
	const int64_t elapsed = now - replay->advanced;

	if (!replay->is_playing) {
		return;
	}
	int64_t time = replay->time + elapsed * (INT64_C(1) << replay->speed) / 4;
	replay->advanced = now;
	if (!replay->keeps_idle) {
		const int64_t next = next_moment(replay);
		time = next - replay->time > idle_max && time < next - idle_max
			       ? next - idle_max
			       : time;
	}
	replay_go_to(replay, time);
	if (replay->time >= replay->extent.duration) {
		replay->follows = replay->extent.is_running;
		replay_set_playing(replay, false);
	}
}

void replay_refresh(struct replay *replay)
{
	const struct replay_extent before = replay->extent;
	struct error err = {0};

	if (!replay->source->extent(replay->source->context, &replay->extent, &err)) {
		replay_fail(replay, &err);
		return;
	}
	if (replay->extent.last_chunk > before.last_chunk) {
		replay->is_prepared = false;
	}
	replay_list_grown(replay, before.last_event);
	if (replay->follows) {
		replay_go_to(replay, replay->extent.duration);
	}
	replay->is_dirty = replay->is_dirty || replay->follows ||
			   before.duration != replay->extent.duration ||
			   before.is_running != replay->extent.is_running;
}
