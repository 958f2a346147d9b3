/* SPDX-License-Identifier: MIT */
/* Allocation that aborts when memory is out: the tree dies with us, fail closed. */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *memory, size_t size) __attribute__((returns_nonnull));
/* As xrealloc to count * size bytes; the product may not overflow. */
void *xreallocarray(void *memory, size_t count, size_t size)
	__attribute__((returns_nonnull));
char *xstrdup(const char *string) __attribute__((malloc, returns_nonnull));
/* A copy of length bytes with a zero byte after them. */
char *xmemdup0(const void *bytes, size_t length) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...)
	__attribute__((format(printf, 1, 2), returns_nonnull));

#endif
