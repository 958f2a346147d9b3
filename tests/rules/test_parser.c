/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct spelling {
	const char *written;
	const char *printed;
};

/* clang-format off */
static const struct spelling spellings[] = {
	{"allow read            /usr/**", "allow read /usr/**"},
	{"ask read ~/.ssh/**   # comment", "ask read ~/.ssh/**"},
	{"\tallow\tread,write,delete {project}/**\r", "allow read,write,delete {project}/**"},
	{"allow delete,read /x", "allow read,delete /x"},
	{"allow any *", "allow any *"},
	{"allow read,write,delete,meta,exec,connect,listen,signal,inspect,system,mcp *", "allow any *"},
	{"forbid write /x", "forbid write /x"},
	{"allow exec /usr/bin/git push origin * by /usr/bin/bash", "allow exec /usr/bin/git push origin * by /usr/bin/bash"},
	{"allow exec /usr/bin/git push **", "allow exec /usr/bin/git push **"},
	{"allow exec /bin/true ()", "allow exec /bin/true ()"},
	{"allow exec /bin/echo \"()\" \"by\" \"#x\" \"\" \"a b\"", "allow exec /bin/echo \"()\" \"by\" \"#x\" \"\" \"a b\""},
	{"allow exec /bin/echo a\\ b", "allow exec /bin/echo \"a b\""},
	{"allow exec * push", "allow exec * push"},
	{"allow connect *.GitHub.com:443 under /usr/bin/git", "allow connect *.github.com:443 under /usr/bin/git"},
	{"allow connect tcp/example.com:80-90", "allow connect tcp/example.com:80-90"},
	{"allow connect udp/*:53", "allow connect udp/*:53"},
	{"allow connect [2001:DB8:0::]/32:*", "allow connect [2001:db8::]/32:*"},
	{"allow connect [::1]:0-65535", "allow connect [::1]:*"},
	{"allow connect 10.0.0.0/8:*", "allow connect 10.0.0.0/8:*"},
	{"allow connect 10.0.0.1/32:1", "allow connect 10.0.0.1:1"},
	{"deny connect unix:/run/docker.sock", "deny connect unix:/run/docker.sock"},
	{"deny connect unix:~/x/*.sock", "deny connect unix:~/x/*.sock"},
	{"deny connect unix:@/tmp/.X11-unix/X*", "deny connect unix:@/tmp/.X11-unix/X*"},
	{"deny connect unix:@a\\x00b", "deny connect unix:@a\\x00b"},
	{"allow connect netlink:route", "allow connect netlink:route"},
	{"allow connect,listen vsock:2:*", "allow connect,listen vsock:2:*"},
	{"ask connect * code generated", "ask connect * code generated"},
	{"ask connect * code {project}/x.py", "ask connect * code {project}/x.py"},
	{"allow read ~/notes/** via mcp:filesystem/read_file", "allow read ~/notes/** via mcp:filesystem/read_file"},
	{"label secret ~/.ssh/**", "label secret ~/.ssh/**"},
	{"label inner 10.0.0.0/8:* note x", "label inner 10.0.0.0/8:* note \"x\""},
	{"ask connect * after secret", "ask connect * after secret"},
	{"allow connect 127.0.0.0/8:* until 2026-12-31", "allow connect 127.0.0.0/8:* until 2026-12-31"},
	{"allow read /x until 2026-12-31T18:00", "allow read /x until 2026-12-31T18:00:00Z"},
	{"allow read /x until 2027-01-01T00:00:00Z", "allow read /x until 2026-12-31"},
	{"expect deny read ~/.ssh/id_ed25519", "expect deny read ~/.ssh/id_ed25519"},
	{"expect ask exec /bin/git push by /bin/sh", "expect ask exec /bin/git push by /bin/sh"},
	{"allow signal /usr/bin/vim", "allow signal /usr/bin/vim"},
	{"allow system mount", "allow system mount"},
	{"allow mcp github/get_*", "allow mcp github/get_*"},
	{"allow mcp unix:x", "allow mcp unix:x"},
	{"allow read **/.env", "allow read /**/.env"},
	{"allow read {home}", "allow read {home}"},
	{"allow read ~", "allow read ~"},
	{"allow read /", "allow read /"},
	{"allow read /a\\*b", "allow read /a\\*b"},
	{"allow read \"/a b\"", "allow read \"/a b\""},
	{"allow read /a\\ b", "allow read \"/a b\""},
	{"allow read /a\\x41\\u{e9}", "allow read /aA\xc3\xa9"},
	{"allow read /\\xff\\xc3\\xa9", "allow read /\\xff\xc3\xa9"},
	{"allow read /\\u{202e}", "allow read /\\xe2\\x80\\xae"},
	{"allow read /\\n\\x1b\\\\", "allow read /\\x0a\\x1b\\\\"},
	{"allow read /\\\"x\\{y}", "allow read /\\\"x\\{y}"},
	{"allow read /[a-z][!0-9]?", "allow read /[a-z][!0-9]?"},
	{"allow read /x#y", "allow read /x#y"},
	{"allow read /~", "allow read /~"},
	{"allow exec /bin/x \\~ ~ ~root", "allow exec /bin/x \\~ ~ \\~root"},
	{"allow exec /bin/x HEAD~1 {tmp}/y --out={tmp}/z", "allow exec /bin/x HEAD~1 {tmp}/y --out={tmp}/z"},
	{"allow read /x note \"say \\\"hi\\\" \\\\ * \\u{e9}\"", "allow read /x note \"say \\\"hi\\\" \\\\ * \xc3\xa9\""},
	{"allow read /x note \"\"", "allow read /x note \"\""},
};

