# Warnings, hardening and sanitizers, for every target of the project.
add_library(duenna_flags INTERFACE)
target_compile_definitions(duenna_flags INTERFACE
	_GNU_SOURCE DUENNA_VERSION="${PROJECT_VERSION}")
target_include_directories(duenna_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(duenna_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wstrict-prototypes
	-Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Wwrite-strings
	-Wpointer-arith -Wnull-dereference -Walloca -Wno-missing-field-initializers
	-fno-common -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	target_compile_options(duenna_flags INTERFACE
		-Wduplicated-cond -Wduplicated-branches -Wlogical-op)
endif()
if(DUENNA_WERROR)
	target_compile_options(duenna_flags INTERFACE -Werror)
endif()

# Criterion's macros raise these; everything that is not a test is held to them.
add_library(duenna_strict_flags INTERFACE)
target_link_libraries(duenna_strict_flags INTERFACE duenna_flags)
target_compile_options(duenna_strict_flags INTERFACE
	-Wconversion -Wcast-qual -Wswitch-enum)

if(DUENNA_SANITIZE)
	target_compile_options(duenna_flags INTERFACE
		-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(duenna_flags INTERFACE -fsanitize=address,undefined)
	target_compile_definitions(duenna_flags INTERFACE DUENNA_SANITIZED)
elseif(DUENNA_THREAD_SANITIZE)
	target_compile_options(duenna_flags INTERFACE -fsanitize=thread)
	target_link_options(duenna_flags INTERFACE -fsanitize=thread)
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
	target_compile_definitions(duenna_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
if(DUENNA_FUZZ)
	target_compile_options(duenna_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(duenna_flags INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
