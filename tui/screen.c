/* SPDX-License-Identifier: MIT */
#include "tui/screen.h"

#include "base/error.h"
#include "base/xalloc.h"
#include "tui/direct_colour.h"
#include "tui/terminal_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* Modes that say what the terminal sends; the others are drawing, which is ours. */
static const unsigned mirrored_modes[] = {1, /* application cursor keys */
	9,				     /* the mouse, and how it is told of */
	1000, 1002, 1003, 1005, 1006, 1015, 1016};
enum { MOUSE_REPORTS = 1000, MOUSE_SGR = 1006 };
enum { MIRRORED = sizeof(mirrored_modes) / sizeof(mirrored_modes[0]) };
_Static_assert(MIRRORED <= 16, "struct screen has one flag for each");

/* Pastes and the focus are told of, so that both are known for what they are. */
#define TELL_ALL "\x1b[?2004h\x1b[?1004h"
#define TELL_NOTHING "\x1b[?2004l\x1b[?1004l"

static void send_bytes(struct screen *screen, const char *bytes)
{
	(void)tty_write(&screen->tty, bytes, strlen(bytes)); /* it may have gone */
}

/* ---- Beginning and end ---- */

/* The screen is drawn in UTF-8 or not at all well. */
static void use_utf8(void)
{
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* else: question marks */
	}
}

static void make_windows(struct screen *screen)
{
	const int rows =
		screen->rows > SCREEN_ROWS_MIN ? screen->rows : SCREEN_ROWS_MIN;

	screen->pane = newwin(rows - 1, screen->columns, 0, 0);
	screen->status = newwin(1, screen->columns, rows - 1, 0);
	invariant(screen->pane != NULL && screen->status != NULL);
}

static void take_size(struct screen *screen)
{
	uint16_t rows;
	uint16_t columns;

	tty_size(&screen->tty, &rows, &columns);
	screen->rows = rows > SCREEN_ROWS_MIN ? rows : SCREEN_ROWS_MIN;
	screen->columns = columns > SCREEN_COLUMNS_MIN ? columns : SCREEN_COLUMNS_MIN;
}

void screen_set_looks(struct screen *screen, const struct text_look *looks)
{
	memcpy(screen->looks, looks, sizeof(screen->looks));
}

/* ncurses reads TERMINFO as the terminal is opened, and nobody else does. */
static SCREEN *open_curses(struct screen *screen, int output)
{
	const char *before = getenv("TERMINFO");
	char *own = direct_colour_is_told() ? direct_colour_description(output) : NULL;
	char *kept = before != NULL && own != NULL ? xstrdup(before) : NULL;

	if (own != NULL) {
		(void)setenv("TERMINFO", own, 1);
	}
	SCREEN *curses = newterm(NULL, screen->stream, screen->typed);
	if (kept != NULL) {
		(void)setenv("TERMINFO", kept, 1);
	} else if (own != NULL) {
		(void)unsetenv("TERMINFO");
	}
	free(kept);
	free(own);
	return curses;
}

bool screen_open(struct screen *screen, int input, int output, struct error *err)
{
	const int own = fcntl(output, F_DUPFD_CLOEXEC, 0);
	struct tui_settings usual;

	tui_settings_init(&usual);
	screen_set_looks(screen, usual.looks);

	use_utf8();
	screen->stream = own >= 0 ? fdopen(own, "w") : NULL;
	screen->typed = fdopen(fcntl(input, F_DUPFD_CLOEXEC, 0), "r");
	if (screen->stream == NULL || screen->typed == NULL ||
		!tty_open(&screen->tty, input, output, err)) {
		return error_set(err, ERROR_REFUSED, "cannot use this terminal");
	}
	/* Its size is the terminal's, whatever the environment says. */
	use_env(FALSE);
	use_tioctl(TRUE);
	screen->curses = open_curses(screen, output);
	if (screen->curses == NULL) {
		tty_close(&screen->tty);
		return error_set(err, ERROR_REFUSED,
			"cannot draw on a terminal of type %s; --ask line needs no "
			"more "
			"than lines",
			getenv("TERM"));
	}
	screen->tty.is_full_screen = true;
	(void)typeahead(-1);
	if (has_colors()) {
		(void)start_color();
		(void)use_default_colors();
		const char *none = getenv("NO_COLOR");
		screen->has_colour = none == NULL || *none == '\0';
	}
	(void)tty_set_mode(&screen->tty, TTY_RELAY);
	(void)def_prog_mode();
	take_size(screen);
	(void)resizeterm(screen->rows, screen->columns);
	make_windows(screen);
	send_bytes(screen, TELL_ALL);
	return true;
}

void screen_close(struct screen *screen)
{
	if (screen->curses == NULL) {
		return;
	}
	screen->has_mouse = false;
	screen_mirror_modes(screen, NULL);
	screen_set_cursor_shape(screen, 0);
	send_bytes(screen, TELL_NOTHING);
	screen_set_over(screen, 0);
	(void)delwin(screen->pane);
	(void)delwin(screen->status);
	(void)curs_set(1);
	(void)endwin();
	delscreen(screen->curses);
	(void)fclose(screen->stream);
	(void)fclose(screen->typed);
	screen->curses = NULL;
	tty_close(&screen->tty);
}

/* ---- Windows ---- */

