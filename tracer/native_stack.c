/* SPDX-License-Identifier: MIT */
#include "tracer/native_stack.h"

#include "base/xalloc.h"
#include "tracer/elf_file.h"
#include "tracer/stack_guess.h"

#include <libunwind.h>

#include <stdlib.h>

/* Exported by libunwind, but in no header of it. */
int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
	unw_dyn_info_t *info, unw_proc_info_t *procedure, int need_unwind_info,
	void *context);

struct native_unwinder {
	unw_addr_space_t space;
	uint64_t code; /* digest of the executable mappings that the caches are about */
	struct symbol_memory symbols;
};

/* The context of the accessors. */
struct unwinding {
	struct stack_memory *memory;
	const struct memory_map *map;
	const struct native_place *place;
	unsigned budget;
	bool lacks_info; /* some address had no unwind information */
};

static int access_memory(unw_addr_space_t space, unw_word_t address, unw_word_t *value,
	int is_write, void *context)
{
	struct unwinding *unwinding = context;

	(void)space;
	if (is_write || unwinding->budget == 0) {
		return -UNW_EINVAL;
	}
	unwinding->budget--;
	return stack_memory_word(unwinding->memory, address, value) ? 0 : -UNW_EINVAL;
}

static int access_register(unw_addr_space_t space, unw_regnum_t number,
	unw_word_t *value, int is_write, void *context)
{
	const struct unwinding *unwinding = context;
	const struct user_regs_struct *raw = &unwinding->place->registers.raw;
	const unsigned long long values[] = {[UNW_X86_64_RAX] = raw->rax,
		[UNW_X86_64_RDX] = raw->rdx,
		[UNW_X86_64_RCX] = raw->rcx,
		[UNW_X86_64_RBX] = raw->rbx,
		[UNW_X86_64_RSI] = raw->rsi,
		[UNW_X86_64_RDI] = raw->rdi,
		[UNW_X86_64_RBP] = raw->rbp,
		[UNW_X86_64_RSP] = raw->rsp,
		[UNW_X86_64_R8] = raw->r8,
		[UNW_X86_64_R9] = raw->r9,
		[UNW_X86_64_R10] = raw->r10,
		[UNW_X86_64_R11] = raw->r11,
		[UNW_X86_64_R12] = raw->r12,
		[UNW_X86_64_R13] = raw->r13,
		[UNW_X86_64_R14] = raw->r14,
		[UNW_X86_64_R15] = raw->r15,
		[UNW_X86_64_RIP] = raw->rip};
	bool is_known = unwinding->place->is_whole || number == UNW_X86_64_RSP ||
			number == UNW_X86_64_RIP;

	(void)space;
	if (is_write || number < 0 || !is_known ||
		(size_t)number >= sizeof(values) / sizeof(values[0])) {
		return -UNW_EBADREG;
	}
	*value = values[number];
	return 0;
}

/* The mapping that the file of this one begins with; NULL: it is not mapped. */
static const struct mapping *file_start(
	const struct memory_map *map, const struct mapping *mapping)
{
	while (mapping > map->mappings && mapping->offset != 0 &&
		mapping[-1].inode == mapping->inode) {
		mapping--;
	}
	return mapping->offset == 0 ? mapping : NULL;
}

/* Reads the program headers from memory, where they cannot be changed without notice. */
static size_t segments_read(
	struct stack_memory *memory, uint64_t start, Elf64_Phdr *segments, size_t max)
{
	Elf64_Ehdr header;
	bool is_elf = stack_memory_read(memory, start, &header, sizeof(header)) &&
		      memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
		      header.e_phentsize == sizeof(*segments) && header.e_phnum <= max;

	return is_elf && stack_memory_read(memory, start + header.e_phoff, segments,
				 header.e_phnum * sizeof(*segments))
		       ? header.e_phnum
		       : 0;
}

