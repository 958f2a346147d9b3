/* SPDX-License-Identifier: MIT */
/* How labels pass by what processes do: reading, writing, renaming, connecting. */
#include "base/xalloc.h"
#include "session/channels.h"
#include "session/labels_internal.h"
#include "session/protection.h"
#include "session/sockets.h"
#include "tracer/late.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ENDPOINTS_MAX = 64, ORIGINS_MAX = 1 << 16 };

/* request->user[REQUEST_LABELS]: what is to be looked at again when the call was done. */
enum {
	DONE_TAKE = 1 << 0,
	DONE_SPREAD = 1 << 1,
	DONE_FORGET = 1 << 2,
	DONE_NEW = 1 << 3
};

/* One request on its way through this file. */
struct passing {
	struct supervisor *supervisor;
	const struct request *request;
	bool is_done;
	bool must_spread;	/* somebody may read at once what is opened */
	unsigned when_done;	/* DONE_… */
	struct label_set taken; /* by the process */
	struct label_set moved; /* from names that go to names that come */
};

/* ---- What objects carry ---- */

static bool origin_is(const struct origin *origin, const struct request *request,
	const struct action *action)
{
	return origin->pid == request->process->pid && origin->verb == action->verb &&
	       text_equal_string(action->object, origin->object);
}

static uint32_t origin_add(struct labels *labels, const struct request *request,
	const struct action *action)
{
	const size_t count = labels->origin_count;
	if (count > 0 && (count == ORIGINS_MAX || origin_is(&labels->origins[count - 1],
							  request, action))) {
		return (uint32_t)count - 1;
	}
	if (count == labels->origin_capacity) {
		labels->origin_capacity = labels->origin_capacity * 2 + 16;
		labels->origins = xreallocarray(labels->origins,
			labels->origin_capacity, sizeof(*labels->origins));
	}
	labels->origins[labels->origin_count++] = (struct origin){
		.object = text_copy(action->object),
		.program = xstrdup(request->process->program),
		.verb = action->verb,
		.pid = request->process->pid,
		.time = clock_monotonic(),
	};
	return (uint32_t)count;
}

static void mask_join(const struct passing *passing, const struct action *action,
	uint32_t mask, struct label_set *set)
{
	struct label_set fresh = {.mask = mask};
	if ((mask & ~set->mask) == 0) {
		return;
	}
	uint32_t origin =
		origin_add(passing->supervisor->labels, passing->request, action);
	for (size_t i = 0; i < LABELS_MAX; i++) {
		fresh.origins[i] = origin;
	}
	(void)label_set_join(set, &fresh);
}

static uint32_t rules_mask(const struct passing *passing, const struct action *action)
{
	const struct judge *judge = &passing->supervisor->judge;
	const struct rule_set *const sets[] = {judge->main, judge->fresh};
	const char *names[LABELS_MAX];
	uint32_t mask = 0;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		size_t count = sets[i] == NULL ? 0
					       : rule_index_labels(sets[i]->index,
							 action, names, LABELS_MAX);
		while (count > 0) {
			mask |= label_bit(passing->supervisor->labels, names[--count]);
		}
	}
	return mask;
}

/* What rules call the object, by its own name or by one that leads there by links. */
static void rules_get(const struct passing *passing, const struct action *action,
	struct label_set *set)
{
	const struct link_names *links = passing->supervisor->judge.links;
	uint32_t mask = rules_mask(passing, action);
	for (size_t i = 0; links != NULL && i < links->count; i++) {
		char name[LINK_NAME_SIZE];
		struct action renamed = *action;
		if (link_name_apply(
			    &links->list[i], action, false, name, &renamed.object)) {
			mask |= rules_mask(passing, &renamed);
		}
	}
	mask_join(passing, action, mask, set);
}

static bool is_path(const struct action *action)
{
	return verb_object_kind(action->verb) == OBJECT_PATH;
}

/* Whose memory it is that the action reads or writes; NULL: nobody's in the tree. */
static struct process_state *memory_owner(
	const struct supervisor *supervisor, const struct action *action)
{
	const int64_t owner = is_path(action) ? protection_proc_owner(action->object)
					      : action->process;
	struct process_state *state = owner > 0 ? supervisor->processes : NULL;
	while (state != NULL && state->process->pid != owner) {
		state = state->next;
	}
	return state;
}

