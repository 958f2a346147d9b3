/* SPDX-License-Identifier: MIT */
/* What file calls are judged by, and what holds when the caller cheats. */
#include "tracer/path.h"
#include "tracer/probe.h"
#include "twins.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_SIZE = 4 * PATH_MAX };

struct judged {
	struct twins twins;
	char text[TEXT_SIZE];
};

static void judge_open(struct judged *judged, const char *name, int flags)
{
	struct caller *caller = &judged->twins.caller;
	const uint64_t arguments[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(caller, 0, name), (uint64_t)flags, 0644};

	caller_judge(caller, SYS_openat, arguments, judged->text, sizeof(judged->text));
}

/* True if the actions are as said, where %s stands for the caller's folder. */
static bool says(const struct judged *judged, const char *format)
{
	char expected[TEXT_SIZE];
	char *to = expected;

	for (const char *from = format; *from; from++) {
		if (from[0] == '%' && from[1] == 's') {
			to = stpcpy(to, judged->twins.other);
			from++;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	if (strcmp(judged->text, expected) != 0) {
		cr_log_error("got \"%s\" instead of \"%s\"", judged->text, expected);
		return false;
	}
	return true;
}

static bool open_says(
	struct judged *judged, const char *name, int flags, const char *format)
{
	judge_open(judged, name, flags);
	return says(judged, format);
}

Test(file_call, an_open_is_judged_by_what_it_reaches, .timeout = 30)
{
	static const struct {
		const char *name;
		int flags;
		const char *expected;
	} rows[] = {
		{"file", O_RDONLY, "read %s/file"},
		{"file", O_WRONLY, "write %s/file"},
		{"file", O_RDWR, "read %s/file, write %s/file"},
		{"file", O_RDONLY | O_TRUNC, "read %s/file, write %s/file"},
		{"file", 3, "read %s/file, write %s/file"},
		{"file", O_RDONLY | O_CREAT, "read %s/file"},
		{"absent", O_RDONLY | O_CREAT, "read %s/absent, write %s/absent"},
		{"absent", O_WRONLY | O_CREAT | O_EXCL, "write %s/absent"},
		{"dangling", O_WRONLY | O_CREAT, "write %s/absent"},
		{"dangling-deep", O_WRONLY | O_CREAT, "write %s/dir/absent"},
		{"dirlink/up", O_RDONLY, "read %s/file"},
		{"absolute", O_RDONLY, "read %s/file"},
		{"dir//../dirlink/./inner", O_RDONLY, "read %s/dir/inner"},
		{"dir", O_RDONLY | O_DIRECTORY, "read folder %s/dir"},
		{".", O_TMPFILE | O_RDWR, "read %s/#tmpfile, write %s/#tmpfile"},
		{"null", O_WRONLY, "write /dev/null"},
		{"absent", O_RDONLY, "errno 2"},
		{"file", O_CREAT | O_EXCL | O_WRONLY, "errno 17"},
		{"loop", O_RDONLY, "errno 40"},
	};
	static struct judged judged;

	twins_start(&judged.twins);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect(open_says(&judged, rows[i].name, rows[i].flags,
				  rows[i].expected),
			"%s", rows[i].name);
	}
	twins_finish(&judged.twins);
}

Test(file_call, names_on_proc_are_the_callers, .timeout = 30)
{
	static const struct {
		const char *name;
		int flags;
		const char *expected;
	} rows[] = {
		{"/proc/self/status", O_RDONLY, "read /proc/self/status"},
		{"/proc/self/environ", O_RDONLY, "read /proc/self/environ"},
		{"/proc/self/mem", O_RDONLY, "read /proc/self/mem"},
		{"/proc/self/mem", O_RDWR, "refused 13"},
		{"/proc/thread-self/../../maps", O_RDONLY, "read /proc/self/maps"},
		{"/proc/self/../meminfo", O_RDONLY, "read /proc/meminfo"},
		{"/proc/self", O_RDONLY, "read /proc/self"},
		{"/proc/self/cwd/file", O_RDONLY, "read %s/file"},
		{"/proc/self/cwd/absent", O_CREAT | O_WRONLY, "write %s/absent"},
		{"/proc/self/root/dev/null", O_RDONLY, "read /dev/null"},
		{"/proc/self/fd/200", O_RDONLY, "read %s/file"},
		{"/proc/self/fd/201", O_RDWR, "read %s/file, write %s/file"},
		{"/proc/self/fd/202/inner", O_RDONLY, "read %s/dir/inner"},
		{"/proc/self/fd/205", O_RDONLY, ""}, /* a pipe of its own */
		{"/proc/self/fd/206", O_RDONLY, "errno 2"},
		{"/dev/fd/200", O_WRONLY, "write %s/file"},
		{"/proc/self/task/1/status", O_RDONLY, "errno 2"},
		{"/proc/mounts", O_RDONLY, "read /proc/self/mounts"},
		{"/proc/meminfo", O_RDONLY, "read /proc/meminfo"},
		{"/proc/self/fd/200", O_RDONLY | O_NOFOLLOW, "errno 40"},
	};
	static struct judged judged;

	twins_start(&judged.twins);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect(open_says(&judged, rows[i].name, rows[i].flags,
				  rows[i].expected),
			"%s", rows[i].name);
	}
	twins_finish(&judged.twins);
}

