/* SPDX-License-Identifier: MIT */
/* The C library's parser checks every bound; here is what is made of its records. */
#include "session/dns_message.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

/* Aliases of aliases; resolvers themselves give up earlier. */
enum { ALIASES_MAX = 8 };

static bool question_read(
	ns_msg *parsed, ns_rr *question, const uint8_t *message, size_t length)
{
	return length >= DNS_HEADER_SIZE && length <= DNS_MESSAGE_MAX &&
	       ns_initparse(message, (int)length, parsed) == 0 &&
	       ns_msg_getflag(*parsed, ns_f_opcode) == ns_o_query &&
	       ns_msg_count(*parsed, ns_s_qd) == 1 &&
	       ns_parserr(parsed, ns_s_qd, 0, question) == 0;
}

bool dns_is_query(const uint8_t *message, size_t length)
{
	ns_msg parsed;
	ns_rr question;

	return question_read(&parsed, &question, message, length) &&
	       ns_msg_getflag(parsed, ns_f_qr) == 0;
}

bool dns_is_reply(const uint8_t *query, size_t query_length, const uint8_t *reply,
	size_t reply_length)
{
	ns_msg asked;
	ns_msg answered;
	ns_rr question;
	ns_rr repeated;

	return question_read(&asked, &question, query, query_length) &&
	       question_read(&answered, &repeated, reply, reply_length) &&
	       ns_msg_getflag(answered, ns_f_qr) == 1 &&
	       ns_rr_type(question) == ns_rr_type(repeated) &&
	       ns_rr_class(question) == ns_rr_class(repeated) &&
	       strcasecmp(ns_rr_name(question), ns_rr_name(repeated)) == 0;
}

/* Lower case, without the final dot; false if it could be no host's name in a rule. */
static bool name_normalise(char name[DNS_NAME_SIZE], const char *from)
{
	size_t length = strlen(from);

	if (length > 0 && from[length - 1] == '.') {
		length--;
	}
	if (length == 0 || length >= DNS_NAME_SIZE) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		char c = from[i];
		if (c >= 'A' && c <= 'Z') {
			c = (char)(c - 'A' + 'a');
		}
		bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			       c == '-' || c == '_';
		bool is_dot = c == '.' && i > 0 && from[i - 1] != '.';
		if (!is_word && !is_dot) {
			return false;
		}
		name[i] = c;
	}
	name[length] = '\0';
	return true;
}

/* One link of the chain of aliases that starts at the name asked for. */
struct chain {
	char name[NS_MAXDNAME];
	uint32_t seconds;
};

static void address_add(
	struct dns_answer *answer, const ns_rr *record, const struct chain *chain)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_ipv6 = ns_rr_type(*record) == ns_t_aaaa;

	if (ns_rr_rdlen(*record) != (is_ipv6 ? 16 : 4) ||
		answer->count == DNS_ADDRESSES_MAX) {
		return;
	}
	struct dns_address *address = &answer->addresses[answer->count++];
	*address = (struct dns_address){.is_ipv6 = is_ipv6, .seconds = chain->seconds};
	if (ns_rr_ttl(*record) < address->seconds) {
		address->seconds = ns_rr_ttl(*record);
	}
	memcpy(address->bytes, ns_rr_rdata(*record), is_ipv6 ? 16 : 4);
	/* As the kernel takes it, and as rules know it. */
	if (is_ipv6 && memcmp(address->bytes, mapped, sizeof(mapped)) == 0) {
		address->is_ipv6 = false;
		memmove(address->bytes, address->bytes + 12, 4);
		memset(address->bytes + 4, 0, 12);
	}
}

/* Adds what the reply says of the chain's end; true if that is an alias of more. */
static bool chain_follow(struct dns_answer *answer, ns_msg *reply, struct chain *chain)
{
	char next[NS_MAXDNAME];
	bool has_next = false;

	for (int i = 0; i < ns_msg_count(*reply, ns_s_an); i++) {
		ns_rr record;
		if (ns_parserr(reply, ns_s_an, i, &record) != 0) {
			answer->count = 0;
			return false;
		}
		if (ns_rr_class(record) != ns_c_in ||
			strcasecmp(ns_rr_name(record), chain->name) != 0) {
			continue;
		}
		if (ns_rr_type(record) == ns_t_a || ns_rr_type(record) == ns_t_aaaa) {
			address_add(answer, &record, chain);
		} else if (ns_rr_type(record) == ns_t_cname && !has_next &&
			   ns_name_uncompress(ns_msg_base(*reply), ns_msg_end(*reply),
				   ns_rr_rdata(record), next, sizeof(next)) >= 0) {
			has_next = true;
			chain->seconds = ns_rr_ttl(record) < chain->seconds
						 ? ns_rr_ttl(record)
						 : chain->seconds;
		}
	}
	if (has_next) {
		memcpy(chain->name, next, sizeof(chain->name));
	}
	return has_next;
}

bool dns_read_answer(const uint8_t *reply, size_t length, struct dns_answer *answer)
{
	ns_msg parsed;
	ns_rr question;
	struct chain chain = {.seconds = UINT32_MAX};

	answer->count = 0;
	if (!question_read(&parsed, &question, reply, length) ||
		ns_msg_getflag(parsed, ns_f_qr) == 0 ||
		ns_msg_getflag(parsed, ns_f_rcode) != ns_r_noerror ||
		ns_rr_class(question) != ns_c_in ||
		!name_normalise(answer->name, ns_rr_name(question))) {
		return false;
	}
	memcpy(chain.name, ns_rr_name(question), strlen(ns_rr_name(question)) + 1);
	int aliases = 0;
	while (aliases < ALIASES_MAX && chain_follow(answer, &parsed, &chain)) {
		aliases++;
	}
	return answer->count > 0;
}
