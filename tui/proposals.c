/* SPDX-License-Identifier: MIT */
#include "tui/proposals.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "tui/key_help.h"
#include "tui/proposals_internal.h"
#include "tui/screen_signals.h"
#include "tui/settings.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { PENDING_MAX = 256, INCOMPLETE_MS = 40 };

struct typing {
	char bytes[PENDING_MAX];
	size_t length;
};

enum outcome { OUTCOME_GOES_ON, OUTCOME_STORED, OUTCOME_LEFT, OUTCOME_GONE };

size_t proposals_accepted(const struct proposals_screen *proposals)
{
	size_t count = 0;

	for (size_t i = 0; i < proposals->count; i++) {
		count += proposals->accepted[i];
	}
	return count;
}

/* Above what is known of the rule. */
static void say(struct proposals_screen *proposals, char *safe)
{
	proposals->detail_top = safe != NULL ? 0 : proposals->detail_top;
	free(proposals->message);
	proposals->message = safe;
}

static void say_error(struct proposals_screen *proposals, const struct error *err)
{
	say(proposals, escape_copy(text_of(err->text)));
}

/* ---- The list, read anew after each change ---- */

static void free_items(struct tui_proposal *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].rule);
		free(items[i].reason);
	}
	free(items);
}

static bool was_accepted(const struct proposals_screen *proposals, const char *rule)
{
	for (size_t i = 0; i < proposals->count; i++) {
		if (proposals->accepted[i] &&
			strcmp(proposals->items[i].rule, rule) == 0) {
			return true;
		}
	}
	return false;
}

/* What was accepted stays so as long as its rule is the same. This item is selected. */
static void read_items(struct proposals_screen *proposals, size_t item)
{
	const struct tui_proposals *source = proposals->source;
	struct tui_proposal *items;
	size_t count;

	source->list(source->context, &items, &count);
	bool *accepted = xcalloc(count + 1, sizeof(*accepted));
	for (size_t i = 0; i < count; i++) {
		accepted[i] = was_accepted(proposals, items[i].rule);
	}
	free_items(proposals->items, proposals->count);
	free(proposals->accepted);
	free(proposals->summary);
	proposals->items = items;
	proposals->count = count;
	proposals->accepted = accepted;
	proposals->summary = source->summary(source->context);
	free(proposals->details);
	proposals->details = NULL;
	proposals_show(proposals, item);
}

/* ---- Keys ---- */

static void change(struct proposals_screen *proposals, enum tui_proposal_change what)
{
	const struct tui_proposals *source = proposals->source;
	const size_t item = proposals_item(proposals);
	size_t at = item;
	struct error err = {0};

	proposals_remember(proposals);
	if (!source->change(source->context, what, &at, &err)) {
		proposals_forget(proposals);
		say_error(proposals, &err);
		return;
	}
	if (proposals->accepted[item]) {
		say(proposals, xstrdup("it is another rule now: accept it anew"));
		proposals->accepted[item] = false;
	}
	proposals->detail_top = 0;
	read_items(proposals, at);
}

static void take_back(struct proposals_screen *proposals)
{
	const struct tui_proposals *source = proposals->source;
	size_t at = proposals_item(proposals);
	struct error err = {0};

	if (!source->change(source->context, TUI_PROPOSAL_UNDO, &at, &err)) {
		say_error(proposals, &err);
		return;
	}
	proposals->detail_top = 0;
	read_items(proposals, at);
	if (proposals_item(proposals) != at) {
		proposals->vectors = 0; /* nothing is changed unseen */
		proposals_show(proposals, at);
	}
	proposals_accept_again(proposals);
	proposals_forget(proposals);
}

static void accept_all(struct proposals_screen *proposals)
{
	size_t left = 0;

	for (size_t i = 0; i < proposals->shown_count; i++) {
		const size_t item = proposals->shown[i];
		if (proposals->items[item].is_single) {
			left += !proposals->accepted[item];
		} else {
			proposals->accepted[item] = true;
		}
	}
	if (left > 0) {
		say(proposals, xasprintf("%zu that nobody approved %s left: accept "
					 "each by itself",
				       left, left == 1 ? "is" : "are"));
	}
}

static void move_by(struct proposals_screen *proposals, long lines)
{
	const long last =
		proposals->shown_count > 0 ? (long)proposals->shown_count - 1 : 0;
	const long to = (long)proposals->selected + lines;

	proposals->selected = (size_t)(to < 0 ? 0 : to > last ? last : to);
	proposals->detail_top = 0;
}