/* A name that leads nowhere gives nothing away: programs try many. */
static bool is_missing(const struct action *action)
{
	struct stat status;
	char *path = text_copy(action->object);
	bool is_missing = is_path(action) &&
			  late_stat(path, AT_SYMLINK_NOFOLLOW, &status) != 0 &&
			  errno == ENOENT;
	free(path);
	return is_missing;
}

/* How many names the file has, and what it is under any of them; 0: there is none. */
static nlink_t identity_of(
	const struct action *action, char identity[CHANNELS_IDENTITY_SIZE])
{
	struct stat status;
	char *path = text_copy(action->object);
	const bool is_there =
		is_path(action) && late_stat(path, AT_SYMLINK_NOFOLLOW, &status) == 0;
	free(path);
	if (!is_there) {
		return 0;
	}
	channels_identity(identity, major(status.st_dev), minor(status.st_dev),
		(uint64_t)status.st_ino);
	return status.st_nlink;
}

/* What was written to the file, by this name or another. */
static void marks_take(
	const struct labels *labels, const struct action *action, struct label_set *set)
{
	char identity[CHANNELS_IDENTITY_SIZE];
	if (!is_path(action)) {
		return;
	}
	marks_get(labels->marks, action->object, set);
	if (labels->has_identities && identity_of(action, identity) > 0) {
		marks_get(labels->marks, text_of(identity), set);
	}
}

static bool takes_in(enum verb verb)
{
	return verb == VERB_READ || verb == VERB_EXEC || verb == VERB_CONNECT ||
	       verb == VERB_LISTEN || verb == VERB_INSPECT || verb == VERB_MCP;
}

/* What an action reads, the process takes; what it removes may get a new name. */
static void action_take(struct passing *passing, const struct action *action)
{
	struct label_set set = {0};
	if (!takes_in(action->verb) && action->verb != VERB_DELETE) {
		return;
	}
	passing->must_spread |= passing->supervisor->labels->is_used &&
				channels_is_terminal(action->object);
	rules_get(passing, action, &set);
	marks_take(passing->supervisor->labels, action, &set);
	const struct process_state *owner = memory_owner(passing->supervisor, action);
	if (owner != NULL) { /* which may learn something before that is done */
		passing->when_done |= passing->is_done ? 0 : DONE_TAKE;
		(void)label_set_join(&set, &owner->labels.set);
	}
	if (set.mask == 0) {
		return;
	}
	if (!passing->is_done && is_missing(action)) {
		passing->when_done |= DONE_TAKE;
		return;
	}
	if (takes_in(action->verb)) {
		(void)label_set_join(&passing->taken, &set);
	} else {
		passing->when_done |= DONE_FORGET;
	}
	(void)label_set_join(&passing->moved, &set);
}

/* ---- Where it goes ---- */

/* What a moved folder holds goes by other names from now on. */
static void folder_move(
	struct passing *passing, const struct action *from, const struct action *to)
{
	const struct rule_index *index = passing->supervisor->judge.main->index;
	struct marks *marks = passing->supervisor->labels->marks;
	const char *names[LABELS_MAX];
	struct label_set set = {0};
	size_t count = rule_index_labels_below(
		index, action_folder(from), action_folder(to), names, LABELS_MAX);
	uint32_t mask = 0;
	while (count > 0) {
		mask |= label_bit(passing->supervisor->labels, names[--count]);
	}
	mask_join(passing, from, mask, &set);
	marks_add_below(marks, to->object, &set);
	marks_move(marks, from->object, to->object);
}

static void folders_move(struct passing *passing)
{
	const struct request *request = passing->request;
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *from = &request->actions[i];
		for (size_t j = 0; from->verb == VERB_DELETE && from->is_folder &&
				   j < request->action_count;
			j++) {
			const struct action *to = &request->actions[j];
			if (to->verb == VERB_WRITE && is_path(to) &&
				!text_equal(from->object, to->object)) {
				folder_move(passing, from, to);
			}
		}
	}
}