struct refusal {
	const char *written;
	const char *message;
};

static const struct refusal refusals[] = {
	{"", "column 1: there is no rule in this line (write for example: allow read /usr/**)"},
	{"# only a comment", "column 17: there is no rule in this line (write for example: allow read /usr/**)"},
	{"alow read /x", "column 1: alow: a line begins with a verdict (write allow, ask, deny, forbid, label or expect)"},
	{"  \"allow\" read /x", "column 3: allow: a line begins with a verdict (write allow, ask, deny, forbid, label or expect)"},
	{"allow", "column 6: the verb is missing (write for example: allow read /usr/**)"},
	{"allow read", "column 11: the object is missing (write a pattern after the verb, or * for anything)"},
	{"allow read,wrote /x", "column 12: wrote: unknown verb (verbs are read, write, delete, meta, exec, connect, listen, signal, inspect, system, mcp and any, joined by commas)"},
	{"allow read, write /x", "column 12: : unknown verb (verbs are read, write, delete, meta, exec, connect, listen, signal, inspect, system, mcp and any, joined by commas)"},
	{"allow read usr/**", "column 12: a path pattern is absolute (begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/)"},
	{"allow read ~root/x", "column 12: a path pattern is absolute (begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/)"},
	{"allow read /a/../b", "column 15: . and .. never match: paths are resolved first (write the resolved path)"},
	{"allow read /a//b", "column 15: two slashes in a row never match (write one slash)"},
	{"allow read /a/", "column 15: a path pattern does not end in a slash (write /** for all below a folder)"},
	{"allow read /a/b**", "column 16: ** stands alone between slashes (write * within a segment)"},
	{"allow read /a/***", "column 15: three stars have no meaning (write * within a segment, ** for any depth)"},
	{"allow read {projekt}/x", "column 12: unknown variable (known are {project}, {home} and {tmp}; write \\{ for a brace itself)"},
	{"allow read /a/{tmp}", "column 15: a variable stands only at the start of a path (write \\{ for a brace itself)"},
	{"allow read {project}x", "column 21: a variable is a whole path (write a slash after it)"},
	{"allow read /a[b", "column 14: a set without its closing ] (write \\[ for a bracket itself)"},
	{"allow read /a[]", "column 14: an empty set matches nothing (write \\[ for a bracket itself)"},
	{"allow read /a[z-a]", "column 15: this range runs backwards (write the smaller character first)"},
	{"allow read /a\\", "column 14: a backslash needs a character after it (write \\\\ for a backslash)"},
	{"allow read /a\\q", "column 14: unknown escape (known are \\n \\t \\r \\xHH \\u{HEX} and a backslash before punctuation)"},
	{"allow read /a\\x4", "column 14: \\x needs two hexadecimal digits (write for example \\x1b)"},
	{"allow read /a\\u{110000}", "column 14: this is no Unicode character (write \\u{\xe2\x80\xa6} with one to six hexadecimal digits)"},
	{"allow read /a\xff", "column 14: a character that cannot be seen or is no UTF-8 (write it as \\xHH or \\u{HEX})"},
	{"allow read /a\xe2\x80\xae", "column 14: a character that cannot be seen or is no UTF-8 (write it as \\xHH or \\u{HEX})"},
	{"allow read \"/a", "column 12: a quote that does not end (write \\\" for a quote itself)"},
	{"allow read \"/a\"b", "column 16: a blank is missing after the quote (put the quotes around the whole word)"},
	{"allow read /a\"b\"", "column 14: a quote within a word (put the quotes around the whole word, or write \\\")"},
	{"allow read \"\"", "column 13: an empty object matches nothing (write * for anything)"},
	{"allow read /a /b", "column 15: /b: unexpected word (qualifiers are by, under, via, code, after, until and note; only a rule for exec alone takes arguments)"},
	{"allow read,exec /a b", "column 20: b: unexpected word (qualifiers are by, under, via, code, after, until and note; only a rule for exec alone takes arguments)"},
	{"allow read,connect /a", "column 20: connect and listen need a host, not a path (write host:port, or unix:/path for a socket file)"},
	{"allow read,connect a:1", "column 20: only connect and listen have such an object (write a path for the other verbs, in a rule of its own)"},
	{"allow system /mount", "column 14: system and mcp need a name, not a path (write for example mount, or server/tool)"},
	{"allow exec /a ** b", "column 15: ** stands alone as the last argument (write * within one argument)"},
	{"allow exec /a x**", "column 16: ** stands alone as the last argument (write * within one argument)"},
	{"allow exec /a () b", "column 18: b: () says that there are no arguments (write \"()\" for an argument of that name)"},
	{"allow connect example.com", "column 26: the port is missing (write :443 for one port, :* for any)"},
	{"allow connect :80", "column 15: the host is missing (write * for any host)"},
	{"allow connect example.com:99999", "column 27: this is no port (write a number, a range such as 8000-8999, or *)"},
	{"allow connect example.com:90-80", "column 27: this range runs backwards (write the smaller port first)"},
	{"allow connect *.com:443", "column 17: anybody can register names below this suffix (write the name that you mean, for example *.example.com:443)"},
	{"allow connect *.co.uk:443", "column 17: anybody can register names below this suffix (write the name that you mean, for example *.example.com:443)"},
	{"allow connect *.github.io:443", "column 17: anybody can register names below this suffix (write the name that you mean, for example *.example.com:443)"},
	{"allow connect *.nosuchtld:443", "column 17: anybody can register names below this suffix (write the name that you mean, for example *.example.com:443)"},
	{"allow connect api.*.com:443", "column 19: a * may stand only before a suffix (write *.example.com:443, or *:443 for any host)"},
	{"allow connect b\xc3\xbc" "cher.de:443", "column 16: a host name is written in ASCII (write the xn-- form of the name)"},
	{"allow connect a!b:1", "column 16: this cannot stand in a host name (write for example api.example.com:443)"},
	{"allow connect ::1:80", "column 15: an IPv6 address stands in brackets (write for example [::1]:80)"},
	{"allow connect [::1:80", "column 15: an address without its closing ] (write for example [::1]:80)"},
	{"allow connect [::g]:80", "column 16: this is no IPv6 address (write for example [::1]:80 or [2001:db8::]/32:443)"},
	{"allow connect [::ffff:1.2.3.4]:80", "column 16: this is an IPv4 address in IPv6 form (write the IPv4 address: that is how it is judged)"},
	{"allow connect 1.2.3.256:80", "column 15: this is no IPv4 address (write four numbers up to 255, for example 192.0.2.7:80)"},
	{"allow connect 10.0.0.0/33:80", "column 23: this is no length of a network prefix (write for example 10.0.0.0/8:443 or [2001:db8::]/32:443)"},
	{"allow connect 10.1.0.0/8:80", "column 23: the address has bits beyond its prefix (write the first address of the network)"},
	{"allow connect unix:run/x", "column 20: a path pattern is absolute (begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/)"},
	{"allow connect unix:", "column 20: a name is missing after the colon (write * for any)"},
	{"allow read /a by git", "column 18: a path pattern is absolute (begin it with /, ~/, {project}/, {home}/, {tmp}/ or **/)"},
	{"allow read /a by", "column 17: the qualifier has no value (qualifiers are by, under, via, code, after, until and note; only a rule for exec alone takes arguments)"},
	{"allow read /a by /x by /y", "column 21: by: given twice (write one of them)"},
	{"allow read /a via server", "column 19: server: via needs an MCP server (write via mcp:server or via mcp:server/tool)"},
	{"allow read /a via mcp:a/b/c", "column 19: mcp:a/b/c: via names one server and perhaps one tool (write via mcp:server/tool)"},
	{"allow read /a after \"a b\"", "column 21: a b: this is no name of a label (a label's name has letters, digits, - and _)"},
	{"allow read /a until tomorrow", "column 21: tomorrow: this is no date (write 2026-12-31 or 2026-12-31T18:00Z (UTC))"},
	{"allow read /a until 2026-02-30", "column 21: 2026-02-30: this is no date (write 2026-12-31 or 2026-12-31T18:00Z (UTC))"},
	{"label secret", "column 13: the object is missing (write a pattern after the verb, or * for anything)"},
	{"label", "column 6: the label's name is missing (write for example: label secret ~/.ssh/**)"},
	{"label a /x by /y", "column 12: by: this line takes no such qualifier"},
	{"expect", "column 7: the expected verdict is missing (write for example: expect deny read ~/.ssh/id_ed25519)"},
	{"expect deny read /x/*", "column 18: /x/*: an expectation names one object (write it without wildcards)"},
	{"expect deny read /x until 2026-12-31", "column 21: until: this line takes no such qualifier"},
	{"allow read /a\nallow read /b", "column 14: a rule is one line"},
};
/* clang-format on */

