/* SPDX-License-Identifier: MIT */
#include "session/dns_message.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

/* A message that is put together piece by piece. */
static uint8_t message[4096];
static size_t length;
static struct dns_answer answer;

static void put(const void *bytes, size_t count)
{
	memcpy(message + length, bytes, count);
	length += count;
}

static void put_number(unsigned number)
{
	const uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};
	put(bytes, sizeof(bytes));
}

static void put_name(const char *name)
{
	while (*name != '\0') {
		size_t label = strcspn(name, ".");
		const uint8_t size = (uint8_t)label;
		put(&size, 1);
		put(name, label);
		name += label + (name[label] == '.');
	}
	put("", 1);
}

static void begin(unsigned flags, unsigned answers, const char *name)
{
	length = 0;
	put_number(0x1234);
	put_number(flags);
	put_number(1);
	put_number(answers);
	put_number(0);
	put_number(0);
	put_name(name);
	put_number(1); /* A */
	put_number(1); /* IN */
}

static void put_record(const char *owner, unsigned type, unsigned seconds,
	const void *data, size_t count)
{
	put_name(owner);
	put_number(type);
	put_number(1);
	put_number(seconds >> 16);
	put_number(seconds & 0xffff);
	put_number((unsigned)count);
	put(data, count);
}

static void put_alias(const char *owner, const char *target)
{
	size_t before = length;
	put_name(target);
	uint8_t bytes[256];
	size_t count = length - before;
	memcpy(bytes, message + before, count);
	length = before;
	put_record(owner, 5, 20, bytes, count);
}

enum { QUERY = 0x0100, REPLY = 0x8180, NO_SUCH_NAME = 0x8183 };
static const uint8_t first[4] = {192, 0, 2, 1};
static const uint8_t second[4] = {192, 0, 2, 2};

Test(dns_message, an_address_has_the_name_that_was_asked_for)
{
	begin(REPLY, 2, "WWW.Example.com");
	put_record("www.example.COM", 1, 300, first, 4);
	put_record("other.example.com", 1, 300, second, 4);
	cr_assert(dns_read_answer(message, length, &answer));
	cr_expect(eq(str, answer.name, "www.example.com"));
	cr_expect(eq(sz, answer.count, 1));
	cr_expect(eq(u32, answer.addresses[0].seconds, 300));
	cr_expect(memcmp(answer.addresses[0].bytes, first, 4) == 0);
}

Test(dns_message, aliases_are_followed_in_whatever_order_they_come)
{
	begin(REPLY, 3, "www.example.com");
	put_record("c.test", 1, 300, first, 4);
	put_alias("b.test", "c.test");
	put_alias("www.example.com", "b.test");
	cr_assert(dns_read_answer(message, length, &answer));
	cr_expect(eq(str, answer.name, "www.example.com"));
	cr_expect(eq(sz, answer.count, 1));
	cr_expect(eq(u32, answer.addresses[0].seconds, 20), "the shortest on the way");
}

Test(dns_message, aliases_that_lead_round_end)
{
	begin(REPLY, 2, "www.example.com");
	put_alias("www.example.com", "b.test");
	put_alias("b.test", "www.example.com");
	cr_expect(not(dns_read_answer(message, length, &answer)));
}

Test(dns_message, mapped_addresses_are_ipv4)
{
	uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};

	begin(REPLY, 1, "www.example.com");
	put_record("www.example.com", 28, 300, mapped, sizeof(mapped));
	cr_assert(dns_read_answer(message, length, &answer));
	cr_expect(not(answer.addresses[0].is_ipv6));
	cr_expect(memcmp(answer.addresses[0].bytes, first, 4) == 0);
}

Test(dns_message, what_says_nothing_is_no_answer)
{
	begin(NO_SUCH_NAME, 1, "www.example.com");
	put_record("www.example.com", 1, 300, first, 4);
	cr_expect(not(dns_read_answer(message, length, &answer)), "no such name");

	begin(QUERY, 1, "www.example.com");
	put_record("www.example.com", 1, 300, first, 4);
	cr_expect(not(dns_read_answer(message, length, &answer)), "a query");

	begin(REPLY, 1, "www.example.com");
	put_record("www.example.com", 1, 300, first, 3);
	cr_expect(not(dns_read_answer(message, length, &answer)), "a short address");

	begin(REPLY, 1, "www.example.com,evil.test");
	put_record("www.example.com,evil.test", 1, 300, first, 4);
	cr_expect(not(dns_read_answer(message, length, &answer)), "no host's name");
}

Test(dns_message, a_message_cut_off_anywhere_is_no_answer)
{
	begin(REPLY, 1, "www.example.com");
	put_record("www.example.com", 1, 300, first, 4);
	for (size_t i = 0; i < length; i++) {
		cr_expect(not(dns_read_answer(message, i, &answer)), "%zu bytes", i);
	}
	cr_expect(dns_read_answer(message, length, &answer));
}

Test(dns_message, only_queries_are_passed_on)
{
	begin(QUERY, 0, "www.example.com");
	cr_expect(dns_is_query(message, length));
	cr_expect(not(dns_is_query(message, length - 1)));
	cr_expect(not(dns_is_query(message, 0)));

	begin(REPLY, 0, "www.example.com");
	cr_expect(not(dns_is_query(message, length)), "a reply");
	begin(0x2800, 0, "www.example.com");
	cr_expect(not(dns_is_query(message, length)), "an update");
}

Test(dns_message, a_reply_is_to_its_own_question)
{
	uint8_t query[256];

	begin(QUERY, 0, "www.example.com");
	size_t query_length = length;
	memcpy(query, message, length);
	begin(REPLY, 0, "WWW.example.com");
	cr_expect(dns_is_reply(query, query_length, message, length));
	message[length - 3] = 28;
	cr_expect(not(dns_is_reply(query, query_length, message, length)),
		"another type");
	begin(REPLY, 0, "evil.example.com");
	cr_expect(not(dns_is_reply(query, query_length, message, length)),
		"another name");
	begin(QUERY, 0, "www.example.com");
	cr_expect(not(dns_is_reply(query, query_length, message, length)), "a query");
}
