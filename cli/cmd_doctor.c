/* SPDX-License-Identifier: MIT */
/* `duenna doctor`: what is there, what is missing and what that costs, in plain words. */
#include "cli/commands.h"
#include "db/db.h"
#include "tracer/probe.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <term.h>
#include <unistd.h>

enum {
	KERNEL_MAJOR = 5, /* the oldest kernel that is tested */
	KERNEL_MINOR = 14,
	FILES_WANTED = 4096, /* open files, for a tree of a thousand tasks */
};

enum finding {
	FINDING_OK,
	FINDING_WEAKER,
	FINDING_NOTE,
	FINDING_MISSING, /* this and the next: Duenna cannot run */
	FINDING_BROKEN,
};

struct doctor {
	bool can_run;
	unsigned weaker;
};

static void say(struct doctor *doctor, enum finding finding, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct doctor *doctor, enum finding finding, const char *format, ...)
{
	static const char *const words[] = {
		[FINDING_OK] = "ok",
		[FINDING_WEAKER] = "weaker",
		[FINDING_NOTE] = "note",
		[FINDING_MISSING] = "MISSING",
		[FINDING_BROKEN] = "BROKEN",
	};
	va_list arguments;

	printf("  %-8s ", words[finding]);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	if (finding >= FINDING_MISSING) {
		doctor->can_run = false;
	}
	doctor->weaker += finding == FINDING_WEAKER;
}

/* What is there, or what its absence costs. */
static void say_feature(
	struct doctor *doctor, bool present, const char *what, const char *cost)
{
	if (present) {
		say(doctor, FINDING_OK, "%s", what);
	} else {
		say(doctor, FINDING_WEAKER, "no %s: %s", what, cost);
	}
}

static void check_kernel(struct doctor *doctor)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		say(doctor, FINDING_NOTE, "kernel %s", name.release);
	} else if (major < KERNEL_MAJOR ||
		   (major == KERNEL_MAJOR && minor < KERNEL_MINOR)) {
		say(doctor, FINDING_WEAKER,
			"kernel %s: Duenna is made for Linux %d.%d and later",
			name.release, KERNEL_MAJOR, KERNEL_MINOR);
	} else {
		say(doctor, FINDING_OK, "kernel %s", name.release);
	}
	if (strcmp(name.machine, "x86_64") != 0) {
		say(doctor, FINDING_MISSING, "support for %s: only x86_64 is supported",
			name.machine);
	}
}

static void check_needed(struct doctor *doctor, const struct probe_features *features)
{
	const char *missing;

	if (probe_sufficient(features, &missing)) {
		say(doctor, FINDING_OK, "tracing and seccomp filters work here");
	} else {
		say(doctor, FINDING_MISSING, "%s", missing);
	}
}

static void check_speed(struct doctor *doctor, const struct probe_features *features)
{
	if (features->seccomp_notify && !features->listener_free) {
		say(doctor, FINDING_WEAKER,
			"the seccomp listener is taken by what we run in (a container "
			"runtime, WSL): file calls go by trace stops, about twice as "
			"slow");
	} else if (!features->seccomp_notify || !features->addfd_send) {
		say(doctor, FINDING_WEAKER,
			"no complete seccomp notifications (Linux 5.14): file calls go "
			"by "
			"trace stops, several times as slow");
	} else {
		say(doctor, FINDING_OK, "file calls go by seccomp notifications");
		say_feature(doctor, features->sync_wake,
			"synchronous wake-up of notifications",
			"each judged file call may wait for another processor to wake "
			"(Linux 6.6)");
		say_feature(doctor, features->wait_killable,
			"undisturbed waits for notifications",
			"signals during a judged call cost more (Linux 5.19)");
	}
	say_feature(doctor, features->set_syscall_info, "PTRACE_SET_SYSCALL_INFO",
		"stops that change arguments cost about 1 µs more (Linux 6.16)");
	say_feature(doctor, features->thread_pidfd, "pidfds of threads",
		"threads that have descriptors of their own, or outlived the first "
		"of their process, cannot use them in judged calls (Linux 6.9)");
	say_feature(doctor, features->mseal, "sealing of memory (mseal)",
		"some memory calls of the tree stop, too, to guard the pages with "
		"judged arguments (Linux 6.10)");
}

