# Writes OUTPUT, a C file with the parts of FILE before and after its @DATA@.
file(READ ${FILE} page)
string(FIND "${page}" "@DATA@" at)
string(SUBSTRING "${page}" 0 ${at} begin)
math(EXPR after "${at} + 6")
string(SUBSTRING "${page}" ${after} -1 end)
set(arrays "")
foreach(part begin end)
	string(HEX "${${part}}" bytes)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
	string(APPEND arrays "const char report_${part}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUTPUT} "/* Generated from cli/report.html. */
#include \"cli/report_page.h\"

${arrays}")
