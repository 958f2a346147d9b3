/* SPDX-License-Identifier: MIT */
#include "tui/key_table.h"

#include "base/xalloc.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <wchar.h>

/* ---- What is bound unless somebody changes it ---- */

static const struct key_binding defaults[] = {
	/* clang-format off */
	{CONTEXT_PREFIX, {'q'}, COMMAND_QUESTIONS, "questions: the open ones and their answers"},
	{CONTEXT_PREFIX, {'p'}, COMMAND_PROCESSES, "processes of the tree"},
	{CONTEXT_PREFIX, {'e'}, COMMAND_EVENTS, "events: what was judged, and how"},
	{CONTEXT_PREFIX, {'r'}, COMMAND_RULES, "rules that answers have stored"},
	{CONTEXT_PREFIX, {'s'}, COMMAND_SUMMARY, "summary of the session"},
	{CONTEXT_PREFIX, {'['}, COMMAND_SCROLL, "look at what has scrolled off the screen"},
	{CONTEXT_PREFIX, {'z'}, COMMAND_PAUSE, "pause every process, or let them go on"},
	{CONTEXT_PREFIX, {'u'}, COMMAND_UNDO, "undo the last kept answer"},
	{CONTEXT_PREFIX, {'l'}, COMMAND_REDRAW, "draw the screen anew"},
	{CONTEXT_PREFIX, {'d'}, COMMAND_DETACH, "detach: the session goes on without this terminal"},
	{CONTEXT_PREFIX, {'K'}, COMMAND_STOP, "end the session: kill every process"},
	{CONTEXT_PREFIX, {'?'}, COMMAND_HELP, "help"},

	{CONTEXT_QUESTION, {'a'}, COMMAND_ALLOW, "allow once"},
	{CONTEXT_QUESTION, {'d'}, COMMAND_DENY, "deny once"},
	{CONTEXT_QUESTION, {'A'}, COMMAND_KEEP_ALLOW, "allow for longer: by the rule that is shown"},
	{CONTEXT_QUESTION, {'D'}, COMMAND_KEEP_DENY, "deny for longer: by the rule that is shown"},
	{CONTEXT_QUESTION, {'o'}, COMMAND_OFFER, "allow for longer: by the rule that was learned from answers"},
	{CONTEXT_QUESTION, {']', KEY_ARROW_RIGHT}, COMMAND_WIDER, "a rule that covers more"},
	{CONTEXT_QUESTION, {'[', KEY_ARROW_LEFT}, COMMAND_NARROWER, "a rule that covers less"},
	{CONTEXT_QUESTION, {'s'}, COMMAND_SCOPE, "how far a kept answer reaches"},
	{CONTEXT_QUESTION, {'x'}, COMMAND_EXPIRY, "how long a kept answer holds"},
	{CONTEXT_QUESTION, {'e'}, COMMAND_EDIT, "edit the rule by hand, allow or deny"},
	{CONTEXT_QUESTION, {'m'}, COMMAND_MESSAGE, "deny once, with a message to the agent"},
	{CONTEXT_QUESTION, {'v'}, COMMAND_DETAILS, "view everything known about the question"},
	{CONTEXT_QUESTION, {'k'}, COMMAND_KILL, "kill the process that asks"},
	{CONTEXT_QUESTION, {'p'}, COMMAND_PAUSE, "pause every process, or let them go on"},
	{CONTEXT_QUESTION, {'u'}, COMMAND_UNDO, "undo the last kept answer"},
	{CONTEXT_QUESTION, {KEY_TABULATOR}, COMMAND_NEXT, "next question"},
	{CONTEXT_QUESTION, {KEY_ESC}, COMMAND_LATER, "leave it open and go back to the agent"},
	{CONTEXT_QUESTION, {'?'}, COMMAND_HELP, "help"},

	{CONTEXT_KEEP, {'a'}, COMMAND_ALLOW, "store the rule that is shown, if it allows"},
	{CONTEXT_KEEP, {'d'}, COMMAND_DENY, "store the rule that is shown, if it denies"},
	{CONTEXT_KEEP, {']', KEY_ARROW_RIGHT}, COMMAND_WIDER, "a rule that covers more"},
	{CONTEXT_KEEP, {'[', KEY_ARROW_LEFT}, COMMAND_NARROWER, "a rule that covers less"},
	{CONTEXT_KEEP, {'s'}, COMMAND_SCOPE, "how far the answer reaches"},
	{CONTEXT_KEEP, {'x'}, COMMAND_EXPIRY, "how long the answer holds"},
	{CONTEXT_KEEP, {'e'}, COMMAND_EDIT, "edit the rule by hand"},
	{CONTEXT_KEEP, {KEY_ESC}, COMMAND_LATER, "back to the question"},

	{CONTEXT_VIEW, {'k', KEY_ARROW_UP}, COMMAND_UP, "up"},
	{CONTEXT_VIEW, {'j', KEY_ARROW_DOWN}, COMMAND_DOWN, "down"},
	{CONTEXT_VIEW, {'b', KEY_PAGE_UP}, COMMAND_PAGE_UP, "a page up"},
	{CONTEXT_VIEW, {' ', KEY_PAGE_DOWN}, COMMAND_PAGE_DOWN, "a page down"},
	{CONTEXT_VIEW, {'g', KEY_FIRST}, COMMAND_TOP, "to the first line"},
	{CONTEXT_VIEW, {'G', KEY_LAST}, COMMAND_BOTTOM, "to the last line"},
	{CONTEXT_VIEW, {'/'}, COMMAND_SEARCH, "search"},
	{CONTEXT_VIEW, {'n'}, COMMAND_SEARCH_NEXT, "search on"},
	{CONTEXT_VIEW, {'&'}, COMMAND_FILTER, "show only some lines; empty: all"},
	{CONTEXT_VIEW, {'?'}, COMMAND_HELP, "help"},
	{CONTEXT_VIEW, {'q', KEY_ESC}, COMMAND_CLOSE, "close the view"},

	{CONTEXT_PROCESSES, {KEY_RETURN}, COMMAND_OPEN, "what it did: its events"},
	{CONTEXT_PROCESSES, {'o'}, COMMAND_SORT, "as a tree, or by number"},
	{CONTEXT_PROCESSES, {'K'}, COMMAND_KILL, "kill the process"},
	{CONTEXT_EVENTS, {KEY_RETURN, 'v'}, COMMAND_DETAILS, "everything known about the event"},
	{CONTEXT_EVENTS, {'r'}, COMMAND_RULE, "to the rule that decided"},
	{CONTEXT_EVENTS, {'f'}, COMMAND_FOLLOW, "follow: stay at the newest"},
	{CONTEXT_EVENTS, {'o'}, COMMAND_SORT, "newest last, or newest first"},
	{CONTEXT_QUESTIONS, {KEY_RETURN}, COMMAND_OPEN, "show the question, or the event of an answered one"},
	{CONTEXT_QUESTIONS, {'r'}, COMMAND_RULE, "to the rule that the answer stored"},
	{CONTEXT_QUESTIONS, {'x'}, COMMAND_MARK, "mark for one answer to many, or take the mark back"},
	{CONTEXT_QUESTIONS, {'X'}, COMMAND_MARK_ALL, "mark all lines shown, or none"},
	{CONTEXT_QUESTIONS, {'A'}, COMMAND_KEEP_ALLOW, "list what is marked, to allow it once"},
	{CONTEXT_QUESTIONS, {'D'}, COMMAND_KEEP_DENY, "list what is marked, to deny it once"},
	{CONTEXT_QUESTIONS, {'o'}, COMMAND_SORT, "oldest first, or most threads waiting first"},
	{CONTEXT_RULES, {'v'}, COMMAND_DETAILS, "view where the rule comes from"},
	{CONTEXT_RULES, {'O'}, COMMAND_ORIGIN, "to the event that the rule comes from"},
	{CONTEXT_RULES, {'R'}, COMMAND_REVOKE, "revoke the rule"},
	{CONTEXT_RULES, {'E', KEY_RETURN}, COMMAND_EDIT, "edit the rule"},
	{CONTEXT_RULES, {'o'}, COMMAND_SORT, "newest first, or most used first"},
	{CONTEXT_BATCH, {'a'}, COMMAND_ALLOW, "allow all that is listed, once"},
	{CONTEXT_BATCH, {'d'}, COMMAND_DENY, "deny all that is listed, once"},

	{CONTEXT_SCROLL, {'k', KEY_ARROW_UP}, COMMAND_UP, "up"},
	{CONTEXT_SCROLL, {'j', KEY_ARROW_DOWN}, COMMAND_DOWN, "down"},
	{CONTEXT_SCROLL, {'b', KEY_PAGE_UP}, COMMAND_PAGE_UP, "a page up"},
	{CONTEXT_SCROLL, {' ', KEY_PAGE_DOWN}, COMMAND_PAGE_DOWN, "a page down"},
	{CONTEXT_SCROLL, {'g', KEY_FIRST}, COMMAND_TOP, "to the oldest line"},
	{CONTEXT_SCROLL, {'/'}, COMMAND_SEARCH, "search upwards"},
	{CONTEXT_SCROLL, {'n'}, COMMAND_SEARCH_NEXT, "search on"},
	{CONTEXT_SCROLL, {'q', KEY_ESC}, COMMAND_CLOSE, "back to the agent"},

	{CONTEXT_PROPOSALS, {'k', KEY_ARROW_UP}, COMMAND_UP, "up"},
	{CONTEXT_PROPOSALS, {'j', KEY_ARROW_DOWN}, COMMAND_DOWN, "down"},
	{CONTEXT_PROPOSALS, {'g', KEY_FIRST}, COMMAND_TOP, "to the first rule"},
	{CONTEXT_PROPOSALS, {'G', KEY_LAST}, COMMAND_BOTTOM, "to the last rule"},
	{CONTEXT_PROPOSALS, {' ', KEY_PAGE_DOWN}, COMMAND_PAGE_DOWN, "further down in what is known of the rule"},
	{CONTEXT_PROPOSALS, {'b', KEY_PAGE_UP}, COMMAND_PAGE_UP, "up again"},
	{CONTEXT_PROPOSALS, {'a'}, COMMAND_ACCEPT, "accept the rule, or take that back"},
	{CONTEXT_PROPOSALS, {'A'}, COMMAND_ACCEPT_ALL, "accept all that come from approvals"},
	{CONTEXT_PROPOSALS, {']', KEY_ARROW_RIGHT}, COMMAND_WIDER, "a rule that covers more"},
	{CONTEXT_PROPOSALS, {'[', KEY_ARROW_LEFT}, COMMAND_NARROWER, "a rule that covers less"},
	{CONTEXT_PROPOSALS, {'t'}, COMMAND_SPLIT, "split it into narrower rules"},
	{CONTEXT_PROPOSALS, {'x', KEY_REMOVE}, COMMAND_DROP, "drop the rule"},
	{CONTEXT_PROPOSALS, {'v'}, COMMAND_FLIP, "allow instead of deny, or the reverse"},
	{CONTEXT_PROPOSALS, {'&'}, COMMAND_FILTER, "only what has to do with files, the network …"},
	{CONTEXT_PROPOSALS, {'u'}, COMMAND_UNDO, "take the last change back"},
	{CONTEXT_PROPOSALS, {'s'}, COMMAND_SCOPE, "rules for always, or for this project"},
	{CONTEXT_PROPOSALS, {'w'}, COMMAND_STORE, "store what is accepted, and leave"},
	{CONTEXT_PROPOSALS, {'?'}, COMMAND_HELP, "help"},
	{CONTEXT_PROPOSALS, {'q', KEY_ESC}, COMMAND_CLOSE, "leave without storing anything"},

	{CONTEXT_REPLAY, {' '}, COMMAND_PLAY, "play, or stop"},
	{CONTEXT_REPLAY, {'+', '='}, COMMAND_FASTER, "twice as fast, up to 16 times"},
	{CONTEXT_REPLAY, {'-'}, COMMAND_SLOWER, "half as fast, down to a quarter"},
	{CONTEXT_REPLAY, {'i'}, COMMAND_IDLE, "skip the time in which nothing happens, or not"},
	{CONTEXT_REPLAY, {'h', KEY_ARROW_LEFT}, COMMAND_BACK, "10 seconds back"},
	{CONTEXT_REPLAY, {'l', KEY_ARROW_RIGHT}, COMMAND_FORWARD, "10 seconds on"},
	{CONTEXT_REPLAY, {'t'}, COMMAND_TIME, "to a time: 1:30, +5, -5, 50%, or #120 for an event"},
	{CONTEXT_REPLAY, {'g', KEY_FIRST}, COMMAND_TOP, "to the beginning"},
	{CONTEXT_REPLAY, {'G', KEY_LAST}, COMMAND_BOTTOM, "to the end"},
	{CONTEXT_REPLAY, {'f'}, COMMAND_FOLLOW, "follow a session that still runs"},
	{CONTEXT_REPLAY, {'k', KEY_ARROW_UP}, COMMAND_UP, "event before"},
	{CONTEXT_REPLAY, {'j', KEY_ARROW_DOWN}, COMMAND_DOWN, "next event"},
	{CONTEXT_REPLAY, {'b', KEY_PAGE_UP}, COMMAND_PAGE_UP, "20 events back"},
	{CONTEXT_REPLAY, {'w', KEY_PAGE_DOWN}, COMMAND_PAGE_DOWN, "20 events on"},
	{CONTEXT_REPLAY, {'a'}, COMMAND_NEXT_QUESTION, "next question"},
	{CONTEXT_REPLAY, {'A'}, COMMAND_PREVIOUS_QUESTION, "question before"},
	{CONTEXT_REPLAY, {'d'}, COMMAND_NEXT_DENIAL, "next denial"},
	{CONTEXT_REPLAY, {'D'}, COMMAND_PREVIOUS_DENIAL, "denial before"},
	{CONTEXT_REPLAY, {'o'}, COMMAND_NEXT_OUTPUT, "next output"},
	{CONTEXT_REPLAY, {'O'}, COMMAND_PREVIOUS_OUTPUT, "output before"},
	{CONTEXT_REPLAY, {'x'}, COMMAND_NEXT_CHANGE, "next event that other rules judge otherwise"},
	{CONTEXT_REPLAY, {'X'}, COMMAND_PREVIOUS_CHANGE, "the one before"},
	{CONTEXT_REPLAY, {'m'}, COMMAND_MARK, "mark this moment, or take the mark away"},
	{CONTEXT_REPLAY, {'\''}, COMMAND_NEXT_MARK, "next mark"},
	{CONTEXT_REPLAY, {'"'}, COMMAND_PREVIOUS_MARK, "mark before"},
	{CONTEXT_REPLAY, {'/'}, COMMAND_SEARCH, "search the events"},
	{CONTEXT_REPLAY, {'s'}, COMMAND_SEARCH_TERMINAL, "search what was on the terminal"},
	{CONTEXT_REPLAY, {'n'}, COMMAND_SEARCH_NEXT, "search on"},
	{CONTEXT_REPLAY, {'N'}, COMMAND_SEARCH_PREVIOUS, "search backwards"},
	{CONTEXT_REPLAY, {'&'}, COMMAND_FILTER, "show only some events"},
	{CONTEXT_REPLAY, {'c'}, COMMAND_ONE_PROCESS, "only events of this process, or all"},
	{CONTEXT_REPLAY, {KEY_RETURN, 'e'}, COMMAND_OPEN, "everything known about the event"},
	{CONTEXT_REPLAY, {'v'}, COMMAND_DETAILS, "the question as it was asked, and its answer"},
	{CONTEXT_REPLAY, {'r'}, COMMAND_SUMMARY, "summary of the session"},
	{CONTEXT_REPLAY, {'1'}, COMMAND_TERMINAL, "show the terminal, or not"},
	{CONTEXT_REPLAY, {'2'}, COMMAND_EVENTS, "show the events, or not"},
	{CONTEXT_REPLAY, {'3'}, COMMAND_PROCESSES, "show the processes, or not"},
	{CONTEXT_REPLAY, {'>'}, COMMAND_LARGER, "a larger part for the terminal"},
	{CONTEXT_REPLAY, {'<'}, COMMAND_SMALLER, "a smaller part for the terminal"},
	{CONTEXT_REPLAY, {'z'}, COMMAND_ZOOM, "the terminal alone, or all"},
	{CONTEXT_REPLAY, {'?'}, COMMAND_HELP, "help"},
	{CONTEXT_REPLAY, {'q', KEY_ESC}, COMMAND_CLOSE, "leave"},
	/* clang-format on */
};

