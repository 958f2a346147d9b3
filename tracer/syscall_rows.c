/* SPDX-License-Identifier: MIT */
/*
 * One row per system call of x86-64 and the rules that refine a row by its arguments.
 * Data only; the words are explained in syscall_table.h.
 *
 * A rule tests 32 bits of an argument where the kernel truncates it (int, unsigned,
 * mode), so that junk in the high half changes nothing, and all 64 where it does not.
 * For filter_generate.c a row is in one of two forms: either all rules test the low half of one
 * and the same argument first, and test more only before a rule that stops all else, or what
 * the last rule or the row itself says is a trace stop and no rule that lets a call pass
 * overlaps an earlier rule that does not.
 */
#include "tracer/syscall_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Constants that headers lack, hide or name differently. */
enum {
	/* asm/prctl.h, by groups of eight or four codes */
	ARCH_REGISTERS = 0x1000, /* set and get FS and GS */
	ARCH_CPUID_GET = 0x1011, /* setting it would make CPUID fault */
	ARCH_XCOMP = 0x1020,	 /* AMX permission */
	ARCH_MAP_VDSO = 0x2000,	 /* checkpoint and restore */
	ARCH_OLD_CET = 0x3000,	 /* glibc asks at each start; the kernel says EINVAL */
	ARCH_UNTAG_MASK = 0x4001,
	ARCH_MAX_TAG_BITS = 0x4003,
	ARCH_SHADOW_STACK = 0x5000,

	PERSONALITY_QUERY = -1,
	PERSONALITY_NO_RANDOMIZE = 0x40000, /* setarch -R, debuggers, sanitizers */

	CLONE_TIME = 0x00000080, /* unshare only: for clone it is a signal number */
	CLONE_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
			   CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,

	RENAME_LEAVE_WHITEOUT = 1 << 2,
	FILTER_NEW_LISTENER = 1 << 3,
	SIGNAL_NONE = 0,	  /* asks whether the process exists */
	OPEN_TMPFILE = 020000000, /* the bit that O_TMPFILE adds to O_DIRECTORY */
	OPEN_CHANGES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | OPEN_TMPFILE,

	PRCTL_SCHED_CORE = 62,
	LEASE_SET = 1024,      /* fcntl F_SETLEASE */
	FILE_LOCK_ASK = 36,    /* fcntl F_OFD_GETLK */
	FILE_LOCK_TRY = 37,    /* F_OFD_SETLK */
	LOCK_TRY = 4,	       /* flock LOCK_NB */
	DELEGATION_SET = 1040, /* F_SETDELEG, since Linux 6.19 */
	ADVICE_POISON = 100,   /* MADV_HWPOISON, as if the memory had failed */
	ADVICE_OFFLINE = 101,  /* MADV_SOFT_OFFLINE */

	SOCKET_TYPE_MASK = 0xf,
	SOCKET_PACKET_OLD = 10, /* SOCK_PACKET: AF_INET becomes AF_PACKET */
	PROTOCOL_ANY = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_UDP_LITE = 136,
	PROTOCOL_MPTCP = 262,
	NETLINK_PROTOCOL_ROUTE = 0,

	/*
	 * IP_OPTIONS, IPV6_2292PKTOPTIONS, IPV6_FLOWLABEL_MGR, IPV6_RTHDR: what can
	 * have a source route
	 */
	OPTION_IP_OPTIONS = 4,
	OPTION_IPV6_PACKET_OPTIONS = 6,
	OPTION_IPV6_FLOW_LABEL = 32,
	OPTION_IPV6_ROUTING_HEADER = 57,

	PRIORITY_OF_PROCESS = 0,    /* setpriority */
	IO_PRIORITY_OF_PROCESS = 1, /* ioprio_set */
};

/*
 * Requests of ioctl(2) by type and number alone: direction and size, above these 16 bits,
 * are part of a driver's name for a request, but none uses them to tell another request
 * from one of these. Whole requests would cost the filter several times as many tests.
 */
enum {
	REQUEST_TYPE_NUMBER = 0xffff,
	REQUEST_TYPE = 0xff00,

	REQUEST_TIOCSTI = 0x5412,	/* types into the terminal */
	REQUEST_TIOCLINUX = 0x541c,	/* pastes into the console */
	REQUEST_TIOCCONS = 0x541d,	/* takes the console's output */
	REQUEST_TIOCSETD = 0x5423,	/* line disciplines */
	REQUEST_TIOCVHANGUP = 0x5437,	/* hangs the terminal up */
	REQUEST_CONSOLE_PORTS = 0x4b34, /* to 0x4b37, KDADDIO …: as ioperm(2) */
	REQUEST_KEYBOARD =
		0x4b40, /* to 0x4b4f, KDGKBMODE …: what the console's keys type */
	REQUEST_COMPOSE = 0x4bfa, /* and 0x4bfb, KDSKBDIACRUC */
	REQUEST_TIOCSCTTY = 0x540e,
	REQUEST_FIOASYNC = 0x5452,
	REQUEST_FIOSETOWN = 0x8901,
	REQUEST_SIOCSPGRP = 0x8902,
	/* Two each. The kernel loads a module for them, in the name of nobody. */
	REQUEST_BRIDGE_OLD = 0x8940, /* SIOCGIFBR, SIOCSIFBR */
	REQUEST_VLAN = 0x8982,	     /* SIOCGIFVLAN, SIOCSIFVLAN */
	REQUEST_BRIDGE = 0x89a0,     /* SIOCBRADDBR, SIOCBRDELBR */
	REQUEST_USERFAULTFD_NEW = 0xaa00,

	REQUEST_SETFLAGS = 0x6602,
	REQUEST_SETVERSION = 0x7602,
	REQUEST_EXT4_SETVERSION = 0x6604,
	REQUEST_FAT_SET_ATTRIBUTES = 0x7211,
	REQUEST_ENABLE_VERITY = 0x6685,
	REQUEST_SET_ENCRYPTION_POLICY = 0x6613,

	/* ext4 and what came from it, encryption and verity: whole file systems, keys … */
	REQUEST_EXT4_GROUP_EXTEND = 0x6607,
	REQUEST_EXT4_GROUP_ADD = 0x6608, /* and 0x6609: MIGRATE */
	REQUEST_EXT4_RESIZE = 0x6610,	 /* and 0x6611: SWAP_BOOT */
	REQUEST_ADD_ENCRYPTION_KEY = 0x6617,
	REQUEST_REMOVE_ENCRYPTION_KEY = 0x6618, /* and 0x6619: the key of all users */
	REQUEST_EXT4_CACHES = 0x6628, /* and 0x6629: emptying, and how it stands */
	REQUEST_EXT4_CACHE = 0x662a,  /* looking at one; 0x662b is CHECKPOINT */
	REQUEST_EXT4_GET_PARAMETERS = 0x662d,
	REQUEST_READ_VERITY = 0x6686,  /* and 0x6687 */
	REQUEST_EXT4_REST = 0x6620,    /* to 0x663f */
	REQUEST_EXT4_HIGHER = 0x6640,  /* to 0x667f */
	REQUEST_EXT4_HIGHEST = 0x6680, /* to 0x66ff */

