/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls: one row per number of the architecture. The seccomp filter
 * is generated from it, decoders read argument positions from it, tests walk it.
 */
#ifndef TRACER_SYSCALL_TABLE_H
#define TRACER_SYSCALL_TABLE_H

#include "rules/action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_class {
	CLASS_UNKNOWN, /* no row: stops, is recorded and answered ENOSYS */
	CLASS_PASS,    /* never stops */
	CLASS_ABSENT,  /* refused in the filter without a stop, with the row's errno */
	CLASS_REFUSED, /* refused at a stop with the row's errno, so that it is recorded
			*/
	CLASS_FILE,    /* carried out on behalf, by notification (or trace stop) */
	/*
	 * The same, but always by trace stop: openat2, which other opens become when their
	 * caller has to make them itself. A rewritten number meets the filter again, where a
	 * notification would hold it, but a second trace stop lets it pass.
	 */
	CLASS_FILE_STOP,
	CLASS_STOP, /* judged at a trace stop and then run by the kernel */
};

/* What a call does: the shape of its arguments and how it is carried out. */
enum operation {
	OPERATION_NONE,
	/* CLASS_FILE */
	OPERATION_OPEN,
	OPERATION_CREAT,
	OPERATION_OPENAT2,
	OPERATION_MKDIR,
	OPERATION_MKNOD,
	OPERATION_UNLINK, /* unlink and unlinkat: flags may say AT_REMOVEDIR */
	OPERATION_RMDIR,
	OPERATION_RENAME,
	OPERATION_LINK,
	OPERATION_SYMLINK,
	OPERATION_CHMOD,
	OPERATION_FCHMOD,
	OPERATION_CHOWN,
	OPERATION_LCHOWN,
	OPERATION_FCHOWN,
	OPERATION_UTIME,
	OPERATION_UTIMES,
	OPERATION_FUTIMESAT,
	OPERATION_UTIMENSAT,
	OPERATION_SETXATTR,
	OPERATION_LSETXATTR,
	OPERATION_FSETXATTR,
	OPERATION_SETXATTRAT,
	OPERATION_REMOVEXATTR,
	OPERATION_LREMOVEXATTR,
	OPERATION_FREMOVEXATTR,
	OPERATION_REMOVEXATTRAT,
	OPERATION_TRUNCATE,
	OPERATION_FILE_SETATTR,
	OPERATION_IOCTL_ATTRIBUTES, /* FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR … */
	OPERATION_INOTIFY_ADD,	    /* a read of the watched path */
	/* CLASS_STOP */
	OPERATION_EXEC,
	OPERATION_CONNECT,
	OPERATION_BIND,
	OPERATION_LISTEN,
	OPERATION_SENDTO,
	OPERATION_SENDMSG,
	OPERATION_SENDMMSG,
	OPERATION_SOCKET, /* not an everyday socket; power NULL: connect netlink:… */
	OPERATION_SOCKET_OPTION, /* might send packets by another way: by level */
	OPERATION_SIGNAL,	 /* kill family */
	OPERATION_PROCESS,	 /* acts on another process, see target */
	OPERATION_JOIN_GROUP,	 /* setpgid: what a terminal sends, all members get */
	OPERATION_OWNER,	 /* fcntl F_SETOWN(_EX), ioctl FIOSETOWN, SIOCSPGRP */
	OPERATION_TAKE_TERMINAL, /* ioctl TIOCSCTTY: never from another session */
	OPERATION_INPUT_SIGNALS, /* fcntl F_SETFL with O_ASYNC, ioctl FIOASYNC */
	OPERATION_DUMPABLE,	 /* prctl PR_SET_DUMPABLE, PR_GET_DUMPABLE: never run */
	OPERATION_CORE_LIMIT,	 /* limit of core files: stays 0, whatever is asked */
	OPERATION_POWER,	 /* a kernel power, judged as `system NAME` */
	OPERATION_IPC,	       /* System V and POSIX IPC objects, by key, name or id */
	OPERATION_CREDENTIALS, /* setuid family, capset: always allowed, noted */
	OPERATION_MEMORY_MAP,  /* range guards of kernels without mseal */
	/*
	 * Tries a lock that belongs to an open file rather than to a process: runs as it is,
	 * once the copies are closed that we had of files which we opened for the tree.
	 */
	OPERATION_FILE_LOCK,
	OPERATION_COUNT
};

/* What the argument at position `process` names. */
enum target {
	TARGET_NONE,
	TARGET_PROCESS, /* a pid or tid; 0 is the caller where the kernel takes it so */
	TARGET_KILL, /* as in kill(2): 0 and negative numbers are groups, -1 is all */
	TARGET_PIDFD,
	TARGET_PRIORITY,    /* setpriority: argument 0 says process, group or user */
	TARGET_IO_PRIORITY, /* ioprio_set: argument 0 says process, group or user */
};