#define DEFAULTS (sizeof(defaults) / sizeof(defaults[0]))
_Static_assert(DEFAULTS <= KEY_BINDINGS_MAX, "struct key_table has all of them");

static const char *const titles[CONTEXT_COUNT] = {
	[CONTEXT_PREFIX] = "After the prefix key",
	[CONTEXT_QUESTION] = "At a question",
	[CONTEXT_KEEP] = "While a kept answer is put together",
	[CONTEXT_VIEW] = "In every view",
	[CONTEXT_PROCESSES] = "In the view of processes",
	[CONTEXT_EVENTS] = "In the view of events",
	[CONTEXT_QUESTIONS] = "In the view of questions",
	[CONTEXT_RULES] = "In the view of rules",
	[CONTEXT_BATCH] = "In the listing before one answer to many",
	[CONTEXT_SCROLL] = "In what has scrolled off the screen",
	[CONTEXT_PROPOSALS] = "In the proposals of duenna learn",
	[CONTEXT_REPLAY] = "While a recorded session is looked at",
};

/* The table in force; count 0: the defaults. */
static struct key_table in_force;

const char *key_context_title(enum key_context context)
{
	return titles[context];
}

const struct key_binding *key_binding_at(size_t index)
{
	if (in_force.count > 0) {
		return index < in_force.count ? &in_force.bindings[index] : NULL;
	}
	return index < DEFAULTS ? &defaults[index] : NULL;
}

