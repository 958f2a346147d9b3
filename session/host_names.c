/* SPDX-License-Identifier: MIT */
#include "session/host_names.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "rules/host_pattern.h"
#include "session/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Programs keep addresses longer than they should, and time passes between an answer and
 * the connection that it is for, more so where a person is asked; and no name holds for
 * ever, whatever its owner says.
 */
#define LIFETIME_MIN (INT64_C(10) * 60 * NANOSECONDS_PER_SECOND)
#define LIFETIME_MAX (INT64_C(24) * 60 * 60 * NANOSECONDS_PER_SECOND)

enum { ASKED_AS_SIZE = ENDPOINT_NAMES_MAX * DNS_NAME_SIZE + 8 };

/* Of one request: what its actions borrow. Freed ones are kept for the next. */
struct action_names {
	struct action_names *previous, *next;
	struct text texts[REQUEST_ACTIONS_MAX][ENDPOINT_NAMES_MAX];
	char asked_as[REQUEST_ACTIONS_MAX][ASKED_AS_SIZE];
};

static size_t address_size(enum endpoint_family family)
{
	return family == ENDPOINT_IPV4 ? 4 : 16;
}

static size_t bucket_of(enum endpoint_family family, const uint8_t address[16])
{
	const uint64_t hash = hash_bytes(HASH_START, address, address_size(family));

	return (hash ^ hash >> 32) % HOST_BUCKETS;
}

static struct host_address *address_find(struct host_names *names,
	enum endpoint_family family, const uint8_t address[16])
{
	struct host_address *found = names->buckets[bucket_of(family, address)];

	while (found != NULL &&
		(found->family != family ||
			memcmp(found->address, address, address_size(family)) != 0)) {
		found = found->next;
	}
	return found;
}

static void name_remove(struct host_address *address, size_t at)
{
	free(address->names[at].name);
	address->count--;
	memmove(&address->names[at], &address->names[at + 1],
		(address->count - at) * sizeof(address->names[0]));
}

static void names_expire(struct host_address *address, int64_t now)
{
	for (size_t i = address->count; i > 0; i--) {
		if (address->names[i - 1].until <= now) {
			name_remove(address, i - 1);
		}
	}
}

static void address_remove(struct host_names *names, struct host_address **link)
{
	struct host_address *gone = *link;

	*link = gone->next;
	while (gone->count > 0) {
		name_remove(gone, gone->count - 1);
	}
	free(gone);
	names->count--;
}

static void oldest_remove(struct host_names *names)
{
	struct host_address **oldest = NULL;

	for (size_t i = 0; i < HOST_BUCKETS; i++) {
		struct host_address **link = &names->buckets[i];
		for (; *link != NULL; link = &(*link)->next) {
			if (oldest == NULL || (*link)->answered < (*oldest)->answered) {
				oldest = link;
			}
		}
	}
	invariant(oldest != NULL);
	address_remove(names, oldest);
}

static struct host_address *address_add(struct host_names *names,
	enum endpoint_family family, const uint8_t address[16])
{
	struct host_address *found = address_find(names, family, address);

	if (found != NULL) {
		return found;
	}
	if (names->count == HOST_ADDRESSES_MAX) {
		oldest_remove(names);
	}
	struct host_address **bucket = &names->buckets[bucket_of(family, address)];
	found = xcalloc(1, sizeof(*found));
	found->family = family;
	memcpy(found->address, address, sizeof(found->address));
	found->next = *bucket;
	*bucket = found;
	names->count++;
	return found;
}

static size_t first_to_expire(const struct host_address *address)
{
	size_t first = 0;

	for (size_t i = 1; i < address->count; i++) {
		if (address->names[i].until < address->names[first].until) {
			first = i;
		}
	}
	return first;
}

/* A name that is there already holds until its longest lifetime ends. */
static void name_add(struct host_address *address, const char *name, int64_t until)
{
	for (size_t i = 0; i < address->count; i++) {
		struct host_name *known = &address->names[i];
		if (strcmp(known->name, name) == 0) {
			known->until = until > known->until ? until : known->until;
			return;
		}
	}
	if (address->count == ENDPOINT_NAMES_MAX) {
		name_remove(address, first_to_expire(address));
	}
	address->names[address->count++] = (struct host_name){xstrdup(name), until};
}

/* A rule about localhost means this machine, whatever a resolver says. */
static bool is_local_name(const char *name)
{
	static const char local[] = "localhost";
	const char *dot = strrchr(name, '.');

	return strcmp(dot != NULL ? dot + 1 : name, local) == 0;
}

