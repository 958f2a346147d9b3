/* SPDX-License-Identifier: MIT */
/*
 * The loop's side of the recorder: numbers, the queue, and the completions that come
 * back. The thread's side is writer.c.
 */
#include "db/recorder.h"

#include "base/xalloc.h"
#include "db/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct recorder {
	struct writer *writer;
	struct queue *queue;
	int64_t session;
	/* The numbers given last. */
	int64_t event, process, question, chunk, mcp_call, ticket;
};

struct recorder *recorder_create(
	const char *path, const struct session_record *session, struct error *err)
{
	struct recorder *recorder = xcalloc(1, sizeof(*recorder));

	recorder->writer = writer_create(path, session, &recorder->session, err);
	if (!recorder->writer) {
		free(recorder);
		return NULL;
	}
	recorder->queue = writer_queue(recorder->writer);
	return recorder;
}

bool recorder_destroy(
	struct recorder *recorder, int64_t ended, int status, struct error *err)
{
	if (!recorder) {
		return true;
	}
	struct stop_record stop = {.ended = ended, .status = status};
	record_put(recorder->queue, RECORD_STOP, &stop);
	bool is_written = writer_destroy(recorder->writer, err);
	free(recorder);
	return is_written;
}

int64_t recorder_session(const struct recorder *recorder)
{
	return recorder->session;
}

int64_t recorder_event(struct recorder *recorder, const struct event *event)
{
	struct event copy = *event;

	copy.session = recorder->session;
	copy.seq = ++recorder->event;
	record_put(recorder->queue, RECORD_EVENT, &copy);
	return copy.seq;
}

int64_t recorder_process_start(
	struct recorder *recorder, const struct process_record *process)
{
	struct process_record copy = *process;

	copy.session = recorder->session;
	copy.number = ++recorder->process;
	record_put(recorder->queue, RECORD_PROCESS_START, &copy);
	return copy.number;
}

void recorder_process_end(
	struct recorder *recorder, int64_t number, int64_t ended, int status)
{
	struct process_record process = {
		.session = recorder->session,
		.number = number,
		.ended = ended,
		.has_status = status >= 0,
		.status = status,
	};

	record_put(recorder->queue, RECORD_PROCESS_END, &process);
}

int64_t recorder_question(
	struct recorder *recorder, const struct question_record *question)
{
	struct question_record copy = *question;

	copy.session = recorder->session;
	copy.number = ++recorder->question;
	record_put(recorder->queue, RECORD_QUESTION, &copy);
	return copy.number;
}

int64_t recorder_terminal(
	struct recorder *recorder, const struct terminal_record *chunk)
{
	struct terminal_record copy = *chunk;

	copy.session = recorder->session;
	copy.number = ++recorder->chunk;
	record_put(recorder->queue, RECORD_TERMINAL, &copy);
	return copy.number;
}

int64_t recorder_mcp_call(struct recorder *recorder, const struct mcp_record *call)
{
	struct mcp_record copy = *call;

	copy.session = recorder->session;
	copy.number = ++recorder->mcp_call;
	record_put(recorder->queue, RECORD_MCP_CALL, &copy);
	return copy.number;
}

void recorder_mcp_result(
	struct recorder *recorder, int64_t number, int64_t ended, struct text result)
{
	struct mcp_record call = {
		.session = recorder->session,
		.number = number,
		.ended = ended,
		.result = result,
	};

	record_put(recorder->queue, RECORD_MCP_RESULT, &call);
}

void recorder_pin(struct recorder *recorder, const struct pin_record *pin)
{
	struct pin_record copy = *pin;

	copy.session = recorder->session;
	record_put(recorder->queue, RECORD_PIN, &copy);
}

void recorder_label(struct recorder *recorder, const struct label_record *label)
{
	struct label_record copy = *label;

	copy.session = recorder->session;
	record_put(recorder->queue, RECORD_LABEL, &copy);
}

int64_t recorder_decide(struct recorder *recorder, const struct decision *decision)
{
	struct decision_record copy = {++recorder->ticket, *decision};

	record_put(recorder->queue, RECORD_DECISION, &copy);
	return copy.ticket;
}

bool recorder_next_completion(struct recorder *recorder, struct completion *completion)
{
	return writer_next_completion(recorder->writer, completion);
}

int recorder_fd(const struct recorder *recorder)
{
	return writer_fd(recorder->writer);
}

bool recorder_failed(struct recorder *recorder, struct error *err)
{
	return writer_failed(recorder->writer, err);
}