Test(parser, prints_each_rule_in_its_canonical_spelling)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct rule rule;
		struct error err = {0};
		bool is_rule =
			rule_parse_line(text_of(spellings[i].written), &rule, &err);
		cr_expect(is_rule, "%s: %s", spellings[i].written, err.text);
		if (!is_rule) {
			continue;
		}
		char *printed = rule_print(&rule);
		cr_expect(eq(str, printed, (char *)spellings[i].printed), "%s",
			spellings[i].written);
		free(printed);
		rule_finish(&rule);
	}
}

Test(parser, reads_back_what_it_printed_as_an_equal_rule)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct rule rule;
		struct rule again;
		struct error err = {0};
		if (!rule_parse_line(text_of(spellings[i].written), &rule, &err)) {
			continue; /* the test above reports it */
		}
		char *printed = rule_print(&rule);
		bool is_rule = rule_parse_line(text_of(printed), &again, &err);
		cr_expect(is_rule, "%s: %s", printed, err.text);
		bool is_equal = rule_equal(&rule, &again);
		cr_expect(is_equal, "%s", printed);
		free(printed);
		rule_finish(&rule);
		rule_finish(&again);
	}
}

Test(parser, refuses_with_place_and_hint)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct rule rule;
		struct error err = {0};
		bool is_rule =
			rule_parse_line(text_of(refusals[i].written), &rule, &err);
		cr_expect(not(is_rule), "accepted: %s", refusals[i].written);
		cr_expect(eq(str, err.text, (char *)refusals[i].message), "%s",
			refusals[i].written);
		rule_finish(&rule);
	}
}