uint32_t key_prefix(void)
{
	return in_force.count > 0 ? in_force.prefix : PREFIX_DEFAULT;
}

enum command_key key_command(enum key_context context, uint32_t key)
{
	const struct key_binding *binding;

	for (size_t i = 0; key != KEY_NONE && (binding = key_binding_at(i)) != NULL;
		i++) {
		if (binding->context == context &&
			(binding->keys[0] == key || binding->keys[1] == key)) {
			return binding->command;
		}
	}
	return COMMAND_NONE;
}

/* ---- Names ---- */

static const struct {
	uint32_t key;
	const char *name;
} key_names[] = {
	{KEY_TABULATOR, "Tab"},
	{KEY_RETURN, "Enter"},
	{KEY_BACK, "Backspace"},
	{KEY_ESC, "Esc"},
	{' ', "Space"},
	{KEY_ARROW_UP, "Up"},
	{KEY_ARROW_DOWN, "Down"},
	{KEY_ARROW_LEFT, "Left"},
	{KEY_ARROW_RIGHT, "Right"},
	{KEY_PAGE_UP, "Page-Up"},
	{KEY_PAGE_DOWN, "Page-Down"},
	{KEY_FIRST, "Home"},
	{KEY_LAST, "End"},
	{KEY_REMOVE, "Delete"},
};
_Static_assert(KEY_NAME_SIZE > MB_LEN_MAX, "a character fits");
enum { KEY_NAMES = sizeof(key_names) / sizeof(key_names[0]) };

