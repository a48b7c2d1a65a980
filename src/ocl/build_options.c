/* Build options in a fixed room. */
#include "ocl/build_options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cg_build_options_add(cg_build_options *options, const char *format, ...)
{
    const char *space = options->size ? " " : "";
    char piece[sizeof options->text];
    va_list arguments;

    if (options->status != CG_OK)
        return;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    size_t room = sizeof options->text - options->size;
    if (length < 0 || (size_t)length + strlen(space) >= room) {
        options->status = cg_fail(CG_ERR_CL, "build options of more than %zu characters: %s %s",
                                  sizeof options->text - 1, options->text, piece);
        return;
    }
    options->size += (size_t)snprintf(options->text + options->size, room, "%s%s", space, piece);
}
