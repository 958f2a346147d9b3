/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <time.h>

TestSuite(decisions, .init = make_folder, .fini = remove_folder, .timeout = 60);

static int64_t add(struct db *db, struct rule_record rule)
{
	struct error err = {0};
	int64_t id = 0;

	cr_assert(db_rule_add(db, &rule, &id, &err), "%s", err.text);
	cr_expect(id > 0);
	return id;
}

/* Texts of the rules that a filter gives, joined by "; ". */
static const char *texts(struct db *db, struct rule_filter filter)
{
	static char joined[512];
	struct rule_record rule;
	struct error err = {0};

	joined[0] = '\0';
	cr_assert(db_rules_begin(db, &filter, &err), "%s", err.text);
	while (db_rules_next(db, &rule, &err)) {
		size_t used = strlen(joined);

		(void)snprintf(joined + used, sizeof(joined) - used, "%s%s",
			used ? "; " : "", shown(rule.text));
	}
	cr_expect(eq(int, err.code, 0), "%s", err.text);
	return joined;
}

Test(decisions, every_field_comes_back_as_it_was)
{
	struct db *db = open_database("d.db");
	struct rule_record got, stored = a_rule("allow read /a");
	struct error err = {0};

	stored.scope = SCOPE_PROCESS;
	stored.project = text_of("/p");
	stored.session = insert_session(db);
	stored.process = 5;
	stored.source = text_of("a.rules:3");
	stored.until = 4000000000;
	stored.origin_session = stored.session;
	stored.origin_event = 6;
	stored.origin_question = 7;
	stored.note = text_of("a note");
	stored.id = add(db, stored);
	cr_assert(db_rule_hits(db, stored.id, 3, 99, &err), "%s", err.text);
	cr_assert(db_rules_begin(db, &(struct rule_filter){.all = true}, &err));
	cr_assert(db_rules_next(db, &got, &err));
	cr_expect(eq(i64, got.id, stored.id));
	cr_expect(eq(str, (char *)shown(got.text), "allow read /a"));
	cr_expect(got.origin == ORIGIN_PERSON && got.scope == SCOPE_PROCESS);
	cr_expect(eq(str, (char *)shown(got.project), "/p"));
	cr_expect(eq(i64, got.session, stored.session));
	cr_expect(eq(i64, got.process, 5));
	cr_expect(eq(str, (char *)shown(got.source), "a.rules:3"));
	cr_expect(eq(i64, got.created, 3000000000));
	cr_expect(eq(i64, got.until, 4000000000));
	cr_expect(eq(i64, got.origin_session, stored.session));
	cr_expect(eq(i64, got.origin_event, 6));
	cr_expect(eq(i64, got.origin_question, 7));
	cr_expect(eq(str, (char *)shown(got.note), "a note"));
	cr_expect(got.hits == 3 && got.last_hit == 99);
	cr_expect(not(db_rules_next(db, &got, &err)));
	db_close(db);
}

Test(decisions, the_filter_selects_what_holds)
{
	struct db *db = open_database("d.db");
	struct rule_record rule = a_rule("allow read /always");
	int64_t session = insert_session(db);

	(void)add(db, rule);
	rule = a_rule("allow read /project");
	rule.scope = SCOPE_PROJECT;
	rule.project = text_of("/p");
	(void)add(db, rule);
	rule = a_rule("allow read /session");
	rule.scope = SCOPE_SESSION;
	rule.session = session;
	(void)add(db, rule);
	rule = a_rule("allow read /expired");
	rule.until = 5;
	(void)add(db, rule);

	cr_expect(eq(
		str, (char *)texts(db, (struct rule_filter){0}), "allow read /always"));
	cr_expect(eq(str, (char *)texts(db, (struct rule_filter){.project = "/p"}),
		"allow read /always; allow read /project"));
	cr_expect(eq(str, (char *)texts(db, (struct rule_filter){.project = "/p/sub"}),
		"allow read /always"));
	cr_expect(eq(str, (char *)texts(db, (struct rule_filter){.session = session}),
		"allow read /always; allow read /session"));
	cr_expect(eq(str, (char *)texts(db, (struct rule_filter){.all = true}),
		"allow read /always; allow read /project; allow read /session; "
		"allow read /expired"));
	db_close(db);
}