static const char *const context_names[CONTEXT_COUNT] = {
	[CONTEXT_PREFIX] = "prefix",
	[CONTEXT_QUESTION] = "question",
	[CONTEXT_KEEP] = "keep",
	[CONTEXT_VIEW] = "view",
	[CONTEXT_PROCESSES] = "processes",
	[CONTEXT_EVENTS] = "events",
	[CONTEXT_QUESTIONS] = "questions",
	[CONTEXT_RULES] = "rules",
	[CONTEXT_BATCH] = "batch",
	[CONTEXT_SCROLL] = "scroll",
	[CONTEXT_PROPOSALS] = "proposals",
	[CONTEXT_REPLAY] = "replay",
};

static const char *const command_names[] = {
	[COMMAND_NONE] = "",
	[COMMAND_LITERAL] = "literal",
	[COMMAND_PROCESSES] = "processes",
	[COMMAND_EVENTS] = "events",
	[COMMAND_QUESTIONS] = "questions",
	[COMMAND_RULES] = "rules",
	[COMMAND_SUMMARY] = "summary",
	[COMMAND_SCROLL] = "scroll",
	[COMMAND_PAUSE] = "pause",
	[COMMAND_UNDO] = "undo",
	[COMMAND_REDRAW] = "redraw",
	[COMMAND_DETACH] = "detach",
	[COMMAND_STOP] = "stop",
	[COMMAND_HELP] = "help",
	[COMMAND_ALLOW] = "allow",
	[COMMAND_DENY] = "deny",
	[COMMAND_KEEP_ALLOW] = "keep-allow",
	[COMMAND_KEEP_DENY] = "keep-deny",
	[COMMAND_OFFER] = "offer",
	[COMMAND_NARROWER] = "narrower",
	[COMMAND_WIDER] = "wider",
	[COMMAND_SCOPE] = "scope",
	[COMMAND_EXPIRY] = "expiry",
	[COMMAND_EDIT] = "edit",
	[COMMAND_MESSAGE] = "message",
	[COMMAND_DETAILS] = "details",
	[COMMAND_KILL] = "kill",
	[COMMAND_NEXT] = "next",
	[COMMAND_LATER] = "later",
	[COMMAND_UP] = "up",
	[COMMAND_DOWN] = "down",
	[COMMAND_PAGE_UP] = "page-up",
	[COMMAND_PAGE_DOWN] = "page-down",
	[COMMAND_TOP] = "top",
	[COMMAND_BOTTOM] = "bottom",
	[COMMAND_SEARCH] = "search",
	[COMMAND_SEARCH_NEXT] = "search-next",
	[COMMAND_FILTER] = "filter",
	[COMMAND_SORT] = "sort",
	[COMMAND_FOLLOW] = "follow",
	[COMMAND_MARK] = "mark",
	[COMMAND_MARK_ALL] = "mark-all",
	[COMMAND_OPEN] = "open",
	[COMMAND_REVOKE] = "revoke",
	[COMMAND_ORIGIN] = "origin",
	[COMMAND_RULE] = "rule",
	[COMMAND_ACCEPT] = "accept",
	[COMMAND_ACCEPT_ALL] = "accept-all",
	[COMMAND_SPLIT] = "split",
	[COMMAND_DROP] = "drop",
	[COMMAND_FLIP] = "flip",
	[COMMAND_STORE] = "store",
	[COMMAND_CLOSE] = "close",
	[COMMAND_PLAY] = "play",
	[COMMAND_FASTER] = "faster",
	[COMMAND_SLOWER] = "slower",
	[COMMAND_IDLE] = "idle",
	[COMMAND_BACK] = "back",
	[COMMAND_FORWARD] = "forward",
	[COMMAND_TIME] = "time",
	[COMMAND_NEXT_QUESTION] = "next-question",
	[COMMAND_PREVIOUS_QUESTION] = "previous-question",
	[COMMAND_NEXT_DENIAL] = "next-denial",
	[COMMAND_PREVIOUS_DENIAL] = "previous-denial",
	[COMMAND_NEXT_OUTPUT] = "next-output",
	[COMMAND_PREVIOUS_OUTPUT] = "previous-output",
	[COMMAND_NEXT_CHANGE] = "next-change",
	[COMMAND_PREVIOUS_CHANGE] = "previous-change",
	[COMMAND_NEXT_MARK] = "next-mark",
	[COMMAND_PREVIOUS_MARK] = "previous-mark",
	[COMMAND_SEARCH_TERMINAL] = "search-terminal",
	[COMMAND_SEARCH_PREVIOUS] = "search-previous",
	[COMMAND_ONE_PROCESS] = "one-process",
	[COMMAND_TERMINAL] = "terminal",
	[COMMAND_LARGER] = "larger",
	[COMMAND_SMALLER] = "smaller",
	[COMMAND_ZOOM] = "zoom",
};
enum { COMMANDS = sizeof(command_names) / sizeof(command_names[0]) };