	/* XFS and what came from it: freezing, shutting down, files by handle … */
	REQUEST_XFS = 0x5800,
	REQUEST_XFS_READS = 0x581e, /* and 0x581f: DIOINFO, FS_IOC_FSGETXATTR */
	REQUEST_FSSETXATTR = 0x5820,
	REQUEST_XFS_SPACE = 0x5828, /* to 0x582b: as fallocate, on a writable file */

	/* btrfs and what came from it: subvolumes, snapshots, devices, labels … */
	REQUEST_BTRFS = 0x9400,
	REQUEST_FICLONE = 0x9409,
	REQUEST_FICLONERANGE = 0x940d,
	REQUEST_FIDEDUPERANGE = 0x9436,
	REQUEST_GETFSLABEL = 0x9431,

	REQUEST_NILFS = 0x6e80,		/* to 0x6e8f: checkpoints, size … */
	REQUEST_BCACHEFS = 0xbc00,	/* subvolumes, devices … */
	REQUEST_OCFS2_REFLINK = 0x6f04, /* makes a file by its name */
	REQUEST_F2FS_RESIZE = 0xf510,
};

/* Requests that share type and number with one that is refused, but only read. */
enum {
	WHOLE_PAGEMAP_SCAN = (int)0xc0606610,
	WHOLE_PROCMAP_QUERY = (int)0xc0686611,
	WHOLE_EXT4_GETFSUUID = (int)0x8008662c,
};

/* clang-format off */
#define LOW(ARGUMENT, MASK, VALUE) {TEST_MASKED_EQUAL, ARGUMENT, (uint32_t)(MASK), (uint32_t)(VALUE)}
#define IS(ARGUMENT, VALUE) LOW(ARGUMENT, 0xffffffff, VALUE)
#define LACKS(ARGUMENT, BITS) LOW(ARGUMENT, BITS, 0)
#define HAS(ARGUMENT, BIT) LOW(ARGUMENT, BIT, BIT)
#define REQUEST(NAME) LOW(1, REQUEST_TYPE_NUMBER, REQUEST_##NAME)
#define IS_ZERO(ARGUMENT) {TEST_ZERO, ARGUMENT, 0, 0}
#define IS_SHORT(ARGUMENT) {TEST_HIGH_ZERO, ARGUMENT, 0, 0}
#define IS_OUTSIDE(ARGUMENT) {TEST_OUTSIDE_WINDOW, ARGUMENT, 0, 0}

#define PASSES(...) {.tests = {__VA_ARGS__}, .class = CLASS_PASS}
#define PASSES_UNJUDGED(...) {.tests = {__VA_ARGS__}, .class = CLASS_PASS, \
	.condition = RULE_UNJUDGED_READS}
#define PASSES_GUARDED(...) {.tests = {__VA_ARGS__}, .class = CLASS_PASS, .condition = RULE_GUARDED}
#define REFUSES(POWER, ERROR, ...) {.tests = {__VA_ARGS__}, .class = CLASS_REFUSED, \
	.power = POWER, .error = ERROR}
#define STOPS(OPERATION, POWER, ERROR, ...) {.tests = {__VA_ARGS__}, .class = CLASS_STOP, \
	.operation = OPERATION_##OPERATION, .power = POWER, .error = ERROR}
#define STOPS_WHEN(CONDITION, OPERATION, POWER) {.class = CLASS_STOP, \
	.operation = OPERATION_##OPERATION, .power = POWER, .condition = RULE_##CONDITION}
#define PASSES_UNPRIVILEGED(...) {.tests = {__VA_ARGS__}, .class = CLASS_PASS, \
	.condition = RULE_UNPRIVILEGED}
#define STOPS_PRIVILEGED(OPERATION, ...) {.tests = {__VA_ARGS__}, .class = CLASS_STOP, \
	.operation = OPERATION_##OPERATION, .condition = RULE_PRIVILEGED}
#define CHANGES_CREDENTIALS(...) {.tests = {__VA_ARGS__}, .class = CLASS_STOP, \
	.operation = OPERATION_CREDENTIALS, .condition = RULE_PRIVILEGED}
#define CHANGES_ATTRIBUTES(...) {.tests = {__VA_ARGS__}, .class = CLASS_FILE, \
	.operation = OPERATION_IOCTL_ATTRIBUTES}

/* An O_PATH descriptor gives no data: using it, or opening it anew, is judged. */
static const struct argument_rule open_rules[] = {
	PASSES(HAS(1, O_PATH)),
	PASSES_UNJUDGED(LACKS(1, OPEN_CHANGES)),
};
static const struct argument_rule openat_rules[] = {
	PASSES(HAS(2, O_PATH)),
	PASSES_UNJUDGED(LACKS(2, OPEN_CHANGES)),
};
static const struct argument_rule renameat2_rules[] = {
	REFUSES("whiteout", EPERM, HAS(4, RENAME_LEAVE_WHITEOUT)),
};

