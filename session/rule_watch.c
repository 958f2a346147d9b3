/* SPDX-License-Identifier: MIT */
#include "session/rule_watch.h"

#include "db/db.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void tell(int fd)
{
	static const uint64_t one = 1;
	(void)!write(fd, &one, sizeof(one));
}

static struct db *watch_open(const struct rule_watch *watch)
{
	struct db *db = db_open(watch->database, DB_READ, NULL);
	if (db != NULL) {
		db_rules_changed_since(db, watch->since);
	}
	return db;
}

static void *watch_main(void *argument)
{
	struct rule_watch *watch = argument;
	struct db *db = NULL; /* opened when first wanted: short sessions want none */
	uint64_t asked;
	while (read(watch->ask_fd, &asked, sizeof(asked)) == (ssize_t)sizeof(asked) &&
		!atomic_load(&watch->is_stopping)) {
		if (db == NULL && (db = watch_open(watch)) == NULL) {
			tell(watch->fd); /* reading says what is wrong */
		} else if (db_rules_changed(db)) {
			tell(watch->fd);
		}
	}
	db_close(db);
	return NULL;
}

static bool thread_start(struct rule_watch *watch, struct error *err)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int failure = pthread_create(&watch->thread, NULL, watch_main, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure == 0 ||
	       error_set(err, failure, "cannot start a thread: %s", strerror(failure));
}

static void watch_close(struct rule_watch *watch)
{
	close(watch->ask_fd);
	close(watch->fd);
	watch->fd = -1;
}

bool rule_watch_start(struct rule_watch *watch, struct error *err)
{
	watch->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	watch->ask_fd = eventfd(0, EFD_CLOEXEC);
	if (watch->fd < 0 || watch->ask_fd < 0) {
		return error_set(err, errno, "watch rules: %s", strerror(errno));
	}
	if (thread_start(watch, err)) {
		return true;
	}
	watch_close(watch);
	return false;
}

void rule_watch_stop(struct rule_watch *watch)
{
	if (watch->fd < 0) {
		return;
	}
	atomic_store(&watch->is_stopping, true);
	tell(watch->ask_fd);
	pthread_join(watch->thread, NULL);
	watch_close(watch);
}

void rule_watch_ask(struct rule_watch *watch)
{
	tell(watch->ask_fd);
}

bool rule_watch_take(struct rule_watch *watch)
{
	uint64_t count;
	return read(watch->fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}