void screen_resize(struct screen *screen)
{
	screen_set_over(screen, 0);
	take_size(screen);
	(void)delwin(screen->pane);
	(void)delwin(screen->status);
	(void)resizeterm(screen->rows, screen->columns);
	make_windows(screen);
	(void)clearok(curscr, TRUE);
}

void screen_set_over(struct screen *screen, int rows)
{
	const int most = screen->rows - 1;

	rows = rows > most ? most : rows;
	if (screen->over != NULL && getmaxy(screen->over) == rows) {
		return;
	}
	if (screen->over != NULL) {
		(void)delwin(screen->over);
		screen->over = NULL;
	}
	(void)touchwin(screen->pane);
	if (rows > 0) {
		screen->over = newwin(rows, screen->columns, most - rows, 0);
		invariant(screen->over != NULL);
	}
}

void screen_update(struct screen *screen, int row, int column)
{
	(void)wnoutrefresh(screen->pane);
	if (screen->over != NULL) {
		(void)touchwin(screen->over);
		(void)wnoutrefresh(screen->over);
	}
	(void)wnoutrefresh(screen->status);
	(void)curs_set(row >= 0 ? 1 : 0);
	if (row >= 0) {
		(void)wmove(newscr, row, column);
		(void)leaveok(newscr, FALSE);
	}
	(void)doupdate();
}

/* ---- Modes of the terminal ---- */

void screen_mirror_modes(struct screen *screen, const struct modes *modes)
{
	char sequence[32];

	for (size_t i = 0; i < MIRRORED; i++) {
		const bool wanted =
			modes != NULL ? modes_is_set(modes, mirrored_modes[i])
				      : screen->has_mouse &&
						(mirrored_modes[i] == MOUSE_REPORTS ||
							mirrored_modes[i] == MOUSE_SGR);
		if (wanted != screen->mirrored[i]) {
			screen->mirrored[i] = wanted;
			(void)snprintf(sequence, sizeof(sequence), "\x1b[?%u%c",
				mirrored_modes[i], wanted ? 'h' : 'l');
			send_bytes(screen, sequence);
		}
	}
	const bool has_keypad = modes != NULL && modes->has_keypad;
	if (has_keypad != screen->has_keypad) {
		screen->has_keypad = has_keypad;
		send_bytes(screen, has_keypad ? "\x1b=" : "\x1b>");
	}
}

void screen_set_cursor_shape(struct screen *screen, int shape)
{
	char sequence[16];
	if (shape == 1) {
		shape = 0; /* a blinking block: what nobody asked for, too */
	}
	if (shape == screen->cursor_shape || !terminal_kind_has_cursor_shapes()) {
		return;
	}
	screen->cursor_shape = shape;
	const int number = shape == 0 ? 0 : shape > 0 ? 2 * shape - 1 : -2 * shape;
	(void)snprintf(sequence, sizeof(sequence), "\x1b[%d q", number);
	send_bytes(screen, sequence);
}

void screen_ring(struct screen *screen)
{
	send_bytes(screen, "\a");
}

void screen_notify(struct screen *screen, const char *safe)
{
	char sequence[512];

	/* Terminals that do not know one of these take no notice of it. */
	(void)snprintf(sequence, sizeof(sequence),
		"\x1b]9;%.160s\x1b\\\x1b]777;notify;Duenna;%.160s\x1b\\", safe, safe);
	if (strstr(termname(), "linux") == NULL) {
		send_bytes(screen, sequence);
	}
}

/* ---- Text ---- */

attr_t screen_style(const struct screen *screen, enum screen_style style)
{
	static const struct {
		unsigned mark;
		attr_t attribute;
	} marks[] = {
		{MARK_BOLD, A_BOLD},
		{MARK_REVERSE, A_REVERSE},
		{MARK_UNDERLINE, A_UNDERLINE},
		{MARK_DIM, A_DIM},
	};
	const struct text_look *look = &screen->looks[style];
	attr_t attributes = A_NORMAL;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		attributes |= (look->marks & marks[i].mark) != 0 ? marks[i].attribute
								 : A_NORMAL;
	}
	if (screen->has_colour && look->colour >= 0 && look->colour < COLORS) {
		const int pair = alloc_pair(look->colour, -1);
		attributes |= pair > 0 ? (attr_t)COLOR_PAIR(pair) : 0;
	}
	return attributes;
}

int screen_put(WINDOW *window, struct screen_place place, attr_t attributes,
	const char *safe, bool is_filled)
{
	wchar_t character;
	mbstate_t state = {0};
	int used = 0;

	(void)wattrset(window, (int)attributes);
	(void)wmove(window, place.row, place.column);
	while (*safe != '\0') {
		size_t length = mbrtowc(&character, safe, MB_CUR_MAX, &state);
		if (length == (size_t)-1 || length == (size_t)-2) {
			length = 1;
			character = L'?';
			memset(&state, 0, sizeof(state));
		}
		int width = wcwidth(character);
		if (width < 1) { /* a mark that joins the character before counts */
			character = width == 0 ? character : L'?';
			width = 1;
		}
		if (used + width > place.columns) {
			break;
		}
		(void)waddnwstr(window, &character, 1);
		safe += length;
		used += width;
	}
	for (int i = used; is_filled && i < place.columns; i++) {
		(void)waddch(window, ' ');
	}
	(void)wattrset(window, A_NORMAL);
	return used;
}
