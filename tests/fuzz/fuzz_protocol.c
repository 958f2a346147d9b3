/* SPDX-License-Identifier: MIT */
/* Hostile bytes as a client or a session would read them: framing and every message. */
#include "session/protocol.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written again: that must succeed for whatever was accepted. */
static void read_question(const json_t *body)
{
	struct protocol_question question;
	if (protocol_question_read(body, &question)) {
		json_decref(protocol_question_write(&question, "question_opened"));
		protocol_question_finish(&question);
	}
	struct protocol_question_end end;
	if (protocol_question_end_read(body, &end)) {
		json_decref(protocol_question_end_write(&end));
		protocol_question_end_finish(&end);
	}
}

static void read_from_client(const json_t *body)
{
	struct protocol_client client;
	if (protocol_client_read(body, &client)) {
		json_decref(protocol_client_write(&client));
		protocol_client_finish(&client);
	}
	struct protocol_answer answer;
	if (protocol_answer_read(body, &answer)) {
		json_decref(protocol_answer_write(&answer));
		protocol_answer_finish(&answer);
	}
}

static void read_from_session(const json_t *body)
{
	struct protocol_hello hello;
	if (protocol_hello_read(body, &hello)) {
		json_decref(protocol_hello_write(&hello));
		protocol_hello_finish(&hello);
	}
	struct protocol_event event;
	if (protocol_event_read(body, &event)) {
		json_decref(protocol_event_write(&event));
		protocol_event_finish(&event);
	}
	struct protocol_processes processes;
	if (protocol_processes_read(body, &processes)) {
		json_decref(protocol_processes_write(&processes));
		protocol_processes_finish(&processes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { PIECE = 61 };
	struct protocol_stream stream = {.fd = -1};
	struct error err = {0};
	enum protocol_result result = PROTOCOL_NONE;
	for (size_t at = 0; at < size && result != PROTOCOL_INVALID; at += PIECE) {
		size_t piece = size - at < PIECE ? size - at : PIECE;
		struct protocol_message message;
		protocol_stream_feed(&stream, data + at, piece);
		while ((result = protocol_stream_next(&stream, &message, &err)) ==
			PROTOCOL_MESSAGE) {
			read_question(message.body);
			read_from_client(message.body);
			read_from_session(message.body);
			protocol_message_finish(&message);
		}
	}
	protocol_stream_finish(&stream);
	return 0;
}
