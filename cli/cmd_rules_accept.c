/* SPDX-License-Identifier: MIT */
/* `duenna rules accept`: a project's own rules count once a person has seen them. */
#include "base/escape.h"
#include "base/xalloc.h"
#include "cli/cmd_rules.h"
#include "cli/rules_effect.h"
#include "cli/show.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "session/repository_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_state(const struct repository_rules *repository)
{
	char date[SHOW_SIZE];

	switch (repository->state) {
	case REPOSITORY_NONE:
		break;
	case REPOSITORY_TIGHTENS:
		(void)puts("Nobody has accepted it: it can only tighten.");
		break;
	case REPOSITORY_CHANGED:
		(void)printf("It has changed since it was accepted at %s: it can only "
			     "tighten.\n",
			show_date(repository->accepted, date));
		break;
	case REPOSITORY_ACCEPTED:
		(void)printf("It was accepted at %s, as it is.\n",
			show_date(repository->accepted, date));
		break;
	}
}

/* Every rule, as it is understood: nothing can hide in a comment or a long line. */
static void print_rules(const struct rule_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *text = rule_print(&list->rules[i]);
		char *safe = escape_copy(text_of(text));

		(void)printf("  %s\n", safe);
		free(safe);
		free(text);
	}
}

static bool read_rules(
	const struct repository_rules *repository, struct rule_list *list)
{
	struct rule_errors errors = {0};
	bool is_good = rule_parse_file_text(
		(struct text){repository->bytes, repository->length}, repository->path,
		ORIGIN_REPOSITORY, list, &errors);

	for (size_t i = 0; i < errors.count; i++) {
		char *line = rule_error_format(&errors.errors[i]);

		(void)puts(line);
		free(line);
	}
	rule_errors_finish(&errors);
	return is_good;
}

static bool ask(const char *hash)
{
	char answer[16] = "";

	(void)printf("Accept exactly this content (%.12s…) in this project? Type yes: ",
		hash);
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

static bool store(const struct command_line *line,
	const struct repository_rules *repository, struct error *err)
{
	struct db *db = db_open(line->database, DB_WRITE, err);
	bool is_good = db && db_accept(db, text_of(line->project), repository->hash,
				     rules_now(), err);

	db_close(db);
	if (is_good) {
		(void)printf("accepted %s; any change of the file takes that back\n",
			repository->path);
	}
	return is_good;
}

static int withdraw(const struct command_line *line, struct error *err)
{
	struct db *db = db_open(line->database, DB_WRITE, err);
	bool was_accepted = false;

	if (db && db_withdraw_acceptance(
			  db, text_of(line->project), &was_accepted, err)) {
		(void)puts(was_accepted
				   ? "the project's rules can only tighten from now on"
				   : "nothing was accepted here");
	}
	db_close(db);
	return EXIT_DONE;
}

static int decide(const struct command_line *line,
	const struct repository_rules *repository, struct error *err)
{
	const char *hash = option_text(line, "hash");

	if (repository->state == REPOSITORY_ACCEPTED) {
		return EXIT_DONE;
	}
	if (hash) {
		if (strcmp(hash, repository->hash) != 0) {
			(void)error_set(err, ERROR_REFUSED,
				"the file has another content: its hash is %s",
				repository->hash);
			return EXIT_FAILED;
		}
		return store(line, repository, err) ? EXIT_DONE : EXIT_FAILED;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		(void)printf("To accept it: duenna rules accept --hash %s\n",
			repository->hash);
		return EXIT_FAILED;
	}
	if (ask(repository->hash)) {
		return store(line, repository, err) ? EXIT_DONE : EXIT_FAILED;
	}
	(void)puts("not accepted");
	return EXIT_FAILED;
}

static int show_and_decide(const struct command_line *line,
	const struct repository_rules *repository, struct error *err)
{
	const struct effect_options effect = {
		.database = line->database,
		.project = line->project,
		.accepts_repository = true,
	};
	struct rule_list list = {0};

	if (!read_rules(repository, &list)) {
		rule_list_finish(&list);
		return EXIT_FAILED;
	}
	char *path = show_text(text_of(repository->path), 0);
	(void)printf("%s says:\n", path);
	free(path);
	print_rules(&list);
	rule_list_finish(&list);
	print_state(repository);
	if (repository->state != REPOSITORY_ACCEPTED &&
		!rules_effect_print(&effect, err)) {
		return EXIT_FAILED;
	}
	return decide(line, repository, err);
}

static int run_accept(const struct command_line *line, struct error *err)
{
	struct repository_rules repository = {0};
	int status = EXIT_FAILED;

	if (!line->project) {
		(void)error_set(err, ERROR_USAGE,
			"there is no project here; name one with --project DIR");
	} else if (option_given(line, "withdraw")) {
		return withdraw(line, err);
	} else if (repository_rules_read(
			   &repository, line->project, line->database, NULL, err)) {
		if (repository.state == REPOSITORY_NONE) {
			(void)error_set(err, ERROR_NOT_FOUND,
				"this project has no .duenna.rules");
		} else {
			status = show_and_decide(line, &repository, err);
		}
	}
	repository_rules_finish(&repository);
	return status;
}

static const struct option_row accept_options[] = {
	{.name = "hash",
		.value = "SHA256",
		.meaning = "accept without asking, if the file has this content"},
	{.name = "withdraw", .meaning = "let the project's rules only tighten again"},
	{0},
};

const struct command rules_accept_command = {
	.name = "accept",
	.arguments = "",
	.summary = "let the project's own .duenna.rules count as a rule file",
	.description =
		"Shows the rules of the project's .duenna.rules and what they would "
		"change in the recordings of the project, and asks. Until then, and "
		"after any change of the file, it can only tighten.",
	.common = COMMON_DATABASE | COMMON_PROJECT,
	.options = accept_options,
	.run = run_accept,
};