/* The sorted table that linkers make of a file's unwind information. */
static bool table_find(struct unwinding *unwinding, const struct mapping *mapping,
	unw_dyn_info_t *info)
{
	enum { SEGMENTS_MAX = 64, HEADER = 12, USUAL_ENCODING = 0x3b031b01 };
	Elf64_Phdr segments[SEGMENTS_MAX];
	const struct mapping *start = file_start(unwinding->map, mapping);
	struct elf_file file = {.segments = segments};
	const struct elf_mapped mapped = {
		mapping->start, mapping->offset, mapping->is_executable};
	Elf64_Addr bias;
	uint32_t header[HEADER / sizeof(uint32_t)];

	if (!start) {
		return false;
	}
	file.segment_count =
		segments_read(unwinding->memory, start->start, segments, SEGMENTS_MAX);
	if (!elf_file_bias(&file, &mapped, &bias)) {
		return false;
	}
	for (size_t i = 0; i < file.segment_count; i++) {
		uint64_t table = bias + segments[i].p_vaddr;
		if (segments[i].p_type == PT_GNU_EH_FRAME &&
			stack_memory_read(
				unwinding->memory, table, header, sizeof(header)) &&
			header[0] == USUAL_ENCODING) {
			*info = (unw_dyn_info_t){.start_ip = mapping->start,
				.end_ip = mapping->end,
				.format = UNW_INFO_FORMAT_REMOTE_TABLE};
			info->u.rti.segbase = table;
			info->u.rti.table_data = table + HEADER;
			info->u.rti.table_len = header[2];
			return true;
		}
	}
	return false;
}

static int find_procedure(unw_addr_space_t space, unw_word_t ip,
	unw_proc_info_t *procedure, int need_unwind_info, void *context)
{
	struct unwinding *unwinding = context;
	const struct mapping *mapping = memory_map_find(unwinding->map, ip);
	unw_dyn_info_t info;

	int result = -UNW_ENOINFO;
	if (mapping && mapping->is_executable &&
		table_find(unwinding, mapping, &info)) {
		result = UNW_OBJ(dwarf_search_unwind_table)(
			space, ip, &info, procedure, need_unwind_info, context);
	}
	unwinding->lacks_info = unwinding->lacks_info || result != 0;
	return result;
}

static void put_unwind_info(
	unw_addr_space_t space, unw_proc_info_t *procedure, void *context)
{
	(void)space;
	(void)procedure;
	(void)context;
}

static int no_dynamic_list(unw_addr_space_t space, unw_word_t *address, void *context)
{
	(void)space;
	(void)address;
	(void)context;
	return -UNW_ENOINFO;
}

static int no_float_register(unw_addr_space_t space, unw_regnum_t number,
	unw_fpreg_t *value, int is_write, void *context)
{
	(void)space;
	(void)number;
	(void)value;
	(void)is_write;
	(void)context;
	return -UNW_EINVAL;
}

static int no_resume(unw_addr_space_t space, unw_cursor_t *cursor, void *context)
{
	(void)space;
	(void)cursor;
	(void)context;
	return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t space, unw_word_t ip, char *buffer, size_t size,
	unw_word_t *offset, void *context)
{
	(void)space;
	(void)ip;
	(void)buffer;
	(void)size;
	(void)offset;
	(void)context;
	return -UNW_ENOINFO;
}

static struct native_unwinder *unwinder_create(void)
{
	enum { CACHE_SIZE = 1024 };
	static unw_accessors_t accessors = {
		.find_proc_info = find_procedure,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = no_dynamic_list,
		.access_mem = access_memory,
		.access_reg = access_register,
		.access_fpreg = no_float_register,
		.resume = no_resume,
		.get_proc_name = no_name,
	};
	struct native_unwinder *unwinder = xcalloc(1, sizeof(*unwinder));

	unwinder->space = unw_create_addr_space(&accessors, 0);
	if (!unwinder->space) {
		free(unwinder);
		return NULL;
	}
	(void)unw_set_caching_policy(unwinder->space, UNW_CACHE_GLOBAL);
	(void)unw_set_cache_size(unwinder->space, CACHE_SIZE, 0);
	return unwinder;
}

void native_unwinder_destroy(struct native_unwinder *unwinder)
{
	if (unwinder) {
		unw_destroy_addr_space(unwinder->space);
		symbol_memory_clear(&unwinder->symbols);
		free(unwinder);
	}
}

struct symbol_memory *native_unwinder_symbols(struct native_unwinder *unwinder)
{
	return &unwinder->symbols;
}

/* The caches are by address: other code there makes all of it wrong. */
static void unwinder_renew(
	struct native_unwinder *unwinder, const struct memory_map *map)
{
	const uint64_t prime = UINT64_C(0x100000001b3); /* FNV-1a, by words */
	uint64_t code = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < map->count; i++) {
		const struct mapping *mapping = &map->mappings[i];
		if (mapping->is_executable) {
			code = (code ^ mapping->start) * prime;
			code = (code ^ mapping->end) * prime;
			code = (code ^ mapping->inode) * prime;
		}
	}
	if (code != unwinder->code) {
		unw_flush_cache(unwinder->space, 0, 0);
		symbol_memory_clear(&unwinder->symbols);
		unwinder->code = code;
	}
}

