/* SPDX-License-Identifier: MIT */
#include "tree_driver.h"

#include "base/xalloc.h"
#include "tracer/anchors.h"
#include "tracer/native_stack.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	while (folder && readdir(folder)) {
		count++;
	}
	closedir(folder);
	return count;
}

static void describe(char text[TREE_TEXT_SIZE], const struct request *request)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < request->action_count && length < TREE_TEXT_SIZE; i++) {
		const struct action *action = &request->actions[i];
		length += (size_t)snprintf(text + length, TREE_TEXT_SIZE - length,
			"%s%s %.*s", i ? ", " : "", verb_name(action->verb),
			(int)action->object.length, action->object.bytes);
	}
}

int tree_answer_matching(struct tree *tree, const struct request *request)
{
	char text[TREE_TEXT_SIZE];

	describe(text, request);
	return strstr(text, tree->word) ? tree->policy_answer : TREE_ALLOWS;
}

static int allow_all(struct tree *tree, const struct request *request)
{
	(void)tree;
	return request->refused;
}

void tree_start(struct tree *tree, const char *const argv[], tree_policy_fn *policy)
{
	struct error err = {0};
	int to[2], from[2];
	const char *carrier = getenv("DUENNA_TEST_CARRIER");

	(void)anchors_get(); /* opened once and kept for all sessions */
	tree->descriptors = count_descriptors();
	cr_assert(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
	struct tracer_options options = {
		.argv = (char *const *)argv,
		.environment = environ,
		.stdio = {to[0], from[1], 2},
		.carrier = carrier && strcmp(carrier, "trace") == 0 ? CARRIER_TRACE
								    : CARRIER_AUTO,
		.judge_reads = true,
	};
	tree->policy = policy ? policy : allow_all;
	tree->input = to[1];
	tree->output = from[0];
	tree->shown = xstrdup("");
	tree->deadline = now_ms() + TREE_WAIT_MS;
	/* A tree before this one made us undumpable; spawn.c says why that matters. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	tree->tracer = tracer_create(&options, &err);
	cr_assert(tree->tracer != NULL, "%s", err.text);
	close(to[0]);
	close(from[1]);
}

/* For whoever looks for the one that was not closed. */
static void show_descriptors(void)
{
	char link[32];
	char target[128];

	for (int fd = 0; fd < 64; fd++) {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		const ssize_t length = readlink(link, target, sizeof(target));
		if (length > 0) {
			cr_log_error("%d is %.*s", fd, (int)length, target);
		}
	}
}

void tree_finish(struct tree *tree)
{
	tracer_destroy(tree->tracer);
	close(tree->input);
	close(tree->output);
	free(tree->shown);
	free(tree->notes);
	if (count_descriptors() != tree->descriptors) {
		show_descriptors();
	}
	cr_expect(count_descriptors() == tree->descriptors,
		"%zu descriptors were open before, and now %zu", tree->descriptors,
		count_descriptors());
}

static struct tree_note *add_note(struct tree *tree, const struct tracer_event *event)
{
	if (tree->note_count == tree->note_capacity) {
		tree->note_capacity = 2 * tree->note_capacity + 64;
		tree->notes = xreallocarray(
			tree->notes, tree->note_capacity, sizeof(tree->notes[0]));
	}
	struct tree_note *note = &tree->notes[tree->note_count++];
	*note = (struct tree_note){
		.kind = event->kind, .status = event->status, .error = event->error};
	const struct process *process = event->process;
	if (event->request) {
		note->tid = event->request->tid;
		note->restarted = event->request->restarted;
		describe(note->text, event->request);
		process = event->request->process;
	} else if (process && process->program) {
		(void)snprintf(note->text, sizeof(note->text), "%s", process->program);
	}
	if (process) {
		note->pid = process->pid;
		note->parent = process->parent ? process->parent->pid : 0;
	}
	return note;
}

static void give_answer(struct tree *tree, struct request *request, int answer)
{
	if (answer == TREE_HOLDS) {
		cr_assert(tree->held_count < TREE_HELD_MAX);
		tree->held[tree->held_count++] = request;
		tracer_hold(tree->tracer, request);
	} else {
		tracer_answer(tree->tracer, request,
			(struct answer){
				answer == TREE_ALLOWS ? ANSWER_ALLOW : ANSWER_DENY,
				answer});
	}
}

static void forget_held(struct tree *tree, const struct request *request)
{
	for (size_t i = 0; i < tree->held_count; i++) {
		if (tree->held[i] == request) {
			tree->held[i] = NULL;
		}
	}
}

static void handle(struct tree *tree, const struct tracer_event *event)
{
	(void)add_note(tree, event);
	switch (event->kind) {
	case TRACER_REQUEST:
		give_answer(tree, event->request, tree->policy(tree, event->request));
		break;
	case TRACER_RESULT:
	case TRACER_WITHDRAWN:
		forget_held(tree, event->request);
		break;
	case TRACER_COMMAND_ENDED:
		tree->command_ended = true;
		tree->status = event->status;
		break;
	case TRACER_TREE_ENDED:
		tree->tree_ended = true;
		break;
	case TRACER_PROCESS_START:
	case TRACER_PROCESS_EXEC:
	case TRACER_PROCESS_END:
	case TRACER_COMMAND_STOPPED:
		break;
	}
}

static bool read_output(struct tree *tree)
{
	char bytes[4096];
	ssize_t length = read(tree->output, bytes, sizeof(bytes));

	if (length <= 0) {
		return false;
	}
	tree->shown = xrealloc(tree->shown, tree->shown_length + (size_t)length + 1);
	memcpy(tree->shown + tree->shown_length, bytes, (size_t)length);
	tree->shown_length += (size_t)length;
	tree->shown[tree->shown_length] = '\0';
	return true;
}

void tree_handle_ready(struct tree *tree)
{
	struct tracer_event event;

	while (tracer_next(tree->tracer, &event)) {
		handle(tree, &event);
	}
}

void tree_step(struct tree *tree)
{
	struct tracer_event event;
	struct pollfd both[2] = {
		{.fd = tracer_fd(tree->tracer), .events = POLLIN},
		{.fd = tree->output, .events = POLLIN},
	};

	if (tracer_next(tree->tracer, &event)) {
		handle(tree, &event);
		return;
	}
	long long left = tree->deadline - now_ms();
	cr_assert(left > 0, "not in time; shown: %s", tree->shown);
	(void)poll(both, tree->output_ended ? 1 : 2, (int)left);
	if (!tree->output_ended && both[1].revents != 0) {
		tree->output_ended = !read_output(tree);
	}
}

void tree_run_to_end(struct tree *tree)
{
	while (!tree->tree_ended) {
		tree_step(tree);
	}
	while (!tree->output_ended) {
		tree->output_ended = !read_output(tree);
	}
}

void tree_await_output(struct tree *tree, const char *text)
{
	while (!strstr(tree->shown, text) && !tree->tree_ended) {
		tree_step(tree);
	}
	while (tree->tree_ended && !tree->output_ended) {
		tree->output_ended = !read_output(tree);
	}
	cr_assert(strstr(tree->shown, text) != NULL, "ended without %s: %s", text,
		tree->shown);
}

size_t tree_await_held(struct tree *tree, size_t count)
{
	while (tree->held_count < count) {
		cr_assert(!tree->tree_ended, "ended: %s", tree->shown);
		tree_step(tree);
	}
	return count - 1;
}

size_t tree_await_note(
	struct tree *tree, enum tracer_event_kind kind, const char *word, size_t from)
{
	for (size_t i = from;; i++) {
		while (i >= tree->note_count) {
			cr_assert(!tree->tree_ended, "ended without %s; shown: %s",
				word, tree->shown);
			tree_step(tree);
		}
		if (tree->notes[i].kind == kind && strstr(tree->notes[i].text, word)) {
			return i;
		}
	}
}

void tree_type(struct tree *tree, const char *text)
{
	cr_assert(write(tree->input, text, strlen(text)) == (ssize_t)strlen(text));
}

void tree_answer_held(struct tree *tree, size_t place, int answer)
{
	cr_assert(tree->held[place] != NULL, "it is not held any more");
	give_answer(tree, tree->held[place], answer);
}

size_t tree_count(
	const struct tree *tree, enum tracer_event_kind kind, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < tree->note_count; i++) {
		count += tree->notes[i].kind == kind &&
			 strstr(tree->notes[i].text, word) != NULL;
	}
	return count;
}

const char *tree_victim(const char *name)
{
	static char paths[4][4096];
	static int next;
	char *path = paths[next++ % 4];
	const char *folder = getenv("DUENNA_VICTIMS");

	cr_assert(folder != NULL, "DUENNA_VICTIMS is not set: run this with ctest");
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* What the victim writes and its wait status, without a tracer; to be freed. */
static char *run_natively(const char *const argv[], int *status)
{
	char *text = xstrdup("");
	size_t length = 0;
	ssize_t got;
	char bytes[4096];
	int ends[2];

	cr_assert(pipe2(ends, O_CLOEXEC) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
		text = xrealloc(text, length + (size_t)got + 1);
		memcpy(text + length, bytes, (size_t)got);
		length += (size_t)got;
		text[length] = '\0';
	}
	close(ends[0]);
	cr_assert(waitpid(pid, status, 0) == pid);
	return text;
}

/* The first line that is not the same. */
static void expect_same_lines(
	const char *behaviour, const char *native, const char *traced)
{
	size_t same = 0;
	size_t line = 0;

	for (; native[same] && native[same] == traced[same]; same++) {
		line = native[same] == '\n' ? same + 1 : line;
	}
	cr_expect(strcmp(native, traced) == 0,
		"%s: after %zu bytes natively %.*s, traced %.*s", behaviour, line,
		(int)strcspn(native + line, "\n"), native + line,
		(int)strcspn(traced + line, "\n"), traced + line);
}

void tree_expect_as_native(const char *victim, const char *behaviour)
{
	const char *const argv[] = {tree_victim(victim), behaviour, NULL};
	struct tree tree = {0};
	int status = 0;

	char *native = run_natively(argv, &status);
	tree_start(&tree, argv, NULL);
	tree_run_to_end(&tree);
	expect_same_lines(behaviour, native, tree.shown);
	cr_expect(native[0] != '\0', "the victim says nothing");
	cr_expect((tree.status & ~WCOREFLAG) == (status & ~WCOREFLAG),
		"status natively %x, traced %x", status, tree.status);
	free(native);
	tree_finish(&tree);
}

static bool read_nothing(void *context, uint64_t address, void *buffer, size_t size)
{
	(void)context;
	(void)address;
	(void)buffer;
	(void)size;
	return false;
}

void tree_start_libunwind(void)
{
	static struct stack_memory memory;
	const struct memory_map map = {0};
	const struct native_place place = {0};
	struct native_unwinder *unwinder = NULL;
	struct native_facts facts = {0};

	stack_memory_init(&memory, read_nothing, NULL, 1);
	native_stack_read(&unwinder, &memory, &map, &place, &facts);
	native_facts_finish(&facts);
	native_unwinder_destroy(unwinder);
}
