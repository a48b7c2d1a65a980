/* Launches in parts. */
#include "ocl/parts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/error.h"

#include <math.h>
#include <string.h>

/* The shares of a launch's groups that are tried first, until it is known how long it lasts. */
enum { FIRST_SHARES = 64 };

double cg_parts_seconds(cg_device_type type)
{
    return type == CG_DEVICE_GPU ? .5 : 0; /* a fourth of Windows' limit, as times differ */
}

/* Groups along the dimension of which a launch is cut. Kernels may ask for the number of groups of
 * dimension 1. */
typedef struct part {
    size_t dimension, first, count;
} part;

static size_t count_groups(const cg_range *range, size_t dimension)
{
    return range->global[dimension] / range->local[dimension];
}

static part whole_of(const cg_range *range)
{
    size_t d = count_groups(range, 2) > count_groups(range, 0) ? 2 : 0;
    return (part){.dimension = d, .count = count_groups(range, d)};
}

static cg_status enqueue(cg_runtime *rt, const cg_kernel *kernel, const cg_range *range,
                         const part *p, const char *name)
{
    size_t offset[3] = {0}, global[3] = {range->global[0], range->global[1], range->global[2]};
    offset[p->dimension] = p->first * range->local[p->dimension];
    global[p->dimension] = p->count * range->local[p->dimension];
    rt->launches++;
    return cg_cl_check(clEnqueueNDRangeKernel(rt->cl->queue, kernel->cl, 3,
                                              p->first ? offset : NULL, global, range->local, 0,
                                              NULL, cg_event_next(rt, name)),
                       "%s: %s with %zu x %zu x %zu work-items", rt->info.name, name, global[0],
                       global[1], global[2]);
}

static cg_status finish(cg_runtime *rt, const char *name)
{
    return cg_cl_check(clFinish(rt->cl->queue), "%s: %s", rt->info.name, name);
}

/* Runs the launch in parts whose sizes follow from how long those before have lasted, at most twice
 * the last one's. *seconds = what it would last as one, by the last part, as drivers may compile at
 * the first. */
static cg_status measure(cg_runtime *rt, const cg_kernel *kernel, const cg_range *range,
                         double *seconds, const char *name)
{
    cg_status status = CG_OK;
    const part whole = whole_of(range);
    part p = whole;
    double a_group = 0;
    p.count = cg_ceil_div(whole.count, FIRST_SHARES);
    CG_TRY(finish(rt, name)); /* what was enqueued before has other times */
    while (p.first < whole.count) {
        size_t left = whole.count - p.first;
        p.count = p.count < left ? p.count : left;
        double start = cg_clock_seconds();
        CG_TRY(enqueue(rt, kernel, range, &p, name));
        CG_TRY(finish(rt, name));
        a_group = (cg_clock_seconds() - start) / (double)p.count;
        p.first += p.count;
        double fitting = floor(rt->part_seconds / a_group);
        p.count = fitting < 1 ? 1 : fitting < 2.0 * (double)p.count ? (size_t)fitting : 2 * p.count;
    }
    *seconds = a_group * (double)whole.count;
done:
    return status;
}

static cg_status enqueue_parts(cg_runtime *rt, const cg_kernel *kernel, const cg_range *range,
                               double seconds, const char *name)
{
    const part whole = whole_of(range);
    double wanted = ceil(seconds / rt->part_seconds);
    size_t parts = wanted < (double)whole.count ? (size_t)wanted : whole.count;
    if (parts <= 1)
        return enqueue(rt, kernel, range, &whole, name);
    for (size_t i = 0; i < parts; i++) {
        size_t first = whole.count * i / parts;
        const part p = {whole.dimension, first, whole.count * (i + 1) / parts - first};
        cg_status status = enqueue(rt, kernel, range, &p, name);
        /* Drivers may hand several launches to the device as one. */
        if (status == CG_OK)
            status = cg_cl_check(clFlush(rt->cl->queue), "%s: clFlush", rt->info.name);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

/* Returns where the kernel's time for that key is; their number: it is not known. */
static size_t find_time(const cg_kernel *kernel, uint64_t key)
{
    size_t i = 0;
    while (i < kernel->time_count && kernel->times[i].key != key)
        i++;
    return i;
}

/* Puts a time first, which was at i; where there is no more room the last one goes. */
static void put_first(cg_kernel *kernel, cg_launch_time time, size_t i)
{
    if (i == kernel->time_count && i < CG_LAUNCH_TIMES)
        kernel->time_count++;
    const size_t before = i < CG_LAUNCH_TIMES ? i : CG_LAUNCH_TIMES - 1;
    memmove(&kernel->times[1], &kernel->times[0], before * sizeof time);
    kernel->times[0] = time;
}

cg_status cg_parts_enqueue(cg_runtime *rt, cg_kernel *kernel, const cg_range *range, uint64_t key,
                           const char *name)
{
    const part whole = whole_of(range);
    if (!(rt->part_seconds > 0))
        return enqueue(rt, kernel, range, &whole, name);
    key = cg_xxh3_64(range, sizeof *range, key);
    const size_t i = find_time(kernel, key);
    cg_launch_time time = {.key = key};
    if (i < kernel->time_count) {
        time = kernel->times[i];
        put_first(kernel, time, i);
        return enqueue_parts(rt, kernel, range, time.seconds, name);
    }
    cg_status status = measure(rt, kernel, range, &time.seconds, name);
    if (status == CG_OK)
        put_first(kernel, time, i);
    return status;
}
