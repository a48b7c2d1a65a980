/* The memory that a batch needs beside its buffers: without a device, by what a runtime says of
 * one. */
#include "base/platform.h"
#include "ocl/footprint.h"
#include "support.h"

#include <sys/resource.h>

/* A process with room for this many addresses. */
static void limit_addresses(size_t room)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    size_t used = 0;
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmSize: %zu", &used) == 1)
            limit.rlim_cur = (rlim_t)(used << 10) + room;
    if (status)
        fclose(status);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

static cg_status plan_nothing(void *user, size_t batch)
{
    (void)user;
    (void)batch;
    return CG_OK;
}

/* The units of a CPU are threads of this process, those of a GPU are none. Limits that a device
 * does not tell are none. */
START_TEST(threads_are_of_the_host)
{
    cg_runtime rt = {.info = {.name = "many", .type = CG_DEVICE_GPU, .compute_units = 1000}};
    limit_addresses((size_t)1 << 30);
    if (cg_platform_address_room() == SIZE_MAX)
        return; /* the system does not tell */
    ck_assert_int_eq(cg_footprint_check(&rt, 1, plan_nothing, NULL), CG_OK);
    rt.info.type = CG_DEVICE_CPU;
    ck_assert_int_eq(cg_footprint_check(&rt, 1, plan_nothing, NULL), CG_ERR_MEMORY);
    rt.info.compute_units = 2;
    ck_assert_int_eq(cg_footprint_check(&rt, 1, plan_nothing, NULL), CG_OK);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("footprint");
    tcase_add_test(tests, threads_are_of_the_host);
    return run_case(tests, "footprint");
}