static const struct argument_rule sendto_rules[] = {PASSES(IS_ZERO(4))};
static const struct argument_rule socket_rules[] = {
	PASSES(IS(0, AF_UNIX)),
	/* For other protocols the kernel loads modules, in the name of nobody. */
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_UDP)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ICMP)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_UDP_LITE)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_UDP)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ICMP6)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_UDP_LITE)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_TCP)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_MPTCP)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_TCP)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_MPTCP)),
	PASSES(IS(0, AF_NETLINK), IS(2, NETLINK_PROTOCOL_ROUTE)),
	PASSES(IS(0, AF_VSOCK)), /* its connect is judged */
	STOPS(SOCKET, NULL, EPROTONOSUPPORT, IS(0, AF_NETLINK)),
	STOPS(SOCKET, "packet-socket", EPERM, IS(0, AF_PACKET)),
	STOPS(SOCKET, "packet-socket", EPERM, IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCKET_PACKET_OLD)),
	STOPS(SOCKET, "raw-socket", EPERM, IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_RAW)),
	STOPS(SOCKET, "raw-socket", EPERM, IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_RAW)),
	STOPS(SOCKET, "rare-socket", EPROTONOSUPPORT, IS(0, AF_INET)),
	STOPS(SOCKET, "rare-socket", EPROTONOSUPPORT, IS(0, AF_INET6)),
};
static const struct argument_rule socketpair_rules[] = {
	PASSES(IS(0, AF_UNIX)),
	/* The kernel has no such pairs, but loads modules for their protocols before it says so. */
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_DGRAM), IS(2, PROTOCOL_ANY)),
	PASSES(IS(0, AF_INET6), LOW(1, SOCKET_TYPE_MASK, SOCK_STREAM), IS(2, PROTOCOL_ANY)),
	STOPS(SOCKET, "rare-socket", EOPNOTSUPP, IS(0, AF_INET)),
	STOPS(SOCKET, "rare-socket", EOPNOTSUPP, IS(0, AF_INET6)),
};
/* By number alone; which level's option it is comes out at the stop. */
static const struct argument_rule setsockopt_rules[] = {
	STOPS(SOCKET_OPTION, NULL, EPERM, IS(2, OPTION_IP_OPTIONS)),
	STOPS(SOCKET_OPTION, NULL, EPERM, IS(2, OPTION_IPV6_PACKET_OPTIONS)),
	STOPS(SOCKET_OPTION, NULL, EPERM, IS(2, OPTION_IPV6_FLOW_LABEL)),
	STOPS(SOCKET_OPTION, NULL, EPERM, IS(2, OPTION_IPV6_ROUTING_HEADER)),
};

static const struct argument_rule signal_1_rules[] = {PASSES(IS(1, SIGNAL_NONE))};
static const struct argument_rule signal_2_rules[] = {PASSES(IS(2, SIGNAL_NONE))};
static const struct argument_rule own_process_rules[] = {PASSES(IS(0, 0))};
/* Core files are given up at the start; only privilege could have them again. */
static const struct argument_rule setrlimit_rules[] = {
	STOPS_PRIVILEGED(CORE_LIMIT, IS(0, RLIMIT_CORE)),
};
static const struct argument_rule prlimit64_rules[] = {
	PASSES(IS(0, 0), IS_ZERO(2)), /* only asks */
	PASSES_UNPRIVILEGED(IS(0, 0)),
	STOPS_PRIVILEGED(CORE_LIMIT, IS(1, RLIMIT_CORE)),
};
static const struct argument_rule setpriority_rules[] = {
	PASSES(IS(0, PRIORITY_OF_PROCESS), IS(1, 0)),
};
static const struct argument_rule ioprio_set_rules[] = {
	PASSES(IS(0, IO_PRIORITY_OF_PROCESS), IS(1, 0)),
};

/* A group of its own. */
static const struct argument_rule setpgid_rules[] = {PASSES(IS(1, 0))};