Test(parser, reports_every_error_of_a_file_and_keeps_nothing_of_it)
{
	static const char text[] = "allow read /usr/**\n"
				   "alow read /x\n"
				   "\n"
				   "# comment\n"
				   "deny write /a/\n";
	struct rule_list list = {0};
	struct rule_errors errors = {0};

	bool is_valid = rule_parse_file_text(
		text_of(text), "my.rules", ORIGIN_FILE, &list, &errors);
	cr_expect(not(is_valid));
	cr_expect(eq(sz, list.count, 0));
	cr_assert(eq(sz, errors.count, 2));
	char *first = rule_error_format(&errors.errors[0]);
	char *second = rule_error_format(&errors.errors[1]);
	cr_expect(eq(str, first,
		"my.rules:2:1: alow: a line begins with a verdict (write allow, ask, "
		"deny, "
		"forbid, label or expect)"));
	cr_expect(eq(str, second,
		"my.rules:5:15: a path pattern does not end in a slash (write /** for "
		"all "
		"below a folder)"));
	free(first);
	free(second);
	rule_errors_finish(&errors);
	rule_list_finish(&list);
}

Test(parser, gives_each_rule_of_a_file_its_source)
{
	struct rule_list list = {0};

	add_rules(&list, ORIGIN_PROFILE, "\n# x\nallow read /a\r\nallow read /b");
	cr_assert(eq(sz, list.count, 2));
	cr_expect(eq(str, list.rules[0].source, "test:3"));
	cr_expect(eq(str, list.rules[1].source, "test:4"));
	bool is_profile = list.rules[1].origin == ORIGIN_PROFILE;
	cr_expect(is_profile);
	rule_list_finish(&list);
}

Test(parser, refuses_lines_that_are_too_long)
{
	struct rule rule;
	struct error err = {0};
	enum { LENGTH = 2000000 };
	char *line = xmalloc(LENGTH + 1);

	memset(line, 'a', LENGTH);
	line[LENGTH] = '\0';
	memcpy(line, "allow read /", 12);
	bool is_rule = rule_parse_line(text_of(line), &rule, &err);
	cr_expect(not(is_rule));
	cr_expect(eq(str, err.text,
		"column 1048577: the line is too long (a line has at most 1048576 "
		"bytes)"));
	free(line);
}

/* A small generator: the same numbers in every run. */
static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16;
}

