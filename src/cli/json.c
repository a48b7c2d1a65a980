/* JSON on stdout. */
#include "cli/cli.h"

#include <clgan/log.h>
#include <stdio.h>

cg_status cg_print_json(const cJSON *json)
{
    char *text = json ? cJSON_Print(json) : NULL;
    if (!text)
        return cg_fail(CG_ERR_MEMORY, "out of memory for JSON");
    puts(text);
    cJSON_free(text);
    return CG_OK;
}
