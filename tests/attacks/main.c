/* SPDX-License-Identifier: MIT */
/* Finds one attack by its name in the tables of all families and runs it. */
#include "tests/attacks/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct arena arena;

static struct attack *attacks;
static size_t attack_count;

static const char *const effect_names[EFFECT_COUNT] = {
	[EFFECT_SECRET] = "secret",
	[EFFECT_CHANGED] = "changed",
	[EFFECT_REACHED] = "reached",
	[EFFECT_LISTENED] = "listened",
	[EFFECT_EXECUTED] = "executed",
	[EFFECT_BYSTANDER] = "bystander",
	[EFFECT_SUPERVISOR] = "supervisor",
	[EFFECT_TERMINAL] = "terminal",
	[EFFECT_ANSWERED] = "answered",
	[EFFECT_NONE] = "none",
};

void attack_add(const struct attack *attack, const char *format, ...)
{
	attacks = realloc(attacks, (attack_count + 1) * sizeof(*attacks));
	if (attacks == NULL) {
		failed("realloc");
	}
	struct attack *added = &attacks[attack_count++];
	*added = *attack;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&added->name, format, arguments) < 0) {
		failed("vasprintf");
	}
	va_end(arguments);
}

void attack_add_rows(const char *family, const struct attack_row *rows)
{
	for (const struct attack_row *row = rows; row->name != NULL; row++) {
		struct attack attack = {
			.effect = row->effect,
			.flags = row->flags,
			.syscalls = row->syscalls,
			.run = row->run,
			.operation = row->operation,
		};
		attack_add(&attack, "%s/%s", family, row->name);
	}
}

static void collect(void)
{
	static void (*const families[])(void) = {
		file_attacks,
		folder_attacks,
		exec_attacks,
		handled_attacks,
		network_attacks,
		process_attacks,
		escape_attacks,
		foreign_attacks,
		argument_attacks,
		object_attacks,
		terminal_attacks,
		self_attacks,
		session_socket_attacks,
		control_group_attacks,
		indirect_attacks,
		refusal_attacks,
		own_descriptors_attacks,
		own_filter_attacks,
		race_attacks,
		move_race_attacks,
		exec_race_attacks,
		network_race_attacks,
		page_race_attacks,
		code_race_attacks,
		source_address_attacks,
		control_attacks,
		process_controls,
		signal_controls,
		orphan_controls,
		network_controls,
		sandbox_controls,
	};
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		families[i]();
	}
}

/* name, effect, flags and calls, separated by tabs. */
static void list(void)
{
	for (size_t i = 0; i < attack_count; i++) {
		const struct attack *attack = &attacks[i];
		printf("%s\t%s\t%s%s%s%s%s\t%s\n", attack->name,
			effect_names[attack->effect],
			attack->flags & ATTACK_RACE ? "race," : "",
			attack->flags & ATTACK_BYSTANDER ? "bystander," : "",
			attack->flags & ATTACK_FULL ? "full," : "",
			attack->flags & ATTACK_TERMINAL ? "terminal," : "",
			attack->flags & ATTACK_ROOT ? "root," : "", attack->syscalls);
	}
}

static const char *text_from(const char *name)
{
	const char *value = getenv(name);
	return value != NULL ? value : "";
}

static int number_from(const char *name)
{
	return atoi(text_from(name));
}

static void read_arena(void)
{
	arena = (struct arena){
		.project = text_from("ATTACK_PROJECT"),
		.outside = text_from("ATTACK_OUTSIDE"),
		.guarded = text_from("ATTACK_GUARDED"),
		.secret = text_from("ATTACK_SECRET"),
		.protected = text_from("ATTACK_PROTECTED"),
		.tool = text_from("ATTACK_TOOL"),
		.socket = text_from("ATTACK_SOCKET"),
		.abstract = text_from("ATTACK_ABSTRACT"),
		.store = text_from("ATTACK_STORE"),
		.terminal = text_from("ATTACK_TERMINAL"),
		.tcp_port = (uint16_t)number_from("ATTACK_TCP_PORT"),
		.udp_port = (uint16_t)number_from("ATTACK_UDP_PORT"),
		.listen_port = (uint16_t)number_from("ATTACK_LISTEN_PORT"),
		.tcp_allowed = (uint16_t)number_from("ATTACK_TCP_ALLOWED"),
		.udp_allowed = (uint16_t)number_from("ATTACK_UDP_ALLOWED"),
		.bystander = number_from("ATTACK_BYSTANDER"),
		.bystander_text = strtoul(text_from("ATTACK_BYSTANDER_TEXT"), NULL, 0),
		.bystander_size = strtoul(text_from("ATTACK_BYSTANDER_SIZE"), NULL, 0),
		.bystander_fd = number_from("ATTACK_BYSTANDER_FD"),
		.friend = number_from("ATTACK_FRIEND"),
		.shared_memory = number_from("ATTACK_SHARED_MEMORY"),
		.semaphores = number_from("ATTACK_SEMAPHORES"),
		.messages = number_from("ATTACK_MESSAGES"),
		.queue = text_from("ATTACK_QUEUE"),
		.seconds = atof(text_from("ATTACK_SECONDS")),
		.tries = strtoul(text_from("ATTACK_TRIES"), NULL, 0),
	};
}

/* Stands in for the supervisor where there is none: starts the rest and waits. */
static int act_as_parent(char **arguments)
{
	pid_t child = fork();
	if (child == 0) {
		execv("/proc/self/exe", arguments);
		_exit(127);
	}
	int status;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The harness first takes note of how the supervisor is. */
static void wait_for_harness(const struct attack *attack)
{
	while (attack->effect == EFFECT_SUPERVISOR && access("ready", F_OK) != 0) {
		usleep(1000);
	}
}

int main(int argc, char **argv)
{
	collect();
	if (argc == 3 && strcmp(argv[1], "--parent") == 0) {
		return act_as_parent(argv + 1);
	}
	if (argc != 2) {
		fprintf(stderr, "usage: attacks --list | [--parent] NAME\n");
		return 2;
	}
	if (strcmp(argv[1], "--list") == 0) {
		list();
		return 0;
	}
	read_arena();
	elapsed();
	for (size_t i = 0; i < attack_count; i++) {
		if (strcmp(attacks[i].name, argv[1]) == 0) {
			/* Tells the harness that the run got as far as this. */
			write_file("started", "started\n");
			wait_for_harness(&attacks[i]);
			attacks[i].run(&attacks[i]);
			fflush(stdout);
			return 0;
		}
	}
	fprintf(stderr, "attacks: %s: no such attack\n", argv[1]);
	return 2;
}
