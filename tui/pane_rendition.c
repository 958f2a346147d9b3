/* SPDX-License-Identifier: MIT */
/*
 * How characters are to look (SGR), in words that libvterm 0.1.4 knows. It knows nothing
 * of faint ones: font 1, which nobody uses, stands for them. Nor does it know colours of
 * underlines, whose arguments it would take for others.
 */
#include "tui/pane_internal.h"

#include <string.h>

enum { INTRODUCER = 2, COLOUR_PALETTE = 5, COLOUR_DIRECT = 2 };

#define FAINT "\x1b[11m"
#define NOT_FAINT "\x1b[10m"

/* Arguments that are gone through one by one: a number, and what colons join to it. */
struct arguments {
	struct text left;
	bool is_done;
};

static struct text next_argument(struct arguments *arguments)
{
	const struct text left = arguments->left;
	const char *end = left.length > 0 ? memchr(left.bytes, ';', left.length) : NULL;
	const size_t length = end != NULL ? (size_t)(end - left.bytes) : left.length;

	arguments->is_done = end == NULL;
	if (end != NULL) {
		arguments->left = (struct text){end + 1, left.length - length - 1};
	}
	return (struct text){left.bytes, length};
}

/* Its number, 0 if there is none. */
static int number_of(struct text argument)
{
	int number = 0;

	for (size_t i = 0; i < argument.length && argument.bytes[i] >= '0' &&
			   argument.bytes[i] <= '9';
		i++) {
		number = 10 * number + argument.bytes[i] - '0';
	}
	return number;
}

/* With those that belong to the colour, which begins with this one. */
static struct text whole_colour(struct arguments *arguments, struct text first)
{
	struct text last = first;
	int missing = 0;

	if (memchr(first.bytes, ':', first.length) == NULL && !arguments->is_done) {
		last = next_argument(arguments);
		const int kind = number_of(last);
		missing = kind == COLOUR_PALETTE ? 1 : kind == COLOUR_DIRECT ? 3 : 0;
	}
	while (missing-- > 0 && !arguments->is_done) {
		last = next_argument(arguments);
	}
	return (struct text){
		first.bytes, (size_t)(last.bytes + last.length - first.bytes)};
}

static void add(struct pane_rendition *rendition, struct text argument)
{
	if (rendition->has_arguments) {
		rendition->bytes[rendition->length++] = ';';
	}
	memcpy(rendition->bytes + rendition->length, argument.bytes, argument.length);
	rendition->length += argument.length;
	rendition->has_arguments = true;
}

static void take(struct pane_rendition *rendition, struct arguments *arguments)
{
	const struct text argument = next_argument(arguments);
	const int number = number_of(argument);
	const bool is_joined = argument.length > 0 &&
			       memchr(argument.bytes, ':', argument.length) != NULL;

	if (number == 38 || number == 48) {
		add(rendition, whole_colour(arguments, argument));
	} else if (number == 58) {
		(void)whole_colour(arguments, argument);
	} else if (number == 2 && !is_joined) {
		rendition->font = FAINT;
	} else if (number < 10 || number > 19) {
		rendition->font = number == 22	? NOT_FAINT
				  : number == 0 ? NULL
						: rendition->font;
		add(rendition, argument);
	}
}

void pane_rendition_read(struct pane_rendition *rendition, struct text sequence)
{
	struct arguments arguments = {
		.left = {sequence.bytes + INTRODUCER, sequence.length - INTRODUCER - 1},
	};

	memcpy(rendition->bytes, sequence.bytes, INTRODUCER);
	rendition->length = INTRODUCER;
	rendition->has_arguments = false;
	rendition->font = NULL;
	while (!arguments.is_done) {
		take(rendition, &arguments);
	}
	rendition->bytes[rendition->length++] = 'm';
}
