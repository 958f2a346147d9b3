/* SPDX-License-Identifier: MIT */
#include "tui/word.h"

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

/* 64 each, so that six random bits choose one. */
static const char *const colours[] = {
	/* clang-format off */
	"amber", "azure", "beige", "black", "blue", "brass", "brown", "calm",
	"cherry", "chilly", "clear", "copper", "coral", "cosy", "crimson", "crisp",
	"dusky", "early", "faded", "fancy", "gentle", "golden", "green", "grey",
	"happy", "hazel", "honest", "indigo", "ivory", "jade", "jolly", "khaki",
	"late", "lilac", "lively", "lucky", "mellow", "merry", "mild", "misty",
	"noble", "olive", "orange", "pale", "pink", "plain", "plum", "proud",
	"purple", "quiet", "rapid", "rosy", "ruby", "rusty", "sandy", "scarlet",
	"silver", "snowy", "sunny", "teal", "tidy", "violet", "white", "yellow",
	/* clang-format on */
};
static const char *const things[] = {
	/* clang-format off */
	"acorn", "anchor", "apple", "badger", "barrel", "basket", "beaver", "bell",
	"bottle", "bridge", "button", "candle", "canyon", "castle", "cedar", "clover",
	"comet", "cottage", "cricket", "daisy", "dolphin", "donkey", "falcon", "feather",
	"fiddle", "forest", "garden", "goose", "hammer", "harbour", "hedgehog", "heron",
	"island", "jacket", "kettle", "ladder", "lantern", "lemon", "magpie", "maple",
	"marble", "meadow", "mitten", "otter", "paddle", "parrot", "pebble", "pepper",
	"pigeon", "pillow", "pumpkin", "rabbit", "ribbon", "river", "saddle", "salmon",
	"sparrow", "teapot", "thistle", "tulip", "turtle", "valley", "walnut", "window",
	/* clang-format on */
};
enum { WORD_COUNT = 64 };
_Static_assert(sizeof(colours) / sizeof(colours[0]) == WORD_COUNT, "six bits");
_Static_assert(sizeof(things) / sizeof(things[0]) == WORD_COUNT, "six bits");

void word_choose(char word[WORD_SIZE])
{
	uint8_t random[3];

	/* So few bytes come whole. A word that can be guessed would be no word. */
	invariant(getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random));
	(void)snprintf(word, WORD_SIZE, "%s-%s%u", colours[random[0] % WORD_COUNT],
		things[random[1] % WORD_COUNT], random[2] % 90U + 10U);
}
