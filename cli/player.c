/* SPDX-License-Identifier: MIT */
#include "cli/player.h"

#include "base/xalloc.h"
#include "cli/player_filter.h"
#include "cli/player_reel.h"
#include "cli/show.h"
#include "tui/tty.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static const char *const speeds[] = {"0.25", "0.5", "1", "2", "4", "8", "16"};

enum {
	SPEED_COUNT = sizeof(speeds) / sizeof(speeds[0]),
	SPEED_NORMAL = 2,
	FIRST_QUARTERS = 1, /* the slowest speed, in quarters; each doubles it */
	KEY_ESCAPE = 0x1b,
};

/* Longer pauses of the recording are cut to this. */
static const int64_t idle_max = SECOND;
static const int64_t jump = 10 * SECOND;

struct player {
	struct player_reel reel;
	struct tty tty;
	struct player_filter filter;
	size_t next;	  /* chunk */
	int64_t position; /* nanoseconds since the session started */
	unsigned speed;	  /* index into speeds */
	bool is_paused, is_over, keeps_idle;
	bool has_note; /* a line lies over the last row */
	bool is_gone;  /* so is the terminal */
};

static int64_t now(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * SECOND + at.tv_nsec;
}

static void print(struct player *player, const char *text)
{
	player->is_gone |= !tty_write(&player->tty, text, strlen(text));
}

/* Chunks from..to, filtered. */
static void print_chunks(struct player *player, size_t to)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	invariant(out != NULL);
	for (; player->next < to; player->next++) {
		const struct player_chunk *chunk = &player->reel.chunks[player->next];
		player_filter_write(&player->filter, out,
			player->reel.bytes + chunk->at, chunk->length);
	}
	invariant(fclose(out) == 0);
	player->is_gone |= !tty_write(&player->tty, text, size);
	free(text);
}

