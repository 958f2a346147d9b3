/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "cli/config.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static char *file;

static void set_up(void)
{
	char template[] = "/tmp/duenna-config.XXXXXX";

	cr_assert(ne(ptr, mkdtemp(template), NULL));
	folder = xstrdup(template);
	file = xasprintf("%s/config", folder);
}

static void tear_down(void)
{
	(void)unlink(file);
	(void)rmdir(folder);
	free(file);
	free(folder);
}

TestSuite(config, .init = set_up, .fini = tear_down);

static bool load(const char *text, struct config *config, struct error *err)
{
	FILE *out = fopen(file, "we");

	cr_assert(ne(ptr, out, NULL));
	(void)fputs(text, out);
	cr_assert(eq(int, fclose(out), 0));
	return config_load_file(file, config, err);
}

Test(config, everything_can_be_set)
{
	struct config config;
	struct error err = {0};

	cr_assert(load("# a comment\n"
		       "profile memory\n\n"
		       "default-profiles no # another\n"
		       "arming-ms 1000\r\n"
		       "bell no\n"
		       "notify no\n"
		       "mouse no\n"
		       "notify-command \"my program\" -t \"a \\\"b\\\" \\\\\"\n"
		       "prefix Ctrl-A\n"
		       "bind question y allow\n"
		       "unbind question a\n"
		       "colour alert 208 underline",
			  &config, &err),
		"%s", err.text);
	cr_expect(eq(str, config.profiles[0], "memory"));
	cr_expect(eq(ptr, config.profiles[1], NULL));
	cr_expect(config.has_no_default_profiles);
	cr_expect(eq(u32, config.tui.arming_ms, 1000));
	cr_expect(not(config.tui.rings_bell));
	cr_expect(not(config.tui.tells_terminal));
	cr_expect(not(config.tui.uses_mouse));
	cr_expect(eq(str, config.notify_command[0], "my program"));
	cr_expect(eq(str, config.notify_command[2], "a \"b\" \\"));
	cr_expect(eq(ptr, config.notify_command[3], NULL));
	cr_expect(eq(u32, config.tui.keys.prefix, 1));
	cr_expect(eq(int, config.tui.looks[STYLE_ALERT].colour, 208));
	cr_expect(eq(u32, config.tui.looks[STYLE_ALERT].marks, MARK_UNDERLINE));
	key_table_use(&config.tui.keys);
	cr_expect(eq(int, key_command(CONTEXT_QUESTION, 'y'), COMMAND_ALLOW));
	cr_expect(eq(int, key_command(CONTEXT_QUESTION, 'a'), COMMAND_NONE));
	cr_expect(eq(int, key_command(CONTEXT_KEEP, 'a'), COMMAND_ALLOW));
	config_finish(&config);
}

Test(config, errors_say_where)
{
	static const struct {
		const char *text, *place, *words;
	} cases[] = {
		{"nothing 1\n", ":1:1: ", "is not a setting"},
		{"bell yes\n  bell  perhaps\n", ":2:9: ", "yes or no"},
		{"bell\n", ":1:5: ", "takes yes or no"},
		{"bell yes no\n", ":1:10: ", "takes yes or no"},
		{"arming-ms 0\n", ":1:11: ", "from 100 to 10000"},
		{"arming-ms 99999999999999999999\n", ":1:11: ", "from 100 to 10000"},
		{"arming-ms -300\n", ":1:11: ", "from 100 to 10000"},
		{"profile nobody\n", ":1:9: ", "is not a profile"},
		{"notify-command \"a b\n", ":1:16: ", "not closed"},
		{"prefix a\n", ":1:8: ", "must be Ctrl-"},
		{"prefix Esc\n", ":1:8: ", "must be Ctrl-"},
		{"prefix Ctrl-\n", ":1:8: ", "is not a key"},
		{"bind nowhere a allow\n", ":1:6: ", "is not a place"},
		{"bind question Return allow\n", ":1:15: ", "is not a key"},
		{"bind question ab allow\n", ":1:15: ", "is not a key"},
		{"bind question y agree\n", ":1:17: ", "is not something"},
		{"bind question y sort\n",
			":1:17: ", "there is no \"sort\" in question"},
		{"bind question Enter allow\n", ":1:21: ", "Enter never answers"},
		{"bind keep Enter allow\n", ":1:17: ", "Enter never answers"},
		{"bind batch Enter allow\n", ":1:18: ", "Enter never answers"},
		{"bind view 1 up\n", ":1:13: ", "two keys"},
		{"unbind view q\nunbind view Esc\n", ": ",
			"no key is left for \"close\""},
		{"bind question q deny\nbind question a deny\n", ":2:17: ", "two keys"},
		{"unbind question a\n", ": ", "no key is left for \"allow\""},
		{"bind rules j revoke\n", ": ", "j is both"},
		{"colour nothing red\n", ":1:8: ", "is not something that has a look"},
		{"colour deny red blod\n", ":1:17: ", "is not a colour"},
		{"colour deny 256\n", ":1:13: ", "is not a colour"},
		{"\x1b[31m\n", ":1:1: ", "\\x1b[31m"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config config;
		struct error err = {0};
		cr_expect(not(load(cases[i].text, &config, &err)), "%s", cases[i].text);
		cr_expect(eq(int, err.code, ERROR_SYNTAX), "%s", cases[i].text);
		cr_expect(ne(ptr, strstr(err.text, cases[i].place), NULL), "%s: %s",
			cases[i].text, err.text);
		cr_expect(ne(ptr, strstr(err.text, cases[i].words), NULL), "%s: %s",
			cases[i].text, err.text);
		cr_expect(eq(ptr, strchr(err.text, '\x1b'), NULL));
	}
}

Test(config, a_key_taken_from_another_command_counts_for_the_new_one)
{
	struct config config;
	struct error err = {0};

	cr_assert(
		load("bind question n deny\nbind question d details\n", &config, &err),
		"%s", err.text);
	key_table_use(&config.tui.keys);
	cr_expect(eq(int, key_command(CONTEXT_QUESTION, 'd'), COMMAND_DETAILS));
	cr_expect(eq(int, key_command(CONTEXT_QUESTION, 'n'), COMMAND_DENY));
	char *hints = key_hints(CONTEXT_QUESTION, "{deny} denies, {prefix}");
	cr_expect(eq(str, hints, "n denies, Ctrl-]"));
	free(hints);
	config_finish(&config);
}

static char *printed(const struct config *config)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert(ne(ptr, out, NULL));
	if (config != NULL) {
		config_print(config, out);
	} else {
		config_print_default(out);
	}
	(void)fclose(out);
	return text;
}

