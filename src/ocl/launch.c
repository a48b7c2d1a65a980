/* Arguments, local sizes and the call that enqueues a kernel. */
#include "ocl/launch.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/cl_types.h"
#include "ocl/error.h"
#include "ocl/parts.h"
#include "ocl/program.h"
#include "ocl/rehearsal.h"
#include "ocl/zero_size.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

enum { DEFAULT_LOCAL = 64 }; /* work-items in a group, unless a launch sets them */

cg_arg cg_arg_buffer(const cg_buffer *buffer)
{
    return (cg_arg){.kind = CG_ARG_BUFFER, .buffer = buffer};
}

cg_arg cg_arg_bytes(const void *value, size_t bytes)
{
    cg_arg arg = {.kind = CG_ARG_BYTES, .size = bytes};
    assert(bytes <= sizeof arg.value);
    memcpy(arg.value, value, bytes);
    return arg;
}

cg_arg cg_arg_int(size_t value)
{
    return (cg_arg){.kind = CG_ARG_INT, .size = value, .largest = value};
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
    return (cg_arg){.kind = CG_ARG_LOCAL, .size = bytes};
}

static cg_status check_arg(const cg_arg *arg, cl_uint index, const char *name)
{
    if (arg->kind == CG_ARG_LOCAL)
        return cg_zero_size_refuse(arg->size, name, "local memory");
    if (arg->largest > INT_MAX)
        return cg_fail(CG_ERR_SHAPE,
                       "%s: argument %u is %zu, more than a kernel's 32-bit argument can hold",
                       name, index, arg->largest);
    return CG_OK;
}

static cg_status set_arg(cg_runtime *rt, cl_kernel kernel, cl_uint index, const cg_arg *arg,
                         const char *name)
{
    cg_status status = CG_OK;
    cl_mem mem = cg_buffer_mem(arg->buffer ? arg->buffer : rt->cl->dummy);
    cl_int number = (cl_int)arg->size;
    const struct {
        size_t bytes;
        const void *value;
    } as[] = {
        [CG_ARG_BUFFER] = {sizeof mem, &mem},
        [CG_ARG_INT] = {sizeof number, &number},
        [CG_ARG_LOCAL] = {arg->size, NULL},
        [CG_ARG_BYTES] = {arg->size, arg->value},
    };
    CG_TRY(check_arg(arg, index, name));
    CG_TRY(cg_cl_check(clSetKernelArg(kernel, index, as[arg->kind].bytes, as[arg->kind].value),
                       "%s: argument %u", name, index));
done:
    return status;
}

static cg_status set_args(cg_runtime *rt, cl_kernel kernel, const cg_launch *launch,
                          const cg_arg *args, size_t count)
{
    cl_uint wanted = 0;
    cg_status status =
        cg_cl_check(clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof wanted, &wanted, NULL),
                    "%s: %s: clGetKernelInfo", rt->info.name, launch->kernel);
    if (status != CG_OK)
        return status;
    if (wanted != count)
        return cg_fail(CG_ERR_CL, "%s takes %u arguments, the launch has %zu", launch->kernel,
                       wanted, count);
    for (size_t i = 0; i < count; i++) {
        status = set_arg(rt, kernel, (cl_uint)i, &args[i], launch->kernel);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

cg_status cg_launch_max_local(size_t *items, cg_runtime *rt, const cg_launch *launch)
{
    cg_kernel *kernel;
    *items = rt->info.max_work_group;
    if (rt->rehearsing)
        return CG_OK;
    cg_status status =
        cg_program_get_kernel(&kernel, rt, launch->file, launch->kernel, launch->options);
    if (status == CG_OK && kernel->max_local && kernel->max_local < *items)
        *items = kernel->max_local;
    return status;
}

cg_status cg_launch_fit_group(cg_launch *launch, cg_runtime *rt, size_t most)
{
    size_t allowed;
    cg_status status = cg_launch_max_local(&allowed, rt, launch);
    launch->local[0] = most;
    while (launch->local[0] > 1 && launch->local[0] > allowed)
        launch->local[0] /= 2;
    return status;
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

/* `key`: of the sizes among the arguments. */
static cg_status enqueue_kernel(cg_runtime *rt, cg_kernel *kernel, const cg_launch *launch,
                                uint64_t key)
{
    cg_range range;
    cg_status status = cg_launch_choose_local(range.local, rt, launch, kernel->max_local);
    if (status != CG_OK)
        return status;
    for (size_t d = 0; d < 3; d++)
        range.global[d] = cg_round_up(launch->global[d] ? launch->global[d] : 1, range.local[d]);
    return cg_parts_enqueue(rt, kernel, &range, key, launch->kernel);
}

/* A number for the sizes among the arguments: with others a launch may last longer. Numbers of
 * steps and seeds are none. */
static uint64_t hash_sizes(const cg_arg *args, size_t count)
{
    uint64_t key = 0;
    for (size_t i = 0; i < count; i++) {
        if (!args[i].largest)
            continue;
        const bool bytes = args[i].kind == CG_ARG_BYTES;
        const void *data = bytes ? (const void *)args[i].value : &args[i].size;
        key = cg_xxh3_64(data, bytes ? args[i].size : sizeof args[i].size, key);
    }
    return key;
}

/* Drivers may compile when a kernel is first launched, or when that launch is run: it is waited
 * for, so that the time is known. */
static cg_status enqueue_first(cg_runtime *rt, cg_kernel *kernel, const cg_launch *launch,
                               uint64_t key)
{
    cg_status status = CG_OK;
    cg_compiling compiling;
    cg_rehearsal_note(rt, launch->file, launch->kernel, launch->options);
    cg_compiling_begin(&compiling, rt, launch->kernel, launch->file);
    CG_TRY(enqueue_kernel(rt, kernel, launch, key));
    CG_TRY(cg_cl_check(clFinish(rt->cl->queue), "%s: %s", rt->info.name, launch->kernel));
    kernel->has_run = true;
    cg_log(CG_LOG_DEBUG, "%s of %s: first run after %.2f s", launch->kernel, launch->file,
           cg_clock_seconds() - compiling.start);
done:
    cg_compiling_end(&compiling, rt, kernel->has_run);
    return status;
}

cg_status cg_enqueue(cg_runtime *rt, const cg_launch *launch, const cg_arg *args, size_t count)
{
    cg_status status = CG_OK;
    cg_kernel *kernel;

    if (cg_zero_size_is_done(launch->global[0]))
        return CG_OK;
    if (rt->rehearsing) {
        cg_rehearsal_note(rt, launch->file, launch->kernel, launch->options);
        return cg_program_foresee(rt, launch->file, launch->options);
    }
    CG_TRY(cg_program_get_kernel(&kernel, rt, launch->file, launch->kernel, launch->options));
    CG_TRY(set_args(rt, kernel->cl, launch, args, count));
    const uint64_t key = rt->part_seconds > 0 ? hash_sizes(args, count) : 0;
    CG_TRY((kernel->has_run ? enqueue_kernel : enqueue_first)(rt, kernel, launch, key));
done:
    return status;
}
