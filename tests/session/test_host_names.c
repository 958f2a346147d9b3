/* SPDX-License-Identifier: MIT */
#include "session/clock.h"
#include "session/host_names.h"
#include "session/resolver_addresses.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MINUTE (60 * NANOSECONDS_PER_SECOND)

static struct host_names names;

static void forget(void)
{
	host_names_finish(&names);
}

TestSuite(host_names, .fini = forget);

static struct endpoint endpoint_at(const char *text)
{
	struct endpoint endpoint;
	cr_assert(endpoint_parse(text_of(text), &endpoint), "%s", text);
	return endpoint;
}

static void learn(const char *name, const char *address, uint32_t seconds, int64_t now)
{
	struct endpoint endpoint = endpoint_at(address);
	struct dns_answer answer = {.count = 1};

	(void)snprintf(answer.name, sizeof(answer.name), "%s", name);
	answer.addresses[0].is_ipv6 = endpoint.family == ENDPOINT_IPV6;
	answer.addresses[0].seconds = seconds;
	memcpy(answer.addresses[0].bytes, endpoint.address, 16);
	host_names_learn(&names, &answer, now);
}

/* "a,b"; "" if there are none. */
static const char *names_of(const char *address, int64_t now)
{
	static char text[4096];
	struct endpoint endpoint = endpoint_at(address);
	const struct host_address *found = host_names_find(&names, &endpoint, now);

	text[0] = '\0';
	for (size_t i = 0; found != NULL && i < found->count; i++) {
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			i > 0 ? "," : "", found->names[i].name);
	}
	return text;
}

Test(host_names, an_address_keeps_every_name_it_was_answered_for)
{
	learn("a.test", "192.0.2.1:1", 0, 0);
	learn("b.test", "192.0.2.1:1", 0, 1);
	learn("a.test", "192.0.2.1:1", 0, 2);
	learn("c.test", "[2001:db8::1]:1", 0, 2);
	cr_expect(eq(str, (char *)names_of("192.0.2.1:443", 3), "a.test,b.test"));
	cr_expect(eq(str, (char *)names_of("[2001:db8::1]:443", 3), "c.test"));
	cr_expect(eq(str, (char *)names_of("192.0.2.2:443", 3), ""));
}

Test(host_names, names_end_after_their_lifetime_within_bounds)
{
	learn("none.test", "192.0.2.1:1", 0, 0);
	learn("hour.test", "192.0.2.1:1", 3600, 0);
	learn("ever.test", "192.0.2.1:1", UINT32_MAX, 0);
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 9 * MINUTE),
		"none.test,hour.test,ever.test"));
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 11 * MINUTE),
		"hour.test,ever.test"));
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 61 * MINUTE), "ever.test"));
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 25 * 60 * MINUTE), ""));
}

Test(host_names, a_shorter_answer_takes_nothing_away)
{
	learn("a.test", "192.0.2.1:1", 3600, 0);
	learn("a.test", "192.0.2.1:1", 0, MINUTE);
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 30 * MINUTE), "a.test"));
}

Test(host_names, this_machine_and_its_cable_get_no_names)
{
	static const char *const addresses[] = {"127.0.0.1:1", "127.8.8.8:1", "[::1]:1",
		"0.0.0.0:1", "0.1.2.3:1", "[::]:1", "169.254.169.254:1", "[fe80::1]:1",
		"224.0.0.251:1", "255.255.255.255:1", "[ff02::fb]:1"};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		learn("rebound.test", addresses[i], 0, 0);
		cr_expect(eq(str, (char *)names_of(addresses[i], 1), ""), "%s",
			addresses[i]);
	}
	learn("localhost", "192.0.2.1:1", 0, 0);
	learn("x.localhost", "192.0.2.1:1", 0, 0);
	cr_expect(eq(str, (char *)names_of("192.0.2.1:1", 1), ""));
}

