/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary that every folder shares: an action is a verb on an object by a
 * subject, and a verdict is what is said of it. All of it is plain values; text is
 * borrowed from whoever filled the struct in.
 */
#ifndef RULES_ACTION_H
#define RULES_ACTION_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verb {
	VERB_READ,
	VERB_WRITE,
	VERB_DELETE,
	VERB_META,
	VERB_EXEC,
	VERB_CONNECT,
	VERB_LISTEN,
	VERB_SIGNAL,
	VERB_INSPECT,
	VERB_SYSTEM,
	VERB_MCP,
	VERB_COUNT
};

/* What kind of object a verb has: it says how patterns match and how text is shown. */
enum object_kind {
	OBJECT_PATH,	/* read, write, delete, meta: a canonical absolute path */
	OBJECT_PROGRAM, /* exec: a path and an argv */
	OBJECT_HOST,	/* connect, listen: an endpoint */
	OBJECT_NAME,	/* signal, inspect, system, mcp: a word or a path of words */
};

/* A zeroed verdict denies. */
enum verdict {
	VERDICT_DENY,
	VERDICT_ASK,
	VERDICT_ALLOW,
	VERDICT_FORBID,
	VERDICT_COUNT
};

enum endpoint_family {
	ENDPOINT_NONE,
	ENDPOINT_IPV4,
	ENDPOINT_IPV6,
	ENDPOINT_UNIX, /* path, resolved where it exists */
	ENDPOINT_ABSTRACT,
	ENDPOINT_NETLINK,
	ENDPOINT_VSOCK,
	ENDPOINT_OTHER
};

enum transport { TRANSPORT_OTHER, TRANSPORT_TCP, TRANSPORT_UDP };

/*
 * Where a connect or listen goes. IPv4-mapped IPv6 addresses are IPv4 here, and an
 * unspecified address of connect is the loopback address, as the kernel takes it.
 */
struct endpoint {
	enum endpoint_family family;
	enum transport transport;
	uint8_t address[16]; /* network byte order; IPv4 uses the first four */
	uint16_t port;	     /* host byte order */
	/* Names answered for this address in this session; none: nobody looked it up. */
	const struct text *names;
	size_t name_count;
};

enum { ENDPOINT_NAMES_MAX = 8 };

/*
 * One thing that a stopped call would do. The object's canonical text is, by kind: the
 * path; the program's path; "93.184.216.34:443", "[::1]:80", "unix:/run/x",
 * "unix:@name" (further zero bytes as they are), "netlink:route", "vsock:2:1024";
 * a name such as "mount" (system) or the path of the process' program (signal, inspect).
 */
struct action {
	enum verb verb;
	struct text object;
	/*
	 * The object as the caller wrote it, or the names that it had looked up, as
	 * endpoint_names reads them; empty if the same.
	 */
	struct text asked_as;
	const struct text *argv; /* of exec; the arguments of mcp */
	size_t argc;
	/* As many, with secrets masked that db/ does not find; NULL: argv is recorded. */
	const struct text *recorded_argv;
	struct endpoint endpoint; /* connect and listen only */
	bool is_folder;		  /* a path that is a directory */
	/* A path on a file system that may take names for one that differ in case. */
	bool ignores_case;
	int64_t process; /* signal and inspect: whose; 0: not known, or of several */
	uint64_t pipe;	 /* inspect: inode of its pipe that would be opened; 0: none */
};

static inline const struct text *action_recorded_argv(const struct action *action)
{
	return action->recorded_argv ? action->recorded_argv : action->argv;
}

/* What Python or JavaScript code a call comes from. */
enum code_origin { CODE_UNKNOWN, CODE_NONE, CODE_FILES, CODE_GENERATED };

/* Facts that cost something to take, and are taken only if a rule may need them. */
enum fact {
	FACT_CODE = 1 << 0,
	FACT_MCP = 1 << 1,
	FACT_LABELS = 1 << 2,
};

/* Who does it. Unknown facts (not in facts_known) count as the strict case. */
struct subject {
	struct text program; /* canonical path of the executable */
	struct text script;  /* script it interprets; empty if none */
	/* What its maker ran when it made it, also as scripts, and what that one's did, … */
	const struct text *ancestors;
	size_t ancestor_count;
	/* What it and those above ran before: a reason to deny, but none to allow. */
	const struct text *formers;
	size_t former_count;
	bool are_ancestors_unknown;
	int64_t pid, tid; /* for rules that hold for one process or thread; 0: none */
	unsigned facts_known;	       /* enum fact, or-ed */
	enum code_origin code;	       /* FACT_CODE */
	const struct text *code_files; /* files with a frame on the stack */
	size_t code_file_count;
	const struct text *mcp_calls; /* FACT_MCP: "server/tool" in flight */
	size_t mcp_call_count;
	/* Where a server has none in flight, those that it answered: no reason to allow. */
	bool are_mcp_calls_ended;
	const struct text *labels; /* FACT_LABELS: names carried */
	size_t label_count;
};

const char *verb_name(enum verb verb);
const char *verb_meaning(enum verb verb); /* a few words, for help and questions */
enum object_kind verb_object_kind(enum verb verb);
bool verb_from_name(struct text name, enum verb *verb);

const char *verdict_name(enum verdict verdict);
bool verdict_from_name(struct text name, enum verdict *verdict);
/* forbid > deny > ask > allow */
enum verdict verdict_stricter(enum verdict a, enum verdict b);

/*
 * Fills endpoint and returns true if text is a host:port, tcp/…, udp/…, unix:, netlink:
 * or vsock: object without wildcards. A host name leaves family ENDPOINT_NONE.
 */
bool endpoint_parse(struct text text, struct endpoint *endpoint);
/*
 * The names in what an address was asked as, "a.example.com,b.example.com:443", within
 * the text; how many there are.
 */
size_t endpoint_names(struct text asked_as, struct text names[ENDPOINT_NAMES_MAX]);
/*
 * Fills in the endpoint of a recorded connect or listen from its object, and what names it
 * was looked up by: names are then borrowed from asked_as, and the endpoint borrows names.
 */
void action_set_endpoint(struct action *action, struct text names[ENDPOINT_NAMES_MAX]);
/* The canonical text without transport; returns its length (like snprintf). */
size_t endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size);

#endif