Test(decisions, undo_takes_back_the_last_addition_whole)
{
	struct db *db = open_database("d.db");
	struct rule_record rules[] = {a_rule("allow read /b"), a_rule("allow read /c")};
	struct error err = {0};
	size_t removed;

	(void)add(db, a_rule("allow read /a"));
	cr_assert(db_rules_add(db, rules, 2, &err), "%s", err.text);
	cr_assert(db_rules_undo(db, &removed, &err), "%s", err.text);
	cr_expect(eq(sz, removed, 2));
	cr_expect(eq(str, (char *)texts(db, (struct rule_filter){0}), "allow read /a"));
	cr_assert(db_rules_undo(db, &removed, &err), "%s", err.text);
	cr_expect(eq(sz, removed, 1));
	cr_assert(db_rules_undo(db, &removed, &err), "%s", err.text);
	cr_expect(eq(sz, removed, 0));
	db_close(db);
}

Test(decisions, ids_are_never_given_twice)
{
	struct db *db = open_database("d.db");
	struct error err = {0};
	int64_t first = add(db, a_rule("allow read /a"));

	cr_assert(db_rule_remove(db, first, &err), "%s", err.text);
	cr_expect(add(db, a_rule("allow read /a")) > first);
	cr_expect(not(db_rule_remove(db, first, &err)));
	cr_expect(eq(int, err.code, ERROR_NOT_FOUND));
	db_close(db);
}

Test(decisions, loading_parses_and_keeps_the_history)
{
	struct db *db = open_database("d.db");
	struct rule_record stored = a_rule("deny write /a/**");
	struct rule_list list = {0};
	struct error err = {0};

	stored.until = 4000000000;
	stored.note = text_of("why");
	stored.id = add(db, stored);
	cr_assert(db_rules_load(db, &(struct rule_filter){0}, &list, &err), "%s",
		err.text);
	cr_assert(eq(sz, list.count, 1));
	cr_expect(eq(i64, list.rules[0].id, stored.id));
	cr_expect(list.rules[0].verdict == VERDICT_DENY);
	cr_expect(list.rules[0].origin == ORIGIN_PERSON);
	cr_expect(list.rules[0].scope == SCOPE_ALWAYS);
	cr_expect(list.rules[0].until == 4000000000);
	cr_expect(eq(str, list.rules[0].note, "why"));
	cr_expect(eq(str, list.rules[0].source, "added 1970-01-01"));
	rule_list_finish(&list);
	db_close(db);
}

Test(decisions, a_stored_rule_that_cannot_be_read_fails_the_load)
{
	struct db *db = open_database("d.db");
	struct rule_list list = {0};
	struct error err = {0};

	(void)add(db, a_rule("allow read /a"));
	(void)add(db, a_rule("nonsense"));
	cr_expect(not(db_rules_load(db, &(struct rule_filter){0}, &list, &err)));
	cr_expect(eq(int, err.code, ERROR_DAMAGED));
	rule_list_finish(&list);
	db_close(db);
}

Test(decisions, one_content_is_accepted_for_each_project)
{
	struct db *db = open_database("d.db");
	struct acceptance accepted;
	char hash[CONTENT_HASH_SIZE];
	bool was_accepted;
	struct error err = {0};

	db_content_hash(text_of("abc"), hash);
	cr_expect(eq(str, hash,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	cr_expect(not(db_accepted(db, text_of("/p"), &accepted, &err)));
	cr_expect(eq(int, err.code, 0));
	cr_assert(db_accept(db, text_of("/p"), "of another length", 6, &err));
	cr_expect(not(db_accepted(db, text_of("/p"), &accepted, &err)));
	cr_assert(db_accept(db, text_of("/p"), hash, 7, &err), "%s", err.text);
	cr_assert(db_accepted(db, text_of("/p"), &accepted, &err));
	cr_expect(eq(str, accepted.hash, hash));
	cr_expect(eq(i64, accepted.time, 7));
	cr_expect(not(db_accepted(db, text_of("/q"), &accepted, &err)));
	cr_assert(db_withdraw_acceptance(db, text_of("/p"), &was_accepted, &err));
	cr_expect(was_accepted);
	cr_expect(not(db_accepted(db, text_of("/p"), &accepted, &err)));
	cr_assert(db_withdraw_acceptance(db, text_of("/p"), &was_accepted, &err));
	cr_expect(not(was_accepted));
	db_close(db);
}
