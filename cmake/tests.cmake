# What tests are made of: Criterion suites, victims, and scripts around the real binary.
pkg_check_modules(criterion REQUIRED IMPORTED_TARGET criterion)

# Criterion's macros drop qualifiers.
add_library(duenna_test_flags INTERFACE)
target_link_libraries(duenna_test_flags INTERFACE duenna_flags PkgConfig::criterion)
target_compile_options(duenna_test_flags INTERFACE
	$<$<C_COMPILER_ID:GNU>:-Wno-discarded-qualifiers>
	$<$<C_COMPILER_ID:Clang>:-Wno-incompatible-pointer-types-discards-qualifiers
		-Wno-gnu-zero-variadic-macro-arguments>)
if(DUENNA_TEST_HOOKS)
	target_compile_definitions(duenna_test_flags INTERFACE DUENNA_TEST_HOOKS)
endif()

# Without abort_on_error a leak is reported but fails no Criterion run.
set(DUENNA_TEST_ENVIRONMENT
	"ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1"
	"UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1"
	"DUENNA=${PROJECT_BINARY_DIR}/duenna"
	"DUENNA_SOURCE=${PROJECT_SOURCE_DIR}"
	"DUENNA_VICTIMS=${PROJECT_BINARY_DIR}/victims")

function(duenna_test name)
	cmake_parse_arguments(TEST "" "TIMEOUT" "COMMAND" ${ARGN})
	if(NOT TEST_TIMEOUT)
		set(TEST_TIMEOUT 300)
	endif()
	if(DUENNA_SANITIZE)
		math(EXPR TEST_TIMEOUT "4 * ${TEST_TIMEOUT}") # all takes 2 to 4 times as long
	endif()
	add_test(NAME ${name} COMMAND ${TEST_COMMAND})
	set_tests_properties(${name} PROPERTIES
		TIMEOUT ${TEST_TIMEOUT} ENVIRONMENT "${DUENNA_TEST_ENVIRONMENT}")
endfunction()

# A Criterion suite: the executable test_NAME, run as test NAME.
function(duenna_test_suite name)
	cmake_parse_arguments(SUITE "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
	add_executable(test_${name} ${SUITE_SOURCES})
	target_link_libraries(test_${name} PRIVATE ${SUITE_LINKS} duenna_test_flags)
	set(jobs 2)
	if(DUENNA_SANITIZE)
		set(jobs 1) # with more, Criterion leaks memory of its own
	endif()
	duenna_test(${name} TIMEOUT ${SUITE_TIMEOUT} COMMAND test_${name} --jobs ${jobs})
endfunction()

# A small program for a test to run, build/victims/NAME. Never with sanitizers: they do
# not work under ptrace and would change what the program does.
function(duenna_victim name)
	add_executable(victim_${name} ${ARGN})
	target_compile_definitions(victim_${name} PRIVATE _GNU_SOURCE)
	target_compile_options(victim_${name} PRIVATE -Wall -Wextra
		-Wno-missing-field-initializers -fno-sanitize=all)
	target_include_directories(victim_${name} PRIVATE ${PROJECT_SOURCE_DIR})
	target_link_libraries(victim_${name} PRIVATE Threads::Threads)
	set_target_properties(victim_${name} PROPERTIES
		OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/victims)
endfunction()

# A fuzz target, build/fuzz/fuzz_NAME, from fuzz_NAME.c with LLVMFuzzerTestOneInput. In
# other builds it is a test that replays tests/fuzz/corpus/NAME.
function(duenna_fuzzer name)
	set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
	add_executable(fuzz_${name} fuzz_${name}.c)
	target_link_libraries(fuzz_${name} PRIVATE ${ARGN} duenna_flags)
	set_target_properties(fuzz_${name} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
	if(DUENNA_FUZZ)
		target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
		add_dependencies(fuzzers fuzz_${name})
	else()
		target_sources(fuzz_${name} PRIVATE replay.c)
		duenna_test(fuzz_${name} COMMAND fuzz_${name} ${corpus})
	endif()
endfunction()
