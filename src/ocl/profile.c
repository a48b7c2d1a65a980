/* Times of launches. A queue with profiling takes the place of the runtime's, which has no times,
 * and the runtime's commands return their events. */
#include "ocl/profile.h"

#include "base/memory.h"
#include "base/try.h"
#include "ocl/cl_types.h"
#include "ocl/error.h"

#include <stdlib.h>

typedef struct cg_profile_events {
    cl_command_queue queue; /* the one of the two that the runtime does not use */
    cl_event *of;           /* [room] each launch's */
} cg_profile_events;

static cl_event *next_event(void *user, const char *command)
{
    cg_profile *profile = user;
    if (profile->count++ >= profile->room)
        return NULL;
    profile->launches[profile->count - 1].kernel = command;
    return &profile->events->of[profile->count - 1];
}

/* The runtime gets the profile's queue and sink, and then its own again. */
static void swap_queues(cg_profile *profile, cg_runtime *rt)
{
    cl_command_queue queue = rt->cl->queue;
    rt->cl->queue = profile->events->queue;
    profile->events->queue = queue;
}

static bool is_recording(const cg_profile *profile, const cg_runtime *rt)
{
    return rt->cl->sink.user == profile;
}

static void start_profile(cg_profile *profile, cg_runtime *rt)
{
    swap_queues(profile, rt);
    rt->cl->sink = (cg_event_sink){next_event, profile};
}

static void stop_profile(cg_profile *profile, cg_runtime *rt)
{
    swap_queues(profile, rt);
    rt->cl->sink = (cg_event_sink){0};
}

cg_status cg_profile_begin(cg_profile *profile, cg_runtime *rt, size_t room)
{
    cg_status status = CG_OK;
    cl_int error;

    *profile = (cg_profile){.room = room};
    CG_TRY(cg_memory_create(&profile->launches, room, sizeof *profile->launches));
    CG_TRY(cg_memory_create(&profile->events, 1, sizeof *profile->events));
    CG_TRY(cg_memory_create(&profile->events->of, room, sizeof *profile->events->of));
    profile->events->queue =
        clCreateCommandQueue(rt->cl->context, rt->cl->device, CL_QUEUE_PROFILING_ENABLE, &error);
    CG_TRY(cg_cl_check(error, "%s: a command queue that tells times", rt->info.name));
    CG_TRY(cg_runtime_finish(rt));
    start_profile(profile, rt);
done:
    return status;
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
    stop_profile(profile, rt);
    if (profile->count > profile->room)
        return cg_fail(CG_ERR_SHAPE,
                       "%zu launches were profiled, more than the %zu that there is room for",
                       profile->count, profile->room);
    for (size_t i = 0; i < profile->count; i++) {
        cl_event event = profile->events->of[i];
        if (i == 0)
            CG_TRY(read_clock(&before, rt, event, CL_PROFILING_COMMAND_START));
        CG_TRY(read_clock(&end, rt, event, CL_PROFILING_COMMAND_END));
        profile->launches[i].seconds = end > before ? 1e-9 * (double)(end - before) : 0;
        before = end;
    }
done:
    return status;
}

static void release_events(cg_profile_events *events, size_t room)
{
    if (!events)
        return;
    for (size_t i = 0; i < room && events->of; i++)
        if (events->of[i])
            clReleaseEvent(events->of[i]);
    if (events->queue)
        clReleaseCommandQueue(events->queue);
    free(events->of);
    free(events);
}

void cg_profile_deinit(cg_profile *profile, cg_runtime *rt)
{
    if (is_recording(profile, rt)) {
        cg_runtime_finish(rt);
        stop_profile(profile, rt);
    }
    release_events(profile->events, profile->room);
    free(profile->launches);
    *profile = (cg_profile){0};
}