static void scroll_details(struct proposals_screen *proposals, bool forward)
{
	const size_t page = proposals->detail_rows > 1 ? proposals->detail_rows - 1 : 1;

	if (forward) {
		proposals->detail_top += page; /* drawing keeps it in bounds */
	} else {
		proposals->detail_top -=
			proposals->detail_top > page ? page : proposals->detail_top;
	}
}

static void open_help(struct proposals_screen *proposals)
{
	view_finish(&proposals->help);
	proposals->help.title = "Keys";
	proposals->help.is_text = true;
	key_help_add(&proposals->help, CONTEXT_PROPOSALS, proposals->screen.columns);
	proposals->mode = PROPOSALS_HELP;
}

/* Keys that change the selected one; false: the key is none of them. */
static bool take_change(struct proposals_screen *proposals, enum command_key command)
{
	static const struct {
		enum command_key command;
		enum tui_proposal_change change;
	} changes[] = {
		{COMMAND_WIDER, TUI_PROPOSAL_WIDEN},
		{COMMAND_NARROWER, TUI_PROPOSAL_NARROW},
		{COMMAND_SPLIT, TUI_PROPOSAL_SPLIT},
		{COMMAND_DROP, TUI_PROPOSAL_DROP},
		{COMMAND_FLIP, TUI_PROPOSAL_FLIP},
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (changes[i].command == command) {
			if (proposals->count > 0) {
				change(proposals, changes[i].change);
			}
			return true;
		}
	}
	return false;
}

static void take_move(struct proposals_screen *proposals, enum command_key command)
{
	switch ((int)command) {
	case COMMAND_UP:
		move_by(proposals, -1);
		break;
	case COMMAND_DOWN:
		move_by(proposals, 1);
		break;
	case COMMAND_TOP:
		move_by(proposals, -(long)proposals->count);
		break;
	case COMMAND_BOTTOM:
		move_by(proposals, (long)proposals->count);
		break;
	case COMMAND_PAGE_DOWN:
		scroll_details(proposals, true);
		break;
	default:
		scroll_details(proposals, false);
		break;
	}
}

static void toggle_scope(struct proposals_screen *proposals)
{
	if (!proposals->source->has_project) {
		say(proposals, xstrdup("there is no project here: rules hold always"));
		return;
	}
	proposals->in_project = !proposals->in_project;
}

static enum outcome leave(struct proposals_screen *proposals)
{
	if (proposals_accepted(proposals) == 0) {
		return OUTCOME_LEFT;
	}
	proposals->mode = PROPOSALS_LEAVING;
	return OUTCOME_GOES_ON;
}

static enum outcome take_list_key(struct proposals_screen *proposals, uint32_t key)
{
	const enum command_key command = key_command(CONTEXT_PROPOSALS, key);

	say(proposals, NULL);
	if (command >= COMMAND_UP && command <= COMMAND_BOTTOM) {
		take_move(proposals, command);
	} else if (command == COMMAND_ACCEPT && proposals->count > 0) {
		bool *accepted = &proposals->accepted[proposals_item(proposals)];
		*accepted = !*accepted;
	} else if (command == COMMAND_ACCEPT_ALL) {
		accept_all(proposals);
	} else if (command == COMMAND_FILTER) {
		proposals_filter_next(proposals);
	} else if (command == COMMAND_UNDO) {
		take_back(proposals);
	} else if (command == COMMAND_SCOPE) {
		toggle_scope(proposals);
	} else if (command == COMMAND_HELP) {
		open_help(proposals);
	} else if (command == COMMAND_STORE && proposals_accepted(proposals) == 0) {
		say(proposals, key_hints(CONTEXT_PROPOSALS,
				       "nothing is accepted yet: {accept} accepts a "
				       "rule"));
	} else if (command == COMMAND_STORE) {
		proposals->mode = PROPOSALS_STORING;
	} else if (command == COMMAND_CLOSE) {
		return leave(proposals);
	} else if (!take_change(proposals, command) && command == COMMAND_NONE) {
		say(proposals, key_hints(CONTEXT_PROPOSALS, "{help} shows the keys"));
	}
	return OUTCOME_GOES_ON;
}

static enum outcome store(struct proposals_screen *proposals)
{
	const struct tui_proposals *source = proposals->source;
	struct error err = {0};

	if (source->store(source->context, proposals->accepted, proposals->in_project,
		    &err)) {
		return OUTCOME_STORED;
	}
	say_error(proposals, &err);
	return OUTCOME_GOES_ON;
}

static enum outcome take_key(struct proposals_screen *proposals, uint32_t key)
{
	const enum proposals_mode mode = proposals->mode;