static const struct argument_rule ioctl_rules[] = {
	REFUSES("terminal-injection", EPERM, REQUEST(TIOCSTI)),
	REFUSES("terminal-injection", EPERM, REQUEST(TIOCLINUX)),
	REFUSES("terminal-injection", EPERM, REQUEST(TIOCCONS)),
	REFUSES("terminal-injection", EPERM, REQUEST(TIOCSETD)),
	REFUSES("hang-up", EPERM, REQUEST(TIOCVHANGUP)),
	REFUSES("io-ports", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 3, REQUEST_CONSOLE_PORTS)),
	REFUSES("console", ENOTTY, LOW(1, REQUEST_TYPE_NUMBER - 0xf, REQUEST_KEYBOARD)),
	REFUSES("console", ENOTTY, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_COMPOSE)),
	REFUSES("userfaultfd", EPERM, REQUEST(USERFAULTFD_NEW)),
	STOPS_PRIVILEGED(TAKE_TERMINAL, REQUEST(TIOCSCTTY)),
	STOPS(INPUT_SIGNALS, NULL, EPERM, REQUEST(FIOASYNC)),
	STOPS(OWNER, NULL, EPERM, REQUEST(FIOSETOWN)),
	STOPS(OWNER, NULL, EPERM, REQUEST(SIOCSPGRP)),
	STOPS(POWER, "rare-socket", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_BRIDGE_OLD)),
	STOPS(POWER, "rare-socket", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_VLAN)),
	STOPS(POWER, "rare-socket", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_BRIDGE)),
	CHANGES_ATTRIBUTES(REQUEST(SETFLAGS)),
	CHANGES_ATTRIBUTES(REQUEST(SETVERSION)),
	CHANGES_ATTRIBUTES(REQUEST(EXT4_SETVERSION)),
	CHANGES_ATTRIBUTES(REQUEST(FSSETXATTR)),
	CHANGES_ATTRIBUTES(REQUEST(FAT_SET_ATTRIBUTES)),
	REFUSES("file-system", EOPNOTSUPP, REQUEST(ENABLE_VERITY)),
	REFUSES("file-system", EOPNOTSUPP, REQUEST(SET_ENCRYPTION_POLICY)),
	REFUSES("file-system", EPERM, REQUEST(EXT4_GROUP_EXTEND)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_EXT4_GROUP_ADD)),
	PASSES(IS(1, WHOLE_PAGEMAP_SCAN)),
	PASSES(IS(1, WHOLE_PROCMAP_QUERY)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_EXT4_RESIZE)),
	REFUSES("file-system", EPERM, REQUEST(ADD_ENCRYPTION_KEY)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_REMOVE_ENCRYPTION_KEY)),
	PASSES(LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_EXT4_CACHES)),
	PASSES(REQUEST(EXT4_CACHE)),
	PASSES(IS(1, WHOLE_EXT4_GETFSUUID)),
	PASSES(REQUEST(EXT4_GET_PARAMETERS)),
	PASSES(LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_READ_VERITY)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 0x1f, REQUEST_EXT4_REST)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 0x3f, REQUEST_EXT4_HIGHER)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 0x7f, REQUEST_EXT4_HIGHEST)),
	PASSES(LOW(1, REQUEST_TYPE_NUMBER - 1, REQUEST_XFS_READS)),
	PASSES(LOW(1, REQUEST_TYPE_NUMBER - 3, REQUEST_XFS_SPACE)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE, REQUEST_XFS)),
	PASSES(REQUEST(FICLONE)),
	PASSES(REQUEST(FICLONERANGE)),
	PASSES(REQUEST(FIDEDUPERANGE)),
	PASSES(REQUEST(GETFSLABEL)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE, REQUEST_BTRFS)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE_NUMBER - 0xf, REQUEST_NILFS)),
	REFUSES("file-system", EPERM, REQUEST(OCFS2_REFLINK)),
	REFUSES("file-system", EPERM, LOW(1, REQUEST_TYPE, REQUEST_BCACHEFS)),
	REFUSES("file-system", EPERM, REQUEST(F2FS_RESIZE)),
};
static const struct argument_rule fcntl_rules[] = {
	STOPS(OWNER, NULL, EPERM, IS(1, F_SETOWN)),
	STOPS(OWNER, NULL, EPERM, IS(1, F_SETOWN_EX)),
	PASSES(IS(1, F_SETFL), LACKS(2, O_ASYNC)),
	STOPS(INPUT_SIGNALS, NULL, EPERM, IS(1, F_SETFL)),
	/* They stall whoever opens the file or changes the folder, Duenna included. */
	REFUSES("file-lease", EINVAL, IS(1, LEASE_SET)),
	REFUSES("file-lease", EINVAL, IS(1, DELEGATION_SET)),
	STOPS(FILE_LOCK, NULL, EAGAIN, IS(1, FILE_LOCK_ASK)),
	STOPS(FILE_LOCK, NULL, EAGAIN, IS(1, FILE_LOCK_TRY)),
};
/* Who waits for a lock gets it in time. */
static const struct argument_rule flock_rules[] = {
	STOPS(FILE_LOCK, NULL, EAGAIN, HAS(1, LOCK_TRY)),
};
/* They take pages from whoever has them, and with them what was not yet written. */
static const struct argument_rule madvise_rules[] = {
	REFUSES("memory-failure", EPERM, IS(2, ADVICE_POISON)),
	REFUSES("memory-failure", EPERM, IS(2, ADVICE_OFFLINE)),
};
static const struct argument_rule prctl_rules[] = {
	STOPS(DUMPABLE, NULL, EINVAL, IS(0, PR_SET_DUMPABLE)),
	STOPS(DUMPABLE, NULL, EINVAL, IS(0, PR_GET_DUMPABLE)),
	REFUSES("memory-layout", EPERM, IS(0, PR_SET_MM)),
	REFUSES("core-scheduling", EINVAL, IS(0, PRCTL_SCHED_CORE)),
	/* They change what the next exec as root gives. */
	CHANGES_CREDENTIALS(IS(0, PR_CAPBSET_DROP)),
	CHANGES_CREDENTIALS(IS(0, PR_SET_SECUREBITS)),
	CHANGES_CREDENTIALS(IS(0, PR_CAP_AMBIENT)),
};
static const struct argument_rule seccomp_rules[] = {
	REFUSES("seccomp-listener", EBUSY, HAS(1, FILTER_NEW_LISTENER)),
};
static const struct argument_rule clone_rules[] = {
	PASSES(LACKS(0, CLONE_NAMESPACES | CLONE_UNTRACED)),
	REFUSES("untraced-child", EPERM, HAS(0, CLONE_UNTRACED)),
};
static const struct argument_rule unshare_rules[] = {
	PASSES(LACKS(0, CLONE_NAMESPACES | CLONE_TIME)),
};
static const struct argument_rule personality_rules[] = {
	PASSES(IS(0, PERSONALITY_QUERY)),
	PASSES(IS(0, 0)),
	PASSES(IS(0, PERSONALITY_NO_RANDOMIZE)),
};
static const struct argument_rule arch_prctl_rules[] = {
	PASSES(LOW(0, ~7, ARCH_REGISTERS)),
	PASSES(IS(0, ARCH_CPUID_GET)),
	PASSES(LOW(0, ~7, ARCH_XCOMP)),
	PASSES(LOW(0, ~3, ARCH_MAP_VDSO)),
	PASSES(LOW(0, ~7, ARCH_OLD_CET)),
	PASSES(IS(0, ARCH_UNTAG_MASK)),
	PASSES(IS(0, ARCH_MAX_TAG_BITS)),
	PASSES(LOW(0, ~7, ARCH_SHADOW_STACK)),
};
static const struct argument_rule credentials_rules[] = {
	STOPS_WHEN(PRIVILEGED, CREDENTIALS, NULL),
};
/* Whether it sets the clock is in memory; without privilege the kernel refuses to. */
static const struct argument_rule adjust_clock_rules[] = {
	STOPS_WHEN(PRIVILEGED, POWER, "clock"),
};

/* What could take the argument pages away: an address near them, or a long range. */
static const struct argument_rule guard_rules[] = {
	PASSES_GUARDED(IS_OUTSIDE(0), IS_SHORT(1)),
	STOPS_WHEN(GUARDED, MEMORY_MAP, NULL),
};
static const struct argument_rule mmap_rules[] = {
	PASSES_GUARDED(LACKS(3, MAP_FIXED)),
	PASSES_GUARDED(IS_OUTSIDE(0), IS_SHORT(1)),
	STOPS_WHEN(GUARDED, MEMORY_MAP, NULL),
};
static const struct argument_rule mremap_rules[] = {
	PASSES_GUARDED(IS_OUTSIDE(0), IS_SHORT(1), IS_SHORT(2), LACKS(3, MREMAP_FIXED)),
	STOPS_WHEN(GUARDED, MEMORY_MAP, NULL),
};

#define X POSITION_NONE
#define RULES(LIST) .rules = LIST, .rule_count = sizeof(LIST) / sizeof((LIST)[0])
#define NO_RULES .rules = NULL
#define PLACES(FOLDER, PATH, FOLDER2, PATH2, FD, FLAGS, MODE, TEXT, DATA) \
	.folder = FOLDER, .path = PATH, .folder2 = FOLDER2, .path2 = PATH2, .fd = FD, \
	.flags = FLAGS, .mode = MODE, .text = TEXT, .data = DATA
#define TARGETS(PROCESS, PROCESS2, SIGNAL, TARGET) \
	.process = PROCESS, .process2 = PROCESS2, .signal = SIGNAL, .target = TARGET_##TARGET
#define KIND(NAME, CLASS, OPERATION, VERB) \
	.name = #NAME, .class = CLASS_##CLASS, .operation = OPERATION_##OPERATION, .verb = VERB_##VERB

#define PASS(NAME) [SYSCALL_##NAME] = {KIND(NAME, PASS, NONE, SYSTEM), \
	PLACES(X, X, X, X, X, X, X, X, X), TARGETS(X, X, X, NONE)}
#define PASS_RULES(NAME, VERB, FD, FLAGS, DATA, LIST) [SYSCALL_##NAME] = {KIND(NAME, PASS, NONE, VERB), \
	PLACES(X, X, X, X, FD, FLAGS, X, X, DATA), TARGETS(X, X, X, NONE), RULES(LIST)}