/* Judges /proc/PID/… of a process. */
static bool open_of_says(struct judged *judged, pid_t pid, const char *rest, int flags,
	const char *expected)
{
	char name[128];

	(void)snprintf(name, sizeof(name), "/proc/%d%s", (int)pid, rest);
	return open_says(judged, name, flags, expected);
}

Test(file_call, other_processes_are_inspected_and_the_supervisor_is_not, .timeout = 30)
{
	static struct judged judged;
	static char inspect[PATH_MAX + 64], text[PATH_MAX];
	struct caller other;

	twins_start(&judged.twins);
	caller_start(&other, "/", NULL, NULL);
	const ssize_t length = readlink("/proc/self/exe", text, sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	(void)snprintf(inspect, sizeof(inspect), "inspect %s", text);
	cr_expect(open_of_says(&judged, other.pid, "/environ", O_RDONLY, inspect));
	cr_expect(open_of_says(&judged, other.pid, "/mem", O_RDONLY, inspect));
	cr_expect(open_of_says(&judged, other.pid, "/mem", O_RDWR, "refused 13"));
	cr_expect(open_of_says(&judged, other.pid, "/fd", O_RDONLY, inspect));
	(void)snprintf(inspect, sizeof(inspect), "inspect %s, read /dev/null", text);
	cr_expect(
		open_of_says(&judged, other.pid, "/root/dev/null", O_RDONLY, inspect));
	(void)snprintf(text, sizeof(text), "read /proc/%d/stat", (int)other.pid);
	cr_expect(open_of_says(&judged, other.pid, "/stat", O_RDONLY, text));

	cr_expect(open_of_says(&judged, getpid(), "/mem", O_RDONLY, "refused 13"));
	cr_expect(open_of_says(&judged, getpid(), "/environ", O_RDONLY, "refused 13"));
	cr_expect(open_of_says(&judged, getpid(), "/fd/0", O_RDONLY, "refused 13"));
	cr_expect(open_of_says(&judged, getpid(), "/cwd/file", O_RDONLY, "refused 13"));
	cr_expect(open_of_says(&judged, gettid(), "/task", O_WRONLY, "errno 21"));
	caller_finish(&other);
	twins_finish(&judged.twins);
}

struct change_row {
	int number;
	const char *name, *name2; /* first two arguments; a name is text */
	uint64_t third;
	const char *expected;
};

static bool change_says(struct judged *judged, const struct change_row *row)
{
	struct caller *caller = &judged->twins.caller;
	const uint64_t arguments[6] = {caller_put_text(caller, 0, row->name),
		row->name2 ? caller_put_text(caller, 1, row->name2) : row->third,
		row->third};

	caller_judge(
		caller, row->number, arguments, judged->text, sizeof(judged->text));
	return says(judged, row->expected);
}

Test(file_call, a_change_is_judged_at_both_ends, .timeout = 30)
{
	static const struct change_row rows[] = {
		{SYS_mkdir, "new/", NULL, 0, "write folder %s/new"},
		{SYS_mkdir, "dir", NULL, 0, "errno 17"},
		{SYS_mknod, "new", NULL, S_IFIFO | 0600, "write %s/new"},
		{SYS_mknod, "new", NULL, S_IFCHR | 0600,
			"write %s/new, system device-node"},
		{SYS_unlink, "dirlink/up", NULL, 0, "delete %s/dir/up"},
		{SYS_rmdir, "dirlink/empty", NULL, 0, "delete folder %s/dir/empty"},
		{SYS_rename, "file", "new", 0, "delete %s/file, write %s/new"},
		{SYS_rename, "file", "other", 0,
			"delete %s/file, delete %s/other, write %s/other"},
		{SYS_rename, "dir", "moved", 0,
			"delete folder %s/dir, write folder %s/moved"},
		{SYS_link, "file", "new", 0,
			"write %s/new, read %s/file, write %s/file"},
		/* Names below a link may be those below a folder. */
		{SYS_link, "link", "new", 0,
			"write folder %s/new, read %s/link, write %s/link"},
		{SYS_symlink, "/etc/shadow", "new", 0, "write %s/new"},
		{SYS_chmod, "link", NULL, 0777, "meta %s/file"},
		{SYS_lchown, "link", NULL, 0, "meta %s/link"},
		{SYS_truncate, "link", NULL, 0, "write %s/file"},
		{SYS_setxattr, "dirlink", "user.x", 0, "meta folder %s/dir"},
		{SYS_utimes, "link2", NULL, 0, "meta %s/file"},
	};
	static struct judged judged;

	twins_start(&judged.twins);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect(change_says(&judged, &rows[i]), "row %zu", i);
	}
	const uint64_t swap[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(&judged.twins.caller, 0, "file"), (uint64_t)AT_FDCWD,
		caller_put_text(&judged.twins.caller, 1, "other"), RENAME_EXCHANGE};
	const uint64_t fchmod[6] = {TWINS_READER, 0777};

	caller_judge(&judged.twins.caller, SYS_renameat2, swap, judged.text, TEXT_SIZE);
	cr_expect(says(&judged,
		"delete %s/file, write %s/file, delete %s/other, write %s/other"));
	caller_judge(&judged.twins.caller, SYS_fchmod, fchmod, judged.text, TEXT_SIZE);
	cr_expect(says(&judged, "meta %s/file"));
	twins_finish(&judged.twins);
}

