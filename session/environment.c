/* SPDX-License-Identifier: MIT */
#include "session/environment.h"

#include "base/escape.h"
#include "base/xalloc.h"
#include "rules/mask.h"

#include <stdlib.h>

static struct text entry_name(const char *entry)
{
	return (struct text){entry, strcspn(entry, "=")};
}

/* True if list, "A,B", has name. */
static bool list_has(const char *list, struct text name)
{
	while (*list != '\0') {
		size_t length = strcspn(list, ",");
		if (text_equal((struct text){list, length}, name)) {
			return true;
		}
		list += length + (list[length] == ',');
	}
	return false;
}

static void add(struct environment *environment, char *taken)
{
	environment->entries[environment->count++] = taken;
	environment->entries[environment->count] = NULL;
}

static void add_secret_name(struct environment *environment, struct text name)
{
	char *safe = escape_copy(name);
	char *before = environment->secret_names;
	environment->secret_names =
		before == NULL ? xstrdup(safe) : xasprintf("%s, %s", before, safe);
	free(before);
	free(safe);
}

void environment_build(struct environment *environment, char *const *own,
	const char *wish, const char *temporary, const char *term)
{
	bool keeps = wish == NULL || strcmp(wish, "keep") == 0;
	size_t count = 0;
	bool has_tmux_folder = false;
	while (own[count] != NULL) {
		count++;
	}
	*environment = (struct environment){
		.entries = xcalloc(count + 4, sizeof(*environment->entries)),
	};
	for (size_t i = 0; i < count; i++) {
		struct text name = entry_name(own[i]);
		if (text_equal_string(name, "TMPDIR") ||
			(term != NULL && text_equal_string(name, "TERM"))) {
			continue;
		}
		has_tmux_folder |= text_equal_string(name, "TMUX_TMPDIR");
		bool is_secret = mask_is_secret_name(name);
		if (is_secret && !keeps && !list_has(wish, name)) {
			continue;
		}
		if (is_secret) {
			add_secret_name(environment, name);
		}
		add(environment, xstrdup(own[i]));
	}
	add(environment, xasprintf("TMPDIR=%s", temporary));
	/* tmux takes no TMPDIR; beside the person's own server it would have to ask. */
	if (!has_tmux_folder) {
		add(environment, xasprintf("TMUX_TMPDIR=%s", temporary));
	}
	if (term != NULL) {
		add(environment, xasprintf("TERM=%s", term));
	}
}

void environment_finish(struct environment *environment)
{
	for (size_t i = 0; i < environment->count; i++) {
		free(environment->entries[i]);
	}
	free(environment->entries);
	free(environment->secret_names);
	*environment = (struct environment){0};
}