/* Whoever has a file open already, that was there before, may read what comes. */
static void file_mark(struct passing *passing, const struct action *action)
{
	struct labels *labels = passing->supervisor->labels;
	char identity[CHANNELS_IDENTITY_SIZE];
	marks_add(labels->marks, action->object, &passing->moved);
	const nlink_t names = identity_of(action, identity);
	passing->must_spread |= names > 0;
	if (names > 1) {
		labels->has_identities = true;
		marks_add(labels->marks, text_of(identity), &passing->moved);
	}
}

static void written_mark(struct passing *passing)
{
	const bool has_identities = passing->supervisor->labels->has_identities;
	for (size_t i = 0; i < passing->request->action_count; i++) {
		const struct action *action = &passing->request->actions[i];
		if (action->verb != VERB_WRITE && action->verb != VERB_META) {
			continue;
		}
		if (has_identities && is_missing(action)) {
			passing->when_done |= DONE_NEW;
		}
		if (passing->moved.mask != 0 && channels_keep(action->object)) {
			file_mark(passing, action);
		} else if (passing->moved.mask != 0) {
			passing->must_spread |= channels_is_terminal(action->object);
		}
	}
}

/* What was made now is not what had its number before. */
static void identity_forget(struct labels *labels, const struct action *action)
{
	char identity[CHANNELS_IDENTITY_SIZE];
	if (action->verb == VERB_WRITE && identity_of(action, identity) == 1) {
		marks_remove(labels->marks, text_of(identity));
	}
}

/* Who writes into another's memory tells it what it knows. */
static void memory_tell(struct passing *passing)
{
	struct supervisor *supervisor = passing->supervisor;
	const struct label_set *own =
		&process_state_of(passing->request->process)->labels.set;
	for (size_t i = 0; own->mask != 0 && i < passing->request->action_count; i++) {
		const struct action *action = &passing->request->actions[i];
		struct process_state *owner = memory_owner(supervisor, action);
		if (owner == NULL ||
			(action->verb != VERB_WRITE && action->verb != VERB_INSPECT)) {
			continue;
		}
		const uint32_t added = own->mask & ~owner->labels.set.mask;
		if (label_set_join(&owner->labels.set, own)) {
			label_record_taken(supervisor, owner, added);
			label_spread(supervisor);
		}
	}
}

/* Its other end may be in the tree. */
static void endpoint_remember(struct label_carrier *carrier, struct text endpoint)
{
	for (size_t i = 0; i < carrier->endpoint_count; i++) {
		if (text_equal(carrier->endpoints[i], endpoint)) {
			return;
		}
	}
	if (carrier->endpoint_count == ENDPOINTS_MAX) {
		carrier->is_opaque = true;
		return;
	}
	carrier->endpoints = xreallocarray(carrier->endpoints,
		carrier->endpoint_count + 1, sizeof(*carrier->endpoints));
	carrier->endpoints[carrier->endpoint_count++] =
		(struct text){text_copy(endpoint), endpoint.length};
}

/* True if there are any: who listens there may have changed since the last time. */
static bool connections_remember(
	struct process_state *state, const struct request *request)
{
	bool is_any = false;
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *action = &request->actions[i];
		if (action->verb == VERB_CONNECT &&
			sockets_may_be_ours(&action->endpoint)) {
			endpoint_remember(&state->labels, action->object);
			is_any = true;
		}
	}
	return is_any;
}

/* Who has the other end of these cannot be seen. */
static bool goes_unseen(const struct action *action)
{
	static const struct {
		enum verb verb;
		const char *object;
	} unseen[] = {
		{VERB_SYSTEM, "keyring"},
		{VERB_SYSTEM, "message-queue"},
		{VERB_SYSTEM, "packet-socket"},
		{VERB_SYSTEM, "rare-socket"},
		{VERB_SYSTEM, "raw-socket"},
		{VERB_SYSTEM, "semaphore"},
		{VERB_SYSTEM, "shared-memory"},
		{VERB_CONNECT, "netlink:usersock"},
	};
	bool is_unseen = action->endpoint.family == ENDPOINT_VSOCK;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		is_unseen = is_unseen || (action->verb == unseen[i].verb &&
						 text_equal_string(action->object,
							 unseen[i].object));
	}
	return is_unseen;
}

