/* SPDX-License-Identifier: MIT */
/*
 * Whether another session, or a person by a command, changed stored rules. To ask the
 * database may wait for a disk: a thread does it, with a connection of its own.
 */
#ifndef SESSION_RULE_WATCH_H
#define SESSION_RULE_WATCH_H

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rule_watch {
	const char *database;
	int64_t since; /* db_rule_changes when rules were read for the session */
	int fd;	       /* readable when rules were changed; -1: it was not started */
	int ask_fd;
	atomic_bool is_stopping;
	pthread_t thread;
};

/* With database and since set. Whether it worked or not, to be stopped. */
bool rule_watch_start(struct rule_watch *watch, struct error *err);
void rule_watch_stop(struct rule_watch *watch);

/* Has it look once more; waits for nothing. */
void rule_watch_ask(struct rule_watch *watch);
/* True, once, if rules were changed. */
bool rule_watch_take(struct rule_watch *watch);

#endif
