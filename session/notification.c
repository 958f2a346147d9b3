/* SPDX-License-Identifier: MIT */
#include "session/notification.h"

#include "base/escape.h"
#include "session/supervisor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { OBJECT_SIZE = 400, COMMAND_SIZE = 100 };

static bool is_somebody_looking(const struct supervisor *supervisor)
{
	const struct client *client = supervisor->clients.first;

	while (client != NULL && !(client->is_front_end && client->has_focus)) {
		client = client->next;
	}
	return client != NULL;
}

/* The front end that was started with the session is about to say hello. */
static bool is_somebody_coming(const struct supervisor *supervisor)
{
	const enum ask_mode ask = supervisor->options->ask;

	return (ask == ASK_TUI || ask == ASK_LINE) &&
	       !supervisor->clients.had_front_end;
}

static struct text first_object(const struct question *question, const char **verb)
{
	const json_t *actions = json_object_get(question->shown, "actions");
	const json_t *action = json_array_get(actions, 0);

	*verb = json_string_value(json_object_get(action, "verb"));
	return protocol_text_read(json_object_get(action, "object"));
}

void notification_send(
	const struct supervisor *supervisor, const struct question *question)
{
	const int fd = supervisor->options->notify_fd;
	char object[OBJECT_SIZE];
	char command[COMMAND_SIZE];
	char message[NOTIFICATION_SIZE_MAX];
	const char *verb;

	if (fd == 0 || is_somebody_looking(supervisor) ||
		is_somebody_coming(supervisor)) {
		return;
	}
	struct text raw = first_object(question, &verb);
	(void)escape_text(raw, object, sizeof(object));
	free((void *)(uintptr_t)raw.bytes); /* owned, as protocol_text_read says */
	(void)escape_text(text_base_name(text_of(supervisor->options->argv[0])),
		command, sizeof(command));
	const int length = snprintf(message, sizeof(message),
		"%" PRId64 "%c%" PRId64 ".%" PRId64 "%c%zu%cDuenna: %s asks to %s %s",
		supervisor->session, '\0', supervisor->session, question->number, '\0',
		supervisor->questions.open, '\0', command,
		verb != NULL ? verb : "act:", object);
	(void)send(fd, message, (size_t)length + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}
