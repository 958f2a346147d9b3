/* SPDX-License-Identifier: MIT */
/*
 * Powers of the kernel that cannot be shown to work without harm: each call is made with
 * arguments that the kernel itself turns down. That the kernel's answer does not come
 * back is what shows that the call did not reach it.
 */
#include "tests/attacks/attack.h"
#include "tests/attacks/syscalls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = 0x3ffffff }; /* no process has this number */

struct refused_call {
	const char *name; /* of the call, and of a variant after a colon */
	long number;
	long arguments[6];
};

static const char nowhere[] = "/nonexistent/place";
static const struct timeval wrong_time = {.tv_sec = 1, .tv_usec = -1};
static const struct timespec wrong_clock = {.tv_sec = 1, .tv_nsec = -1};

static struct timex wrong_tick = {.modes = ADJ_TICK, .tick = 1};

#define POINTER(pointer) ((long)(pointer))

/* clang-format off */
static const struct refused_call calls[] = {
	{"syslog", SYS_syslog, {99}},
	{"modify_ldt", SYS_modify_ldt, {1, POINTER(nowhere), 1}},
	{"pivot_root", SYS_pivot_root, {POINTER(nowhere), POINTER(nowhere)}},
	{"arch_prctl:cpuid", SYS_arch_prctl, {0x1012, 1}},
	{"personality", SYS_personality, {0x0008}},
	{"chroot", SYS_chroot, {POINTER(nowhere)}},
	{"acct", SYS_acct, {POINTER(nowhere)}},
	{"settimeofday", SYS_settimeofday, {POINTER(&wrong_time), 0}},
	{"clock_settime", SYS_clock_settime, {CLOCK_REALTIME, POINTER(&wrong_clock)}},
	{"mount", SYS_mount, {0, POINTER(nowhere), 0, 0, 0}},
	{"umount2", SYS_umount2, {POINTER(nowhere), 0}},
	{"swapon", SYS_swapon, {POINTER(nowhere), 0}},
	{"swapoff", SYS_swapoff, {POINTER(nowhere)}},
	{"reboot", SYS_reboot, {1, 2, 3, 0}},
	{"sethostname", SYS_sethostname, {POINTER(nowhere), -1}},
	{"setdomainname", SYS_setdomainname, {POINTER(nowhere), -1}},
	{"iopl", SYS_iopl, {99}},
	{"ioperm", SYS_ioperm, {-1, -1, 1}},
	{"init_module", SYS_init_module, {POINTER(nowhere), 4, POINTER("")}},
	{"finit_module", SYS_finit_module, {-1, POINTER(""), 0}},
	{"delete_module", SYS_delete_module, {POINTER("nonexistent"), O_NONBLOCK}},
	{"quotactl", SYS_quotactl, {0x80000700 | 1, POINTER(nowhere), 0, 0}},
	{"quotactl_fd", SYS_quotactl_fd, {-1, 0x80000700 | 1, 0, 0}},
	{"kexec_load", SYS_kexec_load, {0, 99, 0, 0x7f}},
	{"kexec_file_load", SYS_kexec_file_load, {-1, -1, 0, 0, 0xff00}},
	{"unshare", SYS_unshare, {CLONE_NEWNS | 1}},
	{"unshare:time", SYS_unshare, {0x80 | 1}},
	{"setns", SYS_setns, {-1, 0}},
	{"clone", SYS_clone, {CLONE_NEWNS | CLONE_FS, 0, 0, 0, 0}},
	{"clone3", SYS_clone3, {0, 0}},
	{"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
	{"fanotify_init", SYS_fanotify_init, {0xffff, 0xffff}},
	{"fanotify_mark", SYS_fanotify_mark, {-1, 1, 1, -1, 0}},
	{"open_by_handle_at", SYS_open_by_handle_at, {-1, 0, 0}},
	{"bpf", SYS_bpf, {999, 0, 0}},
	{"userfaultfd", SYS_userfaultfd, {0x7f}},
	{"open_tree", SYS_open_tree, {-1, 0, 0x7f}},
	{"move_mount", SYS_move_mount, {-1, 0, -1, 0, 0x7f000000}},
	{"fsopen", SYS_fsopen, {0, 0}},
	{"fsconfig", SYS_fsconfig, {-1, 99, 0, 0, 0}},
	{"fsmount", SYS_fsmount, {-1, 0, 0}},
	{"fspick", SYS_fspick, {-1, 0, 0x7f}},
	{"mount_setattr", SYS_mount_setattr, {-1, 0, 0x7f000000, 0, 0}},
	{"open_tree_attr", SYS_open_tree_attr, {-1, 0, 0x7f, 0, 0}},
	{"lsm_set_self_attr", SYS_lsm_set_self_attr, {0, 0, 0, 1}},
	{"add_key", SYS_add_key, {0, 0, 0, 0, 0}},
	{"request_key", SYS_request_key, {0, 0, 0, 0}},
	{"keyctl", SYS_keyctl, {999, 0, 0, 0, 0}},
	{"io_uring_setup", SYS_io_uring_setup, {0, 0}},
	{"io_uring_enter", SYS_io_uring_enter, {-1, 0, 0, 0, 0, 0}},
	{"io_uring_register", SYS_io_uring_register, {-1, 0, 0, 0}},
	{"memfd_secret", SYS_memfd_secret, {0x7f}},
	{"ptrace", SYS_ptrace, {2, NOBODY, 0, 0}},
	{"socketpair", SYS_socketpair, {AF_PACKET, 99, 0, 0}},
	{"adjtimex", SYS_adjtimex, {POINTER(&wrong_tick)}},
	{"clock_adjtime", SYS_clock_adjtime, {CLOCK_REALTIME, POINTER(&wrong_tick)}},
	{"socket:packet", SYS_socket, {AF_PACKET, 99, 0}},
	{"socket:algorithm", SYS_socket, {38, 99, 0}},
	{"socket:bluetooth", SYS_socket, {AF_BLUETOOTH, SOCK_RAW, 99}},
	{"socket:can", SYS_socket, {AF_CAN, 99, 99}},
	{"socket:raw", SYS_socket, {AF_INET, SOCK_RAW, 9999}},
	{"socket:raw6", SYS_socket, {AF_INET6, SOCK_RAW, 9999}},
	{"socket:express_data", SYS_socket, {44, 99, 0}},
	{"prctl:memory_map", SYS_prctl, {PR_SET_MM, 99, 0, 0, 0}},
	{"socketpair:stream_control", SYS_socketpair, {AF_INET, SOCK_SEQPACKET, 132}},
	{"socketpair:stream_control6", SYS_socketpair, {AF_INET6, SOCK_STREAM, 132}},
	{"ioctl:bridge_old", SYS_ioctl, {-1, 0x8940, 0}},
	{"ioctl:bridge", SYS_ioctl, {-1, 0x89a0, 0}},
	{"ioctl:vlan", SYS_ioctl, {-1, 0x8983, 0}},
	{"ioctl:console_ports", SYS_ioctl, {-1, 0x4b36, 0}},
	{"ioctl:linux_terminal", SYS_ioctl, {-1, 0x541c, 0}},
	{"ioctl:push_input", SYS_ioctl, {-1, 0x5412, 0}},
	{"ioctl:ext4_extend", SYS_ioctl, {-1, 0x40086607, 0}},
	{"ioctl:ext4_add_group", SYS_ioctl, {-1, 0x40286608, 0}},
	{"ioctl:ext4_migrate", SYS_ioctl, {-1, 0x6609, 0}},
	{"ioctl:ext4_resize", SYS_ioctl, {-1, 0x40086610, 0}},
	{"ioctl:ext4_swap_boot", SYS_ioctl, {-1, 0x6611, 0}},
	{"ioctl:ext4_checkpoint", SYS_ioctl, {-1, 0x4004662b, 0}},
	{"ioctl:ext4_uuid", SYS_ioctl, {-1, 0x4008662c, 0}},
	{"ioctl:ext4_tune", SYS_ioctl, {-1, 0x40e0662e, 0}},
	{"ioctl:ext4_junk", SYS_ioctl, {-1, (long)0xdead000000006611, 0}},
	{"ioctl:remove_key", SYS_ioctl, {-1, 0xc0406618, 0}},
	{"ioctl:remove_key_of_all", SYS_ioctl, {-1, 0xc0406619, 0}},
	{"ioctl:nilfs_delete", SYS_ioctl, {-1, 0x40086e81, 0}},
	{"ioctl:bcachefs", SYS_ioctl, {-1, 0x4020bc10, 0}},
	{"ioctl:ocfs2_reflink", SYS_ioctl, {-1, 0x40186f04, 0}},
	{"ioctl:f2fs_resize", SYS_ioctl, {-1, 0x4008f510, 0}},
	{"madvise:poison", SYS_madvise, {0, 0, 100}},
	{"madvise:offline", SYS_madvise, {0, 0, (long)0xdead000000000065}},
	{"fcntl:lease", SYS_fcntl, {-1, 1024, 1}},
	{"fcntl:delegation", SYS_fcntl, {-1, 1040, 0}},
	{"seccomp", SYS_seccomp, {1, 8, 0}},
	{"renameat2", SYS_renameat2, {-1, POINTER("a"), -1, POINTER("b"), 4}},
};
/* clang-format on */

static void run_refused(const struct attack *attack)
{
	const struct refused_call *call = attack->operation;
	const long *a = call->arguments;
	attack_answer(syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static pid_t child_that_waits(void)
{
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	return (pid_t)need(child, "fork");
}

/* Questions about somebody else's process, answered natively for the same user. */
static void run_about_bystander(const struct attack *attack)
{
	const struct refused_call *call = attack->operation;
	const long *a = call->arguments;
	attack_answer(syscall(
		call->number, (long)arena.bystander, a[1], a[2], a[3], a[4], a[5]));
}

/* The same for calls that take a descriptor of the process. */
static void run_by_descriptor(const struct attack *attack)
{
	const struct refused_call *call = attack->operation;
	const long *a = call->arguments;
	long fd = need(syscall(SYS_pidfd_open, arena.bystander, 0), "pidfd_open");
	attack_answer(syscall(call->number, fd, a[1], a[2], a[3], a[4], a[5]));
}

static void run_compare(const struct attack *attack)
{
	(void)attack;
	attack_answer(syscall(SYS_kcmp, getpid(), arena.bystander, 0, 0, 0));
}

/* First to another hop, then to the address that the call names. */
static const unsigned char route[] = {131, 7, 4, 127, 0, 0, 2, 0};
static const unsigned char route6[] = {
	17, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

static void run_route_option(const struct attack *attack)
{
	bool is_new = attack->operation != NULL;
	int fd = socket(is_new ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (fd < 0) {
		not_applicable("IPv6");
	}
	attack_answer(is_new ? syscall(SYS_setsockopt, fd, IPPROTO_IPV6, IPV6_RTHDR,
				       route6, sizeof(route6))
			     : syscall(SYS_setsockopt, fd, IPPROTO_IP, IP_OPTIONS,
				       route, sizeof(route)));
}

/*
 * A flow label whose packets all get the route; for whoever names it in an address. The
 * kernel knows it for mobile hosts only, where it was built for these.
 */
static void run_route_label(const struct attack *attack)
{
	enum { MANAGER = 32, CREATE = 1, EXCLUSIVE = 1, MOBILE = 2 };
	struct {
		struct in6_addr address;
		uint32_t label;
		uint8_t action, share;
		uint16_t flags, expires, linger;
		uint32_t padding;
		size_t length; /* struct cmsghdr, which clang wants at the end */
		int level, type;
		unsigned char route[sizeof(route6)];
	} request = {.address = IN6ADDR_LOOPBACK_INIT,
		.share = EXCLUSIVE,
		.flags = CREATE,
		.expires = 10,
		.length = CMSG_LEN(sizeof(route6)),
		.level = IPPROTO_IPV6,
		.type = IPV6_RTHDR};
	(void)attack;
	memcpy(request.route, route6, sizeof(route6));
	request.route[2] = MOBILE;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0) {
		not_applicable("IPv6");
	}
	attack_answer(syscall(
		SYS_setsockopt, fd, IPPROTO_IPV6, MANAGER, &request, sizeof(request)));
}

/* Bytes and junk above the halves that the kernel looks at. */
static void run_route_junk(const struct attack *attack)
{
	const long junk = 0xdead00000000;
	(void)attack;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0) {
		not_applicable("IPv6");
	}
	attack_answer(syscall(SYS_setsockopt, fd, junk | IPPROTO_IPV6,
		junk | IPV6_RTHDR, route6, junk | (long)sizeof(route6)));
}

/* The same with a single message, after another control message. */
static void run_route_message(const struct attack *attack)
{
	bool is_many = attack->operation != NULL;
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(arena.udp_allowed),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(route))] = {0};
	struct iovec text = {(void *)(uintptr_t)nowhere, 1};
	struct mmsghdr message = {.msg_hdr = {.msg_name = &address,
					  .msg_namelen = sizeof(address),
					  .msg_iov = &text,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control)}};
	struct cmsghdr *item = CMSG_FIRSTHDR(&message.msg_hdr);
	*item = (struct cmsghdr){CMSG_LEN(sizeof(int)), IPPROTO_IP, IP_TTL};
	memcpy(CMSG_DATA(item), &(int){9}, sizeof(int));
	item = CMSG_NXTHDR(&message.msg_hdr, item);
	*item = (struct cmsghdr){CMSG_LEN(sizeof(route)), IPPROTO_IP, IP_RETOPTS};
	memcpy(CMSG_DATA(item), route, sizeof(route));
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	attack_answer(is_many ? syscall(SYS_sendmmsg, fd, &message, 1, 0)
			      : syscall(SYS_sendmsg, fd, &message.msg_hdr, 0));
}