Test(file_call, unreadable_arguments_give_efault, .timeout = 30)
{
	struct caller caller;
	const uint64_t nowhere[6] = {(uint64_t)AT_FDCWD, 16, 0, 0};
	const uint64_t kernel[6] = {(uint64_t)AT_FDCWD, UINT64_MAX - 100, 0, 0};

	caller_start(&caller, "/", NULL, NULL);
	cr_expect(eq(i64, caller_run(&caller, SYS_openat, nowhere), -EFAULT));
	cr_expect(eq(i64, caller_run(&caller, SYS_openat, kernel), -EFAULT));
	caller_finish(&caller);
}

Test(file_call, works_when_the_supervisor_cannot_be_looked_into, .timeout = 30)
{
	static struct judged judged;

	twins_start(&judged.twins);
	cr_assert(prctl(PR_SET_DUMPABLE, 0) == 0);
	cr_expect(open_says(&judged, "file", O_RDONLY, "read %s/file"));
	cr_expect(open_says(&judged, "/proc/self/fd/200", O_RDONLY, "read %s/file"));
	cr_expect(open_of_says(&judged, getpid(), "/environ", O_RDONLY, "refused 13"));
	const uint64_t link[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(&judged.twins.caller, 0, "link"), O_RDWR | O_TRUNC};

	cr_expect(ge(i64, caller_run(&judged.twins.caller, SYS_openat, link), 0));
	twins_finish(&judged.twins);
}