	if (mode == PROPOSALS_LIST) {
		return take_list_key(proposals, key);
	}
	if (mode == PROPOSALS_HELP) {
		const enum command_key command = key_command(CONTEXT_VIEW, key);
		const bool is_taken = view_take(&proposals->help, key,
					      proposals->screen.rows - 1) != VIEW_OTHER;
		if (!is_taken &&
			(command == COMMAND_CLOSE || command == COMMAND_HELP)) {
			proposals->mode = PROPOSALS_LIST;
		}
		return OUTCOME_GOES_ON;
	}
	proposals->mode = PROPOSALS_LIST;
	if (key != 'y') {
		return OUTCOME_GOES_ON;
	}
	return mode == PROPOSALS_STORING ? store(proposals) : OUTCOME_LEFT;
}

/* ---- Waiting ---- */

static enum outcome take_signals(struct proposals_screen *proposals, int signals)
{
	struct signalfd_siginfo info;
	enum outcome outcome = OUTCOME_GOES_ON;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT) {
			screen_resize(&proposals->screen);
		} else if (info.ssi_signo != SIGTSTP) {
			outcome = OUTCOME_LEFT;
		}
	}
	return outcome;
}

static enum outcome take_typing(
	struct proposals_screen *proposals, struct typing *typing, bool is_final)
{
	enum outcome outcome = OUTCOME_GOES_ON;
	size_t at = 0;

	while (at < typing->length && outcome == OUTCOME_GOES_ON) {
		size_t taken;
		const uint32_t key =
			key_read((struct text){typing->bytes + at, typing->length - at},
				is_final || typing->length == PENDING_MAX, &taken);
		if (taken == 0) {
			break;
		}
		at += taken;
		outcome = take_key(proposals, key);
	}
	memmove(typing->bytes, typing->bytes + at, typing->length - at);
	typing->length -= at;
	return outcome;
}

static enum outcome read_typing(
	struct proposals_screen *proposals, struct typing *typing)
{
	const ssize_t length = read(proposals->screen.tty.input,
		typing->bytes + typing->length, PENDING_MAX - typing->length);

	if (length <= 0) {
		return length < 0 && (errno == EINTR || errno == EAGAIN)
			       ? OUTCOME_GOES_ON
			       : OUTCOME_GONE;
	}
	typing->length += (size_t)length;
	return take_typing(proposals, typing, false);
}

static enum outcome wait_once(
	struct proposals_screen *proposals, struct typing *typing, int signals)
{
	struct pollfd fds[] = {
		{.fd = proposals->screen.tty.input, .events = POLLIN},
		{.fd = signals, .events = POLLIN},
	};
	const int ready = poll(fds, 2, typing->length > 0 ? INCOMPLETE_MS : -1);

	if (ready == 0) {
		return take_typing(proposals, typing, true);
	}
	if (ready < 0) {
		return errno == EINTR ? OUTCOME_GOES_ON : OUTCOME_GONE;
	}
	if (fds[1].revents != 0) {
		const enum outcome outcome = take_signals(proposals, signals);
		if (outcome != OUTCOME_GOES_ON) {
			return outcome;
		}
	}
	return fds[0].revents != 0 ? read_typing(proposals, typing) : OUTCOME_GOES_ON;
}

bool tui_proposals_run(int input, int output, const struct tui_proposals *source,
	bool *is_stored, struct error *err)
{
	struct proposals_screen proposals = {.source = source};
	struct typing typing = {0};
	struct tui_settings settings;
	enum outcome outcome = OUTCOME_GOES_ON;
	sigset_t before;

	*is_stored = false;
	tui_settings_init(&settings);
	if (source->settings != NULL) {
		settings = *source->settings;
	}
	key_table_use(&settings.keys);
	if (!screen_open(&proposals.screen, input, output, err)) {
		return false;
	}
	screen_set_looks(&proposals.screen, settings.looks);
	tty_restore_on_crash();
	const int signals = screen_signals_open(&before);
	read_items(&proposals, 0);
	/* Nothing that was typed before the rules were seen may decide about them. */
	tty_flush_input(&proposals.screen.tty);
	while (outcome == OUTCOME_GOES_ON) {
		proposals_draw(&proposals);
		outcome = wait_once(&proposals, &typing, signals);
	}
	screen_close(&proposals.screen);
	screen_signals_close(signals, &before);
	free_items(proposals.items, proposals.count);
	free(proposals.accepted);
	free(proposals.shown);
	free(proposals.summary);
	free(proposals.details);
	free(proposals.message);
	while (proposals.past_count > 0) {
		proposals_forget(&proposals);
	}
	free(proposals.past);
	view_finish(&proposals.help);
	*is_stored = outcome == OUTCOME_STORED;
	return outcome != OUTCOME_GONE ||
	       error_set(err, ERROR_REFUSED, "the terminal has gone");
}
