/* The memory that buffers will need. */
#include "ocl/footprint.h"

#include "base/platform.h"
#include "base/try.h"

#include <stdint.h>
#include <stdio.h>

/* Beside buffers the host needs memory for checkpoints and pictures, and addresses for a driver's
 * compiler and, where the host is the device, for the heap of each of its threads, too: PoCL aborts
 * where it gets none. */
static const size_t own_bytes = (size_t)64 << 20, compiler_bytes = (size_t)384 << 20,
                    thread_bytes = (size_t)64 << 20;

/* The bytes that a batch needs: of all buffers that there are at once, of the largest one, of the
 * host's memory, and of addresses. */
typedef struct footprint {
    size_t device, buffer, host, addresses;
} footprint;

static cg_status measure_plan(footprint *n, cg_runtime *rt, size_t batch, cg_footprint_plan plan,
                              void *user)
{
    const size_t before = rt->memory_bytes, peak = rt->memory_peak;
    rt->planning = true;
    rt->memory_peak = before;
    rt->planned_buffer = 0;
    cg_status status = plan(user, batch);
    n->device = rt->memory_peak - before;
    n->buffer = rt->planned_buffer;
    const bool on_host = rt->info.type == CG_DEVICE_CPU;
    n->host = (on_host ? n->device : 0) + own_bytes;
    n->addresses = n->host + compiler_bytes + (on_host ? rt->info.compute_units * thread_bytes : 0);
    rt->planning = false;
    rt->memory_peak = peak;
    return status;
}

/* The bytes that there are of each; what nobody tells is without a limit. */
static footprint find_room(const cg_runtime *rt)
{
    const size_t held = rt->memory_bytes, all = rt->info.global_mem_bytes;
    const size_t buffer = rt->info.max_alloc_bytes;
    return (footprint){
        .device = !all         ? SIZE_MAX
                  : all > held ? all - held
                               : 0,
        .buffer = buffer ? buffer : SIZE_MAX,
        .host = cg_platform_memory_room(),
        .addresses = cg_platform_address_room(),
    };
}

static bool fits(const footprint *n, const footprint *room)
{
    return n->device <= room->device && n->buffer <= room->buffer && n->host <= room->host &&
           n->addresses <= room->addresses;
}

/* *largest = the largest batch below `batch`, which is too large, that fits; 0: none does. */
static cg_status find_largest(size_t *largest, cg_runtime *rt, size_t batch, cg_footprint_plan plan,
                              void *user, const footprint *room)
{
    cg_status status = CG_OK;
    *largest = 0;
    for (size_t middle; middle = (*largest + batch) / 2, middle > *largest;) {
        footprint n;
        CG_TRY(measure_plan(&n, rt, middle, plan, user));
        if (fits(&n, room))
            *largest = middle;
        else
            batch = middle;
    }
done:
    return status;
}

enum { SIZE_TEXT = 32 };

static const char *print_size(char text[SIZE_TEXT], size_t bytes)
{
    const double mib = (double)bytes / (1 << 20);
    if (bytes == SIZE_MAX)
        snprintf(text, SIZE_TEXT, "no limit");
    else if (mib < 1024)
        snprintf(text, SIZE_TEXT, "%.0f MiB", mib);
    else
        snprintf(text, SIZE_TEXT, "%.1f GiB", mib / 1024);
    return text;
}

/* The message tells what the host needs by the scarcer of memory and addresses. */
static cg_status fail_for_footprint(const cg_runtime *rt, size_t batch, size_t largest,
                                    const footprint *n, const footprint *room)
{
    char text[6][SIZE_TEXT], advice[64] = "no batch fits";
    const bool addresses = room->addresses < room->host;
    if (largest)
        snprintf(advice, sizeof advice, "a batch of %zu fits", largest);
    return cg_fail(
        CG_ERR_MEMORY,
        "a batch of %zu needs %s of memory on the device %s (there: %s), %s of it in one "
        "buffer (allowed: %s), and %s on the host (there: %s%s): %s",
        batch, print_size(text[0], n->device), rt->info.name, print_size(text[1], room->device),
        print_size(text[2], n->buffer), print_size(text[3], room->buffer),
        print_size(text[4], addresses ? n->addresses : n->host),
        print_size(text[5], addresses ? room->addresses : room->host),
        addresses ? ", by the limit of the process" : "", advice);
}

cg_status cg_footprint_fit(size_t *fitting, cg_runtime *rt, size_t batch, cg_footprint_plan plan,
                           void *user)
{
    cg_status status = CG_OK;
    const footprint room = find_room(rt);
    footprint n;
    *fitting = batch;
    CG_TRY(measure_plan(&n, rt, batch, plan, user));
    if (!fits(&n, &room))
        CG_TRY(find_largest(fitting, rt, batch, plan, user, &room));
done:
    return status;
}

cg_status cg_footprint_check(cg_runtime *rt, size_t batch, cg_footprint_plan plan, void *user)
{
    cg_status status = CG_OK;
    const footprint room = find_room(rt);
    size_t largest;
    footprint n;
    if (rt->planning)
        return CG_OK;
    CG_TRY(measure_plan(&n, rt, batch, plan, user));
    if (!fits(&n, &room)) {
        CG_TRY(find_largest(&largest, rt, batch, plan, user, &room));
        status = fail_for_footprint(rt, batch, largest, &n, &room);
    }
done:
    return status;
}
