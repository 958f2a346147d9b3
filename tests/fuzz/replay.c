/* SPDX-License-Identifier: MIT */
/*
 * Gives a fuzz target every file of its corpus once, in builds without libFuzzer. A
 * corpus that does not exist is empty.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_SIZE_MAX = 1 << 20 };

static void replay_file(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	uint8_t *data = malloc(INPUT_SIZE_MAX);
	ssize_t size = fd >= 0 && data ? read(fd, data, INPUT_SIZE_MAX) : -1;

	if (size >= 0) {
		/* An exact allocation, so that the sanitizer sees reads past its end. */
		uint8_t *exact = realloc(data, size ? (size_t)size : 1);
		data = exact ? exact : data;
		(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	}
	free(data);
	if (fd >= 0) {
		(void)close(fd);
	}
}

int main(int argc, char **argv)
{
	DIR *corpus = argc > 1 ? opendir(argv[1]) : NULL;
	struct dirent *entry;

	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	while (corpus && (entry = readdir(corpus))) {
		if (entry->d_type == DT_REG) {
			replay_file(dirfd(corpus), entry->d_name);
		}
	}
	if (corpus) {
		(void)closedir(corpus);
	}
	return 0;
}