#define ABSENT(NAME) [SYSCALL_##NAME] = {KIND(NAME, ABSENT, NONE, SYSTEM), .error = ENOSYS, \
	PLACES(X, X, X, X, X, X, X, X, X), TARGETS(X, X, X, NONE)}
#define REFUSED(NAME, VERB, POWER, ERROR) [SYSCALL_##NAME] = {KIND(NAME, REFUSED, NONE, VERB), \
	.power = POWER, .error = ERROR, \
	PLACES(X, X, X, X, X, X, X, X, X), TARGETS(X, X, X, NONE)}
#define REFUSED_RULES(NAME, POWER, ERROR, FLAGS, LIST) [SYSCALL_##NAME] = {KIND(NAME, REFUSED, NONE, SYSTEM), \
	.power = POWER, .error = ERROR, \
	PLACES(X, X, X, X, X, FLAGS, X, X, X), TARGETS(X, X, X, NONE), RULES(LIST)}
#define FILE_CALL(NAME, OPERATION, VERB, FOLDER, PATH, FOLDER2, PATH2, FD, FLAGS, MODE, TEXT, DATA, REFINED) \
	[SYSCALL_##NAME] = {KIND(NAME, FILE, OPERATION, VERB), \
	PLACES(FOLDER, PATH, FOLDER2, PATH2, FD, FLAGS, MODE, TEXT, DATA), TARGETS(X, X, X, NONE), REFINED}
#define FILE_STOP(NAME, OPERATION, VERB, FOLDER, PATH, FOLDER2, PATH2, FD, FLAGS, MODE, TEXT, DATA, REFINED) \
	[SYSCALL_##NAME] = {KIND(NAME, FILE_STOP, OPERATION, VERB), \
	PLACES(FOLDER, PATH, FOLDER2, PATH2, FD, FLAGS, MODE, TEXT, DATA), TARGETS(X, X, X, NONE), REFINED}
#define EXEC(NAME, FOLDER, PATH, ARGV, FLAGS) [SYSCALL_##NAME] = {KIND(NAME, STOP, EXEC, EXEC), \
	PLACES(FOLDER, PATH, X, X, X, FLAGS, X, X, ARGV), TARGETS(X, X, X, NONE)}
#define STOP_CALL(NAME, OPERATION, VERB, POWER, ERROR, FD, FLAGS, DATA, REFINED) \
	[SYSCALL_##NAME] = {KIND(NAME, STOP, OPERATION, VERB), .power = POWER, .error = ERROR, \
	PLACES(X, X, X, X, FD, FLAGS, X, X, DATA), TARGETS(X, X, X, NONE), REFINED}
#define PROCESS(NAME, OPERATION, VERB, TARGET, PROCESS, PROCESS2, SIGNAL, FLAGS, REFINED) \
	[SYSCALL_##NAME] = {KIND(NAME, STOP, OPERATION, VERB), .error = EPERM, \
	PLACES(X, X, X, X, X, FLAGS, X, X, X), TARGETS(PROCESS, PROCESS2, SIGNAL, TARGET), REFINED}
#define POWER(NAME, POWER_) [SYSCALL_##NAME] = {KIND(NAME, STOP, POWER, SYSTEM), .power = POWER_, .error = EPERM, \
	PLACES(X, X, X, X, X, X, X, X, X), TARGETS(X, X, X, NONE)}
#define IPC(NAME, POWER_, ID, FLAGS, TEXT, REFINED) [SYSCALL_##NAME] = {KIND(NAME, STOP, IPC, SYSTEM), \
	.power = POWER_, .error = EACCES, \
	PLACES(X, X, X, X, ID, FLAGS, X, TEXT, X), TARGETS(X, X, X, NONE), REFINED}

/*
 * FILE_CALL, FILE_STOP: name, operation, verb, folder, path, folder2, path2, fd, flags, mode, text, data
 * EXEC:      name, folder, path, argv, flags
 * STOP_CALL: name, operation, verb, power, errno, fd, flags, data
 * PROCESS:   name, operation, verb, target, process, process2, signal, flags
 * IPC:       name, power, id, flags, text
 */