const char *key_context_name(enum key_context context)
{
	return context_names[context];
}

const char *command_key_name(enum command_key command)
{
	return command_names[command];
}

bool key_context_from_name(const char *name, enum key_context *context)
{
	for (int i = 0; i < CONTEXT_COUNT; i++) {
		if (strcmp(context_names[i], name) == 0) {
			*context = (enum key_context)i;
			return true;
		}
	}
	return false;
}

bool command_key_from_name(const char *name, enum command_key *command)
{
	for (int i = COMMAND_NONE + 1; i < COMMANDS; i++) {
		if (strcmp(command_names[i], name) == 0) {
			*command = (enum command_key)i;
			return true;
		}
	}
	return false;
}

const char *key_words(uint32_t key, char buffer[KEY_NAME_SIZE])
{
	mbstate_t state = {0};

	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (key_names[i].key == key) {
			return key_names[i].name;
		}
	}
	if (key < ' ') {
		(void)snprintf(buffer, KEY_NAME_SIZE, "Ctrl-%c", (char)(key + '@'));
		return buffer;
	}
	const size_t length =
		key < KEY_SPECIAL ? wcrtomb(buffer, (wchar_t)key, &state) : (size_t)-1;
	if (length == (size_t)-1) {
		return "?";
	}
	buffer[length] = '\0';
	return buffer;
}

