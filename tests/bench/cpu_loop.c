/* SPDX-License-Identifier: MIT */
/* Computes for a while without a system call, and writes the microseconds to FILE. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { STEPS = 400000000 };

static double now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	volatile uint64_t sum = 1;
	uint64_t value = 1;

	if (argc != 2) {
		fputs("usage: cpu_loop FILE\n", stderr);
		return 2;
	}
	const double start = now_us();
	for (int i = 0; i < STEPS; i++) {
		value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
	}
	sum = value;
	const double took = now_us() - start;
	FILE *file = fopen(argv[1], "we");
	if (!file || fprintf(file, "%.0f\n", took) < 0 || fclose(file) != 0) {
		perror(argv[1]);
		return 1;
	}
	return sum == 0;
}
