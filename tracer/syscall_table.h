/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls: one row per number of the architecture. The seccomp filter
 * is generated from it, decoders read argument positions from it, tests walk it.
 */
#ifndef TRACER_SYSCALL_TABLE_H
#define TRACER_SYSCALL_TABLE_H

#include "rules/action.h"

#include <stddef.h>
#include <stdint.h>

enum syscall_class {
	CLASS_UNKNOWN, /* no row: stops, is recorded and answered ENOSYS */
	CLASS_PASS,    /* never stops */
	CLASS_ABSENT,  /* refused in the filter without a stop, with the row's errno */
	CLASS_REFUSED, /* refused at a stop with the row's errno, so that it is recorded */
	CLASS_FILE,    /* carried out on behalf, by notification (or trace stop) */
	CLASS_STOP,    /* judged at a trace stop and then run by the kernel */
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
	OPERATION_IOCTL_ATTRIBUTES, /* FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR … on a descriptor */
	OPERATION_INOTIFY_ADD,      /* a read of the watched path */
	/* CLASS_STOP */
	OPERATION_EXEC,
	OPERATION_CONNECT,
	OPERATION_BIND,
	OPERATION_LISTEN,
	OPERATION_SENDTO,
	OPERATION_SENDMSG,
	OPERATION_SENDMMSG,
	OPERATION_SOCKET,     /* families and types other than the everyday ones */
	OPERATION_SIGNAL,     /* kill family: positions say process, thread, group, pidfd */
	OPERATION_PROCESS,    /* acts on another process named by pid or pidfd */
	OPERATION_OWNER,      /* fcntl F_SETOWN(_EX), ioctl FIOSETOWN, SIOCSPGRP */
	OPERATION_POWER,      /* a kernel power, judged as `system NAME` */
	OPERATION_IPC,        /* System V and POSIX IPC objects shared by key or name */
	OPERATION_CREDENTIALS, /* setuid family, capset, setgroups: always allowed, noted */
	OPERATION_MEMORY_MAP, /* range guards of kernels without mseal */
	OPERATION_COUNT
};

enum { POSITION_NONE = -1 };

/* A test on one argument in the filter. */
enum argument_test_kind {
	TEST_MASKED_EQUAL, /* (low 32 bits of argument & mask) == value */
	TEST_NOT_ZERO_64,  /* the whole register is not 0 */
};

struct argument_test {
	enum argument_test_kind kind;
	int argument;
	uint32_t mask;
	uint32_t value;
};

struct syscall_row {
	const char *name; /* NULL: no such call */
	enum syscall_class class;
	enum operation operation;
	enum verb verb;    /* main verb, for documentation and `system`, `inspect` … */
	const char *power; /* object of a `system` action; NULL: the call's name */
	int error;         /* ABSENT and REFUSED: errno */
	/* Argument positions; POSITION_NONE where there is none. */
	int8_t folder;  /* dirfd of the (old) path */
	int8_t path;    /* (old) path */
	int8_t folder2; /* dirfd of the new path */
	int8_t path2;   /* new path */
	int8_t fd;      /* descriptor that is itself the object */
	int8_t flags;
	int8_t mode;
	int8_t process; /* pid, tid or pidfd */
	/* See syscall_table.c for how tests refine the class; NULL: no test. */
	const struct argument_rule *rules;
	size_t rule_count;
};

/* If the test holds, this class (and operation, errno) replaces the row's. */
struct argument_rule {
	struct argument_test test;
	enum syscall_class class;
	enum operation operation;
	const char *power;
	int error;
};

/* The row of a number, or NULL if it is outside the table or has no row. */
const struct syscall_row *syscall_table_row(uint64_t number);
/* One more than the highest number in the table. */
size_t syscall_table_size(void);
/* The number of a name, or -1. */
int syscall_table_number(const char *name);

/*
 * What the row says for these arguments, with its argument rules applied as the filter
 * applies them: the decoder and the filter cannot disagree.
 */
struct syscall_decision {
	enum syscall_class class;
	enum operation operation;
	const char *power;
	int error;
};
struct syscall_decision syscall_table_decide(uint64_t number, const uint64_t arguments[6]);

#endif
