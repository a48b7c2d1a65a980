/* The runtime's life and its marks. */
#include "ocl/runtime.h"

#include "base/argument.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "base/waiting.h"
#include "ocl/buffer.h"
#include "ocl/cl_types.h"
#include "ocl/device.h"
#include "ocl/error.h"
#include "ocl/parts.h"
#include "ocl/program.h"

#include <stdio.h>
#include <stdlib.h>

enum { DUMMY_BYTES = 256 };

#define WAITING_WORDS "waiting for %s, which ends what it was given"

const size_t *cg_runtime_widths(const cg_runtime *rt)
{
    static const size_t lane[] = {1, 0}, by4[] = {4, 8, 16, 0}, by8[] = {8, 16, 4, 0},
                        by16[] = {16, 8, 4, 0}, not16[] = {8, 4, 0};
    if (rt->info.type != CG_DEVICE_CPU)
        return lane;
    if (rt->quirks.no_lanes16 && rt->info.vector_width >= 16)
        return not16;
    return rt->info.vector_width >= 16 ? by16 : rt->info.vector_width >= 8 ? by8 : by4;
}

static cg_status open_device(cg_runtime *rt, const cg_devices *devices, size_t index)
{
    cg_status status = CG_OK;
    cg_cl *cl = rt->cl;
    cl_platform_id platform;
    cl_int error;

    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "opening %s", rt->info.name);
    cg_devices_get_ids(devices, index, &platform, &cl->device);
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                                (cl_context_properties)platform, 0};
    cl->context = clCreateContext(properties, 1, &cl->device, NULL, NULL, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateContext", rt->info.name));
    cl->queue = clCreateCommandQueue(cl->context, cl->device, 0, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateCommandQueue", rt->info.name));
done:
    cg_wait_end(&wait);
    return status;
}

cg_status cg_runtime_check_index(const cg_devices *devices, size_t index)
{
    if (index >= cg_devices_count(devices))
        return cg_fail(CG_ERR_ARGUMENT, "there is no device %zu: the list has %zu", index,
                       cg_devices_count(devices));
    const cg_device_info *info = cg_devices_info(devices, index);
    return info->unusable[0] ? cg_fail(CG_ERR_DEVICE, "%s: %s", info->name, info->unusable) : CG_OK;
}

cg_status cg_runtime_create(cg_runtime **rt, const cg_devices *devices, size_t index)
{
    CG_NEED(rt);
    *rt = NULL;
    cg_status status = cg_runtime_check_index(devices, index);
    if (status != CG_OK)
        return status;
    cg_runtime *r = NULL;

    CG_TRY(cg_memory_create(&r, 1, sizeof *r));
    CG_TRY(cg_memory_create(&r->cl, 1, sizeof *r->cl));
    r->info = *cg_devices_info(devices, index);
    r->quirks = cg_quirks_find(&r->info);
    r->vec = *cg_runtime_widths(r);
    CG_TRY(cg_cache_init(&r->cl->cache));
    r->part_seconds = cg_parts_seconds(r->info.type);
    CG_TRY(open_device(r, devices, index));
    CG_TRY(cg_buffer_create(&r->cl->dummy, r, DUMMY_BYTES));
    *rt = r;
    r = NULL;
done:
    cg_runtime_release(r);
    return status;
}

cg_status cg_runtime_create_selected(cg_runtime **rt, const char *selector)
{
    CG_NEED(rt);
    cg_status status = CG_OK;
    cg_devices *devices = NULL;
    size_t index = 0;

    *rt = NULL;
    CG_TRY(cg_devices_create(&devices));
    CG_TRY(
        cg_device_select(&index, cg_devices_info(devices, 0), cg_devices_count(devices), selector));
    CG_TRY(cg_runtime_create(rt, devices, index));
done:
    cg_devices_release(devices);
    return status;
}

static void release_cl(cg_runtime *rt)
{
    cg_cl *cl = rt->cl;
    if (cl->queue)
        clFinish(cl->queue);
    for (size_t i = 0; i < CG_MARKS; i++)
        if (cl->marks[i])
            clReleaseEvent(cl->marks[i]);
    cg_buffer_release(cl->dummy);
    cg_programs_release(rt);
    if (cl->queue)
        clReleaseCommandQueue(cl->queue);
    if (cl->context)
        clReleaseContext(cl->context);
    cg_cache_deinit(&cl->cache);
    cg_text_deinit(&cl->foreseen);
    free(cl);
}

void cg_runtime_release(cg_runtime *rt)
{
    if (rt && rt->cl)
        release_cl(rt);
    free(rt);
}

const cg_device_info *cg_runtime_device(const cg_runtime *rt)
{
    return rt ? &rt->info : NULL;
}

cg_status cg_runtime_finish(cg_runtime *rt)
{
    CG_NEED(rt);
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, WAITING_WORDS, rt->info.name);
    cl_int error = clFinish(rt->cl->queue);
    cg_wait_end(&wait);
    return cg_cl_check(error, "%s: clFinish", rt->info.name);
}

void cg_runtime_forget_recent(cg_runtime *rt)
{
    rt->cl->recent_count = 0;
}

void cg_runtime_tell_recent(char *text, size_t room, const cg_runtime *rt)
{
    const cg_cl *cl = rt->cl;
    size_t first = cl->recent_count > CG_RECENT ? cl->recent_count - CG_RECENT : 0, used = 0;
    text[0] = '\0';
    for (size_t i = first; i < cl->recent_count && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "",
                                 cl->recent[i % CG_RECENT]);
}

/* Sleeps until the event is complete; its time is a step's, milliseconds or more. */
static cg_status sleep_through(const cg_runtime *rt, cl_event event)
{
    const double nap = 200e-6;
    for (;;) {
        cl_int state = CL_QUEUED;
        cl_int error =
            clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
        if (error != CL_SUCCESS || state < 0)
            return cg_cl_check(error != CL_SUCCESS ? error : state, "%s: running the kernels",
                               rt->info.name);
        if (state == CL_COMPLETE)
            return CG_OK;
        cg_platform_sleep(nap);
    }
}

static cg_status sleep_until(const cg_runtime *rt, cl_event event)
{
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, WAITING_WORDS, rt->info.name);
    cg_status status = sleep_through(rt, event);
    cg_wait_end(&wait);
    return status;
}

cg_status cg_runtime_mark(cg_runtime *rt)
{
    cg_status status = CG_OK;
    if (rt->rehearsing)
        return CG_OK;
    cl_event *mark = &rt->cl->marks[rt->cl->mark_count % CG_MARKS];
    if (*mark) {
        CG_TRY(sleep_until(rt, *mark));
        clReleaseEvent(*mark);
        *mark = NULL;
    }
    CG_TRY(cg_cl_check(clEnqueueMarkerWithWaitList(rt->cl->queue, 0, NULL, mark),
                       "%s: clEnqueueMarkerWithWaitList", rt->info.name));
    rt->cl->mark_count++;
    CG_TRY(cg_cl_check(clFlush(rt->cl->queue), "%s: clFlush", rt->info.name));
done:
    return status;
}
