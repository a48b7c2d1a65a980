/* The runtime's life, its buffers and its launches. */
#include "ocl/runtime.h"

#include "base/memory.h"
#include "base/try.h"
#include "ocl/device.h"
#include "ocl/error.h"
#include "ocl/profile.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEFAULT_LOCAL = 64 }; /* work-items in a group, where a launch does not say */

const size_t *cg_runtime_widths(const cg_runtime *rt)
{
    static const size_t lane[] = {1, 0}, by4[] = {4, 8, 16, 0}, by8[] = {8, 16, 4, 0},
                        by16[] = {16, 8, 4, 0};
    if (rt->info.type != CG_DEVICE_CPU)
        return lane;
    return rt->info.vector_width >= 16 ? by16 : rt->info.vector_width >= 8 ? by8 : by4;
}

/* What drivers do without saying so: a part of the device's or the platform's name, and what to
 * know about it. */
static const struct {
    const char *name;
    int last; /* the driver's major version, 0: any */
    bool short_loops, no_prefetch, own_cache, deals_halves;
} quirks[] = {
    /* Leaves a work-item's loops when they have taken 65535 iterations together, and goes on with
     * what it has: Mesa's LP_MAX_TGSI_LOOP_ITERATIONS. Ends the program at a hint to the cache:
     * LLVM's instruction for it has no translation to SPIR-V. */
    {.name = "llvmpipe", .short_loops = true, .no_prefetch = true},
    /* Makes no kernel that has a hint to the cache. */
    {.name = "Oclgrind", .no_prefetch = true},
    /* Compiles a kernel when it knows the local size and keeps that in a cache of its own. For a
     * program's binary it compiles every kernel once more, for any local size, which takes longer
     * than the cold start itself. */
    {.name = "Portable Computing Language", .own_cache = true},
    /* Of two threads, gives each half of the groups that are left at once, up to 64 of them. Later
     * versions deal by the time that groups take, and would be misled by those that take none. */
    {.name = "Portable Computing Language", .last = 3, .deals_halves = true},
};

enum { SPREAD = 16 }; /* where groups are dealt by halves: 8 and 32 are as good */

static void set_quirks(cg_runtime *rt)
{
    for (size_t i = 0; i < CG_COUNT(quirks); i++)
        if ((strstr(rt->info.name, quirks[i].name) || strstr(rt->info.platform, quirks[i].name)) &&
            (!quirks[i].last || atoi(rt->info.driver) <= quirks[i].last)) {
            rt->short_loops |= quirks[i].short_loops;
            rt->no_prefetch |= quirks[i].no_prefetch;
            if (quirks[i].deals_halves)
                rt->spread = SPREAD;
            if (quirks[i].own_cache)
                cg_cache_deinit(&rt->cache);
        }
}

