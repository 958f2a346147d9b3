/* SPDX-License-Identifier: MIT */
#include "session/denial_line.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/printer.h"
#include "session/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_PER_SECOND = 5 };

static char *shown_object(const struct places *places, const struct action *action)
{
	char buffer[512];
	bool is_path = verb_object_kind(action->verb) == OBJECT_PATH ||
		       verb_object_kind(action->verb) == OBJECT_PROGRAM;
	char *object = is_path ? places_shorten(places, action->object)
			       : text_copy(action->object);
	/* text_copy keeps zero bytes; a path has none. */
	size_t length = is_path ? strlen(object) : action->object.length;
	(void)escape_text((struct text){object, length}, buffer, sizeof(buffer));
	free(object);
	return xstrdup(buffer);
}

/* "example.com:443 (93.184.216.34:443)" */
static char *shown_host(const struct action *action)
{
	char *names = escape_copy(action->asked_as);
	char *address = escape_copy(action->object);
	char *result = xasprintf("%s (%s)", names, address);
	free(names);
	free(address);
	return result;
}

/* "rule: ask read ~/.netrc, profile secrets:4" */
static char *shown_rule(const struct judged_action *action)
{
	struct rule bare = *action->rule;
	bare.note = NULL;
	char *text = rule_print(&bare);
	const char *source = bare.source;
	char *result = xasprintf("rule: %s%s%s", text, source != NULL ? ", " : "",
		source != NULL ? source : "");
	free(text);
	return result;
}

static char *shown_person(const struct judged *judged)
{
	if (judged->message == NULL || judged->message[0] == '\0') {
		return xstrdup("by the person");
	}
	char *message = escape_copy(text_of(judged->message));
	char *result = xasprintf("by the person: %s", message);
	free(message);
	return result;
}

static char *shown_reason(const struct judged *judged)
{
	const struct judged_action *action = &judged->actions[judged->strictest];
	switch (action->by) {
	case BY_PERSON:
		return shown_person(judged);
	case BY_HEADLESS:
		if (action->rule == NULL) {
			return xstrdup("no rule; nobody to ask");
		}
		break;
	case BY_BUILT_IN:
		return xstrdup(judged->reason != NULL ? judged->reason
						      : "Duenna protects its own");
	case BY_RULE:
	case BY_DEFAULT:
	case BY_COUNT:
		break;
	}
	if (action->rule == NULL) {
		return xstrdup("no rule");
	}
	char *rule = shown_rule(action);
	char *safe = escape_copy(text_of(rule));
	char *result = xasprintf(
		"%s%s", safe, action->by == BY_HEADLESS ? "; nobody to ask" : "");
	free(safe);
	free(rule);
	return result;
}

char *denial_line_format(const struct places *places, const struct request *request,
	struct judged *judged)
{
	const struct action *action = &request->actions[judged->strictest];
	struct text name = text_base_name(text_of(request->process->program));
	char *object = action->endpoint.name_count > 0 ? shown_host(action)
						       : shown_object(places, action);
	char *program = escape_copy(name);
	char *reason = shown_reason(judged);
	char *line = xasprintf("duenna: denied %s %s for %s (%s)\n",
		verb_name(action->verb), object, program, reason);
	free(object);
	free(program);
	free(reason);
	return line;
}

int denial_line_open(int fd)
{
	struct stat status;
	char path[40];
	if (fstat(fd, &status) != 0 ||
		(!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))) {
		return fd;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own < 0 ? fd : own;
}

/*
 * A pipe or terminal that polls writable takes this much as a whole, or nothing if the tree
 * has filled it in between.
 */
static bool write_whole(int fd, const char *bytes)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	size_t length = strlen(bytes);
	if (length > _POSIX_PIPE_BUF) {
		length = _POSIX_PIPE_BUF;
	}
	if (poll(&poll_fd, 1, 0) != 1 || (poll_fd.revents & POLLOUT) == 0) {
		return false;
	}
	const ssize_t sent = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent > 0 ||
	       (sent < 0 && errno == ENOTSOCK && write(fd, bytes, length) > 0);
}

static bool may_write(struct denial_line *line, int64_t now)
{
	denial_line_tick(line, now);
	return line->written < LINES_PER_SECOND;
}

/* A profile denies only what programs ask for in passing and do well without. */
static bool is_worth_a_word(const struct judged *judged)
{
	const struct judged_action *action = &judged->actions[judged->strictest];

	return action->by != BY_RULE || action->rule == NULL ||
	       action->rule->origin != ORIGIN_PROFILE ||
	       action->rule->verdict != VERDICT_DENY;
}

void denial_line_write(struct denial_line *line, struct judge *judge,
	const struct request *request, struct judged *judged, int64_t now)
{
	enum { STANDARD_ERROR = 2 };
	if (line->is_quiet || line->fd < 0 || !is_worth_a_word(judged) ||
		!tracer_shares_file(
			judge->tracer, request->tid, STANDARD_ERROR, line->fd)) {
		return;
	}
	if (!may_write(line, now)) {
		line->left_out++;
		return;
	}
	char *text = denial_line_format(judge->places, request, judged);
	if (write_whole(line->write_fd, text)) {
		line->written++;
	}
	free(text);
}

char *denial_line_notice(struct denial_line *line, struct judge *judge,
	const struct request *request, struct judged *judged, int64_t now)
{
	static const char name[] = "duenna: ";

	if (line->is_quiet || judged->actions[judged->strictest].by == BY_PERSON ||
		!is_worth_a_word(judged) || !may_write(line, now)) {
		return NULL;
	}
	line->written++;
	char *text = denial_line_format(judge->places, request, judged);
	text[strcspn(text, "\n")] = '\0';
	char *sentence = xstrdup(text + strlen(name));
	free(text);
	return sentence;
}

void denial_line_tick(struct denial_line *line, int64_t now)
{
	int64_t second = now / NANOSECONDS_PER_SECOND;
	if (second == line->second) {
		return;
	}
	line->second = second;
	line->written = 0;
	if (line->left_out > 0) {
		char text[64];
		(void)snprintf(text, sizeof(text), "duenna: %lu more denials\n",
			line->left_out);
		if (write_whole(line->write_fd, text)) {
			line->written++;
			line->left_out = 0;
		}
	}
}