/* "Ctrl-]" and the like; KEY_NONE if it is none. */
static uint32_t control_key(const char *name)
{
	if (strncasecmp(name, "ctrl-", 5) != 0 || name[5] == '\0' || name[6] != '\0') {
		return KEY_NONE;
	}
	const char letter = name[5] >= 'a' && name[5] <= 'z'
				    ? (char)(name[5] - 'a' + 'A')
				    : name[5];
	return letter > '@' && letter <= '_' ? (uint32_t)(letter - '@') : KEY_NONE;
}

uint32_t key_from_name(const char *name)
{
	size_t taken;

	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (strcasecmp(key_names[i].name, name) == 0) {
			return key_names[i].key;
		}
	}
	const uint32_t control = control_key(name);
	if (control != KEY_NONE || (unsigned char)name[0] <= ' ') {
		return control;
	}
	const uint32_t key = key_read(text_of(name), true, &taken);
	return key < KEY_SPECIAL && taken == strlen(name) ? key : KEY_NONE;
}

/* ---- Changing it ---- */

void key_table_init(struct key_table *table)
{
	*table = (struct key_table){.prefix = PREFIX_DEFAULT, .count = DEFAULTS};
	memcpy(table->bindings, defaults, sizeof(defaults));
}

void key_table_use(const struct key_table *table)
{
	in_force = *table;
}

