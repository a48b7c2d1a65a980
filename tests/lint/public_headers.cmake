# Writes OUT: a C++ program that includes all HEADERS and has the address of every function that they
# declare or mention, so that each is there for a C++ program to link.
set(includes "")
set(functions "")
foreach(header IN LISTS HEADERS)
  get_filename_component(name ${header} NAME)
  string(APPEND includes "#include <clgan/${name}>\n")
  file(READ ${header} text)
  string(REGEX MATCHALL "cg_[a-z0-9_]+\\(" calls "${text}")
  list(APPEND functions ${calls})
endforeach()
list(REMOVE_DUPLICATES functions)
list(LENGTH HEADERS header_count)
list(LENGTH functions function_count)
list(TRANSFORM functions REPLACE "(.*)\\(" "    reinterpret_cast<void (*)()>(\\1),\n")
string(JOIN "" table ${functions})
file(WRITE ${OUT} "// Generated from include/clgan/ by tests/lint/public_headers.cmake.
${includes}#include <cstdio>

static void (*const functions[])() = {
${table}};

int main()
{
    for (auto function : functions)
        if (!function)
            return 1;
    return std::printf(\"${function_count} functions of ${header_count} headers\\n\") < 0;
}
")
