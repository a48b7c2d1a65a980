/* Launches of cl/peak.cl. A CPU gets a few large work-items, a GPU enough small ones to fill it. */
#include "bench/peak.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/try.h"
#include "bench/measure.h"
#include "cl/shared.h"
#include "ocl/launch.h"

#include <math.h>

enum {
    CPU_ITEMS = 8, /* a compute unit: chunks for its thread to balance with */
    GPU_ITEMS = 2048,
    GPU_LOCAL = 256,
    FIRST_ITERATIONS = 8192, /* after as many, x has come to its limit */
    NAN_BITS = 0x7fc00000,
    ONE_BITS = 0x3f800000
};

static const size_t copy_bytes = (size_t)256 << 20;  /* of each of two buffers, at most */
static const double run_seconds = 20e-3;             /* that a run of multiply-adds should take */
static const float factor = 0.998f, addend = 0.002f; /* x = factor x + addend goes to 1 */

typedef struct peak_job {
    cg_runtime *rt;
    cg_buffer *out, *in;
    size_t items, local;
    size_t iterations; /* of peak_fma */
    size_t vectors;    /* of peak_copy, an item's */
} peak_job;

static bool is_cpu(const cg_runtime *rt)
{
    return rt->info.type == CG_DEVICE_CPU;
}

static peak_job job_for(cg_runtime *rt)
{
    peak_job job = {.rt = rt, .local = 1, .iterations = FIRST_ITERATIONS};
    size_t units = rt->info.compute_units ? rt->info.compute_units : 1;
    if (!is_cpu(rt))
        job.local = rt->info.max_work_group < GPU_LOCAL ? rt->info.max_work_group : GPU_LOCAL;
    if (!job.local)
        job.local = 1;
    job.items = cg_round_up(units * (is_cpu(rt) ? CPU_ITEMS : GPU_ITEMS), job.local);
    return job;
}

/* ---- multiply-adds --------------------------------------------------------------------------- */

static cg_status enqueue_fma(void *user)
{
    const peak_job *job = user;
    cg_launch launch = {
        .file = "peak.cl", .kernel = "peak_fma", .global = {job->items}, .local = {job->local}};
    return CG_LAUNCH(job->rt, &launch, cg_arg_buffer(job->out), cg_arg_float(factor),
                     cg_arg_float(addend), cg_arg_int(job->iterations));
}

/* The first values of the result must all be `wanted`. */
static cg_status check_result(const peak_job *job, const char *kernel, double wanted)
{
    float values[64];
    size_t count = job->out->bytes / sizeof *values;
    count = count < CG_COUNT(values) ? count : CG_COUNT(values);
    cg_status status = cg_buffer_download(job->out, 0, values, count * sizeof *values);
    for (size_t i = 0; i < count && status == CG_OK; i++)
        if (!(fabs(values[i] - wanted) <= 1e-3 * wanted))
            status = cg_fail(CG_ERR_WRONG, "%s: %s gives %g where it should be %g",
                             job->rt->info.name, kernel, (double)values[i], wanted);
    return status;
}

static cg_status measure_fma(double *gflops, cg_runtime *rt, double seconds)
{
    cg_status status = CG_OK;
    peak_job job = job_for(rt);
    cg_times times = {0};
    double deadline;

    CG_TRY(cg_buffer_create(&job.out, rt, job.items * rt->vec * sizeof(float)));
    CG_TRY(cg_buffer_fill(job.out, NAN_BITS));
    CG_TRY(enqueue_fma(&job)); /* builds */
    CG_TRY(check_result(&job, "peak_fma", CG_PEAK_ACCUMULATORS));
    deadline = cg_clock_seconds() + seconds;
    CG_TRY(cg_measure(&times, rt, enqueue_fma, &job, 0));
    if (times.min < run_seconds)
        job.iterations *= (size_t)fmin(ceil(run_seconds / times.min), 1 << 16);
    CG_TRY(cg_measure(&times, rt, enqueue_fma, &job, deadline - cg_clock_seconds()));
    *gflops = 2e-9 * (double)(job.items * rt->vec * CG_PEAK_ACCUMULATORS) * (double)job.iterations /
              times.min;
done:
    cg_buffer_release(job.out);
    return status;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static cg_status enqueue_copy(void *user)
{
    const peak_job *job = user;
    cg_launch launch = {
        .file = "peak.cl", .kernel = "peak_copy", .global = {job->items}, .local = {job->local}};
    bool cpu = is_cpu(job->rt);
    return CG_LAUNCH(job->rt, &launch, cg_arg_buffer(job->out), cg_arg_buffer(job->in),
                     cg_arg_float(1.0f), cg_arg_int(job->vectors),
                     cg_arg_int(cpu ? job->vectors : 1), cg_arg_int(cpu ? 1 : job->items));
}

/* Sets the vectors of an item; the result is the size of each buffer. */
static size_t size_copy(peak_job *job)
{
    const cg_device_info *info = &job->rt->info;
    size_t wide = CG_PEAK_WIDE(job->rt->vec), bytes = copy_bytes;
    if (info->max_alloc_bytes && bytes > info->max_alloc_bytes)
        bytes = info->max_alloc_bytes;
    if (info->global_mem_bytes && bytes > info->global_mem_bytes / 8)
        bytes = info->global_mem_bytes / 8;
    size_t vector_row = job->items * wide * sizeof(float); /* one vector of each item */
    job->vectors = bytes / vector_row ? bytes / vector_row : 1;
    return job->vectors * vector_row;
}

static cg_status measure_copy(double *gbps, cg_runtime *rt, double seconds)
{
    cg_status status = CG_OK;
    peak_job job = job_for(rt);
    size_t bytes = size_copy(&job);
    cg_times times = {0};

    CG_TRY(cg_buffer_create(&job.in, rt, bytes));
    CG_TRY(cg_buffer_create(&job.out, rt, bytes));
    CG_TRY(cg_buffer_fill(job.in, ONE_BITS));
    CG_TRY(cg_buffer_fill(job.out, NAN_BITS));
    CG_TRY(enqueue_copy(&job)); /* builds */
    CG_TRY(check_result(&job, "peak_copy", 1));
    CG_TRY(cg_measure(&times, rt, enqueue_copy, &job, seconds));
    *gbps = 2e-9 * (double)bytes / times.min;
done:
    cg_buffer_release(job.out);
    cg_buffer_release(job.in);
    return status;
}

cg_status cg_peak_measure(cg_bench_peak *peak, cg_runtime *rt, double seconds)
{
    cg_status status = measure_fma(&peak->gflops, rt, seconds);
    return status == CG_OK ? measure_copy(&peak->gbps, rt, seconds) : status;
}