/* Of this machine, its cable, or several at once. */
static bool is_nobodys(const struct endpoint *endpoint)
{
	static const uint8_t zeroes[16];
	const uint8_t *bytes = endpoint->address;

	if (endpoint_is_loopback(endpoint) ||
		memcmp(bytes, zeroes, address_size(endpoint->family)) == 0) {
		return true;
	}
	if (endpoint->family == ENDPOINT_IPV4) {
		return bytes[0] == 0 || bytes[0] >= 224 ||
		       (bytes[0] == 169 && bytes[1] == 254);
	}
	return bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static int64_t lifetime_of(const struct dns_address *address)
{
	int64_t lifetime = address->seconds * NANOSECONDS_PER_SECOND;

	if (lifetime < LIFETIME_MIN) {
		return LIFETIME_MIN;
	}
	return lifetime < LIFETIME_MAX ? lifetime : LIFETIME_MAX;
}

void host_names_learn(
	struct host_names *names, const struct dns_answer *answer, int64_t now)
{
	for (size_t i = 0; i < answer->count && !is_local_name(answer->name); i++) {
		const struct dns_address *from = &answer->addresses[i];
		struct endpoint endpoint = {
			.family = from->is_ipv6 ? ENDPOINT_IPV6 : ENDPOINT_IPV4};
		memcpy(endpoint.address, from->bytes, sizeof(endpoint.address));
		if (is_nobodys(&endpoint)) {
			continue;
		}
		struct host_address *address =
			address_add(names, endpoint.family, endpoint.address);
		names_expire(address, now);
		name_add(address, answer->name, now + lifetime_of(from));
		address->answered = now;
	}
}

static void list_free(struct action_names *list)
{
	while (list != NULL) {
		struct action_names *next = list->next;
		free(list);
		list = next;
	}
}

void host_names_finish(struct host_names *names)
{
	for (size_t i = 0; i < HOST_BUCKETS; i++) {
		while (names->buckets[i] != NULL) {
			address_remove(names, &names->buckets[i]);
		}
	}
	list_free(names->lent);
	list_free(names->free);
	names->lent = NULL;
	names->free = NULL;
}

const struct host_address *host_names_find(
	struct host_names *names, const struct endpoint *endpoint, int64_t now)
{
	if (endpoint->family != ENDPOINT_IPV4 && endpoint->family != ENDPOINT_IPV6) {
		return NULL;
	}
	struct host_address *found =
		address_find(names, endpoint->family, endpoint->address);
	if (found != NULL) {
		names_expire(found, now);
	}
	return found != NULL && found->count > 0 ? found : NULL;
}

static struct action_names *names_take(struct host_names *names)
{
	struct action_names *taken = names->free;

	if (taken != NULL) {
		names->free = taken->next;
	} else {
		taken = xmalloc(sizeof(*taken));
	}
	taken->previous = NULL;
	taken->next = names->lent;
	if (names->lent != NULL) {
		names->lent->previous = taken;
	}
	names->lent = taken;
	return taken;
}

static void action_name(struct action *action, const struct host_address *address,
	struct text *texts, char *asked_as)
{
	size_t length = 0;

	for (size_t i = 0; i < address->count; i++) {
		size_t size = strlen(address->names[i].name);
		if (i > 0) {
			asked_as[length++] = ',';
		}
		memcpy(asked_as + length, address->names[i].name, size);
		texts[i] = (struct text){asked_as + length, size};
		length += size;
	}
	length += (size_t)snprintf(asked_as + length, ASKED_AS_SIZE - length, ":%u",
		action->endpoint.port);
	action->asked_as = (struct text){asked_as, length};
	action->endpoint.names = texts;
	action->endpoint.name_count = address->count;
}

void host_names_lend(struct host_names *names, struct request *request, int64_t now)
{
	struct action_names *lent = NULL;

	for (size_t i = 0; i < request->action_count; i++) {
		struct action *action = &request->actions[i];
		const struct host_address *address =
			action->verb == VERB_CONNECT
				? host_names_find(names, &action->endpoint, now)
				: NULL;
		if (address == NULL) {
			continue;
		}
		lent = lent != NULL ? lent : names_take(names);
		action_name(action, address, lent->texts[i], lent->asked_as[i]);
	}
	request->user[REQUEST_NAMES] = (uintptr_t)lent;
}

void host_names_return(struct host_names *names, struct request *request)
{
	struct action_names *lent =
		(struct action_names *)(uintptr_t)request->user[REQUEST_NAMES];

	request->user[REQUEST_NAMES] = 0;
	if (lent == NULL) {
		return;
	}
	if (lent->previous != NULL) {
		lent->previous->next = lent->next;
	} else {
		names->lent = lent->next;
	}
	if (lent->next != NULL) {
		lent->next->previous = lent->previous;
	}
	lent->next = names->free;
	names->free = lent;
}
