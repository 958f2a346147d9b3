/* SPDX-License-Identifier: MIT */
/* Nanoseconds per rule look-up, with 100 and with 100,000 rules. */
#include "rules/parser.h"
#include "rules/rule_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_UPS = 2000000, ACTION_COUNT = 4096, TEXT_SIZE = 160 };

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16;
}

/* Texts with three numbers between them. */
struct form {
	const char *parts[4];
};

/* The shape of real rules: mostly exact files and folders, some kinds of files. */
static const struct form rule_forms[] = {
	{{"allow read /home/u/src/p", "/lib/module", "/file", ".c\n"}},
	{{"allow read,write /home/u/src/p", "/build", "/out", "/**\n"}},
	{{"allow read /usr/lib/python3/p", "/site", "/pkg", "/*.py\n"}},
	{{"allow exec /usr/bin/tool", " sub", " option", " **\n"}},
	{{"allow connect host", ".zone", ".example", ".com:443\n"}},
	{{"allow read **/p", "-", "-", ".conf\n"}},
};

static const struct form path_forms[] = {
	{{"/home/u/src/p", "/lib/module", "/file", ".c"}},
	{{"/home/u/src/p", "/build", "/out", "/deep/er/object.o"}},
	{{"/usr/lib/python3/p", "/site", "/pkg", "/module.py"}},
};

static void fill_form(const struct form *form, unsigned n, char *text)
{
	(void)snprintf(text, TEXT_SIZE, "%s%u%s%u%s%u%s", form->parts[0], n % 97,
		form->parts[1], n % 50, form->parts[2], n, form->parts[3]);
}

static struct rule_index *make_index(unsigned count)
{
	static const struct rule_variables variables = {
		"/home/u", "/home/u/src/p1", "/tmp/duenna-1"};
	struct rule_list list = {0};
	struct rule_errors errors = {0};

	for (unsigned i = 0; i < count; i++) {
		char text[TEXT_SIZE];
		/* Rare forms stay rare: one in sixty-four looks at any depth. */
		fill_form(&rule_forms[i % 64 == 0 ? 5 : i % 5], i, text);
		if (!rule_parse_file_text(
			    text_of(text), "bench", ORIGIN_FILE, &list, &errors)) {
			(void)fprintf(stderr, "bad rule: %s", text);
			exit(1);
		}
	}
	struct rule_index *index = rule_index_create(&list, &variables);
	rule_list_finish(&list);
	return index;
}

static void make_actions(
	struct action *actions, char (*paths)[TEXT_SIZE], unsigned count)
{
	unsigned state = 1;

	for (unsigned i = 0; i < ACTION_COUNT; i++) {
		unsigned n = next_random(&state) % count;
		fill_form(&path_forms[n % 5 % 3], n, paths[i]);
		actions[i] =
			(struct action){.verb = VERB_READ, .object = text_of(paths[i])};
	}
}

static void measure(unsigned count)
{
	static struct action actions[ACTION_COUNT];
	static char paths[ACTION_COUNT][TEXT_SIZE];
	struct timespec start;
	struct timespec end;
	struct subject subject = {.program = text_of("/usr/bin/agent")};
	unsigned allowed = 0;
	struct rule_index *index = make_index(count);

	make_actions(actions, paths, count);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (unsigned i = 0; i < LOOK_UPS; i++) {
		allowed +=
			rule_index_judge(index, &actions[i % ACTION_COUNT], &subject, 1)
				.verdict == VERDICT_ALLOW;
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 +
		    (double)(end.tv_nsec - start.tv_nsec);
	(void)printf("%u rules: %.0f ns a look-up (%u%% allowed)\n", count,
		ns / LOOK_UPS, allowed / (LOOK_UPS / 100));
	rule_index_destroy(index);
}

int main(void)
{
	measure(100);
	measure(100000);
	return 0;
}