static size_t chunk_after(const struct player *player, int64_t time)
{
	size_t low = 0, high = player->reel.chunk_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (player->reel.chunks[middle].time <= time) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static void clear(struct player *player)
{
	print(player,
		"\033[?1049l\033[?6l\033[?7h\033[4l\033(B\033[0m\033[r\033[H\033[2J"
		"\033[?25h");
}

/* The screen is what the output up to now makes of an empty one. */
static void redraw(struct player *player)
{
	clear(player);
	player->filter = (struct player_filter){0};
	player->next = 0;
	player->has_note = false;
	print_chunks(player, chunk_after(player, player->position));
}

static void seek(struct player *player, int64_t time)
{
	player->position = time > 0 ? time : 0;
	redraw(player);
}

static void print_note(struct player *player, const char *words)
{
	char clock[SHOW_SIZE];
	uint16_t rows, columns;

	tty_size(&player->tty, &rows, &columns);
	char *line = xasprintf("+%s %s", show_duration(player->position, clock), words);
	char *shown = show_text(text_of(line), columns > 1 ? columns - 1u : 0);
	char *note =
		xasprintf("\0337\033[?6l\033[%u;1H\033(B\033[0;7m%s\033[K\033[0m\0338",
			(unsigned)rows, shown);
	print(player, note);
	player->has_note = true;
	free(line);
	free(shown);
	free(note);
}

static void print_state(struct player *player)
{
	char *words = xasprintf("%s, speed %s%s; space: go on, n/p: question or denial,"
				" +/-: speed, left/right: 10 s, i: idle time, q: quit",
		player->is_paused ? "paused" : "playing", speeds[player->speed],
		player->keeps_idle ? "" : ", without idle time");

	print_note(player, words);
	free(words);
}

/* Step to the next question or denial, or the one before, and stop there. */
static void step_mark(struct player *player, bool is_forward)
{
	const struct player_reel *reel = &player->reel;
	const struct player_mark *found = NULL;

	for (size_t i = 0; i < reel->mark_count; i++) {
		const struct player_mark *mark = &reel->marks[i];
		if (!is_forward && mark->time < player->position) {
			found = mark;
		}
		if (is_forward && mark->time > player->position) {
			found = mark;
			break;
		}
	}
	player->is_paused = true;
	if (!found) {
		print_note(player, is_forward ? "no question or denial after this"
					      : "no question or denial before this");
		return;
	}
	seek(player, found->time);
	print_note(player, found->words);
}

static void change_speed(struct player *player, int step)
{
	int speed = (int)player->speed + step;

	if (speed >= 0 && speed < SPEED_COUNT) {
		player->speed = (unsigned)speed;
	}
	print_state(player);
}

static void toggle_pause(struct player *player)
{
	player->is_paused = !player->is_paused;
	if (player->is_paused) {
		print_state(player);
	} else {
		redraw(player);
	}
}

static void take_key(struct player *player, char key)
{
	switch (key) {
	case ' ':
		toggle_pause(player);
		break;
	case '+':
	case '=':
		change_speed(player, 1);
		break;
	case '-':
		change_speed(player, -1);
		break;
	case 'n':
	case 'p':
		step_mark(player, key == 'n');
		break;
	case 'i':
		player->keeps_idle = !player->keeps_idle;
		print_state(player);
		break;
	case 'q':
	case 'Q' & 0x1f: /* Ctrl-Q, and Ctrl-C below */
	case 'C' & 0x1f:
		player->is_over = true;
		break;
	default:
		print_state(player);
		break;
	}
}

/* What was typed, of which arrows are three bytes. */
static void take_keys(struct player *player)
{
	char keys[64];
	ssize_t count = read(player->tty.input, keys, sizeof(keys));

	if (count <= 0) {
		player->is_gone |= count == 0 || errno != EINTR;
		return;
	}
	for (ssize_t i = 0; i < count; i++) {
		bool is_arrow = keys[i] == KEY_ESCAPE && i + 2 < count &&
				(keys[i + 1] == '[' || keys[i + 1] == 'O');
		if (!is_arrow) {
			take_key(player, keys[i]);
			continue;
		}
		i += 2;
		if (keys[i] == 'C' || keys[i] == 'D') {
			seek(player,
				player->position + (keys[i] == 'C' ? jump : -jump));
		}
	}
}

static int64_t played(const struct player *player, int64_t elapsed)
{
	return (elapsed * FIRST_QUARTERS << player->speed) / 4;
}

/* Milliseconds until the next chunk; -1: until a key is pressed. */
static int time_to_wait(struct player *player)
{
	if (player->is_paused) {
		return -1;
	}
	int64_t next = player->reel.chunks[player->next].time;
	if (!player->keeps_idle && next - player->position > idle_max) {
		player->position = next - idle_max;
	}
	int64_t wait = ((next - player->position) * 4 >> player->speed) / 1000000;
	return wait > 0 ? (int)wait + 1 : 0;
}

static void play(struct player *player)
{
	while (!player->is_over && !player->is_gone &&
		(player->is_paused || player->next < player->reel.chunk_count)) {
		struct pollfd input = {.fd = player->tty.input, .events = POLLIN};
		int wait = time_to_wait(player);
		int64_t start = now();
		int ready = poll(&input, 1, wait);
		if (!player->is_paused) {
			int64_t next = player->reel.chunks[player->next].time;
			player->position += played(player, now() - start);
			player->position = player->position > next || ready == 0
						   ? next
						   : player->position;
			print_chunks(player, chunk_after(player, player->position));
		}
		if (ready > 0) {
			take_keys(player);
		}
	}
}

static void greet(struct player *player)
{
	uint16_t rows, columns;

	tty_size(&player->tty, &rows, &columns);
	if (player->reel.columns > columns || player->reel.rows > rows) {
		char *words = xasprintf("This terminal is smaller than the recorded one"
					" (%u by %u).\r\n",
			player->reel.columns, player->reel.rows);
		print(player, words);
		free(words);
	}
}

static unsigned speed_find(const char *name)
{
	for (unsigned i = 0; i < SPEED_COUNT && name; i++) {
		if (strcmp(speeds[i], name) == 0) {
			return i;
		}
	}
	return SPEED_NORMAL;
}

bool player_run(struct db *db, const struct session_record *session,
	const struct player_options *options, struct error *err)
{
	struct player player = {
		.speed = speed_find(options->speed), .keeps_idle = options->keep_idle};
	bool is_good = player_reel_load(&player.reel, db, session, err);

	if (is_good && player.reel.chunk_count == 0) {
		is_good = error_set(err, ERROR_NOT_FOUND,
			"session %lld has no recorded terminal output; duenna log "
			"shows "
			"what it did",
			(long long)session->id);
	}
	if (is_good && tty_open(&player.tty, STDIN_FILENO, STDOUT_FILENO, err)) {
		tty_restore_on_crash();
		clear(&player);
		(void)tty_set_mode(&player.tty, TTY_RELAY);
		greet(&player);
		play(&player);
		print(&player, "\033[?1049l\033[?6l\033[?7h\033[4l\033(B\033[0m\033[r"
			       "\033[?25h\033[999;1H\r\n");
		tty_close(&player.tty);
	}
	player_reel_finish(&player.reel);
	return is_good && !err->code;
}
