/* Two faults that scripts/check.sh tidy must find: a warning of the compiler, and one of clang-
 * tidy's own. */
#include <stdlib.h>
#include <string.h>

char *planted(const char *text);

char *planted(const char *text)
{
    int unused = 7;
    return malloc(strlen(text + 1));
}
