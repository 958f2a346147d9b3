/* SPDX-License-Identifier: MIT */
/*
 * A question made of hostile bytes, and what is typed at it: only safe characters are
 * shown, in lines that fit, and nothing but the offered keys decides.
 */
#include "base/error.h"
#include "tui/dialogue.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES = 8, COLUMNS = 80, TYPED_MAX = 16 };

/* Pieces are separated by bytes 0xff, which no text that is valid UTF-8 has. */
static struct text next_piece(struct text *rest)
{
	const char *end =
		rest->length > 0 ? memchr(rest->bytes, 0xff, rest->length) : NULL;
	const size_t length = end != NULL ? (size_t)(end - rest->bytes) : rest->length;
	const struct text piece = {rest->bytes, length};
	const size_t taken = length + (end != NULL ? 1 : 0);

	rest->bytes += taken;
	rest->length -= taken;
	return piece;
}

static void check_shown(struct lines *lines)
{
	const char *line = lines->length > 0 ? lines->bytes : "";

	for (const char *at = line; *at != '\0'; at++) {
		const unsigned char byte = (unsigned char)*at;
		invariant(byte == '\n' || (byte >= ' ' && byte != 0x7f));
	}
	while (*line != '\0') {
		char *end = strchr(line, '\n');
		invariant(end != NULL);
		*end = '\0';
		invariant(lines_width(line) <= COLUMNS);
		line = end + 1;
	}
	lines->length = 0;
}

static bool is_offered(const struct dialogue *before, struct text typed)
{
	static const char letters[] = "adkpun";

	return before->step != STEP_CHOOSE ||
	       (typed.length == 1 && strchr(letters, *typed.bytes) != NULL);
}

static void talk(struct dialogue *dialogue, struct text *rest, struct lines *lines)
{
	for (int i = 0; i < TYPED_MAX && rest->length > 0; i++) {
		const struct text typed = next_piece(rest);
		const bool may_decide = is_offered(dialogue, typed);
		const enum dialogue_wish wish =
			dialogue_take(dialogue, typed, 0, lines);
		invariant(wish == WISH_NOTHING || (may_decide && typed.length > 0));
		check_shown(lines);
		dialogue_prompt(dialogue, lines);
		lines->length = 0;
		if (wish == WISH_ANSWER) {
			dialogue_restart(dialogue);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = {(const char *)data, size};
	struct text pieces[PIECES];
	struct lines lines = {.columns = COLUMNS};
	struct dialogue dialogue = {.word = "word", .open_count = 2, .position = 1};

	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = next_piece(&rest);
	}
	struct protocol_action action = {
		.verb = VERB_READ,
		.object = pieces[0],
		.asked_as = pieces[1],
		.argv = &pieces[2],
		.argc = 2,
		.danger = pieces[4],
		.rule = pieces[5],
		.source = pieces[6],
	};
	struct protocol_program chain[] = {
		{.program = pieces[0],
			.script = pieces[1],
			.argv = pieces,
			.argc = PIECES},
		{.program = pieces[2], .argv = pieces, .argc = PIECES},
	};
	struct protocol_rung rungs[] = {
		{.label = pieces[3], .rules = &pieces[5], .rule_count = 2, .events = 1},
		{.label = pieces[4],
			.rules = &pieces[7],
			.rule_count = 1,
			.events = -1},
	};
	const struct protocol_question question = {
		.id = 1,
		.actions = &action,
		.action_count = 1,
		.chain = chain,
		.chain_count = 2,
		.folder = pieces[6],
		.vectors = pieces,
		.vector_count = PIECES,
		.code = pieces,
		.code_count = PIECES,
		.python = pieces,
		.python_count = PIECES,
		.native = pieces,
		.native_count = PIECES,
		.mcp = pieces[7],
		.rungs = rungs,
		.rung_count = 2,
	};
	dialogue_begin(&dialogue, &question, 0, &lines);
	check_shown(&lines);
	talk(&dialogue, &rest, &lines);
	dialogue_finish(&dialogue);
	lines_finish(&lines);
	return 0;
}
