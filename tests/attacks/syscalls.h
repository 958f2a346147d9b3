/* SPDX-License-Identifier: MIT */
/*
 * Numbers and structures that are newer than the kernel headers of the oldest supported
 * system.
 */
#ifndef TESTS_ATTACKS_SYSCALLS_H
#define TESTS_ATTACKS_SYSCALLS_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef SYS_lsm_set_self_attr
#define SYS_lsm_set_self_attr 460
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat 466
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif

/* struct xattr_args */
struct xattr_arguments {
	uint64_t value __attribute__((aligned(8)));
	uint32_t size;
	uint32_t flags;
};

/* struct file_attr */
struct file_attributes {
	uint64_t xflags;
	uint32_t extent_size, extent_count, project, copy_extent_size;
};

#endif
