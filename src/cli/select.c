/* The devices that --device names where it may name several. */
#include "cli/cli.h"

#include <clgan/log.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* True when one of the selector's terms is "all". */
static bool says_all(const char *selector)
{
    static const char blanks[] = " \t\r\n";
    for (const char *term = selector ? selector : ""; *term;) {
        term += strspn(term, ",") + strspn(term + strspn(term, ","), blanks);
        const size_t length = strcspn(term, ",");
        if (length >= 3 && strncasecmp(term, "all", 3) == 0 &&
            3 + strspn(term + 3, blanks) == length)
            return true;
        term += length;
    }
    return false;
}

static cg_status select_among(bool *selected, const cg_devices *devices, const char *selector,
                              bool each)
{
    size_t index, count = cg_devices_count(devices);
    const cg_device_info *infos = count ? cg_devices_info(devices, 0) : NULL;
    if (count && each)
        return cg_device_select_all(selected, infos, count, selector);
    cg_status status = cg_device_select(&index, infos, count, selector);
    if (status == CG_OK)
        selected[index] = true;
    return status;
}

static cg_status list_and_select(cg_devices **devices, bool **selected, const char *selector,
                                 bool each)
{
    *selected = NULL;
    cg_status status = cg_devices_create(devices);
    if (status == CG_OK) {
        size_t room = cg_devices_count(*devices) + 1;
        *selected = calloc(room, sizeof **selected);
        if (!*selected)
            status = cg_fail(CG_ERR_MEMORY, "no memory for %zu devices", room);
    }
    return status == CG_OK ? select_among(*selected, *devices, selector, each) : status;
}

cg_status cg_select_devices(cg_devices **devices, bool **selected, const char *selector)
{
    return list_and_select(devices, selected, selector, says_all(selector));
}

cg_status cg_select_each_device(cg_devices **devices, bool **selected, const char *selector)
{
    return list_and_select(devices, selected, selector, true);
}