Test(file_call, a_folder_moved_after_judging_is_noticed, .timeout = 30)
{
	struct twins twins;
	struct request request = {.id = 0};

	twins_start(&twins);
	struct caller *caller = &twins.caller;
	const uint64_t create[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(caller, 0, "dir/absent"), O_WRONLY | O_CREAT, 0600};
	const struct call call = caller_call(caller, SYS_openat, create);
	struct file_call *held = file_call_create();

	cr_assert(eq(int, file_call_prepare(held, &call, &request), 0));
	const uint64_t move[6] = {
		caller_put_text(caller, 1, "dir"), caller_put_text(caller, 2, "moved")};

	cr_assert(eq(i64, caller_run(caller, SYS_rename, move), 0));
	cr_expect(eq(int, file_call_perform(held, true).kind, FILE_CHANGED));
	file_call_destroy(held);
	twins_finish(&twins);
}

Test(file_call, what_appears_at_the_new_name_of_a_rename_is_judged, .timeout = 30)
{
	struct twins twins;
	struct request request = {.id = 0};
	char name[TWINS_PATH_SIZE + 16];

	twins_start(&twins);
	struct caller *caller = &twins.caller;
	const uint64_t move[6] = {caller_put_text(caller, 0, "file"),
		caller_put_text(caller, 1, "absent")};
	const struct call call = caller_call(caller, SYS_rename, move);

	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	(void)snprintf(name, sizeof(name), "%s/absent", twins.other);
	cr_assert(close(open(name, O_WRONLY | O_CREAT, 0600)) == 0);
	cr_expect(eq(int, file_call_perform(caller->file, true).kind, FILE_CHANGED));
	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	(void)snprintf(name, sizeof(name), "%s/file", twins.other);
	cr_assert(unlink(name) == 0 && mkdir(name, 0700) == 0);
	cr_expect(eq(int, file_call_perform(caller->file, true).kind, FILE_CHANGED));
	file_call_finish(caller->file);
	twins_finish(&twins);
}

