# One static library per folder, linked only to the folders that it may include
# (the table in ARCHITECTURE.md; tests/layering.sh checks the includes).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
foreach(library jansson nettle sqlite3 libseccomp libunwind-generic libpsl ncursesw vterm)
	pkg_check_modules(${library} REQUIRED IMPORTED_TARGET ${library})
endforeach()
# Has no file for pkg-config.
find_library(UNISTRING_LIBRARY unistring REQUIRED)
add_library(unistring UNKNOWN IMPORTED)
set_target_properties(unistring PROPERTIES IMPORTED_LOCATION ${UNISTRING_LIBRARY})

function(duenna_folder name)
	cmake_parse_arguments(FOLDER "" "" "SOURCES;LINKS" ${ARGN})
	add_library(${name} STATIC ${FOLDER_SOURCES})
	target_link_libraries(${name} PUBLIC ${FOLDER_LINKS} PRIVATE duenna_strict_flags)
	if(DUENNA_TEST_HOOKS)
		target_compile_definitions(${name} PRIVATE DUENNA_TEST_HOOKS)
	endif()
endfunction()
