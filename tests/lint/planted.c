/* Faults that scripts/check.sh tidy must find: a warning of the compiler, one of clang-tidy's own,
 * and a member of JSON that may be missing when memory runs out. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

char *planted(const char *text);

char *planted(const char *text)
{
    int unused = 7;
    cJSON_AddNullToObject(NULL, text);
    return malloc(strlen(text + 1));
}
