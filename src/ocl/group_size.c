/* The choice of a kernel's form. */
#include "ocl/group_size.h"

#include <clgan/log.h>

/* A group that is larger than any of the device's is not built: some drivers refuse to. */
static cg_status is_allowed(bool *allowed, cg_runtime *rt, const cg_launch *launch,
                            const cg_group_size *group)
{
    size_t most = rt->info.max_work_group;
    cg_status status = group->items <= most ? cg_launch_max_local(&most, rt, launch) : CG_OK;
    *allowed = group->items <= most;
    return status;
}

cg_status cg_group_size_choose(const cg_group_size **group, cg_runtime *rt, cg_launch *launch,
                               cg_build_options *options, const cg_group_size *sizes)
{
    const cg_build_options given = *options;
    launch->options = options;
    for (*group = sizes; (*group)->items; (*group)++) {
        bool allowed;
        *options = given;
        cg_build_options_add(options, "%s", (*group)->options);
        cg_status status = is_allowed(&allowed, rt, launch, *group);
        if (status != CG_OK)
            return status;
        launch->local[0] = (*group)->items;
        if (allowed)
            return CG_OK;
    }
    return cg_fail(CG_ERR_CL, "%s: %s needs work-groups of %zu work-items, the device allows fewer",
                   rt->info.name, launch->kernel, launch->local[0]);
}

size_t cg_group_size_least(const cg_group_size *sizes)
{
    while (sizes[1].items)
        sizes++;
    return sizes->items;
}
