/* SPDX-License-Identifier: MIT */
/*
 * The program that may not run: prints its token, which whoever starts the attack
 * writes over the placeholder, so that only running it can show it. With the argument
 * "safe" it does nothing.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile const char token[] = "TOKEN-PLACEHOLDER-0123456789abcdef";

int main(int argc, char **argv)
{
	char copy[sizeof(token)];
	if (argc > 1 && strcmp(argv[1], "safe") == 0) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(token); i++) {
		copy[i] = token[i];
	}
	if (write(STDOUT_FILENO, copy, sizeof(copy) - 1) < 0) {
		return 1;
	}
	return 0;
}