/* There is a process to compare with, so that the answer is not about that. */
static void run_trace_own_child(const struct attack *attack)
{
	(void)attack;
	pid_t child = child_that_waits();
	attack_answer(syscall(SYS_ptrace, 0x4206, child, 0, 0));
	syscall(SYS_kill, child, 9);
}

static long head_and_size[2];

/* clang-format off */
static const struct refused_call about_bystander[] = {
	{"get_robust_list", SYS_get_robust_list, {0, POINTER(&head_and_size[0]), POINTER(&head_and_size[1])}},
	{"move_pages", SYS_move_pages, {0, 0, 0, 0, 0, 0x7f}},
	{"migrate_pages", SYS_migrate_pages, {0, 1, 0, 0}},
	{"sched_setparam", SYS_sched_setparam, {0, 0}},
	{"sched_setscheduler", SYS_sched_setscheduler, {0, 99, 0}},
	{"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0, 0}},
	{"process_vm_readv", SYS_process_vm_readv, {0, 0, 0, 0, 0, 1}},
	{"process_vm_writev", SYS_process_vm_writev, {0, 0, 0, 0, 0, 1}},
};

static const struct refused_call by_descriptor[] = {
	{"pidfd_getfd", SYS_pidfd_getfd, {0, -1, 0}},
	{"process_madvise", SYS_process_madvise, {0, 0, 0, 99, 0}},
	{"process_mrelease", SYS_process_mrelease, {0, 0}},
};

static const struct attack_row rows[] = {
	{"kcmp", EFFECT_ANSWERED, ATTACK_BYSTANDER, "kcmp", run_compare, NULL},
	{"trace_own_child", EFFECT_ANSWERED, 0, "ptrace", run_trace_own_child, NULL},
	{"route_option", EFFECT_ANSWERED, ATTACK_ROOT, "setsockopt", run_route_option, NULL},
	{"route_option6", EFFECT_ANSWERED, 0, "setsockopt", run_route_option, route6},
	{"route_option_junk", EFFECT_ANSWERED, 0, "setsockopt", run_route_junk, NULL},
	{"route_label", EFFECT_ANSWERED, 0, "setsockopt", run_route_label, NULL},
	{"route_message", EFFECT_ANSWERED, ATTACK_ROOT, "sendmsg", run_route_message, NULL},
	{"route_messages", EFFECT_ANSWERED, ATTACK_ROOT, "sendmmsg", run_route_message, route},
	{NULL},
};
/* clang-format on */

static const char *call_name(const struct refused_call *call)
{
	const char *colon = strchr(call->name, ':');
	return colon == NULL ? call->name
			     : strndup(call->name, (size_t)(colon - call->name));
}

static void add_about(const struct refused_call *list, size_t count,
	void (*run)(const struct attack *attack))
{
	for (size_t i = 0; i < count; i++) {
		struct attack attack = {.effect = EFFECT_ANSWERED,
			.flags = ATTACK_BYSTANDER,
			.syscalls = list[i].name,
			.run = run,
			.operation = &list[i]};
		attack_add(&attack, "refused_about/%s", list[i].name);
	}
}

void refusal_attacks(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct attack attack = {.effect = EFFECT_ANSWERED,
			.syscalls = call_name(&calls[i]),
			.run = run_refused,
			.operation = &calls[i]};
		attack_add(&attack, "refused/%s", calls[i].name);
	}
	add_about(about_bystander, sizeof(about_bystander) / sizeof(about_bystander[0]),
		run_about_bystander);
	add_about(by_descriptor, sizeof(by_descriptor) / sizeof(by_descriptor[0]),
		run_by_descriptor);
	attack_add_rows("refused", rows);
}
