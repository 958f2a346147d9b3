/* SPDX-License-Identifier: MIT */
/*
 * A rename looks at what has its names, and then the kernel moves whatever has them. What
 * the loop does comes one after the other, but performers work beside it, so whoever puts
 * something under a name has the folder for itself meanwhile, as in the kernel. Removals
 * put nothing anywhere, and may take long.
 */
#include "base/defence.h"
#include "tracer/file_internal.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_left = PTHREAD_COND_INITIALIZER;
static struct file_order *first; /* of all that have folders */

static bool takes_part(const struct file_call *file)
{
	switch ((int)file->call.operation) {
	case OPERATION_RENAME:
	case OPERATION_MKDIR:
	case OPERATION_MKNOD:
	case OPERATION_LINK:
	case OPERATION_SYMLINK:
		return !defence_is_off(DEFENCE_NAME_ORDER);
	default:
		return false;
	}
}

static void add_folder(struct file_order *order, int folder)
{
	struct stat status = {.st_dev = 0};

	if (folder >= 0) {
		/* What servers say nothing about counts as one folder. */
		(void)fstat(folder, &status);
		order->devices[order->count] = status.st_dev;
		order->inodes[order->count++] = status.st_ino;
	}
}

static bool share_folder(const struct file_order *a, const struct file_order *b)
{
	for (int i = 0; i < a->count; i++) {
		for (int j = 0; j < b->count; j++) {
			if (a->devices[i] == b->devices[j] &&
				a->inodes[i] == b->inodes[j]) {
				return true;
			}
		}
	}
	return false;
}

/* With the mutex held: whether somebody else has one of its folders. */
static bool has_to_wait(const struct file_order *order)
{
	for (const struct file_order *i = first; i; i = i->next) {
		if (share_folder(order, i)) {
			return true;
		}
	}
	return false;
}

bool file_order_take(struct file_order *order, const struct file_call *file)
{
	*order = (struct file_order){.count = 0};
	if (takes_part(file)) {
		add_folder(order, file->path.folder);
		add_folder(order, file->path2.folder);
	}
	if (order->count == 0) {
		return true;
	}
	pthread_mutex_lock(&mutex);
	while (file->may_block && has_to_wait(order)) {
		pthread_cond_wait(&is_left, &mutex);
	}
	const bool is_free = !has_to_wait(order);
	if (is_free) {
		order->next = first;
		first = order;
	}
	pthread_mutex_unlock(&mutex);
	return is_free;
}

void file_order_leave(struct file_order *order)
{
	struct file_order **place = &first;

	if (order->count == 0) {
		return;
	}
	pthread_mutex_lock(&mutex);
	while (*place != order) {
		place = &(*place)->next;
	}
	*place = order->next;
	pthread_cond_broadcast(&is_left);
	pthread_mutex_unlock(&mutex);
}