bool key_table_set_prefix(struct key_table *table, uint32_t key, struct error *err)
{
	/* These are what programs in the pane need most, or begin a sequence. */
	const bool is_taken = key == KEY_ESC || key == KEY_RETURN ||
			      key == KEY_TABULATOR || key == '\n';

	if (key == KEY_NONE || key >= ' ' || is_taken) {
		return error_set(err, ERROR_SYNTAX,
			"the prefix key must be Ctrl- and a character, but not one of "
			"Tab, Enter and Esc");
	}
	table->prefix = key;
	return true;
}

void key_table_unbind(struct key_table *table, enum key_context context, uint32_t key)
{
	for (size_t i = 0; i < table->count; i++) {
		struct key_binding *binding = &table->bindings[i];
		for (size_t k = 0; binding->context == context && k < 2; k++) {
			binding->keys[k] =
				binding->keys[k] == key ? KEY_NONE : binding->keys[k];
		}
	}
}

static bool is_answering(enum key_context context)
{
	return context == CONTEXT_QUESTION || context == CONTEXT_KEEP ||
	       context == CONTEXT_BATCH;
}

bool key_table_bind(struct key_table *table, enum key_context context, uint32_t key,
	enum command_key command, struct error *err)
{
	struct key_binding *binding = table->bindings;
	const struct key_binding *end = binding + table->count;

