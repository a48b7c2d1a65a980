/* Times of launches, by a queue with profiling. */
#include "ocl/profile.h"

#include "base/memory.h"
#include "base/try.h"
#include "ocl/error.h"

#include <stdlib.h>

static void swap_queues(cg_profile *profile, cg_runtime *rt)
{
    cl_command_queue queue = rt->queue;
    rt->queue = profile->queue;
    profile->queue = queue;
}

cg_status cg_profile_begin(cg_profile *profile, cg_runtime *rt, size_t room)
{
    cg_status status = CG_OK;
    cl_int error;

    *profile = (cg_profile){.room = room};
    CG_TRY(cg_memory_create(&profile->launches, room, sizeof *profile->launches));
    profile->queue =
        clCreateCommandQueue(rt->context, rt->device, CL_QUEUE_PROFILING_ENABLE, &error);
    CG_TRY(cg_cl_check(error, "%s: a command queue that tells times", rt->info.name));
    CG_TRY(cg_runtime_finish(rt));
    swap_queues(profile, rt);
    rt->profile = profile;
done:
    return status;
}

cl_event *cg_profile_next(cg_runtime *rt, const char *kernel)
{
    cg_profile *profile = rt->profile;
    if (!profile)
        return NULL;
    if (profile->count++ >= profile->room)
        return NULL;
    profile->launches[profile->count - 1].kernel = kernel;
    return &profile->launches[profile->count - 1].event;
}

/* *nanoseconds = when the command began or ended, by the device's clock. */
static cg_status read_clock(cl_ulong *nanoseconds, const cg_runtime *rt, cl_event event,
                            cl_profiling_info what)
{
    return cg_cl_check(clGetEventProfilingInfo(event, what, sizeof *nanoseconds, nanoseconds, NULL),
                       "%s: the time of a command", rt->info.name);
}

cg_status cg_profile_end(cg_profile *profile, cg_runtime *rt)
{
    cg_status status = CG_OK;
    cl_ulong before = 0, end = 0;

    CG_TRY(cg_runtime_finish(rt));
    swap_queues(profile, rt);
    rt->profile = NULL;
    if (profile->count > profile->room) {
        status = cg_fail(CG_ERR_SHAPE, "%zu launches, room for the times of %zu", profile->count,
                         profile->room);
        goto done;
    }
    for (size_t i = 0; i < profile->count; i++) {
        cg_profile_launch *launch = &profile->launches[i];
        if (i == 0)
            CG_TRY(read_clock(&before, rt, launch->event, CL_PROFILING_COMMAND_START));
        CG_TRY(read_clock(&end, rt, launch->event, CL_PROFILING_COMMAND_END));
        launch->seconds = end > before ? 1e-9 * (double)(end - before) : 0;
        before = end;
    }
done:
    return status;
}

void cg_profile_deinit(cg_profile *profile, cg_runtime *rt)
{
    if (rt->profile == profile) {
        cg_runtime_finish(rt);
        swap_queues(profile, rt);
        rt->profile = NULL;
    }
    for (size_t i = 0; i < profile->count && i < profile->room; i++)
        if (profile->launches[i].event)
            clReleaseEvent(profile->launches[i].event);
    if (profile->queue)
        clReleaseCommandQueue(profile->queue);
    free(profile->launches);
    *profile = (cg_profile){0};
}
