/* SPDX-License-Identifier: MIT */
/*
 * Where in a program a call comes from: taken from the tracer when a rule depends on it,
 * when a person is asked, and for denials that are recorded; in the forms that rules,
 * events and questions need.
 */
#ifndef SESSION_CALL_STACK_H
#define SESSION_CALL_STACK_H

#include "tracer/tracer.h"

struct call_stack {
	unsigned references;
	struct code_facts code;
	struct text *files; /* of the frames of code, in their order */
	char *python;	    /* JSON array as in docs/events.md; NULL: no frames */
	bool has_native;    /* it was looked for */
	struct native_facts native_facts;
	char *native; /* JSON array likewise */
};

/* Lines of a question; more would only hide what matters. */
enum { CALL_STACK_LINES_MAX = 64 };

struct call_stack *call_stack_take(
	struct tracer *tracer, const struct request *request);
/* Adds the native stack, which is for people alone. */
void call_stack_take_native(
	struct call_stack *stack, struct tracer *tracer, const struct request *request);
struct call_stack *call_stack_reference(struct call_stack *stack); /* may be NULL */
void call_stack_release(struct call_stack *stack);

/* Makes it the subject's known code. */
void call_stack_apply(const struct call_stack *stack, struct subject *subject);

/* A number that differs where rules could tell two stacks apart; 0: no stack. */
uint64_t call_stack_digest(const struct call_stack *stack);

/*
 * One owned line a frame, innermost first: "FILE:LINE FUNCTION" of Python,
 * "FUNCTION+OFFSET FILE" of native code. Given back by field_texts_free; stack may be
 * NULL.
 */
struct text *call_stack_lines(const struct call_stack *stack, size_t *count);
struct text *call_stack_native_lines(const struct call_stack *stack, size_t *count);
/* Both in one list, as stack_merge.h has it. */
struct text *call_stack_merged_lines(const struct call_stack *stack, size_t *count);

#endif