/* One of several texts; the list ends with NULL. */
static const char *pick(unsigned *state, const char *const *texts)
{
	unsigned count = 0;

	while (texts[count]) {
		count++;
	}
	return texts[next_random(state) % count];
}

static char *random_rule(unsigned *state)
{
	static const char *const verdicts[] = {
		"allow", "ask", "deny", "forbid", "label some-name", NULL};
	static const char *const objects[] = {"read,write /a/*.c", "any *",
		"exec ~/x a * **", "exec {tmp}/x () ", "connect udp/*.example.com:1-9",
		"listen [::]:*", "connect unix:@a\\x00*", "delete \"/a b/[!x]\\*\"",
		"mcp a/b?c", "system mount", "meta **/\\u{e9}\\xff", "connect vsock:*",
		"signal,inspect {home}/**/v", NULL};
	static const char *const by[] = {
		"", " by /a", " by ~/b*", " by \"/a b\"", NULL};
	static const char *const under[] = {
		"", " under {project}/**", " under /x", NULL};
	static const char *const via[] = {"", " via mcp:a", " via mcp:*/t?", NULL};
	static const char *const code[] = {
		"", " code generated", " code /x/*.py", NULL};
	static const char *const after[] = {"", " after secret", NULL};
	static const char *const until[] = {
		"", " until 2030-02-28", " until 2030-02-28T23:59:59Z", NULL};
	static const char *const note[] = {
		"", " note x", " note \"a \\\"b\\\" #\"", NULL};
	const char *verdict = pick(state, verdicts);
	const char *object = pick(state, objects);

	if (strcmp(verdict, "label some-name") == 0) {
		return xasprintf("%s /a/[a-c]%s", verdict, pick(state, note));
	}
	return xasprintf("%s %s%s%s%s%s%s%s%s", verdict, object, pick(state, by),
		pick(state, under), pick(state, via), pick(state, code),
		pick(state, after), pick(state, until), pick(state, note));
}

Test(parser, reads_back_random_rules)
{
	unsigned state = 3;

	for (int round = 0; round < 5000; round++) {
		char *text = random_rule(&state);
		struct rule rule;
		struct rule again;
		struct error err = {0};
		bool is_rule = rule_parse_line(text_of(text), &rule, &err);
		cr_assert(is_rule, "%s: %s", text, err.text);
		char *printed = rule_print(&rule);
		is_rule = rule_parse_line(text_of(printed), &again, &err);
		cr_assert(is_rule, "%s: %s", printed, err.text);
		bool is_equal = rule_equal(&rule, &again);
		cr_assert(is_equal, "%s: %s", text, printed);
		rule_finish(&rule);
		rule_finish(&again);
		free(printed);
		free(text);
	}
}

Test(parser, quotes_any_bytes_so_that_they_come_back)
{
	unsigned state = 1;

	for (int round = 0; round < 20000; round++) {
		char bytes[24] = "/";
		size_t length = 1 + next_random(&state) % (sizeof(bytes) - 1);
		for (size_t i = 1; i < length; i++) {
			bool is_special = next_random(&state) % 2 == 0;
			static const char special[] = "*?[]{}\\\"'~# \t!-";
			bytes[i] = is_special ? special[next_random(&state) %
							(sizeof(special) - 1)]
					      : (char)next_random(&state);
			if (bytes[i] == '/') {
				bytes[i] = 'x';
			}
		}
		struct text literal = {bytes, length};
		if (text_equal_string(literal, "/.") ||
			text_equal_string(literal, "/..")) {
			continue;
		}
		struct rule rule = {.verdict = VERDICT_ALLOW, .verbs = 1U << VERB_READ};
		rule.pattern = pattern_quote_literal(literal);
		char *printed = rule_print(&rule);
		struct rule again;
		struct error err = {0};
		bool is_rule = rule_parse_line(text_of(printed), &again, &err);
		cr_assert(is_rule, "%s: %s", printed, err.text);
		bool is_equal = rule_equal(&rule, &again);
		cr_assert(is_equal, "%s", printed);
		struct rule_list list = {0};
		rule_list_take(&list, &again);
		struct rule_index *index = rule_index_create(&list, &test_variables);
		struct action action = {.verb = VERB_READ, .object = literal};
		struct subject subject = {0};
		struct judgement judgement =
			rule_index_judge(index, &action, &subject, TEST_NOW);
		bool is_allowed = judgement.verdict == VERDICT_ALLOW;
		cr_assert(is_allowed, "%s", printed);
		rule_index_destroy(index);
		rule_list_finish(&list);
		free(printed);
		rule_finish(&rule);
	}
}
