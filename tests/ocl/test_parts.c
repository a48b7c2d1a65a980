/* Launches in parts, on a device that is a clock: these functions stand before OpenCL's, and a
 * group lasts as long as the test says. */
#include "ocl/parts.h"

#include "support.h"

#include <time.h>

enum { CALLS = 4096 };

static struct {
    double group_seconds, compile_seconds; /* compile: before the first groups */
    double now, pending;
    struct {
        size_t offset[3], global[3];
        double seconds;
    } calls[CALLS];
    size_t count, flushes;
} fake;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    now->tv_sec = (time_t)fake.now;
    now->tv_nsec = (long)(1e9 * (fake.now - (double)now->tv_sec));
    return 0;
}

/* NOLINTNEXTLINE: it has that many parameters */
cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dims,
                              const size_t *offset, const size_t *global, const size_t *local,
                              cl_uint waits, const cl_event *list, cl_event *event)
{
    (void)queue, (void)kernel, (void)waits, (void)list, (void)event;
    double groups = 1;
    ck_assert_uint_lt(fake.count, CALLS);
    for (cl_uint d = 0; d < dims; d++) {
        fake.calls[fake.count].offset[d] = offset ? offset[d] : 0;
        fake.calls[fake.count].global[d] = global[d];
        ck_assert_uint_eq(global[d] % local[d], 0);
        groups *= (double)global[d] / (double)local[d];
    }
    fake.calls[fake.count++].seconds = groups * fake.group_seconds;
    fake.pending += groups * fake.group_seconds + fake.compile_seconds;
    fake.compile_seconds = 0;
    return CL_SUCCESS;
}

cl_int clFinish(cl_command_queue queue)
{
    (void)queue;
    fake.now += fake.pending;
    fake.pending = 0;
    return CL_SUCCESS;
}

cl_int clFlush(cl_command_queue queue)
{
    (void)queue;
    fake.flushes++;
    return CL_SUCCESS;
}

static cg_cl cl;
static cg_runtime rt;
static struct cg_kernel kernel;

static void start(double group_seconds)
{
    memset(&fake, 0, sizeof fake);
    memset(&kernel, 0, sizeof kernel);
    fake.group_seconds = group_seconds;
    rt = (cg_runtime){.cl = &cl, .part_seconds = cg_parts_seconds(CG_DEVICE_GPU)};
}

/* Launches it; the calls are those of this launch. They cover it, each group once. Returns the
 * longest. */
static double launch(const cg_range *range, uint64_t key, size_t dimension)
{
    double longest = 0;
    size_t next = 0;
    fake.count = fake.flushes = 0;
    size_t before = rt.launches;
    ck_assert_int_eq(cg_parts_enqueue(&rt, &kernel, range, key, "kernel"), CG_OK);
    for (size_t i = 0; i < fake.count; i++) {
        for (size_t d = 0; d < 3; d++) {
            ck_assert_uint_eq(fake.calls[i].offset[d], d == dimension ? next : 0);
            if (d != dimension)
                ck_assert_uint_eq(fake.calls[i].global[d], range->global[d]);
        }
        next += fake.calls[i].global[dimension];
        longest = fake.calls[i].seconds > longest ? fake.calls[i].seconds : longest;
    }
    ck_assert_uint_eq(next, range->global[dimension]);
    ck_assert_uint_eq(rt.launches - before, fake.count);
    clFinish(NULL);
    return longest;
}

static const cg_range range = {{64000, 2, 4}, {64, 1, 1}};

START_TEST(fast_devices_get_one_launch)
{
    start(1e-8);
    launch(&range, 0, 0);
    ck_assert_uint_gt(fake.count, 1);
    ck_assert_uint_lt(fake.count, 9);
    for (int i = 0; i < 3; i++) {
        launch(&range, 0, 0);
        ck_assert_uint_eq(fake.count, 1);
        ck_assert_uint_eq(fake.flushes, 0);
    }
}
END_TEST

/* A launch of 2 s and one of 20 s, as those of a step of 20 s and of 200 s. */
START_TEST(slow_devices_get_parts)
{
    for (double seconds = 2; seconds < 50; seconds *= 10) {
        start(seconds / 8000);
        fake.compile_seconds = 3;
        ck_assert_double_le(launch(&range, 0, 0), rt.part_seconds);
        ck_assert_double_le(launch(&range, 0, 0), rt.part_seconds);
        ck_assert_uint_le((size_t)(seconds / rt.part_seconds), fake.count);
        ck_assert_uint_le(fake.count, (size_t)(seconds / rt.part_seconds) + 2);
        ck_assert_uint_eq(fake.flushes, fake.count);
    }
}
END_TEST

START_TEST(what_cannot_be_cut_is_whole)
{
    const cg_range one = {{64, 500, 1}, {64, 1, 1}};
    start(1);
    launch(&one, 0, 0);
    ck_assert_uint_eq(fake.count, 1);
    launch(&one, 0, 0);
    ck_assert_uint_eq(fake.count, 1);
    rt.part_seconds = cg_parts_seconds(CG_DEVICE_CPU);
    launch(&range, 0, 0);
    ck_assert_uint_eq(fake.count, 1);
}
END_TEST

START_TEST(the_longer_of_two_dimensions_is_cut)
{
    const cg_range deep = {{128, 3, 200}, {64, 1, 1}};
    start(1e-2);
    launch(&deep, 0, 2);
    launch(&deep, 0, 2);
    ck_assert_uint_gt(fake.count, 1);
}
END_TEST

/* Other sizes among the arguments have a time of their own, however many came before; what was not
 * launched for long is measured again. */
START_TEST(sizes_have_their_own_times)
{
    start(1e-8);
    launch(&range, 0, 0);
    for (uint64_t key = 1; key < 2 * CG_LAUNCH_TIMES; key++) {
        fake.group_seconds = 1e-3 / (double)key;
        ck_assert_double_le(launch(&range, key, 0), rt.part_seconds * 1.01);
    }
    ck_assert_uint_eq(kernel.time_count, CG_LAUNCH_TIMES);
    fake.group_seconds = 3e-3; /* slower than all that are known */
    ck_assert_double_le(launch(&range, 99, 0), rt.part_seconds * 1.01);
    ck_assert_double_le(launch(&range, 0, 0), rt.part_seconds * 1.01);
}
END_TEST

/* A size that is launched again and again stays, whatever comes between. */
START_TEST(usual_sizes_stay)
{
    start(1e-8);
    launch(&range, 0, 0);
    const size_t measured = fake.count;
    for (uint64_t key = 1; key < 3 * CG_LAUNCH_TIMES; key++) {
        launch(&range, key, 0);
        launch(&range, 0, 0);
        ck_assert_uint_eq(fake.count, 1);
    }
    ck_assert_uint_gt(measured, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("parts");
    tcase_add_test(tests, fast_devices_get_one_launch);
    tcase_add_test(tests, slow_devices_get_parts);
    tcase_add_test(tests, what_cannot_be_cut_is_whole);
    tcase_add_test(tests, the_longer_of_two_dimensions_is_cut);
    tcase_add_test(tests, sizes_have_their_own_times);
    tcase_add_test(tests, usual_sizes_stay);
    return run_case(tests, "ocl/parts");
}