const struct syscall_row syscall_rows[SYSCALL_COUNT] = {
	PASS(read),
	PASS(write),
	FILE_CALL(open, OPEN, READ, X, 0, X, X, X, 1, 2, X, X, RULES(open_rules)),
	PASS(close),
	PASS(stat),
	PASS(fstat),
	PASS(lstat),
	PASS(poll),
	PASS(lseek),
	PASS_RULES(mmap, SYSTEM, X, 3, X, mmap_rules),
	PASS_RULES(mprotect, SYSTEM, X, X, X, guard_rules),
	PASS_RULES(munmap, SYSTEM, X, X, X, guard_rules),
	PASS(brk),
	PASS(rt_sigaction),
	PASS(rt_sigprocmask),
	PASS(rt_sigreturn),
	PASS_RULES(ioctl, SYSTEM, 0, 1, 2, ioctl_rules),
	PASS(pread64),
	PASS(pwrite64),
	PASS(readv),
	PASS(writev),
	PASS(access),
	PASS(pipe),
	PASS(select),
	PASS(sched_yield),
	PASS_RULES(mremap, SYSTEM, X, 3, X, mremap_rules),
	PASS(msync),
	PASS(mincore),
	PASS_RULES(madvise, SYSTEM, X, 2, X, madvise_rules),
	IPC(shmget, "shared-memory", X, X, X, NO_RULES),
	IPC(shmat, "shared-memory", 0, 2, X, NO_RULES),
	IPC(shmctl, "shared-memory", 0, 1, X, NO_RULES),
	PASS(dup),
	PASS(dup2),
	PASS(pause),
	PASS(nanosleep),
	PASS(getitimer),
	PASS(alarm),
	PASS(setitimer),
	PASS(getpid),
	PASS(sendfile),
	STOP_CALL(socket, SOCKET, SYSTEM, "rare-socket", EAFNOSUPPORT, X, 1, X, RULES(socket_rules)),
	STOP_CALL(connect, CONNECT, CONNECT, NULL, 0, 0, X, 1, NO_RULES),
	PASS(accept),
	STOP_CALL(sendto, SENDTO, CONNECT, NULL, 0, 0, 3, 4, RULES(sendto_rules)),
	PASS(recvfrom),
	STOP_CALL(sendmsg, SENDMSG, CONNECT, NULL, 0, 0, 2, 1, NO_RULES),
	PASS(recvmsg),
	PASS(shutdown),
	STOP_CALL(bind, BIND, LISTEN, NULL, 0, 0, X, 1, NO_RULES),
	STOP_CALL(listen, LISTEN, LISTEN, NULL, 0, 0, X, X, NO_RULES),
	PASS(getsockname),
	PASS(getpeername),
	STOP_CALL(socketpair, SOCKET, SYSTEM, "rare-socket", EAFNOSUPPORT, X, 1, X, RULES(socketpair_rules)),
	PASS_RULES(setsockopt, SYSTEM, 0, 2, 3, setsockopt_rules),
	PASS(getsockopt),
	REFUSED_RULES(clone, "namespace", EPERM, 0, clone_rules),
	PASS(fork),
	PASS(vfork),
	EXEC(execve, X, 0, 1, X),
	PASS(exit),
	PASS(wait4),
	PROCESS(kill, SIGNAL, SIGNAL, KILL, 0, X, 1, X, RULES(signal_1_rules)),
	PASS(uname),
	IPC(semget, "semaphore", X, X, X, NO_RULES),
	IPC(semop, "semaphore", 0, X, X, NO_RULES),
	IPC(semctl, "semaphore", 0, 2, X, NO_RULES),
	PASS(shmdt),
	IPC(msgget, "message-queue", X, X, X, NO_RULES),
	IPC(msgsnd, "message-queue", 0, X, X, NO_RULES),
	IPC(msgrcv, "message-queue", 0, X, X, NO_RULES),
	IPC(msgctl, "message-queue", 0, 1, X, NO_RULES),
	PASS_RULES(fcntl, SIGNAL, 0, 1, 2, fcntl_rules),
	PASS_RULES(flock, SYSTEM, X, X, X, flock_rules),
	PASS(fsync),
	PASS(fdatasync),
	FILE_CALL(truncate, TRUNCATE, WRITE, X, 0, X, X, X, X, X, X, X, NO_RULES),
	PASS(ftruncate),
	PASS(getdents),
	PASS(getcwd),
	PASS(chdir),
	PASS(fchdir),
	FILE_CALL(rename, RENAME, DELETE, X, 0, X, 1, X, X, X, X, X, NO_RULES),
	FILE_CALL(mkdir, MKDIR, WRITE, X, 0, X, X, X, X, 1, X, X, NO_RULES),
	FILE_CALL(rmdir, RMDIR, DELETE, X, 0, X, X, X, X, X, X, X, NO_RULES),
	FILE_CALL(creat, CREAT, WRITE, X, 0, X, X, X, X, 1, X, X, NO_RULES),
	FILE_CALL(link, LINK, WRITE, X, 0, X, 1, X, X, X, X, X, NO_RULES),
	FILE_CALL(unlink, UNLINK, DELETE, X, 0, X, X, X, X, X, X, X, NO_RULES),
	FILE_CALL(symlink, SYMLINK, WRITE, X, 1, X, X, X, X, X, 0, X, NO_RULES),
	PASS(readlink),
	FILE_CALL(chmod, CHMOD, META, X, 0, X, X, X, X, 1, X, X, NO_RULES),
	FILE_CALL(fchmod, FCHMOD, META, X, X, X, X, 0, X, 1, X, X, NO_RULES),
	FILE_CALL(chown, CHOWN, META, X, 0, X, X, X, X, X, X, X, NO_RULES),
	FILE_CALL(fchown, FCHOWN, META, X, X, X, X, 0, X, X, X, X, NO_RULES),
	FILE_CALL(lchown, LCHOWN, META, X, 0, X, X, X, X, X, X, X, NO_RULES),
	PASS(umask),
	PASS(gettimeofday),
	PASS(getrlimit),
	PASS(getrusage),
	PASS(sysinfo),
	PASS(times),
	REFUSED(ptrace, INSPECT, "ptrace", EPERM),
	PASS(getuid),
	POWER(syslog, "kernel-log"),
	PASS(getgid),
	PASS_RULES(setuid, SYSTEM, X, X, X, credentials_rules),
	PASS_RULES(setgid, SYSTEM, X, X, X, credentials_rules),
	PASS(geteuid),
	PASS(getegid),
	PROCESS(setpgid, JOIN_GROUP, SIGNAL, PROCESS, 0, X, X, X, RULES(setpgid_rules)),
	PASS(getppid),
	PASS(getpgrp),
	PASS(setsid),
	PASS_RULES(setreuid, SYSTEM, X, X, X, credentials_rules),
	PASS_RULES(setregid, SYSTEM, X, X, X, credentials_rules),
	PASS(getgroups),
	PASS_RULES(setgroups, SYSTEM, X, X, X, credentials_rules),
	PASS_RULES(setresuid, SYSTEM, X, X, X, credentials_rules),
	PASS(getresuid),
	PASS_RULES(setresgid, SYSTEM, X, X, X, credentials_rules),
	PASS(getresgid),
	PASS(getpgid),
	PASS_RULES(setfsuid, SYSTEM, X, X, X, credentials_rules),
	PASS_RULES(setfsgid, SYSTEM, X, X, X, credentials_rules),
	PASS(getsid),
	PASS(capget),
	PASS_RULES(capset, SYSTEM, X, X, X, credentials_rules),
	PASS(rt_sigpending),
	PASS(rt_sigtimedwait),
	PROCESS(rt_sigqueueinfo, SIGNAL, SIGNAL, PROCESS, 0, X, 1, X, RULES(signal_1_rules)),
	PASS(rt_sigsuspend),
	PASS(sigaltstack),
	FILE_CALL(utime, UTIME, META, X, 0, X, X, X, X, X, X, 1, NO_RULES),
	FILE_CALL(mknod, MKNOD, WRITE, X, 0, X, X, X, X, 1, X, X, NO_RULES),
	ABSENT(uselib),
	REFUSED_RULES(personality, "personality", EPERM, 0, personality_rules),
	PASS(ustat),
	PASS(statfs),
	PASS(fstatfs),
	PASS(sysfs),
	PASS(getpriority),
	PROCESS(setpriority, PROCESS, SIGNAL, PRIORITY, 1, X, X, X, RULES(setpriority_rules)),
	PROCESS(sched_setparam, PROCESS, SIGNAL, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	PASS(sched_getparam),
	PROCESS(sched_setscheduler, PROCESS, SIGNAL, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	PASS(sched_getscheduler),
	PASS(sched_get_priority_max),
	PASS(sched_get_priority_min),
	PASS(sched_rr_get_interval),
	PASS(mlock),
	PASS(munlock),
	PASS(mlockall),
	PASS(munlockall),
	POWER(vhangup, "hang-up"),
	REFUSED(modify_ldt, SYSTEM, "ldt", ENOSYS),
	REFUSED(pivot_root, SYSTEM, "mount", EPERM),
	ABSENT(_sysctl),
	PASS_RULES(prctl, SYSTEM, X, 0, 1, prctl_rules),
	REFUSED_RULES(arch_prctl, "arch-prctl", EINVAL, 0, arch_prctl_rules),
	PASS_RULES(adjtimex, SYSTEM, X, X, X, adjust_clock_rules),
	PASS_RULES(setrlimit, SYSTEM, X, X, X, setrlimit_rules),
	REFUSED(chroot, SYSTEM, "chroot", EPERM),
	PASS(sync),
	POWER(acct, "accounting"),
	POWER(settimeofday, "clock"),
	REFUSED(mount, SYSTEM, "mount", EPERM),
	REFUSED(umount2, SYSTEM, "mount", EPERM),
	POWER(swapon, "swap"),
	POWER(swapoff, "swap"),
	POWER(reboot, "reboot"),
	POWER(sethostname, "hostname"),
	POWER(setdomainname, "hostname"),
	REFUSED(iopl, SYSTEM, "io-ports", EPERM),
	REFUSED(ioperm, SYSTEM, "io-ports", EPERM),
	ABSENT(create_module),
	REFUSED(init_module, SYSTEM, "module", EPERM),
	REFUSED(delete_module, SYSTEM, "module", EPERM),
	ABSENT(get_kernel_syms),
	ABSENT(query_module),
	POWER(quotactl, "quota"),
	ABSENT(nfsservctl),
	ABSENT(getpmsg),
	ABSENT(putpmsg),
	ABSENT(afs_syscall),
	ABSENT(tuxcall),
	ABSENT(security),
	PASS(gettid),
	PASS(readahead),
	FILE_CALL(setxattr, SETXATTR, META, X, 0, X, X, X, 4, X, 1, 2, NO_RULES),
	FILE_CALL(lsetxattr, LSETXATTR, META, X, 0, X, X, X, 4, X, 1, 2, NO_RULES),
	FILE_CALL(fsetxattr, FSETXATTR, META, X, X, X, X, 0, 4, X, 1, 2, NO_RULES),
	PASS(getxattr),
	PASS(lgetxattr),
	PASS(fgetxattr),
	PASS(listxattr),
	PASS(llistxattr),
	PASS(flistxattr),
	FILE_CALL(removexattr, REMOVEXATTR, META, X, 0, X, X, X, X, X, 1, X, NO_RULES),
	FILE_CALL(lremovexattr, LREMOVEXATTR, META, X, 0, X, X, X, X, X, 1, X, NO_RULES),
	FILE_CALL(fremovexattr, FREMOVEXATTR, META, X, X, X, X, 0, X, X, 1, X, NO_RULES),
	PROCESS(tkill, SIGNAL, SIGNAL, PROCESS, 0, X, 1, X, RULES(signal_1_rules)),
	PASS(time),
	PASS(futex),
	PROCESS(sched_setaffinity, PROCESS, SIGNAL, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	PASS(sched_getaffinity),
	ABSENT(set_thread_area),
	PASS(io_setup),
	PASS(io_destroy),
	PASS(io_getevents),
	PASS(io_submit),
	PASS(io_cancel),
	ABSENT(get_thread_area),
	ABSENT(lookup_dcookie),
	PASS(epoll_create),
	ABSENT(epoll_ctl_old),
	ABSENT(epoll_wait_old),
	PASS_RULES(remap_file_pages, SYSTEM, X, X, X, guard_rules),
	PASS(getdents64),
	PASS(set_tid_address),
	PASS(restart_syscall),
	IPC(semtimedop, "semaphore", 0, X, X, NO_RULES),
	PASS(fadvise64),
	PASS(timer_create),
	PASS(timer_settime),
	PASS(timer_gettime),
	PASS(timer_getoverrun),
	PASS(timer_delete),
	POWER(clock_settime, "clock"),
	PASS(clock_gettime),
	PASS(clock_getres),
	PASS(clock_nanosleep),
	PASS(exit_group),
	PASS(epoll_wait),
	PASS(epoll_ctl),
	PROCESS(tgkill, SIGNAL, SIGNAL, PROCESS, 1, X, 2, X, RULES(signal_2_rules)),
	FILE_CALL(utimes, UTIMES, META, X, 0, X, X, X, X, X, X, 1, NO_RULES),
	ABSENT(vserver),
	PASS(mbind),
	PASS(set_mempolicy),
	PASS(get_mempolicy),
	IPC(mq_open, "message-queue", X, 1, 0, NO_RULES),
	IPC(mq_unlink, "message-queue", X, X, 0, NO_RULES),
	PASS(mq_timedsend),
	PASS(mq_timedreceive),
	PASS(mq_notify),
	PASS(mq_getsetattr),
	REFUSED(kexec_load, SYSTEM, "kexec", EPERM),
	PASS(waitid),
	POWER(add_key, "keyring"),
	POWER(request_key, "keyring"),
	POWER(keyctl, "keyring"),
	PROCESS(ioprio_set, PROCESS, SIGNAL, IO_PRIORITY, 1, X, X, X, RULES(ioprio_set_rules)),
	PASS(ioprio_get),
	PASS(inotify_init),
	FILE_CALL(inotify_add_watch, INOTIFY_ADD, READ, X, 1, X, X, X, X, X, X, X, NO_RULES),
	PASS(inotify_rm_watch),
	PROCESS(migrate_pages, PROCESS, INSPECT, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	FILE_CALL(openat, OPEN, READ, 0, 1, X, X, X, 2, 3, X, X, RULES(openat_rules)),
	FILE_CALL(mkdirat, MKDIR, WRITE, 0, 1, X, X, X, X, 2, X, X, NO_RULES),
	FILE_CALL(mknodat, MKNOD, WRITE, 0, 1, X, X, X, X, 2, X, X, NO_RULES),
	FILE_CALL(fchownat, CHOWN, META, 0, 1, X, X, X, 4, X, X, X, NO_RULES),
	FILE_CALL(futimesat, FUTIMESAT, META, 0, 1, X, X, X, X, X, X, 2, NO_RULES),
	PASS(newfstatat),
	FILE_CALL(unlinkat, UNLINK, DELETE, 0, 1, X, X, X, 2, X, X, X, NO_RULES),
	FILE_CALL(renameat, RENAME, DELETE, 0, 1, 2, 3, X, X, X, X, X, NO_RULES),
	FILE_CALL(linkat, LINK, WRITE, 0, 1, 2, 3, X, 4, X, X, X, NO_RULES),
	FILE_CALL(symlinkat, SYMLINK, WRITE, 1, 2, X, X, X, X, X, 0, X, NO_RULES),
	PASS(readlinkat),
	FILE_CALL(fchmodat, CHMOD, META, 0, 1, X, X, X, X, 2, X, X, NO_RULES),
	PASS(faccessat),
	PASS(pselect6),
	PASS(ppoll),
	REFUSED_RULES(unshare, "namespace", EPERM, 0, unshare_rules),
	PASS(set_robust_list),
	PROCESS(get_robust_list, PROCESS, INSPECT, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	PASS(splice),
	PASS(tee),
	PASS(sync_file_range),
	PASS(vmsplice),
	PROCESS(move_pages, PROCESS, INSPECT, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	FILE_CALL(utimensat, UTIMENSAT, META, 0, 1, X, X, X, 3, X, X, 2, NO_RULES),
	PASS(epoll_pwait),
	PASS(signalfd),
	PASS(timerfd_create),
	PASS(eventfd),
	PASS(fallocate),
	PASS(timerfd_settime),
	PASS(timerfd_gettime),
	PASS(accept4),
	PASS(signalfd4),
	PASS(eventfd2),
	PASS(epoll_create1),
	PASS(dup3),
	PASS(pipe2),
	PASS(inotify_init1),
	PASS(preadv),
	PASS(pwritev),
	PROCESS(rt_tgsigqueueinfo, SIGNAL, SIGNAL, PROCESS, 1, X, 2, X, RULES(signal_2_rules)),
	REFUSED(perf_event_open, INSPECT, "perf", EPERM),
	PASS(recvmmsg),
	REFUSED(fanotify_init, SYSTEM, "fanotify", EPERM),
	REFUSED(fanotify_mark, SYSTEM, "fanotify", EPERM),
	PROCESS(prlimit64, PROCESS, SIGNAL, PROCESS, 0, X, X, X, RULES(prlimit64_rules)),
	PASS(name_to_handle_at),
	REFUSED(open_by_handle_at, SYSTEM, "file-handle", EPERM),
	PASS_RULES(clock_adjtime, SYSTEM, X, X, X, adjust_clock_rules),
	PASS(syncfs),
	STOP_CALL(sendmmsg, SENDMMSG, CONNECT, NULL, 0, 0, 3, 1, NO_RULES),
	REFUSED(setns, SYSTEM, "namespace", EPERM),
	PASS(getcpu),
	PROCESS(process_vm_readv, PROCESS, INSPECT, PROCESS, 0, X, X, X, NO_RULES),
	PROCESS(process_vm_writev, PROCESS, INSPECT, PROCESS, 0, X, X, X, NO_RULES),
	PROCESS(kcmp, PROCESS, INSPECT, PROCESS, 0, 1, X, X, NO_RULES),
	REFUSED(finit_module, SYSTEM, "module", EPERM),
	PROCESS(sched_setattr, PROCESS, SIGNAL, PROCESS, 0, X, X, X, RULES(own_process_rules)),
	PASS(sched_getattr),
	FILE_CALL(renameat2, RENAME, DELETE, 0, 1, 2, 3, X, 4, X, X, X, RULES(renameat2_rules)),
	PASS_RULES(seccomp, SYSTEM, X, 1, X, seccomp_rules),
	PASS(getrandom),
	PASS(memfd_create),
	REFUSED(kexec_file_load, SYSTEM, "kexec", EPERM),
	REFUSED(bpf, SYSTEM, "bpf", EPERM),
	EXEC(execveat, 0, 1, 2, 4),
	REFUSED(userfaultfd, SYSTEM, "userfaultfd", EPERM),
	PASS(membarrier),
	PASS(mlock2),
	PASS(copy_file_range),
	PASS(preadv2),
	PASS(pwritev2),
	PASS_RULES(pkey_mprotect, SYSTEM, X, X, X, guard_rules),
	PASS(pkey_alloc),
	PASS(pkey_free),
	PASS(statx),
	PASS(io_pgetevents),
	PASS(rseq),
	PASS(uretprobe),
	PASS(uprobe),
	PROCESS(pidfd_send_signal, SIGNAL, SIGNAL, PIDFD, 0, X, 1, 3, RULES(signal_1_rules)),
	ABSENT(io_uring_setup),
	ABSENT(io_uring_enter),
	ABSENT(io_uring_register),
	REFUSED(open_tree, SYSTEM, "mount", EPERM),
	REFUSED(move_mount, SYSTEM, "mount", EPERM),
	REFUSED(fsopen, SYSTEM, "mount", EPERM),
	REFUSED(fsconfig, SYSTEM, "mount", EPERM),
	REFUSED(fsmount, SYSTEM, "mount", EPERM),
	REFUSED(fspick, SYSTEM, "mount", EPERM),
	PASS(pidfd_open),
	ABSENT(clone3),
	PASS(close_range),
	FILE_STOP(openat2, OPENAT2, READ, 0, 1, X, X, X, X, X, X, 2, NO_RULES),
	REFUSED(pidfd_getfd, INSPECT, "pidfd-getfd", EPERM),
	PASS(faccessat2),
	REFUSED(process_madvise, SIGNAL, "process-madvise", EPERM),
	PASS(epoll_pwait2),
	REFUSED(mount_setattr, SYSTEM, "mount", EPERM),
	POWER(quotactl_fd, "quota"),
	ABSENT(landlock_create_ruleset),
	ABSENT(landlock_add_rule),
	ABSENT(landlock_restrict_self),
	ABSENT(memfd_secret),
	REFUSED(process_mrelease, SIGNAL, "process-mrelease", EPERM),
	PASS(futex_waitv),
	PASS(set_mempolicy_home_node),
	PASS(cachestat),
	FILE_CALL(fchmodat2, CHMOD, META, 0, 1, X, X, X, 3, 2, X, X, NO_RULES),
	PASS(map_shadow_stack),
	PASS(futex_wake),
	PASS(futex_wait),
	PASS(futex_requeue),
	PASS(statmount),
	PASS(listmount),
	PASS(lsm_get_self_attr),
	REFUSED(lsm_set_self_attr, SYSTEM, "security-attributes", EPERM),
	PASS(lsm_list_modules),
	PASS(mseal),
	FILE_CALL(setxattrat, SETXATTRAT, META, 0, 1, X, X, X, 2, X, 3, 4, NO_RULES),
	PASS(getxattrat),
	PASS(listxattrat),
	FILE_CALL(removexattrat, REMOVEXATTRAT, META, 0, 1, X, X, X, 2, X, 3, X, NO_RULES),
	REFUSED(open_tree_attr, SYSTEM, "mount", EPERM),
	PASS(file_getattr),
	FILE_CALL(file_setattr, FILE_SETATTR, META, 0, 1, X, X, X, 4, X, X, 2, NO_RULES),
};
/* clang-format on */