/* ---- What happens ---- */

static void request_pass(struct passing *passing)
{
	struct process_state *state = process_state_of(passing->request->process);
	struct labels *labels = passing->supervisor->labels;
	for (size_t i = 0; i < passing->request->action_count; i++) {
		const struct action *action = &passing->request->actions[i];
		action_take(passing, action);
		labels->has_changed_system |= action->verb == VERB_WRITE &&
					      channels_is_of_system(action->object);
		if (goes_unseen(action)) {
			state->labels.is_opaque = true;
			passing->must_spread |= labels->is_used;
		}
	}
	const uint32_t added = passing->taken.mask & ~state->labels.set.mask;
	if (added != 0) {
		labels->is_used = true;
		(void)label_set_join(&state->labels.set, &passing->taken);
		label_record_taken(passing->supervisor, state, added);
	}
	(void)label_set_join(&passing->moved, &state->labels.set);
	written_mark(passing);
	memory_tell(passing);
	if (added != 0 || passing->must_spread) {
		label_spread(passing->supervisor);
	}
}

/* An open may wait long for another, who then writes and has gone when it ends. */
static void flight_begin(struct labels *labels, const struct request *request)
{
	if (labels->flying_count == labels->flying_capacity) {
		labels->flying_capacity = labels->flying_capacity * 2 + 16;
		labels->flying = xreallocarray(labels->flying, labels->flying_capacity,
			sizeof(struct request *));
	}
	labels->flying[labels->flying_count++] = request;
}

void labels_gone(struct supervisor *supervisor, const struct request *request)
{
	struct labels *labels = supervisor->labels;
	for (size_t i = labels->flying_count; i > 0; i--) {
		if (labels->flying[i - 1] == request) {
			labels->flying[i - 1] = labels->flying[--labels->flying_count];
		}
	}
}

void labels_touch(struct supervisor *supervisor, struct request *request)
{
	struct process_state *state = process_state_of(request->process);
	struct passing passing = {.supervisor = supervisor, .request = request};
	flight_begin(supervisor->labels, request);
	request_pass(&passing);
	if (request->action_count > 1) {
		folders_move(&passing);
	}
	if (connections_remember(state, request) && supervisor->labels->is_used) {
		label_spread(supervisor);
		passing.when_done |= DONE_SPREAD; /* somebody may come until then */
	}
	request->user[REQUEST_LABELS] = passing.when_done;
}

void labels_done(struct supervisor *supervisor, struct request *request)
{
	struct passing passing = {
		.supervisor = supervisor, .request = request, .is_done = true};
	if ((request->user[REQUEST_LABELS] & DONE_TAKE) != 0) {
		request_pass(&passing);
	}
	if ((request->user[REQUEST_LABELS] & DONE_SPREAD) != 0) {
		label_spread(supervisor);
	}
	for (size_t i = 0; i < request->action_count; i++) {
		const struct action *action = &request->actions[i];
		if ((request->user[REQUEST_LABELS] & DONE_FORGET) != 0 &&
			action->verb == VERB_DELETE && is_missing(action)) {
			marks_remove(supervisor->labels->marks, action->object);
		}
		if ((request->user[REQUEST_LABELS] & DONE_NEW) != 0) {
			identity_forget(supervisor->labels, action);
		}
	}
	request->user[REQUEST_LABELS] = 0;
}

void labels_inherit(struct supervisor *supervisor, struct process_state *child,
	const struct process_state *parent)
{
	child->labels.is_opaque = parent != NULL && parent->labels.is_opaque;
	/* Nobody knows what a maker knew that is not known itself. */
	const struct label_set *known = child->process->has_unknown_maker
						? &supervisor->labels->everybody
					: parent != NULL ? &parent->labels.set
							 : NULL;
	if (known != NULL && label_set_join(&child->labels.set, known)) {
		label_record_taken(supervisor, child, child->labels.set.mask);
	}
}