cg_status cg_runtime_create(cg_runtime **rt, const cg_devices *devices, size_t index)
{
    cg_status status = CG_OK;
    cg_runtime *r = NULL;
    cl_platform_id platform;
    cl_int error;

    *rt = NULL;
    CG_TRY(cg_memory_create(&r, 1, sizeof *r));
    r->info = *cg_devices_info(devices, index);
    r->vec = *cg_runtime_widths(r);
    r->spread = 1;
    CG_TRY(cg_cache_init(&r->cache));
    set_quirks(r);
    cg_devices_get_ids(devices, index, &platform, &r->device);
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                                (cl_context_properties)platform, 0};
    r->context = clCreateContext(properties, 1, &r->device, NULL, NULL, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateContext", r->info.name));
    r->queue = clCreateCommandQueue(r->context, r->device, 0, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateCommandQueue", r->info.name));
    CG_TRY(cg_buffer_create(&r->dummy, r, 256));
    *rt = r;
    r = NULL;
done:
    cg_runtime_release(r);
    return status;
}

cg_status cg_runtime_create_selected(cg_runtime **rt, const char *selector)
{
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

void cg_runtime_release(cg_runtime *rt)
{
    if (!rt)
        return;
    if (rt->queue)
        clFinish(rt->queue);
    for (size_t i = 0; i < CG_MARKS; i++)
        if (rt->marks[i])
            clReleaseEvent(rt->marks[i]);
    cg_buffer_release(rt->dummy);
    cg_programs_release(rt);
    if (rt->queue)
        clReleaseCommandQueue(rt->queue);
    if (rt->context)
        clReleaseContext(rt->context);
    cg_cache_deinit(&rt->cache);
    free(rt);
}

const cg_device_info *cg_runtime_device(const cg_runtime *rt)
{
    return &rt->info;
}

cg_status cg_runtime_finish(cg_runtime *rt)
{
    return cg_cl_check(clFinish(rt->queue), "%s: clFinish", rt->info.name);
}

/* Sleeps until the event is complete; its time is a step's, milliseconds or more. */
static cg_status sleep_until(const cg_runtime *rt, cl_event event)
{
    const struct timespec nap = {.tv_nsec = 200000};
    for (;;) {
        cl_int state = CL_QUEUED;
        cl_int error =
            clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
        if (error != CL_SUCCESS || state < 0)
            return cg_cl_check(error != CL_SUCCESS ? error : state, "%s: running the kernels",
                               rt->info.name);
        if (state == CL_COMPLETE)
            return CG_OK;
        nanosleep(&nap, NULL);
    }
}

cg_status cg_runtime_mark(cg_runtime *rt)
{
    cg_status status = CG_OK;
    cl_event *mark = &rt->marks[rt->mark_count % CG_MARKS];
    if (*mark) {
        CG_TRY(sleep_until(rt, *mark));
        clReleaseEvent(*mark);
        *mark = NULL;
    }
    CG_TRY(cg_cl_check(clEnqueueMarkerWithWaitList(rt->queue, 0, NULL, mark),
                       "%s: clEnqueueMarkerWithWaitList", rt->info.name));
    rt->mark_count++;
    CG_TRY(cg_cl_check(clFlush(rt->queue), "%s: clFlush", rt->info.name));
done:
    return status;
}

/* ---- buffers ------------------------------------------------------------------------------- */

/* The seam that keeps sizes which the specification forbids away from drivers. Buffers and views of
 * 0 bytes are refused, as nothing could be done with them. Transfers, fills and launches of size 0
 * have nothing to do: they succeed here, and the driver never hears of them. */
static cg_status check_range(const cg_buffer *buffer, size_t offset, size_t bytes, const char *what)
{
    if (offset <= buffer->bytes && bytes <= buffer->bytes - offset)
        return CG_OK;
    return cg_fail(CG_ERR_SHAPE, "%s: %s of %zu bytes at %zu in a buffer of %zu",
                   buffer->rt->info.name, what, bytes, offset, buffer->bytes);
}

cg_status cg_buffer_create(cg_buffer **buffer, cg_runtime *rt, size_t bytes)
{
    cg_status status = CG_OK;
    cg_buffer *b = NULL;
    cl_int error;

    *buffer = NULL;
    if (bytes == 0)
        return cg_fail(CG_ERR_SHAPE, "%s: a buffer of 0 bytes", rt->info.name);
    CG_TRY(cg_memory_create(&b, 1, sizeof *b));
    b->rt = rt;
    b->mem = clCreateBuffer(rt->context, CL_MEM_READ_WRITE, bytes, NULL, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateBuffer of %zu bytes", rt->info.name, bytes));
    b->bytes = bytes;
    rt->memory_bytes += bytes;
    if (rt->memory_bytes > rt->memory_peak)
        rt->memory_peak = rt->memory_bytes;
    *buffer = b;
    b = NULL;
done:
    cg_buffer_release(b);
    return status;
}

cg_status cg_buffer_create_view(cg_buffer **view, cg_buffer *parent, size_t offset, size_t bytes)
{
    cg_status status = CG_OK;
    cg_buffer *b = NULL;
    cl_int error;
    cl_buffer_region region = {offset, bytes};

    assert(offset % parent->rt->info.alignment_bytes == 0);
    *view = NULL;
    if (bytes == 0)
        return cg_fail(CG_ERR_SHAPE, "%s: a view of 0 bytes", parent->rt->info.name);
    CG_TRY(check_range(parent, offset, bytes, "a view"));
    CG_TRY(cg_memory_create(&b, 1, sizeof *b));
    b->is_view = 1;
    b->rt = parent->rt;
    b->mem = clCreateSubBuffer(parent->mem, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION,
                               &region, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateSubBuffer of %zu bytes at %zu", b->rt->info.name, bytes,
                       offset));
    b->bytes = bytes;
    *view = b;
    b = NULL;
done:
    cg_buffer_release(b);
    return status;
}

void cg_buffer_release(cg_buffer *buffer)
{
    if (!buffer)
        return;
    if (buffer->mem)
        clReleaseMemObject(buffer->mem);
    if (!buffer->is_view)
        buffer->rt->memory_bytes -= buffer->bytes;
    free(buffer);
}

cg_status cg_buffer_upload(cg_buffer *buffer, size_t offset, const void *data, size_t bytes)
{
    cg_status status = check_range(buffer, offset, bytes, "an upload");
    if (status != CG_OK || bytes == 0)
        return status;
    return cg_cl_check(clEnqueueWriteBuffer(buffer->rt->queue, buffer->mem, CL_TRUE, offset, bytes,
                                            data, 0, NULL, NULL),
                       "%s: clEnqueueWriteBuffer of %zu bytes", buffer->rt->info.name, bytes);
}

cg_status cg_buffer_download(const cg_buffer *buffer, size_t offset, void *data, size_t bytes)
{
    cg_status status = check_range(buffer, offset, bytes, "a download");
    if (status != CG_OK || bytes == 0)
        return status;
    return cg_cl_check(clEnqueueReadBuffer(buffer->rt->queue, buffer->mem, CL_TRUE, offset, bytes,
                                           data, 0, NULL, NULL),
                       "%s: clEnqueueReadBuffer of %zu bytes", buffer->rt->info.name, bytes);
}

cg_status cg_buffer_fill(cg_buffer *buffer, uint32_t word)
{
    const size_t bytes = buffer->bytes / sizeof word * sizeof word;
    if (bytes == 0)
        return CG_OK;
    return cg_cl_check(clEnqueueFillBuffer(buffer->rt->queue, buffer->mem, &word, sizeof word, 0,
                                           bytes, 0, NULL, cg_profile_next(buffer->rt, "fill")),
                       "%s: clEnqueueFillBuffer of %zu bytes", buffer->rt->info.name, bytes);
}

/* ---- launches ------------------------------------------------------------------------------ */

cg_arg cg_arg_buffer(const cg_buffer *buffer)
{
    return (cg_arg){.kind = CG_ARG_BUFFER, .bytes = sizeof(cl_mem), .buffer = buffer};
}

cg_arg cg_arg_bytes(const void *value, size_t bytes)
{
    cg_arg arg = {.kind = CG_ARG_BYTES, .bytes = bytes};
    assert(bytes <= sizeof arg.value);
    memcpy(arg.value, value, bytes);
    return arg;
}

cg_arg cg_arg_int(size_t value)
{
    return (cg_arg){.kind = CG_ARG_INT, .bytes = sizeof(cl_int), .size = value};
}

cg_arg cg_arg_struct(const void *value, size_t bytes, size_t largest)
{
    cg_arg arg = cg_arg_bytes(value, bytes);
    arg.largest = largest;
    return arg;
}

cg_arg cg_arg_ints(const size_t *sizes, size_t count)
{
    cl_int ints[CG_ARG_BYTES_MAX / sizeof(cl_int)];
    size_t largest = 0;
    assert(count <= CG_COUNT(ints));
    for (size_t i = 0; i < count; i++) {
        ints[i] = (cl_int)sizes[i];
        largest = sizes[i] > largest ? sizes[i] : largest;
    }
    return cg_arg_struct(ints, count * sizeof *ints, largest);
}

cg_arg cg_arg_uint(uint32_t value)
{
    return cg_arg_bytes(&value, sizeof value);
}

cg_arg cg_arg_float(float value)
{
    return cg_arg_bytes(&value, sizeof value);
}

cg_arg cg_arg_local(size_t bytes)
{
    return (cg_arg){.kind = CG_ARG_LOCAL, .bytes = bytes};
}

static cg_status set_arg(cg_runtime *rt, cl_kernel kernel, cl_uint index, const cg_arg *arg,
                         const char *name)
{
    cl_int number = (cl_int)arg->size;
    const void *values[] = {
        [CG_ARG_BUFFER] = arg->buffer ? &arg->buffer->mem : &rt->dummy->mem,
        [CG_ARG_INT] = &number,
        [CG_ARG_LOCAL] = NULL,
        [CG_ARG_BYTES] = arg->value,
    };
    if (arg->kind == CG_ARG_LOCAL && arg->bytes == 0)
        return cg_fail(CG_ERR_SHAPE, "%s: argument %u is local memory of 0 bytes", name, index);
    size_t largest = arg->kind == CG_ARG_INT ? arg->size : arg->largest;
    if (largest > INT_MAX)
        return cg_fail(CG_ERR_SHAPE, "%s: argument %u is %zu, more than a kernel can count", name,
                       index, largest);
    return cg_cl_check(clSetKernelArg(kernel, index, arg->bytes, values[arg->kind]),
                       "%s: argument %u", name, index);
}

static cg_status set_args(cg_runtime *rt, cl_kernel kernel, const cg_launch *launch,
                          const cg_arg *args, size_t count)
{
    cl_uint wanted = 0;
    clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof wanted, &wanted, NULL);
    if (wanted != count)
        return cg_fail(CG_ERR_CL, "%s takes %u arguments, the launch has %zu", launch->kernel,
                       wanted, count);
    for (size_t i = 0; i < count; i++) {
        cg_status status = set_arg(rt, kernel, (cl_uint)i, &args[i], launch->kernel);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

cg_status cg_launch_choose_local(size_t local[3], const cg_runtime *rt, const cg_launch *launch,
                                 size_t max_local)
{
    for (size_t d = 0; d < 3; d++)
        local[d] = launch->local[d] ? launch->local[d] : 1;
    size_t others = local[1] * local[2];
    if (!launch->local[0])
        local[0] = DEFAULT_LOCAL;
    if (!max_local)
        return CG_OK;
    while (!launch->local[0] && local[0] > 1 && local[0] * others > max_local)
        local[0] /= 2;
    return local[0] * others <= max_local
               ? CG_OK
               : cg_fail(CG_ERR_CL,
                         "%s: %s needs work-groups of %zu x %zu x %zu work-items, the device "
                         "allows it %zu",
                         rt->info.name, launch->kernel, local[0], local[1], local[2], max_local);
}

cg_status cg_enqueue(cg_runtime *rt, const cg_launch *launch, const cg_arg *args, size_t count)
{
    cg_status status = CG_OK;
    const cg_kernel *kernel;
    size_t global[3], local[3];

    if (!launch->global[0])
        return CG_OK;
    CG_TRY(cg_program_get_kernel(&kernel, rt, launch->file, launch->kernel, launch->options));
    CG_TRY(set_args(rt, kernel->cl, launch, args, count));
    CG_TRY(cg_launch_choose_local(local, rt, launch, kernel->max_local));
    for (size_t d = 0; d < 3; d++)
        global[d] = cg_round_up(launch->global[d] ? launch->global[d] : 1, local[d]);
    CG_TRY(cg_cl_check(clEnqueueNDRangeKernel(rt->queue, kernel->cl, 3, NULL, global, local, 0,
                                              NULL, cg_profile_next(rt, launch->kernel)),
                       "%s: %s with %zu x %zu x %zu work-items", rt->info.name, launch->kernel,
                       global[0], global[1], global[2]));
    rt->launches++;
done:
    return status;
}
