/* The places of the data files. */
#include "base/place.h"

#include "base/file.h"
#include "base/platform.h"

#include <clgan/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 4 }; /* PREFIX/lib/TRIPLET is two below the prefix */

/* `folder` is empty or ends with a separator. */
static bool is_in(cg_place *place, const char *folder, const char *middle, const char *name)
{
    int n = snprintf(place->path, sizeof place->path, "%s%s/%s", folder, middle, name);
    return n < (int)sizeof place->path && cg_file_exists(place->path);
}

static bool is_in_variable(cg_place *place, const char *name)
{
    cg_file_info info;
    const char *folder = getenv("CLGAN_DATA_DIR");
    if (!folder || !*folder)
        return false;
    return is_in(place, "", folder, name) || !cg_platform_path_info(&info, folder) || !info.folder;
}

/* Looks in the folder of the file that this code is in, and in those above it. */
static bool is_around_module(cg_place *place, const char *name)
{
    char *module = cg_platform_module();
    bool found = false;
    for (int i = 0; module && *module && !found && i < LEVELS; i++) {
        module[cg_platform_folder_length(module)] = '\0';
        found = is_in(place, module, CLGAN_DATA_FOLDER, name);
        if (*module)
            module[strlen(module) - 1] = '\0';
    }
    free(module);
    return found;
}

/* The link in a build's folder leads to the source tree's data. */
static void resolve(cg_place *place)
{
    char *real = cg_platform_resolve(place->path);
    if (real && strlen(real) < sizeof place->path)
        strcpy(place->path, real);
    free(real);
}

const char *cg_place_find(cg_place *place, const char *name)
{
    bool near = is_in_variable(place, name) || is_in(place, "", "data", name);
    if (!near && is_around_module(place, name))
        resolve(place);
    else if (!near)
        is_in(place, "", "data", name);
    cg_log(CG_LOG_DEBUG, "%s: %s", name, place->path);
    return place->path;
}