static void check_surroundings(
	struct doctor *doctor, const struct probe_features *features)
{
	if (features->landlock_abi > 0) {
		say(doctor, FINDING_OK, "Landlock %d, for --reads sealed",
			features->landlock_abi);
	} else {
		say(doctor, FINDING_WEAKER,
			"no Landlock: --reads sealed does not work (Linux 5.13, and in "
			"the "
			"kernel's list of security modules)");
	}
	if (features->yama_scope > 0) {
		say(doctor, FINDING_OK,
			"Yama ptrace_scope %d: others of your processes are harder to "
			"trace",
			features->yama_scope);
	} else {
		say(doctor, FINDING_NOTE,
			"%s: any of your processes outside the tree may trace any "
			"other; "
			"the tree itself may not",
			features->yama_scope < 0 ? "no Yama" : "Yama ptrace_scope 0");
	}
	if (features->user_namespaces) {
		say(doctor, FINDING_NOTE,
			"user namespaces are open to everybody; within the tree they "
			"are "
			"refused, so sandboxes that build on them do not start there");
	}
	if (features->privileged) {
		say(doctor, FINDING_NOTE,
			"you have privileges (root?), and what you run will, too: an "
			"ordinary user is safer");
	}
	if (features->no_new_privileges) {
		say(doctor, FINDING_NOTE,
			"no_new_privs is set already: sudo and other set-user-ID "
			"programs "
			"do not work here with or without Duenna");
	}
}

static void check_limits(struct doctor *doctor)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max < FILES_WANTED) {
		say(doctor, FINDING_WEAKER,
			"only %lu open files allowed (ulimit -Hn): large trees may run "
			"out",
			(unsigned long)files.rlim_max);
	}
}

static void check_terminal(struct doctor *doctor)
{
	const char *name = getenv("TERM");
	int found = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		say(doctor, FINDING_NOTE,
			"not on a terminal: `run` denies what no rule covers (--ask "
			"deny)");
		return;
	}
	if (setupterm(NULL, STDOUT_FILENO, &found) != OK) {
		say(doctor, FINDING_WEAKER,
			"terminal type %s is not known here: use --ask line",
			name && *name ? name : "(TERM is not set)");
		return;
	}
	if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1) {
		say(doctor, FINDING_WEAKER,
			"terminal %s cannot place the cursor: use --ask line", name);
		return;
	}
	int colors = tigetnum("colors");
	say(doctor, FINDING_OK, "terminal %s, %d colours", name,
		colors > 0 ? colors : 1);
}

static void check_locale(struct doctor *doctor)
{
	const char *codeset;

	setlocale(LC_CTYPE, "");
	codeset = nl_langinfo(CODESET);
	if (strcmp(codeset, "UTF-8") == 0) {
		say(doctor, FINDING_OK, "UTF-8");
	} else {
		say(doctor, FINDING_NOTE,
			"the locale's character set is %s: names that are not ASCII "
			"are "
			"shown escaped",
			codeset);
	}
}

static void check_permissions(struct doctor *doctor, const char *path)
{
	struct stat status;

	if (stat(path, &status)) {
		return;
	}
	if (status.st_mode & 077) {
		say(doctor, FINDING_WEAKER, "others can read %s: chmod 600 it", path);
	}
	if (status.st_uid != geteuid()) {
		say(doctor, FINDING_WEAKER, "%s belongs to somebody else", path);
	}
}

static void check_database(struct doctor *doctor, const char *path)
{
	struct error err = {0};
	struct db *db = db_open(path, DB_READ, &err);

	if (!db && err.code == ERROR_NOT_FOUND) {
		say(doctor, FINDING_OK, "%s will be created by the first run", path);
		return;
	}
	if (!db) {
		say(doctor, FINDING_BROKEN, "%s", err.text);
		return;
	}
	if (db_check(db, &err)) {
		say(doctor, FINDING_OK, "%s is sound", path);
	} else {
		say(doctor, FINDING_BROKEN, "%s", err.text);
	}
	db_close(db);
	check_permissions(doctor, path);
}

static void conclude(const struct doctor *doctor)
{
	if (!doctor->can_run) {
		puts("\nDuenna cannot run here.");
	} else if (doctor->weaker > 0) {
		puts("\nDuenna can run here, with what is said above.");
	} else {
		puts("\nDuenna can run here.");
	}
}

static int run_doctor(const struct command_line *line, struct error *err)
{
	struct doctor doctor = {.can_run = true};
	struct probe_features features;

	(void)err; /* what is wrong is the result, not a failure of this command */
	probe_run(&features);
	puts("Kernel");
	check_kernel(&doctor);
	check_needed(&doctor, &features);
	check_speed(&doctor, &features);
	check_surroundings(&doctor, &features);
	check_limits(&doctor);
	puts("Terminal");
	check_terminal(&doctor);
	check_locale(&doctor);
	puts("Database");
	check_database(&doctor, line->database);
	conclude(&doctor);
	return doctor.can_run ? EXIT_DONE : EXIT_FAILED;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "say what works here, what is missing and what it costs",
	.description = "Tries the features of the kernel that Duenna uses, looks at "
		       "the terminal "
		       "and checks the database. Ends with 0 if Duenna can run here, "
		       "else with 1.",
	.common = COMMON_DATABASE,
	.run = run_doctor,
};
