/* SPDX-License-Identifier: MIT */
#include "rules/action.h"
#include "rules/rule.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

Test(action, names_go_back_and_forth)
{
	for (int i = 0; i < VERB_COUNT; i++) {
		enum verb verb = VERB_MCP;
		bool is_known = verb_from_name(text_of(verb_name((enum verb)i)), &verb);
		cr_expect(is_known);
		cr_expect(eq(int, (int)verb, i));
		cr_expect(ne(ptr, (void *)verb_meaning((enum verb)i), NULL));
	}
	for (int i = 0; i < VERDICT_COUNT; i++) {
		enum verdict verdict = VERDICT_DENY;
		bool is_known = verdict_from_name(
			text_of(verdict_name((enum verdict)i)), &verdict);
		cr_expect(is_known);
		cr_expect(eq(int, (int)verdict, i));
	}
	for (int i = 0; i < SCOPE_COUNT; i++) {
		enum scope scope = SCOPE_ONCE;
		bool is_known =
			scope_from_name(text_of(scope_name((enum scope)i)), &scope);
		cr_expect(is_known);
		cr_expect(eq(int, (int)scope, i));
	}
	enum verb verb;
	bool is_known = verb_from_name(text_of("readx"), &verb);
	cr_expect(not(is_known));
}

Test(action, the_stricter_verdict_is_forbid_then_deny_then_ask)
{
	static const enum verdict order[] = {
		VERDICT_ALLOW, VERDICT_ASK, VERDICT_DENY, VERDICT_FORBID};

	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 4; j++) {
			enum verdict expected = order[i > j ? i : j];
			enum verdict got = verdict_stricter(order[i], order[j]);
			cr_expect(eq(int, (int)got, (int)expected));
		}
	}
}

struct endpoint_case {
	const char *text;
	bool is_endpoint;
	enum endpoint_family family;
	enum transport transport;
	unsigned port;
	const char *printed;
};

/* clang-format off */
static const struct endpoint_case endpoint_cases[] = {
	{"1.2.3.4:80", true, ENDPOINT_IPV4, TRANSPORT_OTHER, 80, "1.2.3.4:80"},
	{"tcp/1.2.3.4:80", true, ENDPOINT_IPV4, TRANSPORT_TCP, 80, "1.2.3.4:80"},
	{"udp/[::1]:53", true, ENDPOINT_IPV6, TRANSPORT_UDP, 53, "[::1]:53"},
	{"[::ffff:1.2.3.4]:80", true, ENDPOINT_IPV4, TRANSPORT_OTHER, 80, "1.2.3.4:80"},
	{"example.com:443", true, ENDPOINT_NONE, TRANSPORT_OTHER, 443, "?:443"},
	{"unix:/run/x", true, ENDPOINT_UNIX, TRANSPORT_OTHER, 0, "unix:"},
	{"unix:@x", true, ENDPOINT_ABSTRACT, TRANSPORT_OTHER, 0, "unix:@"},
	{"netlink:route", true, ENDPOINT_NETLINK, TRANSPORT_OTHER, 0, "netlink:"},
	{"vsock:2:1", true, ENDPOINT_VSOCK, TRANSPORT_OTHER, 0, "vsock:"},
	{"", false, 0, 0, 0, NULL},
	{"example.com", false, 0, 0, 0, NULL},
	{":80", false, 0, 0, 0, NULL},
	{"*.example.com:443", false, 0, 0, 0, NULL},
	{"1.2.3.4:65536", false, 0, 0, 0, NULL},
	{"1.2.3.4:", false, 0, 0, 0, NULL},
	{"1.2.3.4:-1", false, 0, 0, 0, NULL},
	{"[::g]:1", false, 0, 0, 0, NULL},
	{"unix:", false, 0, 0, 0, NULL},
	{"unix:x", false, 0, 0, 0, NULL},
	{"unix:@", false, 0, 0, 0, NULL},
	{"tcp/", false, 0, 0, 0, NULL},
	{"a..b:1", false, 0, 0, 0, NULL},
};
/* clang-format on */

Test(action, endpoints_are_read_and_written)
{
	for (size_t i = 0; i < sizeof(endpoint_cases) / sizeof(endpoint_cases[0]);
		i++) {
		const struct endpoint_case *c = &endpoint_cases[i];
		struct endpoint endpoint;
		char printed[64];
		bool is_endpoint = endpoint_parse(text_of(c->text), &endpoint);
		bool is_right = is_endpoint == c->is_endpoint;
		cr_expect(is_right, "%s", c->text);
		if (!is_endpoint || !is_right) {
			continue;
		}
		size_t length = endpoint_format(&endpoint, printed, sizeof(printed));
		cr_expect(eq(int, (int)endpoint.family, (int)c->family), "%s", c->text);
		cr_expect(eq(int, (int)endpoint.transport, (int)c->transport), "%s",
			c->text);
		cr_expect(eq(u32, endpoint.port, c->port), "%s", c->text);
		cr_expect(eq(str, printed, (char *)c->printed), "%s", c->text);
		cr_expect(eq(sz, length, strlen(printed)), "%s", c->text);
	}
}

Test(action, a_rule_is_copied_deeply)
{
	struct rule rule = {.pattern = text_copy(text_of("/a")),
		.note = text_copy(text_of("n")),
		.source = text_copy(text_of("s"))};
	struct rule copy;

	rule.argv_patterns = malloc(sizeof(char *));
	rule.argv_patterns[0] = text_copy(text_of("x"));
	rule.argv_pattern_count = 1;
	rule_copy(&copy, &rule);
	bool is_equal = rule_equal(&rule, &copy);
	cr_expect(is_equal);
	cr_expect(ne(ptr, copy.pattern, rule.pattern));
	cr_expect(ne(ptr, copy.argv_patterns[0], rule.argv_patterns[0]));
	rule_finish(&rule);
	cr_expect(eq(str, copy.argv_patterns[0], "x"));
	rule_finish(&copy);
	rule_finish(NULL);
}