Test(file_call, a_name_may_end_where_the_memory_ends, .timeout = 30)
{
	enum { PAGE = 4096 };
	struct caller caller;
	char *pages = mmap(NULL, (size_t)2 * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert(pages != MAP_FAILED && munmap(pages + PAGE, PAGE) == 0);
	memset(pages, '/', PAGE);
	pages[PAGE - 1] = '\0';
	caller_start(&caller, "/", NULL, NULL);
	const uint64_t root[6] = {
		(uint64_t)AT_FDCWD, (uint64_t)(uintptr_t)(pages + PAGE - 3), O_RDONLY};
	const uint64_t whole[6] = {
		(uint64_t)AT_FDCWD, (uint64_t)(uintptr_t)pages, O_RDONLY};
	const int64_t short_result = caller_run(&caller, SYS_openat, root);
	const int64_t long_result = caller_run(&caller, SYS_openat, whole);

	cr_expect(ge(i64, short_result, 0));
	cr_expect(ge(i64, long_result, 0));
	(void)!pwrite(caller.memory, "/", 1, (off_t)(uintptr_t)(pages + PAGE - 1));
	/* Not terminated: the kernel reads on into what is not there. */
	cr_expect(eq(i64, caller_run(&caller, SYS_openat, root), -EFAULT));
	caller_finish(&caller);
}

/* A name that another thread turns to and fro between two links. */
struct swap {
	const char *folder;
	const char *one, *two;
	atomic_bool ends;
};

static void *swap_links(void *data)
{
	struct swap *swap = data;
	const int folder = open(swap->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (!atomic_load(&swap->ends)) {
		(void)!symlinkat(swap->one, folder, "next");
		(void)renameat(folder, "next", folder, "turning");
		(void)unlinkat(folder, "turning", 0);
		(void)!symlinkat(swap->two, folder, "next");
		(void)renameat(folder, "next", folder, "turning");
	}
	(void)close(folder);
	return NULL;
}

static bool leads_to(int fd, const char *folder, const char *name)
{
	struct stat opened, wanted;
	char path[TWINS_PATH_SIZE + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fstat(fd, &opened) == 0 && stat(path, &wanted) == 0 &&
	       opened.st_ino == wanted.st_ino;
}

/*
 * Judges and opens the turning name again and again as if only "file" were allowed;
 * counts what was opened, and what was opened but is not that file.
 */
static void race(struct twins *twins, int flags, int *opened, int *escaped)
{
	struct caller *caller = &twins->caller;
	char allowed[TWINS_PATH_SIZE + 8];
	const uint64_t arguments[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(caller, 0, "turning"), (uint64_t)flags, 0600};
	const struct call call = caller_call(caller, SYS_openat, arguments);

	(void)snprintf(allowed, sizeof(allowed), "%s/file", twins->other);
	for (int i = 0; i < 30000; i++) {
		struct request request = {.id = 0};
		const int result = file_call_prepare(caller->file, &call, &request);

		if (result != 0 || request.refused || request.action_count != 1 ||
			!text_equal_string(request.actions[0].object, allowed)) {
			continue;
		}
		const struct file_outcome outcome =
			file_call_perform(caller->file, true);

		if (outcome.kind == FILE_HANDOVER) {
			*opened += 1;
			*escaped += leads_to(outcome.fd, twins->other, "file") ? 0 : 1;
			(void)close(outcome.fd);
		}
	}
	file_call_finish(caller->file);
}

Test(file_call, a_link_swapped_after_judging_opens_nothing_else, .timeout = 60)
{
	static const int flags[] = {
		O_RDONLY, O_WRONLY, O_WRONLY | O_CREAT, O_WRONLY | O_TRUNC};
	struct twins twins;
	int opened = 0;
	int escaped = 0;

	twins_start(&twins);
	struct swap swap = {.folder = twins.other, .one = "file", .two = "other"};
	pthread_t thread;

	cr_assert(pthread_create(&thread, NULL, swap_links, &swap) == 0);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		race(&twins, flags[i], &opened, &escaped);
	}
	atomic_store(&swap.ends, true);
	(void)pthread_join(thread, NULL);
	twins_finish(&twins);
	cr_expect(gt(int, opened, 100));
	cr_expect(eq(int, escaped, 0));
}

Test(file_call, a_link_put_where_a_file_is_created_is_judged_anew, .timeout = 30)
{
	struct twins twins;
	struct request request = {.id = 0};
	char name[TWINS_PATH_SIZE + 16];

	twins_start(&twins);
	struct caller *caller = &twins.caller;
	const uint64_t arguments[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(caller, 0, "absent"), O_WRONLY | O_CREAT | O_TRUNC,
		0600};
	const struct call call = caller_call(caller, SYS_openat, arguments);

	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	(void)snprintf(name, sizeof(name), "%s/absent", twins.other);
	cr_assert(symlink("other", name) == 0);
	cr_expect(eq(int, file_call_perform(caller->file, true).kind, FILE_CHANGED));
	file_call_finish(caller->file);

	/* A plain file that appears is what was judged. */
	cr_assert(unlink(name) == 0);
	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	cr_assert(close(open(name, O_WRONLY | O_CREAT, 0600)) == 0);
	const struct file_outcome outcome = file_call_perform(caller->file, true);

	cr_expect(eq(int, outcome.kind, FILE_HANDOVER));
	(void)close(outcome.fd);
	twins_finish(&twins);
}

Test(file_call, an_argument_changed_after_judging_changes_nothing, .timeout = 30)
{
	struct twins twins;
	struct request request = {.id = 0};

	twins_start(&twins);
	struct caller *caller = &twins.caller;
	const uint64_t arguments[6] = {
		(uint64_t)AT_FDCWD, caller_put_text(caller, 0, "absent"), 0700};
	const struct call call = caller_call(caller, SYS_mkdirat, arguments);

	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	(void)caller_put_text(caller, 0, "stolen");
	cr_expect(eq(i64, file_call_perform(caller->file, true).value, 0));
	file_call_finish(caller->file);
	char name[TWINS_PATH_SIZE + 16];

	(void)snprintf(name, sizeof(name), "%s/absent", twins.other);
	cr_expect(eq(int, access(name, F_OK), 0));
	twins_finish(&twins);
}

Test(file_call, a_lease_is_waited_for_only_where_that_is_no_harm, .timeout = 60)
{
	struct twins twins;
	struct request request = {.id = 0};
	char name[TWINS_PATH_SIZE + 16];

	twins_start(&twins);
	struct caller *caller = &twins.caller;
	const uint64_t arguments[6] = {
		(uint64_t)AT_FDCWD, caller_put_text(caller, 0, "other"), O_RDONLY, 0};
	const struct call call = caller_call(caller, SYS_openat, arguments);

	(void)signal(SIGIO, SIG_IGN);
	(void)snprintf(name, sizeof(name), "%s/other", twins.other);
	const int holder = open(name, O_RDWR | O_CLOEXEC);

	if (fcntl(holder, F_SETLEASE, F_WRLCK) < 0) {
		cr_skip_test("no leases here");
	}
	cr_assert(eq(int, file_call_prepare(caller->file, &call, &request), 0));
	cr_expect(eq(int, file_call_perform(caller->file, false).kind, FILE_BLOCKS));
	cr_assert(fcntl(holder, F_SETLEASE, F_UNLCK) == 0);
	const struct file_outcome outcome = file_call_perform(caller->file, true);

	cr_expect(eq(int, outcome.kind, FILE_HANDOVER));
	cr_expect(eq(int, fcntl(outcome.fd, F_GETFL) & O_NONBLOCK, 0));
	(void)close(outcome.fd);
	(void)close(holder);
	file_call_finish(caller->file);
	twins_finish(&twins);
}

static void limit_size(void *data)
{
	const struct rlimit limit = {100, 100};
	sigset_t set;

	(void)data;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGXFSZ);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

static bool has_pending(pid_t pid, int sig)
{
	char name[64], line[256];
	unsigned long pending = 0;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	FILE *status = fopen(name, "re");

	while (status && fgets(line, sizeof(line), status)) {
		(void)sscanf(line, "SigPnd: %lx", &pending);
	}
	if (status) {
		(void)fclose(status);
	}
	return pending >> (sig - 1) & 1;
}

Test(file_call, a_size_limit_is_the_callers, .timeout = 30)
{
	struct twins twins;
	struct caller limited;

	twins_start(&twins);
	caller_start(&limited, twins.other, limit_size, NULL);
	const uint64_t longer[6] = {caller_put_text(&limited, 0, "file"), 101};
	const uint64_t shorter[6] = {caller_put_text(&limited, 0, "file"), 100};

	cr_expect(eq(i64, caller_run(&limited, SYS_truncate, shorter), 0));
	cr_expect(not(has_pending(limited.pid, SIGXFSZ)));
	cr_expect(eq(i64, caller_run(&limited, SYS_truncate, longer), -EFBIG));
	cr_expect(has_pending(limited.pid, SIGXFSZ));
	caller_finish(&limited);
	twins_finish(&twins);
}

static void become_user(void *data)
{
	(void)data;
	(void)syscall(SYS_setgroups, 0, NULL);
	(void)syscall(SYS_setresgid, 4711, 4711, 4711);
	(void)syscall(SYS_setresuid, 4711, 4711, 4711);
}

static void drop_capabilities(void *data)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

	(void)data;
	(void)syscall(SYS_capset, &header, none);
}

static int64_t open_as(
	caller_setup_fn *setup, const char *folder, const char *name, int flags)
{
	struct caller caller;

	caller_start(&caller, folder, setup, NULL);
	caller.has_own_credentials = true;
	const uint64_t arguments[6] = {(uint64_t)AT_FDCWD,
		caller_put_text(&caller, 0, name), (uint64_t)flags, 0666};
	const int64_t result = caller_run(&caller, SYS_openat, arguments);

	caller_finish(&caller);
	return result;
}

Test(file_call, acts_with_the_callers_credentials, .timeout = 30)
{
	struct twins twins;
	struct stat status;

	if (geteuid() != 0) {
		cr_skip_test("only root's callers can have other credentials");
	}
	twins_start(&twins);
	cr_assert(chmod(twins.base, 0755) == 0);
	cr_expect(eq(
		i64, open_as(become_user, twins.other, "noread", O_RDONLY), -EACCES));
	cr_expect(eq(i64, open_as(become_user, twins.other, "closed/inner", O_RDONLY),
		-EACCES));
	cr_expect(
		eq(i64, open_as(become_user, twins.other, "absent", O_CREAT | O_WRONLY),
			-EACCES));
	const int64_t fd =
		open_as(become_user, twins.other, "sticky/new", O_CREAT | O_WRONLY);

	cr_assert(ge(i64, fd, 0));
	cr_assert(fstat((int)fd, &status) == 0);
	cr_expect(eq(u32, status.st_uid, 4711));
	cr_expect(eq(u32, status.st_gid, 4711));
	(void)close((int)fd);
	cr_expect(eq(i64,
		open_as(drop_capabilities, twins.other, "closed/inner", O_RDONLY),
		-EACCES));
	/* Dropped again. */
	cr_expect(eq(int, access("closed/inner", R_OK), 0));
	twins_finish(&twins);
}

/* A thread of the child with descriptors and a folder of its own. */
enum { OWN_DESCRIPTOR = 300, STACK_SIZE = 65536 };

static int live_apart(void *data)
{
	_Atomic pid_t *tid = data;

	if (chdir("dir") < 0 || dup2(TWINS_FOLDER, OWN_DESCRIPTOR) < 0) {
		_exit(1);
	}
	atomic_store(tid, (pid_t)syscall(SYS_gettid));
	for (;;) {
		pause();
	}
	return 0;
}

static void start_thread(void *data)
{
	static char stack[STACK_SIZE] __attribute__((aligned(16)));
	_Atomic pid_t *tid = data;

	if (open("dir", O_RDONLY | O_DIRECTORY) < 0 ||
		dup2(open("dir", O_RDONLY | O_DIRECTORY), TWINS_FOLDER) < 0 ||
		clone(live_apart, stack + STACK_SIZE,
			CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, data) < 0) {
		_exit(1);
	}
	while (atomic_load(tid) == 0) {
		(void)sched_yield();
	}
}

/* How the thread's own descriptor is found where one may have those of threads. */
static void change_by_own_descriptor(struct caller *caller, pid_t thread)
{
	const uint64_t arguments[6] = {OWN_DESCRIPTOR, 0711};
	struct probe_features features;

	probe_run(&features);
	cr_expect(eq(i64, caller_run(caller, SYS_fchmod, arguments), -EBADF));
	caller->tid = thread;
	cr_expect(eq(i64, caller_run(caller, SYS_fchmod, arguments),
		features.thread_pidfd ? 0 : -EACCES));
	path_use_thread_pidfds(false);
	cr_expect(eq(i64, caller_run(caller, SYS_fchmod, arguments), -EACCES));
}

Test(file_call, a_thread_may_have_its_own_descriptors_and_folder, .timeout = 30)
{
	struct twins twins;
	struct caller caller;
	_Atomic pid_t *tid = mmap(NULL, sizeof(*tid), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	twins_start(&twins);
	caller_start(&caller, twins.other, start_thread, (void *)tid);
	const uint64_t here[6] = {
		(uint64_t)AT_FDCWD, caller_put_text(&caller, 0, "inner"), O_RDONLY};
	const uint64_t by_folder[6] = {
		OWN_DESCRIPTOR, caller_put_text(&caller, 0, "inner"), O_RDONLY};

	cr_expect(eq(i64, caller_run(&caller, SYS_openat, here), -ENOENT));
	cr_expect(eq(i64, caller_run(&caller, SYS_openat, by_folder), -EBADF));
	change_by_own_descriptor(&caller, atomic_load(tid));
	cr_expect(ge(i64, caller_run(&caller, SYS_openat, here), 0));
	cr_expect(ge(i64, caller_run(&caller, SYS_openat, by_folder), 0));
	caller_finish(&caller);
	twins_finish(&twins);
	(void)munmap((void *)tid, sizeof(*tid));
}

/* What another process is told: closing a file would drop the locks on it. */
static bool is_locked(const char *name)
{
	const pid_t pid = fork();
	int status = 0;

	cr_assert(pid >= 0);
	if (pid == 0) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		const int fd = open(name, O_RDWR | O_CLOEXEC);

		_exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 &&
					lock.l_type != F_UNLCK
				? 0
				: 1);
	}
	cr_assert(waitpid(pid, &status, 0) == pid);
	return status == 0;
}