enum { POSITION_NONE = -1 };

/* A test on one argument, in the filter and in syscall_table_decide alike. */
enum argument_test_kind {
	TEST_NONE,	     /* holds; ends a list of tests */
	TEST_MASKED_EQUAL,   /* (low 32 bits & mask) == value */
	TEST_ZERO,	     /* all 64 bits are 0 */
	TEST_HIGH_ZERO,	     /* the high 32 bits are 0 */
	TEST_OUTSIDE_WINDOW, /* in neither the guarded window nor the one below */
};

struct argument_test {
	enum argument_test_kind kind;
	int argument;
	uint32_t mask;
	uint32_t value;
};

/* When a rule is there at all: it depends on how the session was started. */
enum rule_condition {
	RULE_ALWAYS,
	RULE_UNJUDGED_READS, /* opens for reading are not judged (--reads sealed) */
	RULE_PRIVILEGED,     /* we have capabilities, so the tree may have some */
	RULE_UNPRIVILEGED,   /* the opposite */
	RULE_GUARDED,	     /* no mseal: the argument pages lie in the window */
};

enum {
	RULE_TESTS_MAX = 4,
	/*
	 * What TEST_OUTSIDE_WINDOW compares of an address' high half: user addresses have
	 * 47 bits, and the window is a pair. Others with the same bits only stop.
	 */
	GUARD_WINDOW_BITS = 0x7ffe,
};

/* If all tests hold, this class (operation, power, errno) is the call's. */
struct argument_rule {
	struct argument_test tests[RULE_TESTS_MAX];
	enum syscall_class class;
	enum operation operation;
	const char *power;
	int error;
	enum rule_condition condition;
};

struct syscall_row {
	const char *name; /* NULL: no such call */
	enum syscall_class class;
	enum operation operation;
	enum verb verb;	   /* main verb: that of REFUSED, POWER, PROCESS, IPC … */
	const char *power; /* object of a `system` action; NULL: the call's name */
	int error; /* ABSENT, REFUSED: errno; STOP: errno of a denial, 0: EACCES */
	/* Argument positions; POSITION_NONE where there is none. */
	int8_t folder;	/* dirfd of the (old) path; symlink: of the link itself */
	int8_t path;	/* (old) path; symlink: name of the link itself */
	int8_t folder2; /* dirfd of the new path */
	int8_t path2;	/* new path */
	int8_t fd;	/* descriptor that is itself the object; IPC: the id */
	int8_t flags; /* O_…, AT_…, RENAME_…; ioctl: the request; fcntl: the command */
	int8_t mode;
	int8_t text;	 /* symlink: what it says; xattr: name of the attribute */
	int8_t data;	 /* what else is read: open_how, argv, sockaddr, msghdr, … */
	int8_t process;	 /* see target */
	int8_t process2; /* kcmp: the second pid */
	int8_t signal;
	enum target target;
	/* The first rule that holds replaces what the row says. */
	const struct argument_rule *rules;
	size_t rule_count;
};

/*
 * Far from where programs, libraries, heaps and stacks lie, and in what the thread
 * sanitizer takes for its program: anything mapped elsewhere ends it.
 */
enum { GUARD_WINDOW = 0x7e81 };

/* Fixed at the start of a session. */
struct syscall_options {
	bool judge_reads;
	bool privileged;
	/*
	 * Not 0: guard this window of 4 GiB (the high 32 bits of its addresses; odd, so
	 * that it and the one below it are one masked comparison). For GUARD_WINDOW there
	 * are filters that the build made.
	 */
	uint32_t guard_window;
};

/* The row of a number, or NULL if it is outside the table or has no row. */
const struct syscall_row *syscall_table_row(uint64_t number);
/* One more than the highest number in the table. */
size_t syscall_table_size(void);
/* The number of a name, or -1. */
int syscall_table_number(const char *name);

/* Is the rule there under these options? */
bool argument_rule_applies(
	const struct argument_rule *rule, const struct syscall_options *options);

/*
 * What the row says for these arguments, with its argument rules applied as the filter
 * applies them: the decoder and the filter cannot disagree.
 */
struct syscall_decision {
	enum syscall_class class;
	enum operation operation;
	const char *power; /* never NULL for REFUSED, POWER and IPC */
	int error;	   /* UNKNOWN: ENOSYS */
};
struct syscall_decision syscall_table_decide(const struct syscall_options *options,
	uint64_t number, const uint64_t arguments[6]);

#endif
