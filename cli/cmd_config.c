/* SPDX-License-Identifier: MIT */
/* duenna config: what is configured, and a file to begin with. */
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int run_show(const struct command_line *line, struct error *err)
{
	struct config config;

	(void)line;
	if (!config_load(&config, err)) {
		return EXIT_FAILED;
	}
	config_print(&config, stdout);
	config_finish(&config);
	return EXIT_DONE;
}

static int run_default(const struct command_line *line, struct error *err)
{
	(void)line;
	(void)err;
	config_print_default(stdout);
	return EXIT_DONE;
}

/* The folder of the file, for the user alone; only the last one is made. */
static bool make_folder_of(const char *path, struct error *err)
{
	char *folder = xmemdup0(path, (size_t)(strrchr(path, '/') - path));
	char *above = xmemdup0(folder, (size_t)(strrchr(folder, '/') - folder));

	(void)mkdir(above, 0700); /* if it cannot be, so cannot the next */
	const bool done = mkdir(folder, 0700) == 0 || errno == EEXIST ||
			  error_set(err, ERROR_REFUSED, "cannot create folder %s: %s",
				  folder, strerror(errno));
	free(above);
	free(folder);
	return done;
}

static bool write_default(const char *path, struct error *err)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (file == NULL) {
		return errno == EEXIST
			       ? error_set(err, ERROR_REFUSED,
					 "%s is there already; `duenna config default` "
					 "prints what would be written",
					 path)
			       : error_set(err, ERROR_REFUSED, "cannot write %s: %s",
					 path, strerror(errno));
	}
	config_print_default(file);
	return fclose(file) == 0 || error_set(err, ERROR_REFUSED, "cannot write %s: %s",
					    path, strerror(errno));
}

static int run_write(const struct command_line *line, struct error *err)
{
	char *path = config_path(err);

	(void)line;
	const bool done =
		path != NULL && make_folder_of(path, err) && write_default(path, err);
	if (done) {
		(void)printf("%s\n", path);
	}
	free(path);
	return done ? EXIT_DONE : EXIT_FAILED;
}

static int run_check(const struct command_line *line, struct error *err)
{
	struct config config;
	const bool done = line->argument_count > 0
				  ? config_load_file(line->arguments[0], &config, err)
				  : config_load(&config, err);

	if (!done) {
		return EXIT_FAILED;
	}
	config_finish(&config);
	return EXIT_DONE;
}

static const struct command command_show = {
	.name = "show",
	.arguments = "",
	.summary = "print what holds, as lines of the file",
	.run = run_show,
};

static const struct command command_default = {
	.name = "default",
	.arguments = "",
	.summary = "print a file to begin with: everything, as comments",
	.run = run_default,
};

static const struct command command_write = {
	.name = "write",
	.arguments = "",
	.summary = "write that file where it belongs, if there is none",
	.run = run_write,
};

static const struct command command_check = {
	.name = "check",
	.arguments = "[FILE]",
	.summary = "say whether a file is valid, and where not",
	.arguments_max = 1,
	.run = run_check,
};

static const struct command *const subcommands[] = {
	&command_show,
	&command_default,
	&command_write,
	&command_check,
	NULL,
};

const struct command command_config = {
	.name = "config",
	.arguments = "",
	.summary = "show, write or check the configuration",
	.description =
		"The configuration is $XDG_CONFIG_HOME/duenna/config, by default\n"
		"~/.config/duenna/config. A file that is not valid changes nothing: "
		"commands\n"
		"that need it say where it is wrong, and end.",
	.subcommands = subcommands,
};
