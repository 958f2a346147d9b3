/* SPDX-License-Identifier: MIT */
#include "tracer/node_layout.h"

#include <stddef.h>
#include <string.h>

/* What stands in for "has no such symbol": zero is a value. */
enum { UNSET = INT32_MIN };

/* The same in all known versions; another one would be read wrongly. */
static const struct {
	const char *name;
	int32_t value;
} constants[] = {
	{"v8dbg_SmiShiftSize", 31},
	{"v8dbg_off_fp_function", -16},
	{"v8dbg_FirstNonstringType", 128},
	{"v8dbg_class_Map__instance_type__uint16_t", 12},
	{"v8dbg_class_Script__name__Object", 16},
	{"v8dbg_class_Script__source__Object", 8},
	{"v8dbg_class_String__length__int32_t", 12},
	{"v8dbg_class_SeqOneByteString__chars__char", 16},
};

static const struct {
	const char *name;
	size_t field;
} fields[] = {
	{"v8dbg_type_JSFunction__JS_FUNCTION_TYPE",
		offsetof(struct node_layout, function_type)},
	{"v8dbg_type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE",
		offsetof(struct node_layout, shared_type)},
	{"v8dbg_type_Script__SCRIPT_TYPE", offsetof(struct node_layout, script_type)},
	{"v8dbg_type_ScopeInfo__SCOPE_INFO_TYPE",
		offsetof(struct node_layout, scope_type)},
	{"v8dbg_class_JSFunction__shared__SharedFunctionInfo",
		offsetof(struct node_layout, shared)},
	{"v8dbg_scopeinfo_idx_first_vars", offsetof(struct node_layout, scope_first)},
};

enum {
	CONSTANTS = sizeof(constants) / sizeof(constants[0]),
	FIELDS = sizeof(fields) / sizeof(fields[0]),
};

static void symbol_take(const struct elf_file *file, const Elf64_Sym *symbol,
	const char *name, int32_t values[static CONSTANTS + FIELDS])
{
	for (size_t i = 0; i < CONSTANTS + FIELDS; i++) {
		const char *wanted =
			i < CONSTANTS ? constants[i].name : fields[i - CONSTANTS].name;
		if (strcmp(name, wanted) == 0) {
			(void)elf_file_content(
				file, symbol->st_value, &values[i], sizeof(*values));
		}
	}
}

bool node_layout_read(struct node_layout *layout, const struct elf_file *file)
{
	static const char prefix[] = "v8dbg_";
	int32_t values[CONSTANTS + FIELDS];
	struct elf_symbols table;
	bool is_known = elf_file_symbols(file, SHT_DYNSYM, &table);

	for (size_t i = 0; i < CONSTANTS + FIELDS; i++) {
		values[i] = UNSET;
	}
	for (size_t i = 0; is_known && i < table.count; i++) {
		const Elf64_Sym *symbol = &table.symbols[i];
		if (symbol->st_name < table.names.size) {
			const char *name = table.names.bytes + symbol->st_name;
			if (strncmp(name, prefix, sizeof(prefix) - 1) == 0) {
				symbol_take(file, symbol, name, values);
			}
		}
	}
	elf_symbols_finish(&table);
	for (size_t i = 0; i < CONSTANTS; i++) {
		is_known = is_known && values[i] == constants[i].value;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		is_known = is_known && values[CONSTANTS + i] > 0 &&
			   values[CONSTANTS + i] <= UINT16_MAX;
		memcpy((char *)layout + fields[i].field, &values[CONSTANTS + i],
			sizeof(*values));
	}
	return is_known;
}