Test(host_names, a_flood_pushes_out_the_oldest_and_no_more)
{
	char address[32];
	char name[32];

	for (int i = 0; i < HOST_ADDRESSES_MAX + 10; i++) {
		(void)snprintf(
			address, sizeof(address), "10.0.%d.%d:1", i / 250, i % 250);
		learn("flood.test", address, 3600, i);
	}
	cr_expect(eq(sz, names.count, HOST_ADDRESSES_MAX));
	cr_expect(eq(str, (char *)names_of("10.0.0.0:1", 1), ""));
	cr_expect(eq(str, (char *)names_of("10.0.0.10:1", 1), "flood.test"));
	for (int i = 0; i < 2 * ENDPOINT_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d.test", i);
		learn(name, "192.0.2.1:1", 3600, i);
	}
	struct endpoint endpoint = endpoint_at("192.0.2.1:1");
	cr_expect(eq(
		sz, host_names_find(&names, &endpoint, 99)->count, ENDPOINT_NAMES_MAX));
}

Test(host_names, a_request_is_lent_what_holds)
{
	struct request request = {.action_count = 2};
	struct text read[ENDPOINT_NAMES_MAX];

	request.actions[0] = (struct action){
		.verb = VERB_CONNECT, .endpoint = endpoint_at("192.0.2.1:443")};
	request.actions[1] = (struct action){
		.verb = VERB_LISTEN, .endpoint = endpoint_at("192.0.2.1:443")};
	learn("a.test", "192.0.2.1:1", 0, 0);
	learn("b.test", "192.0.2.1:1", 0, 0);
	host_names_lend(&names, &request, 1);
	const struct action *action = &request.actions[0];
	cr_expect(text_equal_string(action->asked_as, "a.test,b.test:443"));
	cr_assert(eq(sz, action->endpoint.name_count, 2));
	cr_expect(text_equal_string(action->endpoint.names[1], "b.test"));
	cr_expect(eq(sz, request.actions[1].endpoint.name_count, 0), "listen");
	cr_expect(eq(sz, endpoint_names(action->asked_as, read), 2), "read back");
	cr_expect(text_equal_string(read[0], "a.test"));
	host_names_return(&names, &request);
	host_names_return(&names, &request);
	cr_expect(eq(u64, request.user[REQUEST_NAMES], 0));
}

Test(host_names, what_was_asked_is_read_with_care)
{
	struct text read[ENDPOINT_NAMES_MAX];
	static const char *const nothing[] = {"", ":", "443", "192.0.2.1:443",
		"[::1]:443", "a b:443", ",:1", "unix:/run/x"};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		cr_expect(eq(sz, endpoint_names(text_of(nothing[i]), read), 0), "%s",
			nothing[i]);
	}
	cr_expect(eq(sz, endpoint_names(text_of("a,b,c,d,e,f,g,h,i,j:1"), read),
		ENDPOINT_NAMES_MAX));
}

static size_t read_configuration(const char *text, struct resolver_addresses *addresses)
{
	char path[] = "/tmp/duenna-resolv.XXXXXX";
	int fd = mkstemp(path);

	cr_assert(ge(int, fd, 0));
	cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	resolver_addresses_read(addresses, path);
	unlink(path);
	return addresses->count;
}

Test(resolver_addresses, are_the_first_nameserver_lines)
{
	struct resolver_addresses found;
	struct endpoint other = endpoint_at("192.0.2.53:53");

	cr_expect(eq(sz,
		read_configuration("# nameserver 1.1.1.1\nsearch x\nnameserver "
				   "192.0.2.1\nnameserver\t::1\nnameserver 192.0.2.1\n"
				   "nameserver fe80::1%eth0\nnameserver nonsense\n",
			&found),
		2));
	cr_expect(eq(int, resolver_addresses_index(&found, &other), -1));
	other = endpoint_at("[::1]:53");
	cr_expect(eq(int, resolver_addresses_index(&found, &other), 1));
	other.port = 54;
	cr_expect(eq(int, resolver_addresses_index(&found, &other), -1));
	cr_expect(eq(sz, read_configuration("", &found), 1));
	other = endpoint_at("127.0.0.1:53");
	cr_expect(eq(int, resolver_addresses_index(&found, &other), 0));
}
