/* SPDX-License-Identifier: MIT */
/* Judged actions as events of the Open Cybersecurity Schema Framework, one a line. */
#include "cli/export.h"
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum ocsf_category {
	CATEGORY_SYSTEM = 1,
	CATEGORY_NETWORK = 4,
	CATEGORY_APPLICATION = 6
};

enum ocsf_class {
	CLASS_FILE = 1001,
	CLASS_KERNEL = 1003,
	CLASS_PROCESS = 1007,
	CLASS_NETWORK = 4001,
	CLASS_API = 6003,
};

/* Class and activity of each verb, with their names in the schema. */
static const struct {
	enum ocsf_category category;
	enum ocsf_class class;
	int activity;
	const char *class_name, *activity_name;
} rows[VERB_COUNT] = {
	[VERB_READ] = {CATEGORY_SYSTEM, CLASS_FILE, 2, "File System Activity", "Read"},
	[VERB_WRITE] = {CATEGORY_SYSTEM, CLASS_FILE, 3, "File System Activity",
		"Update"},
	[VERB_DELETE] = {CATEGORY_SYSTEM, CLASS_FILE, 4, "File System Activity",
		"Delete"},
	[VERB_META] = {CATEGORY_SYSTEM, CLASS_FILE, 6, "File System Activity",
		"Set Attributes"},
	[VERB_EXEC] = {CATEGORY_SYSTEM, CLASS_PROCESS, 1, "Process Activity", "Launch"},
	[VERB_CONNECT] = {CATEGORY_NETWORK, CLASS_NETWORK, 1, "Network Activity",
		"Open"},
	[VERB_LISTEN] = {CATEGORY_NETWORK, CLASS_NETWORK, 7, "Network Activity",
		"Listen"},
	[VERB_SIGNAL] = {CATEGORY_SYSTEM, CLASS_PROCESS, 99, "Process Activity",
		"Signal"},
	[VERB_INSPECT] = {CATEGORY_SYSTEM, CLASS_PROCESS, 3, "Process Activity",
		"Open"},
	[VERB_SYSTEM] = {CATEGORY_SYSTEM, CLASS_KERNEL, 4, "Kernel Activity", "Invoke"},
	[VERB_MCP] = {CATEGORY_APPLICATION, CLASS_API, 99, "API Activity", "Call"},
};

static const char *category_name(enum ocsf_category category)
{
	switch (category) {
	case CATEGORY_SYSTEM:
		return "System Activity";
	case CATEGORY_NETWORK:
		return "Network Activity";
	case CATEGORY_APPLICATION:
		break;
	}
	return "Application Activity";
}

static json_t *process_json(
	struct text program, const struct text *argv, size_t argc, int pid)
{
	json_t *process = json_object();
	json_t *file = json_object();
	char *command = show_command(argv, argc, 0);

	export_set(file, "name", export_text(text_base_name(program)));
	export_set(file, "path", export_text(program));
	export_set(file, "type_id", json_integer(1));
	export_set(process, "name", export_text(text_base_name(program)));
	export_set(process, "file", file);
	export_set(process, "cmd_line", json_string(command));
	if (pid > 0) {
		export_set(process, "pid", json_integer(pid));
	}
	free(command);
	return process;
}

static void set_file(json_t *object, const struct event *event)
{
	enum { TYPE_REGULAR = 1, TYPE_FOLDER = 2 };
	json_t *file = json_object();
	bool is_folder = (event->flags & EVENT_FOLDER) != 0;

	export_set(file, "name", export_text(text_base_name(event->object)));
	export_set(file, "path", export_text(event->object));
	export_set(
		file, "type_id", json_integer(is_folder ? TYPE_FOLDER : TYPE_REGULAR));
	export_set(object, "file", file);
}

/* "1.2.3.4:80" taken apart; other endpoints are named as a whole. */
static void set_endpoint(json_t *object, const struct event *event)
{
	json_t *place = json_object();
	struct endpoint endpoint = {0};
	bool is_internet =
		endpoint_parse(event->object, &endpoint) &&
		(endpoint.family == ENDPOINT_IPV4 || endpoint.family == ENDPOINT_IPV6);

	if (is_internet) {
		const char *colon =
			memrchr(event->object.bytes, ':', event->object.length);
		size_t length = (size_t)(colon - event->object.bytes);
		struct text host = {event->object.bytes, length};
		if (length > 2 && host.bytes[0] == '[') {
			host = (struct text){host.bytes + 1, length - 2};
		}
		export_set(place, "ip", export_text(host));
		export_set(place, "port", json_integer(endpoint.port));
	} else {
		export_set(place, "name", export_text(event->object));
	}
	struct text names[ENDPOINT_NAMES_MAX];
	if (endpoint_names(event->asked_as, names) > 0) {
		export_set(place, "hostname", export_text(names[0]));
	}
	export_set(object, "dst_endpoint", place);
}

