# Writes OUTPUT, a C file with the bytes of each of FILES (NAME.rules).
set(arrays "")
set(rows "")
foreach(file ${FILES})
	get_filename_component(name ${file} NAME_WE)
	file(READ ${file} bytes HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
	string(APPEND arrays "static const unsigned char ${name}_text[] = {${bytes}0};\n")
	string(APPEND rows "\t{\"${name}\", ${name}_text},\n")
endforeach()
file(WRITE ${OUTPUT} "/* Generated from profiles/. */
#include \"rules/embedded_profile.h\"

${arrays}
const struct embedded_profile embedded_profiles[] = {
${rows}};
const size_t embedded_profile_count =
	sizeof(embedded_profiles) / sizeof(embedded_profiles[0]);
")
