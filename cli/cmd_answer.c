/* SPDX-License-Identifier: MIT */
/* duenna answer: answers an open question of a running session. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/session_client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const struct option_row answer_options[] = {
	{.name = "scope",
		.value = "SCOPE",
		.choices = "once|process|program|session|project|always",
		.meaning = "how far the answer reaches (once)"},
	{.name = "pattern",
		.value = "PATTERN",
		.meaning = "the object pattern to store instead of the exact object"},
	{0},
};

/* "3", or "7.3": question 3 of session 7. Session 0: not said. */
static bool read_id(const char *typed, int64_t *session, int64_t *question)
{
	char *end;

	errno = 0;
	*session = 0;
	*question = strtoll(typed, &end, 10);
	if (*end == '.' && end != typed) {
		*session = *question;
		typed = end + 1;
		*question = strtoll(typed, &end, 10);
		if (*session <= 0) {
			return false;
		}
	}
	return errno == 0 && *end == '\0' && end != typed && *question > 0;
}

static const json_t *find_question(
	const struct session_client *client, int64_t question)
{
	size_t index;
	json_t *body;

	json_array_foreach(client->questions, index, body)
	{
		if (json_integer_value(json_object_get(body, "id")) == question) {
			return body;
		}
	}
	return NULL;
}

/* The one running session that has such a question open. */
static bool find_session(const struct command_line *line, int64_t question,
	int64_t *session, struct error *err)
{
	int64_t *running;
	size_t count;
	size_t found = 0;

	if (!session_client_running(line->database, &running, &count, err)) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct session_client client;
		struct error ignored = {0}; /* it has ended, and its questions too */
		if (session_client_open(
			    &client, line->database, running[i], "answer", &ignored) &&
			find_question(&client, question) != NULL) {
			*session = running[i];
			found++;
		}
		session_client_close(&client);
	}
	free(running);
	if (found > 1) {
		return error_set(err, ERROR_USAGE,
			"several sessions have a question %" PRId64
			"; write SESSION.%" PRId64,
			question, question);
	}
	return found == 1 ||
	       error_set(err, ERROR_NOT_FOUND,
		       "no open question has the number %" PRId64, question);
}

/* One rule for each verb that the question is about. Returns how many. */
static size_t rules_of_pattern(
	const struct protocol_question *question, const char *pattern, char **rules)
{
	uint32_t seen = 0;
	size_t count = 0;

	for (size_t i = 0; i < question->action_count; i++) {
		const enum verb verb = question->actions[i].verb;
		if ((seen & 1U << verb) == 0) {
			seen |= 1U << verb;
			rules[count++] = xasprintf("%s %s", verb_name(verb), pattern);
		}
	}
	return count;
}

static bool send_answer(struct session_client *client, const struct command_line *line,
	struct protocol_answer *answer, struct error *err)
{
	const char *pattern = option_text(line, "pattern");
	struct protocol_question question = {0};
	char *rules[VERB_COUNT] = {0};
	struct text texts[VERB_COUNT];
	const json_t *body = find_question(client, answer->question);

	if (body == NULL || !protocol_question_read(body, &question)) {
		return error_set(err, ERROR_NOT_FOUND,
			"session %" PRId64 " has no open question %" PRId64,
			client->session, answer->question);
	}
	if (pattern != NULL) {
		answer->rule_count = rules_of_pattern(&question, pattern, rules);
	}
	for (size_t i = 0; i < answer->rule_count; i++) {
		texts[i] = text_of(rules[i]);
	}
	answer->rules = texts;
	const bool is_done =
		session_client_request(client, protocol_answer_write(answer), err);
	for (size_t i = 0; i < answer->rule_count; i++) {
		free(rules[i]);
	}
	answer->rules = NULL;
	answer->rule_count = 0;
	protocol_question_finish(&question);
	return is_done;
}

static bool read_answer(const struct command_line *line, int64_t *session,
	struct protocol_answer *answer, struct error *err)
{
	const char *scope = option_text(line, "scope");

	*answer = (struct protocol_answer){.scope = SCOPE_ONCE};
	if (!read_id(line->arguments[0], session, &answer->question)) {
		return error_set(err, ERROR_USAGE,
			"%s is no number of a question; duenna questions lists them",
			line->arguments[0]);
	}
	if (!verdict_from_name(text_of(line->arguments[1]), &answer->verdict) ||
		(answer->verdict != VERDICT_ALLOW && answer->verdict != VERDICT_DENY)) {
		return error_set(err, ERROR_USAGE, "an answer is allow or deny, not %s",
			line->arguments[1]);
	}
	if (scope != NULL) {
		(void)scope_from_name(text_of(scope), &answer->scope); /* a choice */
	}
	if (answer->scope == SCOPE_ONCE && option_given(line, "pattern")) {
		return error_set(err, ERROR_USAGE,
			"--pattern needs a --scope: an answer for once stores no rule");
	}
	return true;
}

static int run_answer(const struct command_line *line, struct error *err)
{
	struct session_client client;
	struct protocol_answer answer;
	int64_t session;

	if (!read_answer(line, &session, &answer, err) ||
		(session == 0 && !find_session(line, answer.question, &session, err))) {
		return EXIT_FAILED;
	}
	const bool is_done =
		session_client_open(&client, line->database, session, "answer", err) &&
		send_answer(&client, line, &answer, err);
	session_client_close(&client);
	return is_done ? EXIT_DONE : EXIT_FAILED;
}

const struct command command_answer = {
	.name = "answer",
	.arguments = "ID allow|deny",
	.summary = "answer an open question of a running session",
	.description =
		"ID is a number that `duenna questions` lists: SESSION.QUESTION, or\n"
		"QUESTION alone while one session has such a question. An answer that\n"
		"would not take effect is refused with the reason.",
	.common = COMMON_DATABASE,
	.options = answer_options,
	.arguments_min = 2,
	.arguments_max = 2,
	.run = run_answer,
};