Test(file_call, a_look_at_what_we_have_locked_keeps_the_lock, .timeout = 30)
{
	static struct judged judged;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[PATH_MAX];

	twins_start(&judged.twins);
	(void)snprintf(name, sizeof(name), "%s/file", judged.twins.other);
	const int fd = open(name, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0);
	cr_assert(path_plain_start());
	for (int i = 0; i < 3; i++) {
		cr_expect(open_says(&judged, name, O_RDONLY, "read %s/file"));
		cr_expect(is_locked(name));
	}
	(void)close(fd);
	twins_finish(&judged.twins);
}

static void point_link(
	const struct judged *judged, const char *name, const char *target)
{
	char whole[PATH_MAX];

	(void)snprintf(whole, sizeof(whole), "%s/%s", judged->twins.other, target);
	(void)unlink(name);
	cr_assert(symlink(whole, name) == 0);
}

Test(file_call, a_link_that_is_known_is_judged_by_where_it_leads_now, .timeout = 30)
{
	static const struct {
		const char *target;
		const char *expected;
	} rows[] = {
		{"file", "read %s/file"},
		{"dir/inner", "read %s/dir/inner"},
		{"fifo", "read %s/fifo"},
		{"dirlink/inner", "read %s/dir/inner"},
		{"absent", "errno 2"},
	};
	static struct judged judged;
	char name[PATH_MAX];

	twins_start(&judged.twins);
	(void)snprintf(name, sizeof(name), "%s/fifo", judged.twins.other);
	(void)unlink(name);
	cr_assert(mkfifo(name, 0600) == 0);
	(void)snprintf(name, sizeof(name), "%s/turning", judged.twins.other);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		point_link(&judged, name, "file");
		for (int j = 0; j < 2; j++) { /* opened at once the second time */
			cr_expect(open_says(&judged, name, O_RDONLY, "read %s/file"));
		}
		cr_expect(open_says(&judged, name, O_RDONLY | O_NOFOLLOW, "errno 40"));
		point_link(&judged, name, rows[i].target);
		for (int j = 0; j < 2; j++) {
			cr_expect(open_says(&judged, name, O_RDONLY, rows[i].expected),
				"%s", rows[i].target);
		}
	}
	twins_finish(&judged.twins);
}
