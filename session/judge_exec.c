/* SPDX-License-Identifier: MIT */
/* What a program is called as, which is for whoever executes it to say. */
#include "session/judge.h"

#include <ctype.h>

/* "python" is one of python3.11's own. */
static bool is_without_version(struct text name, struct text whole)
{
	bool is_version = name.length > 0 && name.length < whole.length &&
			  memcmp(name.bytes, whole.bytes, name.length) == 0;

	for (size_t i = name.length; is_version && i < whole.length; i++) {
		is_version =
			isdigit((unsigned char)whole.bytes[i]) || whole.bytes[i] == '.';
	}
	return is_version;
}

/* The name of one of the system's own links, as /bin/sh is; the tree makes links, too. */
static bool is_link_of_system(struct text name, struct text path)
{
	static const char *const folders[] = {
		"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/"};
	const struct text base = text_base_name(path);
	const struct text folder = {path.bytes, path.length - base.length};
	bool is_of_system = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		is_of_system = is_of_system || text_equal_string(folder, folders[i]);
	}
	return is_of_system && text_equal(name, base);
}

static bool is_own_name(const struct action *action)
{
	const struct text own = text_base_name(action->object);
	struct text name = text_base_name(action->argv[0]);

	if (text_starts_with(name, "-")) { /* as login shells are called */
		name = (struct text){name.bytes + 1, name.length - 1};
	}
	return text_equal(name, own) || is_without_version(name, own) ||
	       is_link_of_system(name, action->asked_as);
}

/* What a script is called is not told to it: its interpreter has the name that it gives. */
static bool is_script(const struct request *request, const struct action *action)
{
	return request->action_count > 1 && action == &request->actions[0];
}

bool judge_misnames(const struct request *request, const struct action *action,
	const struct rule *rule)
{
	return action->verb == VERB_EXEC && !is_script(request, action) &&
	       action->argc > 0 && rule != NULL && rule->verdict == VERDICT_ALLOW &&
	       rule->has_argv && !is_own_name(action);
}