static void frame_add(
	struct native_facts *facts, uint64_t address, const struct memory_map *map)
{
	struct native_frame *frame = &facts->frames[facts->frame_count++];
	const struct mapping *mapping = memory_map_find(map, address);

	*frame = (struct native_frame){.address = address,
		.module = text_of(xstrdup(mapping ? mapping->path : "")),
		.function = text_of(xstrdup(""))};
	frame->offset = mapping ? address - mapping->start + mapping->offset : address;
}

static bool is_code(const struct memory_map *map, uint64_t address)
{
	const struct mapping *mapping = memory_map_find(map, address - 1);

	return mapping && mapping->is_executable;
}

/* Follows callers from the given place; false: nothing could be read of it. */
static bool callers_follow(struct native_unwinder *unwinder,
	struct unwinding *unwinding, struct native_facts *facts, uint64_t *stack)
{
	const bool is_guessed = facts->frame_count > 0;
	unw_cursor_t cursor;
	unw_word_t value;
	int step = 1;

	if (unw_init_remote(&cursor, unwinder->space, unwinding) != 0) {
		return false;
	}
	while (step > 0 && facts->frame_count < NATIVE_FRAMES_MAX &&
		unw_get_reg(&cursor, UNW_REG_IP, &value) == 0 && value != 0) {
		if (facts->frame_count > 0 && !is_code(unwinding->map, value)) {
			step = -1; /* a register that was no frame pointer led here */
			break;
		}
		frame_add(facts, value, unwinding->map);
		struct native_frame *frame = &facts->frames[facts->frame_count - 1];
		frame->is_guessed = is_guessed;
		if (unw_get_reg(&cursor, UNW_X86_64_RBP, &value) == 0) {
			frame->frame_pointer = value;
		}
		if (unw_get_reg(&cursor, UNW_REG_SP, &value) == 0) {
			*stack = value;
			frame->stack = value;
		}
		unwinding->lacks_info = false;
		step = unw_step(&cursor);
		frame->has_unwind_info = !unwinding->lacks_info;
	}
	facts->is_cut = step != 0;
	return true;
}

/*
 * Whether to look through the stack for callers: the last frame found has no unwind
 * information, and is not where a chain of frame pointers ends.
 */
static bool wants_guess(const struct native_facts *facts)
{
	if (facts->frame_count == 0 || facts->frame_count == NATIVE_FRAMES_MAX) {
		return false;
	}
	const struct native_frame *last = &facts->frames[facts->frame_count - 1];
	return !last->has_unwind_info &&
	       (facts->is_cut || facts->frame_count == 1 || last->frame_pointer != 0);
}

void native_stack_read(struct native_unwinder **unwinder, struct stack_memory *memory,
	const struct memory_map *map, const struct native_place *place,
	struct native_facts *facts)
{
	enum { GUESSES_MAX = 16 };
	struct unwinding unwinding = {memory, map, place, NATIVE_ACCESSES_MAX, false};
	struct native_place guessed = {0};
	uint64_t stack = registers_stack(&place->registers);

	if (!*unwinder) {
		*unwinder = unwinder_create();
	}
	if (!*unwinder) {
		return;
	}
	unwinder_renew(*unwinder, map);
	facts->frames = xcalloc(NATIVE_FRAMES_MAX, sizeof(*facts->frames));
	facts->is_cut = true;
	bool is_read = callers_follow(*unwinder, &unwinding, facts, &stack);
	unwinding.place = &guessed;
	for (int i = 0; i < GUESSES_MAX && is_read && wants_guess(facts) &&
			stack_guess(memory, map, stack, &guessed);
		i++) {
		stack = registers_stack(&guessed.registers);
		is_read = callers_follow(*unwinder, &unwinding, facts, &stack);
	}
}

void native_facts_finish(struct native_facts *facts)
{
	for (size_t i = 0; i < facts->frame_count; i++) {
		free((char *)(uintptr_t)facts->frames[i].module.bytes);
		free((char *)(uintptr_t)facts->frames[i].function.bytes);
	}
	free(facts->frames);
	*facts = (struct native_facts){0};
}
