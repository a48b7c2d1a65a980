/* Programs from the cache: taken, refused by the driver, without the kernel that is wanted. On a
 * driver with a cache of its own there is only the first start; Oclgrind runs the rest
 * (portability). */
#include "device.h"
#include "ocl/binary.h"
#include "ocl/cl_types.h"
#include "ocl/launch.h"
#include "ocl/program.h"
#include "support.h"

static void setup(void)
{
    scratch_setup();
    setenv("CLGAN_KERNEL_DIR", scratch_folder, 1);
}

static void teardown(void)
{
    unsetenv("CLGAN_KERNEL_DIR");
    scratch_teardown();
}

static void put_text(const char *name, const char *text)
{
    put_file(scratch_path(name), text, strlen(text));
}

static const char fill_source[] = "__kernel void fill(__global int *out) { out[0] = 42; }\n";
static const char other_source[] = "__kernel void other(__global int *out) { out[0] = 7; }\n";

/* A runtime of its own, whose cache is in the scratch folder. */
static cg_runtime *runtime_with_cache(void)
{
    const char *folder = getenv("CLGAN_CACHE_DIR");
    char *before = folder ? strdup(folder) : NULL;
    cg_runtime *rt;
    setenv("CLGAN_CACHE_DIR", scratch_path("cache"), 1);
    ck_assert_int_eq(cg_runtime_create_selected(&rt, getenv("CLGAN_DEVICE")), CG_OK);
    before ? setenv("CLGAN_CACHE_DIR", before, 1) : unsetenv("CLGAN_CACHE_DIR");
    free(before);
    return rt;
}

/* Launches `fill` and checks its result and where it came from. */
static void check_fill(size_t built, size_t loaded)
{
    const cg_launch launch = {.file = "fill.cl", .kernel = "fill", .global = {1}, .local = {1}};
    cg_runtime *rt = runtime_with_cache();
    cg_buffer *buffer;
    int got = 0;
    ck_assert_int_eq(cg_buffer_create(&buffer, rt, sizeof got), CG_OK);
    ck_assert_int_eq(CG_LAUNCH(rt, &launch, cg_arg_buffer(buffer)), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, &got, sizeof got), CG_OK);
    ck_assert_int_eq(got, 42);
    ck_assert_uint_eq(rt->programs_built, built);
    ck_assert_uint_eq(rt->programs_loaded, loaded);
    ck_assert(rt->build_seconds > 0);
    cg_buffer_release(buffer);
    cg_runtime_release(rt);
}

/* The key of a source without options, for free(). */
static char *key_of(const cg_runtime *rt, const char *source)
{
    char *key, flags[64];
    snprintf(flags, sizeof flags, "-cl-std=CL1.2 -D VEC=%zu -D SPREAD=%zu %s", rt->vec,
             rt->quirks.spread, rt->quirks.no_prefetch ? "-D NO_PREFETCH " : "");
    ck_assert_int_eq(cg_binary_key(&key, rt, source, flags), CG_OK);
    return key;
}

/* Makes the entry of fill.cl hold other bytes, under a sound frame. */
static void plant(const void *data, size_t size)
{
    cg_runtime *rt = runtime_with_cache();
    char *key = key_of(rt, fill_source);
    cg_cache_put(&rt->cl->cache, key, data, size);
    free(key);
    cg_runtime_release(rt);
}

/* False, and the rest of the test makes no sense, where the driver is left to a cache of its own.
 */
static bool has_cache(void)
{
    return device->cl->cache.folder && !device->quirks.own_cache;
}

START_TEST(program_from_the_cache)
{
    put_text("fill.cl", fill_source);
    check_fill(1, 0);
    if (!has_cache())
        return;
    check_fill(0, 1);
    put_text("fill.cl", "__kernel void fill(__global int *out) { out[0] = 40 + 2; }\n");
    check_fill(1, 0); /* edited */
}
END_TEST

START_TEST(binary_that_the_driver_refuses)
{
    put_text("fill.cl", fill_source);
    check_fill(1, 0);
    if (!has_cache())
        return;
    plant("garbage", 7);
    check_fill(1, 0);
    check_fill(0, 1); /* replaced */
}
END_TEST

/* A program that the driver takes and that lacks the kernel. */
START_TEST(binary_without_the_kernel)
{
    const cg_launch launch = {.file = "other.cl", .kernel = "other", .global = {1}, .local = {1}};
    void *data;
    size_t size;
    put_text("fill.cl", fill_source);
    put_text("other.cl", other_source);
    check_fill(1, 0);
    if (!has_cache())
        return;
    cg_runtime *rt = runtime_with_cache();
    cg_kernel *kernel;
    ck_assert_int_eq(cg_program_get_kernel(&kernel, rt, launch.file, launch.kernel, NULL), CG_OK);
    char *key = key_of(rt, other_source);
    ck_assert(cg_cache_get(&rt->cl->cache, key, &data, &size));
    cg_runtime_release(rt);
    plant(data, size);
    check_fill(1, 1);
    check_fill(0, 1); /* replaced */
    free(data);
    free(key);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("binary");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, program_from_the_cache);
    tcase_add_test(tests, binary_that_the_driver_refuses);
    tcase_add_test(tests, binary_without_the_kernel);
    return device_run_case(tests, "ocl/binary");
}