static void set_named(json_t *object, const struct event *event)
{
	json_t *named = json_object();

	export_set(named, "name", export_text(event->object));
	if (event->verb == VERB_MCP) {
		export_set(named, "operation", export_text(event->object));
		export_set(object, "api", named);
	} else if (event->verb == VERB_SYSTEM) {
		export_set(named, "type_id", json_integer(99));
		export_set(named, "system_call", export_text(event->syscall));
		export_set(object, "kernel", named);
	} else {
		export_set(object, "process", named);
	}
}

static void set_object(json_t *object, const struct event *event)
{
	switch (verb_object_kind(event->verb)) {
	case OBJECT_PATH:
		set_file(object, event);
		break;
	case OBJECT_PROGRAM:
		export_set(object, "process",
			process_json(event->object, event->argv, event->argc, 0));
		break;
	case OBJECT_HOST:
		set_endpoint(object, event);
		break;
	case OBJECT_NAME:
		set_named(object, event);
		break;
	}
}

static void set_classes(json_t *object, enum verb verb)
{
	int class = (int)rows[verb].class;

	export_set(object, "category_uid", json_integer((int)rows[verb].category));
	export_set(object, "category_name",
		json_string(category_name(rows[verb].category)));
	export_set(object, "class_uid", json_integer(class));
	export_set(object, "class_name", json_string(rows[verb].class_name));
	export_set(object, "activity_id", json_integer(rows[verb].activity));
	export_set(object, "activity_name", json_string(rows[verb].activity_name));
	export_set(object, "type_uid", json_integer(class * 100 + rows[verb].activity));
}

/* Who decided, and what; what was denied is worth a look. */
static void set_verdict(json_t *object, const struct event *event)
{
	enum { ALLOWED = 1, BLOCKED = 2, INFORMATIONAL = 1, MEDIUM = 3 };
	bool is_allowed = event->verdict == VERDICT_ALLOW;

	export_set(object, "action_id", json_integer(is_allowed ? ALLOWED : BLOCKED));
	export_set(
		object, "disposition_id", json_integer(is_allowed ? ALLOWED : BLOCKED));
	export_set(object, "severity_id",
		json_integer(is_allowed ? INFORMATIONAL : MEDIUM));
	export_set(object, "status_id", json_integer(event->error ? 2 : 1));
	if (event->error) {
		export_set(object, "status_code", json_integer(event->error));
	}
	if (event->rule_text.length) {
		json_t *rule = json_object();
		export_set(rule, "name", export_text(event->rule_text));
		export_set(rule, "desc", export_text(event->reason));
		export_set(object, "firewall_rule", rule);
	}
}

static json_t *metadata_json(const struct event *event)
{
	json_t *metadata = json_object();
	json_t *product = json_object();
	char id[64];

	(void)snprintf(id, sizeof(id), "%lld.%lld", (long long)event->session,
		(long long)event->seq);
	export_set(product, "name", json_string("Duenna"));
	export_set(product, "vendor_name", json_string("Duenna"));
	export_set(product, "version", json_string(DUENNA_VERSION));
	export_set(metadata, "version", json_string("1.3.0"));
	export_set(metadata, "product", product);
	export_set(
		metadata, "profiles", json_pack("[s,s]", "host", "security_control"));
	export_set(metadata, "uid", json_string(id));
	export_set(metadata, "sequence", json_integer(event->seq));
	return metadata;
}

static void write_event(FILE *file, const struct event *event, const char *host)
{
	enum { MILLISECOND = 1000000 };
	json_t *object = json_object();
	json_t *actor = json_object();
	json_t *device = json_object();
	json_t *more = json_object();

	set_classes(object, event->verb);
	export_set(object, "time", json_integer(event->time / MILLISECOND));
	export_set(object, "metadata", metadata_json(event));
	export_set(device, "type_id", json_integer(0));
	export_set(device, "hostname", json_string(host));
	export_set(object, "device", device);
	export_set(actor, "process",
		process_json(event->program, event->process_argv, event->process_argc,
			event->pid));
	export_set(object, "actor", actor);
	set_object(object, event);
	set_verdict(object, event);
	export_set(more, "verb", json_string(verb_name(event->verb)));
	export_set(more, "by", json_string(decider_name(event->by)));
	export_set(more, "syscall", export_text(event->syscall));
	export_set(more, "waited_ms", json_integer(event->waited_ms));
	export_set(object, "unmapped", more);
	export_line(file, object);
}

bool export_ocsf(struct db *db, const struct session_record *session, FILE *file,
	struct error *err)
{
	const struct event_filter filter = {.session = session->id};
	struct event event;
	struct error local = {0};
	char host[256] = "unknown";

	/* An imported session ran nobody knows where. */
	if (!session->is_imported && gethostname(host, sizeof(host) - 1) != 0) {
		(void)strcpy(host, "unknown");
	}
	if (!db_events_begin(db, &filter, err)) {
		return false;
	}
	while (db_events_next(db, &event, &local)) {
		write_event(file, &event, host);
	}
	return !local.code || error_set(err, local.code, "%s", local.text);
}