/* Takes the # away before each setting. */
static void uncomment(char *text)
{
	for (char *at = text; at != NULL; at = strchr(at + 1, '\n')) {
		char *mark = *at == '\n' ? at + 1 : at;
		if (mark[0] == '#' && mark[1] != ' ' && mark[1] != '\0') {
			*mark = ' ';
		}
	}
}

Test(config, the_default_file_says_what_holds_anyway)
{
	struct config usual;
	struct config read;
	struct error err = {0};

	config_init(&usual);
	char *without = printed(&usual);
	char *all = printed(NULL);
	cr_assert(load(all, &read, &err), "%s", err.text);
	char *as_comments = printed(&read);
	cr_expect(eq(str, as_comments, without));
	config_finish(&read);
	uncomment(all);
	cr_assert(load(all, &read, &err), "%s", err.text);
	char *as_settings = printed(&read);
	/* The profile and the program are examples. */
	cr_expect(eq(str, read.profiles[0], "memory"));
	cr_expect(eq(str, read.notify_command[0], "notify-send"));
	cr_expect(ne(ptr, strstr(as_settings, "bind question a allow"), NULL));
	config_finish(&read);
	cr_assert(load(as_settings, &read, &err), "%s", err.text);
	char *again = printed(&read);
	cr_expect(eq(str, again, as_settings), "what is printed can be read");
	config_finish(&read);
	config_finish(&usual);
	free(without);
	free(all);
	free(as_comments);
	free(as_settings);
	free(again);
}

Test(config, every_key_has_a_name_that_is_read_back)
{
	const struct key_binding *binding;
	char name[KEY_NAME_SIZE];

	for (size_t i = 0; (binding = key_binding_at(i)) != NULL; i++) {
		for (size_t k = 0; k < 2 && binding->keys[k] != KEY_NONE; k++) {
			const char *words = key_words(binding->keys[k], name);
			cr_expect(eq(u32, key_from_name(words), binding->keys[k]), "%s",
				words);
		}
		enum command_key command = COMMAND_NONE;
		cr_expect(command_key_from_name(
			command_key_name(binding->command), &command));
		cr_expect(eq(int, command, binding->command));
	}
}

Test(config, a_file_of_somebody_else_is_refused)
{
	struct config config;
	struct error err = {0};

	cr_assert(load("bell no\n", &config, &err));
	config_finish(&config);
	cr_assert(eq(int, chmod(file, 0666), 0));
	cr_expect(not(config_load_file(file, &config, &err)));
	cr_expect(ne(ptr, strstr(err.text, "somebody else"), NULL));
}

Test(config, without_a_file_the_usual_holds)
{
	struct config config;
	struct error err = {0};

	cr_assert(eq(int, setenv("XDG_CONFIG_HOME", folder, 1), 0));
	cr_assert(config_load(&config, &err));
	cr_expect(eq(u32, config.tui.arming_ms, TUI_ARMING_MS));
	config_finish(&config);
	cr_expect(not(config_load_file(file, &config, &err)));
}
