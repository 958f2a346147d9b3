/* SPDX-License-Identifier: MIT */
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- The table ---- */

static const struct key_binding bindings[] = {
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
	{CONTEXT_VIEW, {'&'}, COMMAND_FILTER, "show only lines with these words; empty: all"},
	{CONTEXT_VIEW, {'?'}, COMMAND_HELP, "help"},
	{CONTEXT_VIEW, {'q', KEY_ESC}, COMMAND_CLOSE, "close the view"},

	{CONTEXT_PROCESSES, {'o'}, COMMAND_SORT, "as a tree, or by number"},
	{CONTEXT_PROCESSES, {'K'}, COMMAND_KILL, "kill the process"},
	{CONTEXT_EVENTS, {'f'}, COMMAND_FOLLOW, "follow: stay at the newest"},
	{CONTEXT_EVENTS, {'o'}, COMMAND_SORT, "newest last, or newest first"},
	{CONTEXT_QUESTIONS, {KEY_RETURN}, COMMAND_OPEN, "show the question"},
	{CONTEXT_QUESTIONS, {'x'}, COMMAND_MARK, "mark for one answer to many, or take the mark back"},
	{CONTEXT_QUESTIONS, {'X'}, COMMAND_MARK_ALL, "mark all lines shown, or none"},
	{CONTEXT_QUESTIONS, {'A'}, COMMAND_KEEP_ALLOW, "list what is marked, to allow it once"},
	{CONTEXT_QUESTIONS, {'D'}, COMMAND_KEEP_DENY, "list what is marked, to deny it once"},
	{CONTEXT_QUESTIONS, {'o'}, COMMAND_SORT, "oldest first, or most threads waiting first"},
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
	/* clang-format on */
};

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
};

const char *key_context_title(enum key_context context)
{
	return titles[context];
}

const struct key_binding *key_binding_at(size_t index)
{
	return index < sizeof(bindings) / sizeof(bindings[0]) ? &bindings[index] : NULL;
}

enum command_key key_command(enum key_context context, uint32_t key)
{
	for (size_t i = 0; key != KEY_NONE && key_binding_at(i) != NULL; i++) {
		if (bindings[i].context == context &&
			(bindings[i].keys[0] == key || bindings[i].keys[1] == key)) {
			return bindings[i].command;
		}
	}
	return COMMAND_NONE;
}

const char *key_words(uint32_t key, char buffer[KEY_NAME_SIZE])
{
	static const struct {
		uint32_t key;
		const char *name;
	} names[] = {
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

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].key == key) {
			return names[i].name;
		}
	}
	if (key < ' ') {
		(void)snprintf(buffer, KEY_NAME_SIZE, "Ctrl-%c", (char)(key + '@'));
	} else {
		(void)snprintf(
			buffer, KEY_NAME_SIZE, "%c", key < 0x7f ? (char)key : '?');
	}
	return buffer;
}

/* ---- Reading ---- */

static bool is_final_byte(unsigned char byte)
{
	return byte >= 0x40 && byte <= 0x7e;
}

static uint32_t letter_key(char letter)
{
	static const struct {
		char letter;
		enum key key;
	} letters[] = {
		{'A', KEY_ARROW_UP},
		{'B', KEY_ARROW_DOWN},
		{'C', KEY_ARROW_RIGHT},
		{'D', KEY_ARROW_LEFT},
		{'H', KEY_FIRST},
		{'F', KEY_LAST},
		{'M', KEY_RETURN},
		{'I', KEY_FOCUS_IN},
		{'O', KEY_FOCUS_OUT},
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].letter == letter) {
			return letters[i].key;
		}
	}
	return KEY_UNKNOWN;
}

