/* SPDX-License-Identifier: MIT */
/*
 * What every attack sees: the arena that the harness (run.py) prepared, the table entry
 * that describes an attack, and small helpers. An attack only tries; whether it had an
 * effect is decided by the harness, from outside.
 *
 * One program holds them all, one source file per family: `attacks --list` prints the
 * table, `attacks NAME` runs one.
 */
#ifndef TESTS_ATTACKS_ATTACK_H
#define TESTS_ATTACKS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

/* What the harness looks at to tell whether the attack had its way. */
enum effect {
	EFFECT_SECRET,	   /* the secret reached stdout or a file of the project */
	EFFECT_CHANGED,	   /* something outside of the project is not as it was */
	EFFECT_REACHED,	   /* a socket outside of the tree heard from it */
	EFFECT_LISTENED,   /* somebody outside reached a port that it opened */
	EFFECT_EXECUTED,   /* the forbidden program ran and printed its token */
	EFFECT_BYSTANDER,  /* the process outside of the tree was touched */
	EFFECT_SUPERVISOR, /* the process that started the attack was touched */
	EFFECT_TERMINAL,   /* a terminal outside of the tree got bytes */
	EFFECT_ANSWERED,   /* the kernel itself answered the call; see attack_answer */
	EFFECT_NONE,	   /* a control: must do the same with and without Duenna */
	EFFECT_COUNT
};

enum attack_flags {
	ATTACK_RACE = 1 << 0,	   /* tries for a while; runs alone on the machine */
	ATTACK_BYSTANDER = 1 << 1, /* needs the process outside of the tree */
	ATTACK_FULL = 1 << 2,	   /* left out of the quick run: much like another */
	ATTACK_TERMINAL = 1 << 3,  /* runs with a terminal as controlling terminal */
	ATTACK_ROOT = 1 << 4,	   /* needs root natively */
};

struct attack {
	char *name; /* family/variant; owned */
	enum effect effect;
	unsigned flags;
	const char *syscalls; /* the calls it is about, separated by spaces */
	void (*run)(const struct attack *attack);
	const void *operation; /* free for the family */
	const void *form;
};

/* Families add what they have; name may be a format. */
void attack_add(const struct attack *attack, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A table of attacks with a fixed name each ends with a NULL name. */
struct attack_row {
	const char *name;
	enum effect effect;
	unsigned flags;
	const char *syscalls;
	void (*run)(const struct attack *attack);
	const void *operation;
};
void attack_add_rows(const char *family, const struct attack_row *rows);

/* The families, each in the file of its name. */
void file_attacks(void);
void folder_attacks(void);
void exec_attacks(void);
void handled_attacks(void);
void network_attacks(void);
void process_attacks(void);
void escape_attacks(void);
void foreign_attacks(void);
void argument_attacks(void);
void object_attacks(void);
void terminal_attacks(void);
void self_attacks(void);
void session_socket_attacks(void);
void control_group_attacks(void);
void indirect_attacks(void);
void refusal_attacks(void);
void race_attacks(void);
void move_race_attacks(void);
void exec_race_attacks(void);
void network_race_attacks(void);
void page_race_attacks(void);
void code_race_attacks(void);
void source_address_attacks(void);
void own_descriptors_attacks(void);
void own_filter_attacks(void);
void control_attacks(void);
void process_controls(void);
void signal_controls(void);
void orphan_controls(void);
void network_controls(void);
void sandbox_controls(void);

/* The arena. All paths are absolute and canonical. */
struct arena {
	const char *project;   /* working folder; everything is allowed in it */
	const char *outside;   /* nothing is allowed in it */
	const char *guarded;   /* readable; may not be changed, nothing may run */
	const char *secret;    /* outside/secret */
	const char *protected; /* guarded/protected */
	const char *tool;      /* guarded/tool: a program that prints its token */
	const char *socket;    /* folder of the unix sockets that may not be reached */
	const char *abstract;  /* prefix of the abstract names, likewise */
	const char *store;     /* folder of Duenna's database */
	const char *terminal;  /* path of a terminal outside */
	uint16_t tcp_port, udp_port, listen_port; /* denied */
	uint16_t tcp_allowed, udp_allowed;
	pid_t bystander;
	uintptr_t bystander_text; /* address of the secret in its memory */
	size_t bystander_size;
	int bystander_fd; /* its descriptor of the secret */
	pid_t friend;	  /* leads a group outside of which all may be signalled */
	int shared_memory, semaphores, messages; /* its System V objects */
	const char *queue;			 /* name of its POSIX message queue */
	double seconds;				 /* how long a race may try */
	unsigned long tries;			 /* and how often; 0: any number */
};
extern struct arena arena;

/* An owned path in a folder of the arena; leaked on purpose: an attack is short. */
char *path_in(const char *folder, const char *name);

/* Copies what fd has to say to stdout, where the harness looks for the secret. */
void leak(int fd);
void leak_bytes(const void *bytes, size_t length);

/* Ends with status 1; the harness shows the sentence when it wonders. */
noreturn void failed(const char *what);
/* Ends with status 77: the kernel or the user cannot do this even natively. */
noreturn void not_applicable(const char *why);
/* Not applicable if handler.py could not register the handlers that this wants. */
void need_handlers(void);

/* Fails unless value is 0 or more; returns it. */
long need(long value, const char *what);

/* Writes a whole file in the project (any place, really). */
void write_file(const char *path, const char *text);
/* Stays until the harness has looked at what came of it, and a while longer. */
void acted(void);

/* For EFFECT_ANSWERED: what the raw call returned, as the harness expects it. */
void attack_answer(long result);

/* Seconds since the first call of it. */
double elapsed(void);
/* Asked once for each try of a race. */
bool time_is_left(void);

/* Does the obvious with the freedom that an escape gained: leaks the secret. */
void leak_secret(void);

/* A child that runs function and exits 0; waits for it. */
void run_in_child(void (*function)(void));

#endif
