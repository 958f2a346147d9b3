/* SPDX-License-Identifier: MIT */
/*
 * A hostile query and a hostile reply. The input: the length of the query in two bytes,
 * the query, and the reply with the rest.
 */
#include "base/error.h"
#include "session/host_names.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dns_answer answer;

/* What is learned must be a name and addresses that hold where they are looked up. */
static void learn(void)
{
	struct host_names names = {0};
	size_t name_length = strlen(answer.name);

	invariant(answer.count > 0 && answer.count <= DNS_ADDRESSES_MAX);
	invariant(name_length > 0 && name_length < DNS_NAME_SIZE);
	invariant(strspn(answer.name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
		  name_length);
	host_names_learn(&names, &answer, 0);
	for (size_t i = 0; i < answer.count; i++) {
		struct endpoint endpoint = {
			.family = answer.addresses[i].is_ipv6 ? ENDPOINT_IPV6
							      : ENDPOINT_IPV4,
		};
		memcpy(endpoint.address, answer.addresses[i].bytes,
			sizeof(endpoint.address));
		const struct host_address *found =
			host_names_find(&names, &endpoint, 1);
		invariant(found == NULL ||
			  strcmp(found->names[0].name, answer.name) == 0);
	}
	host_names_finish(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2) {
		return 0;
	}
	size_t query_length = (size_t)data[0] << 8 | data[1];
	data += 2;
	size -= 2;
	query_length = query_length < size ? query_length : size;
	(void)dns_is_query(data, query_length);
	(void)dns_is_reply(
		data, query_length, data + query_length, size - query_length);
	if (dns_read_answer(data + query_length, size - query_length, &answer)) {
		learn();
	}
	return 0;
}