static uint32_t number_key(unsigned long number)
{
	static const struct {
		unsigned long number;
		enum key key;
	} numbers[] = {
		{1, KEY_FIRST},
		{3, KEY_REMOVE},
		{4, KEY_LAST},
		{5, KEY_PAGE_UP},
		{6, KEY_PAGE_DOWN},
		{7, KEY_FIRST},
		{8, KEY_LAST},
		{200, KEY_PASTE_BEGIN},
		{201, KEY_PASTE_END},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].number == number) {
			return numbers[i].key;
		}
	}
	return KEY_UNKNOWN;
}

/* ESC [ … : a control sequence; also ESC [ [ A of the Linux console. */
static uint32_t control_sequence(struct text bytes, size_t *taken)
{
	size_t end = 2;

	if (bytes.length > 2 && bytes.bytes[2] == '[') {
		*taken = bytes.length > 3 ? 4 : 0;
		return *taken > 0 ? KEY_UNKNOWN : KEY_NONE;
	}
	while (end < bytes.length && !is_final_byte((unsigned char)bytes.bytes[end])) {
		end++;
	}
	if (end == bytes.length) {
		*taken = 0;
		return KEY_NONE;
	}
	*taken = end + 1;
	if (end == 2 && bytes.bytes[end] == 'M') { /* a mouse report of the old form */
		*taken = bytes.length < 6 ? bytes.length : 6;
		return KEY_UNKNOWN;
	}
	if (bytes.bytes[end] == '~') {
		return number_key(strtoul(bytes.bytes + 2, NULL, 10));
	}
	return end == 2 ? letter_key(bytes.bytes[end]) : KEY_UNKNOWN;
}

static uint32_t escape_sequence(struct text bytes, bool is_final, size_t *taken)
{
	if (bytes.length == 1) {
		*taken = is_final ? 1 : 0;
		return is_final ? KEY_ESC : KEY_NONE;
	}
	if (bytes.bytes[1] == '[') {
		const uint32_t key = control_sequence(bytes, taken);
		if (key == KEY_NONE && is_final) {
			*taken = bytes.length;
			return KEY_UNKNOWN;
		}
		return key;
	}
	if (bytes.bytes[1] == 'O' && bytes.length > 2) {
		*taken = 3;
		return letter_key(bytes.bytes[2]);
	}
	if (bytes.bytes[1] == 0x1b) { /* Esc twice */
		*taken = 1;
		return KEY_ESC;
	}
	*taken = 2; /* Alt and a character */
	return KEY_UNKNOWN;
}

static uint32_t character(struct text bytes, bool is_final, size_t *taken)
{
	const unsigned char first = (unsigned char)bytes.bytes[0];
	const size_t length = first < 0x80   ? 1
			      : first < 0xe0 ? 2
			      : first < 0xf0 ? 3
					     : 4;
	uint32_t value = length == 1 ? first : first & (0xffu >> (length + 1));

	*taken = 1;
	if ((first >= 0x80 && first < 0xc2) || first > 0xf4) {
		return KEY_UNKNOWN;
	}
	for (size_t i = 1; i < length; i++) {
		if (i == bytes.length) {
			*taken = is_final ? i : 0;
			return is_final ? KEY_UNKNOWN : KEY_NONE;
		}
		if (((unsigned char)bytes.bytes[i] & 0xc0) != 0x80) {
			*taken = i;
			return KEY_UNKNOWN;
		}
		value = value << 6 | ((unsigned char)bytes.bytes[i] & 0x3fu);
	}
	*taken = length;
	return value;
}

uint32_t key_read(struct text bytes, bool is_final, size_t *taken)
{
	if (bytes.length == 0) {
		*taken = 0;
		return KEY_NONE;
	}
	if (bytes.bytes[0] == 0x1b) {
		return escape_sequence(bytes, is_final, taken);
	}
	const uint32_t key = character(bytes, is_final, taken);
	if (*taken > 0 && key == KEY_NONE) {
		return KEY_UNKNOWN; /* Ctrl-Space */
	}
	return key == '\n' ? KEY_RETURN : key == '\b' ? KEY_BACK : key;
}
