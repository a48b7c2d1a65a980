/* The choice of a kernel's form. */
#include "ocl/group_size.h"

#include "base/try.h"
#include "ocl/error.h"

/* A group that is larger than any of the device's is not built: some drivers refuse to. */
static cg_status is_allowed(bool *allowed, cg_runtime *rt, const cg_launch *launch,
                            const cg_group_size *group)
{
    cg_status status = CG_OK;
    const cg_kernel *kernel;
    *allowed = group->items <= rt->info.max_work_group;
    if (*allowed) {
        CG_TRY(cg_program_get_kernel(&kernel, rt, launch->file, launch->kernel, launch->options));
        *allowed = !kernel->max_local || group->items <= kernel->max_local;
    }
done:
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