	if (key == KEY_RETURN && is_answering(context)) {
		return error_set(err, ERROR_SYNTAX, "Enter never answers a question");
	}
	while (binding < end &&
		(binding->context != context || binding->command != command)) {
		binding++;
	}
	if (binding == end) {
		return error_set(err, ERROR_SYNTAX, "there is no \"%s\" in %s",
			command_names[command], context_names[context]);
	}
	key_table_unbind(table, context, key);
	if (binding->keys[0] != KEY_NONE && binding->keys[1] != KEY_NONE) {
		return error_set(err, ERROR_SYNTAX,
			"\"%s\" has two keys in %s already: unbind one first",
			command_names[command], context_names[context]);
	}
	binding->keys[binding->keys[0] == KEY_NONE ? 0 : 1] = key;
	return true;
}

/* A key of every view would hide one of a single view. */
static bool check_hidden(
	const struct key_table *table, const struct key_binding *own, struct error *err)
{
	char name[KEY_NAME_SIZE];

	for (size_t i = 0; i < table->count; i++) {
		const struct key_binding *all = &table->bindings[i];
		for (size_t k = 0; all->context == CONTEXT_VIEW && k < 2; k++) {
			const uint32_t key = all->keys[k];
			if (key != KEY_NONE &&
				(own->keys[0] == key || own->keys[1] == key)) {
				return error_set(err, ERROR_SYNTAX,
					"%s is both \"%s\" in %s and \"%s\" in view, "
					"which is every view",
					key_words(key, name),
					command_names[own->command],
					context_names[own->context],
					command_names[all->command]);
			}
		}
	}
	return true;
}

static bool is_of_one_view(enum key_context context)
{
	return context >= CONTEXT_PROCESSES && context <= CONTEXT_BATCH;
}

bool key_table_check(const struct key_table *table, struct error *err)
{
	static const struct {
		enum key_context context;
		enum command_key command;
	} needed[] = {
		{CONTEXT_QUESTION, COMMAND_ALLOW},
		{CONTEXT_QUESTION, COMMAND_DENY},
		{CONTEXT_QUESTION, COMMAND_LATER},
		{CONTEXT_KEEP, COMMAND_LATER},
		{CONTEXT_VIEW, COMMAND_CLOSE},
		{CONTEXT_SCROLL, COMMAND_CLOSE},
		{CONTEXT_PROPOSALS, COMMAND_CLOSE},
		{CONTEXT_REPLAY, COMMAND_CLOSE},
	};

	for (size_t i = 0; i < table->count; i++) {
		const struct key_binding *binding = &table->bindings[i];
		if (is_of_one_view(binding->context) &&
			!check_hidden(table, binding, err)) {
			return false;
		}
		for (size_t n = 0; n < sizeof(needed) / sizeof(needed[0]); n++) {
			if (binding->context == needed[n].context &&
				binding->command == needed[n].command &&
				binding->keys[0] == KEY_NONE &&
				binding->keys[1] == KEY_NONE) {
				return error_set(err, ERROR_SYNTAX,
					"no key is left for \"%s\" in %s",
					command_names[binding->command],
					context_names[binding->context]);
			}
		}
	}
	return true;
}
