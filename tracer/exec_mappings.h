/* SPDX-License-Identifier: MIT */
/*
 * Which files a new image consists of, as /proc/PID/maps tells them at the exec stop. It
 * names them by other numbers than stat(2) on some file systems (btrfs, overlays, of kernels
 * before 6.8 all overlays), so that those are found out beforehand. Inside tracer/ only.
 */
#ifndef TRACER_EXEC_MAPPINGS_H
#define TRACER_EXEC_MAPPINGS_H

#include "tracer/exec_name.h"
#include "tracer/path.h"

#include <stdbool.h>

/* A file as in lists of mappings; zero: none. */
struct mapped_file {
	dev_t device;
	uint64_t inode;
};

/*
 * How a pinned, readable file will be told. Opens and maps it on file systems that tell
 * other numbers, so that it may wait where opening may.
 */
struct mapped_file mapped_file_of(const struct path *path);

/*
 * At the exec stop: true if nothing is mapped but the image and its loader (ELF
 * interpreter), and the loader is where the image was told that it is. Without a loader,
 * its inode is 0.
 */
bool exec_mappings_are(pid_t pid, const struct exec_vector *vector,
	const struct mapped_file *image, const struct mapped_file *loader);

#endif
