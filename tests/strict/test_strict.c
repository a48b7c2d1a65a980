/* The strict layer refuses what it is there to refuse, with the specification's error and a line of
 * its log, and lets correct use pass. Runs under the layer, with arguments' types at hand. */
#undef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 300 /* with the entry points that are denied */
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 4096, ITEMS = 8 };

static const char text[] =
    "__kernel void scale(__global float *y, __global const float *x, __local float *tile,\n"
    "                    float factor, int2 place)\n"
    "{ tile[get_local_id(0)] = factor * x[get_global_id(0)];\n"
    "  y[get_global_id(0)] = tile[get_local_id(0)] + (float)place.x; }\n"
    "__kernel __attribute__((reqd_work_group_size(2, 1, 1))) void pairs(__global float *y)\n"
    "{ y[get_global_id(0)] = 1.0f; }\n";

static cl_device_id device;
static cl_context context;
static cl_command_queue queue;
static cl_program program;
static cl_kernel scale, pairs;
static cl_mem x, y;
static size_t alignment; /* of sub-buffers, in bytes */

/* ---- the log --------------------------------------------------------------------------------- */

static const char *log_path(void)
{
    return getenv("CLGAN_STRICT_LOG");
}

/* The log is what was refused since the last look; it begins anew. */
static void expect_log(const char *wanted)
{
    char log[512] = "";
    FILE *file = fopen(log_path(), "r");
    if (file) {
        size_t size = fread(log, 1, sizeof log - 1, file);
        log[size] = '\0';
        fclose(file);
        remove(log_path());
    }
    ck_assert_msg(wanted ? strstr(log, wanted) != NULL : !*log, "the log is \"%s\" without \"%s\"",
                  log, wanted ? wanted : "");
}

#define REFUSED(wanted_error, said, call)      \
    do {                                       \
        cl_int error = CL_SUCCESS;             \
        (void)(call);                          \
        ck_assert_int_eq(error, wanted_error); \
        expect_log(said);                      \
    } while (0)

/* ---- correct use ----------------------------------------------------------------------------- */

static cl_kernel make_kernel(const char *name)
{
    cl_int error;
    cl_kernel kernel = clCreateKernel(program, name, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    return kernel;
}

static void set_arguments(void)
{
    const float factor = 3;
    const cl_int2 place = {{1, 0}};
    ck_assert_int_eq(clSetKernelArg(scale, 0, sizeof y, &y), CL_SUCCESS);
    ck_assert_int_eq(clSetKernelArg(scale, 1, sizeof x, &x), CL_SUCCESS);
    ck_assert_int_eq(clSetKernelArg(scale, 2, ITEMS * sizeof(float), NULL), CL_SUCCESS);
    ck_assert_int_eq(clSetKernelArg(scale, 3, sizeof factor, &factor), CL_SUCCESS);
    ck_assert_int_eq(clSetKernelArg(scale, 4, sizeof place, &place), CL_SUCCESS);
}

static void make_program(void)
{
    const char *source = text;
    cl_int error;
    program = clCreateProgramWithSource(context, 1, &source, NULL, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    ck_assert_int_eq(clBuildProgram(program, 1, &device, "-cl-std=CL1.2", NULL, NULL), CL_SUCCESS);
    scale = make_kernel("scale");
    pairs = make_kernel("pairs");
}

static void setup(void)
{
    cl_platform_id platforms[16];
    cl_uint count = 0, bits = 0;
    cl_int error;
    remove(log_path());
    ck_assert_int_eq(clGetPlatformIDs(16, platforms, &count), CL_SUCCESS);
    for (cl_uint i = 0; i < count && !device; i++)
        if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1, &device, NULL) != CL_SUCCESS)
            device = NULL;
    ck_assert_ptr_nonnull(device);
    clGetDeviceInfo(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof bits, &bits, NULL);
    alignment = bits / 8;
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    queue = clCreateCommandQueue(context, device, 0, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    x = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    y = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &error);
    ck_assert_int_eq(error, CL_SUCCESS);
    make_program();
    set_arguments();
}

static void teardown(void)
{
    ck_assert_int_eq(clReleaseKernel(scale), CL_SUCCESS);
    ck_assert_int_eq(clReleaseKernel(pairs), CL_SUCCESS);
    ck_assert_int_eq(clReleaseProgram(program), CL_SUCCESS);
    ck_assert_int_eq(clReleaseMemObject(x), CL_SUCCESS);
    ck_assert_int_eq(clReleaseMemObject(y), CL_SUCCESS);
    ck_assert_int_eq(clReleaseCommandQueue(queue), CL_SUCCESS);
    ck_assert_int_eq(clReleaseContext(context), CL_SUCCESS);
    expect_log(NULL);
}

START_TEST(correct_use_passes)
{
    const float one = 1;
    const size_t items = ITEMS;
    float got[ITEMS];
    ck_assert_int_eq(clEnqueueFillBuffer(queue, x, &one, sizeof one, 0, BYTES, 0, NULL, NULL),
                     CL_SUCCESS);
    ck_assert_int_eq(clEnqueueNDRangeKernel(queue, scale, 1, NULL, &items, &items, 0, NULL, NULL),
                     CL_SUCCESS);
    ck_assert_int_eq(clEnqueueReadBuffer(queue, y, CL_TRUE, 0, sizeof got, got, 0, NULL, NULL),
                     CL_SUCCESS);
    ck_assert(got[0] == 4 && got[ITEMS - 1] == 4);
    expect_log(NULL);
}
END_TEST

/* ---- sizes ----------------------------------------------------------------------------------- */

START_TEST(sizes_of_zero)
{
    char data[4] = {0};
    const size_t zero = 0, region[] = {0, 0};
    REFUSED(CL_INVALID_BUFFER_SIZE, "clCreateBuffer: 0 bytes",
            clCreateBuffer(context, CL_MEM_READ_WRITE, 0, NULL, &error));
    REFUSED(CL_INVALID_BUFFER_SIZE, "clCreateSubBuffer: 0 bytes",
            clCreateSubBuffer(x, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, region, &error));
    REFUSED(CL_INVALID_VALUE, "clEnqueueReadBuffer: 0 bytes",
            error = clEnqueueReadBuffer(queue, x, CL_TRUE, 0, 0, data, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueWriteBuffer: 0 bytes",
            error = clEnqueueWriteBuffer(queue, x, CL_TRUE, 0, 0, data, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueFillBuffer: 0 bytes",
            error = clEnqueueFillBuffer(queue, x, data, 4, 0, 0, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueCopyBuffer: 0 bytes",
            error = clEnqueueCopyBuffer(queue, x, y, 0, 0, 0, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueMapBuffer: 0 bytes",
            clEnqueueMapBuffer(queue, x, CL_TRUE, CL_MAP_READ, 0, 0, 0, NULL, NULL, &error));
    REFUSED(CL_INVALID_GLOBAL_WORK_SIZE, "a global size of 0",
            error = clEnqueueNDRangeKernel(queue, pairs, 1, NULL, &zero, NULL, 0, NULL, NULL));
    REFUSED(CL_INVALID_ARG_SIZE, "0 bytes", error = clSetKernelArg(scale, 2, 0, NULL));
}
END_TEST

START_TEST(ranges_beyond_a_buffer)
{
    char data[8] = {0};
    REFUSED(CL_INVALID_VALUE, "8 bytes at 4092 of 4096",
            error = clEnqueueReadBuffer(queue, x, CL_TRUE, BYTES - 4, 8, data, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "4 bytes at",
            error = clEnqueueWriteBuffer(queue, x, CL_TRUE, (size_t)-4, 4, data, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueFillBuffer",
            error = clEnqueueFillBuffer(queue, x, data, 4, 4, BYTES, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueCopyBuffer",
            error = clEnqueueCopyBuffer(queue, x, y, 0, 4, BYTES, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "clEnqueueMapBuffer",
            clEnqueueMapBuffer(queue, x, CL_TRUE, CL_MAP_READ, 4, BYTES, 0, NULL, NULL, &error));
    REFUSED(CL_INVALID_VALUE, "no host memory",
            error = clEnqueueUnmapMemObject(queue, x, NULL, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "no host memory",
            error = clEnqueueReadBuffer(queue, x, CL_TRUE, 0, 8, NULL, 0, NULL, NULL));
    REFUSED(CL_MEM_COPY_OVERLAP, "clEnqueueCopyBuffer",
            error = clEnqueueCopyBuffer(queue, x, x, 0, 4, 8, 0, NULL, NULL));
}
END_TEST

START_TEST(patterns)
{
    char data[256] = {0};
    REFUSED(CL_INVALID_VALUE, "a pattern of 3 bytes",
            error = clEnqueueFillBuffer(queue, x, data, 3, 0, 6, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "a pattern of 256 bytes",
            error = clEnqueueFillBuffer(queue, x, data, 256, 0, 256, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "no multiples",
            error = clEnqueueFillBuffer(queue, x, data, 4, 2, 4, 0, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "no multiples",
            error = clEnqueueFillBuffer(queue, x, data, 4, 0, 6, 0, NULL, NULL));
}
END_TEST

/* ---- buffers --------------------------------------------------------------------------------- */

static cl_mem make_part(cl_mem whole, size_t origin, size_t size, cl_int *error)
{
    const cl_buffer_region region = {origin, size};
    return clCreateSubBuffer(whole, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region,
                             error);
}

START_TEST(sub_buffers)
{
    cl_int made;
    cl_mem part = make_part(x, alignment, 64, &made);
    ck_assert_int_eq(made, CL_SUCCESS);
    REFUSED(CL_MISALIGNED_SUB_BUFFER_OFFSET, "no multiple of",
            make_part(x, alignment + 4, 64, &error));
    REFUSED(CL_INVALID_VALUE, "clCreateSubBuffer", make_part(x, alignment, BYTES, &error));
    REFUSED(CL_INVALID_MEM_OBJECT, "a part of a sub-buffer", make_part(part, 0, 16, &error));
    ck_assert_int_eq(clReleaseMemObject(part), CL_SUCCESS);
}
END_TEST

/* A buffer that is written, and a sub-buffer of it, in one launch; of parts, those that overlap. */
START_TEST(overlapping_arguments)
{
    const size_t items = ITEMS;
    cl_int made;
    cl_mem part = make_part(y, alignment, 64, &made), other = make_part(y, 0, alignment, &made);
    ck_assert_int_eq(clSetKernelArg(scale, 1, sizeof part, &part), CL_SUCCESS);
    REFUSED(CL_INVALID_KERNEL_ARGS, "overlap",
            error = clEnqueueNDRangeKernel(queue, scale, 1, NULL, &items, &items, 0, NULL, NULL));
    ck_assert_int_eq(clSetKernelArg(scale, 0, sizeof other, &other), CL_SUCCESS);
    ck_assert_int_eq(clEnqueueNDRangeKernel(queue, scale, 1, NULL, &items, &items, 0, NULL, NULL),
                     CL_SUCCESS);
    ck_assert_int_eq(clFinish(queue), CL_SUCCESS);
    set_arguments();
    ck_assert_int_eq(clReleaseMemObject(part), CL_SUCCESS);
    ck_assert_int_eq(clReleaseMemObject(other), CL_SUCCESS);
}
END_TEST

START_TEST(flags_and_limits)
{
    cl_ulong most = 0;
    char data[4];
    clGetDeviceInfo(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof most, &most, NULL);
    REFUSED(CL_INVALID_BUFFER_SIZE, "more than the device allocates",
            clCreateBuffer(context, CL_MEM_READ_WRITE, (size_t)most + 1, NULL, &error));
    REFUSED(CL_INVALID_HOST_PTR, "with a host pointer",
            clCreateBuffer(context, CL_MEM_READ_WRITE, 4, data, &error));
    REFUSED(CL_INVALID_VALUE, "contradict",
            clCreateBuffer(context, CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 4, NULL, &error));
    REFUSED(CL_INVALID_QUEUE_PROPERTIES, "not every device",
            clCreateCommandQueue(context, device, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &error));
}
END_TEST

/* ---- launches -------------------------------------------------------------------------------- */

static cl_int launch(cl_kernel kernel, cl_uint dimensions, size_t global, size_t local)
{
    const size_t globals[] = {global, 1, 1}, locals[] = {local, 1, 1};
    return clEnqueueNDRangeKernel(queue, kernel, dimensions, NULL, globals, local ? locals : NULL,
                                  0, NULL, NULL);
}

START_TEST(group_sizes)
{
    size_t most = 0;
    clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof most, &most, NULL);
    ck_assert_int_eq(clSetKernelArg(pairs, 0, sizeof y, &y), CL_SUCCESS);
    REFUSED(CL_INVALID_WORK_GROUP_SIZE, "in groups of 8", error = launch(scale, 1, 12, 8));
    REFUSED(CL_INVALID_WORK_GROUP_SIZE, "the kernel requires 2", error = launch(pairs, 1, 8, 4));
    REFUSED(CL_INVALID_WORK_GROUP_SIZE, "requires a size", error = launch(pairs, 1, 8, 0));
    REFUSED(CL_INVALID_WORK_ITEM_SIZE, "the device allows",
            error = launch(scale, 1, 16 * most, 16 * most));
    REFUSED(CL_INVALID_WORK_DIMENSION, "4 dimensions", error = launch(scale, 4, 8, 8));
    REFUSED(CL_INVALID_WORK_DIMENSION, "0 dimensions", error = launch(scale, 0, 8, 8));
    ck_assert_int_eq(launch(pairs, 1, 8, 2), CL_SUCCESS);
    ck_assert_int_eq(clFinish(queue), CL_SUCCESS);
}
END_TEST

START_TEST(arguments)
{
    const double wide = 1;
    const cl_mem nobody = (cl_mem)&wide;
    cl_ulong local = 0;
    REFUSED(CL_INVALID_ARG_INDEX, "argument 5 of 5", error = clSetKernelArg(scale, 5, 4, &wide));
    REFUSED(CL_INVALID_ARG_SIZE, "argument 3 has 8 bytes, not 4",
            error = clSetKernelArg(scale, 3, sizeof wide, &wide));
    REFUSED(CL_INVALID_ARG_SIZE, "argument 0 has 4 bytes", error = clSetKernelArg(scale, 0, 4, &x));
    REFUSED(CL_INVALID_ARG_VALUE, "argument 2 is local",
            error = clSetKernelArg(scale, 2, 4, &wide));
    REFUSED(CL_INVALID_ARG_VALUE, "argument 3 has no value",
            error = clSetKernelArg(scale, 3, 4, NULL));
    REFUSED(CL_INVALID_MEM_OBJECT, "no buffer that is alive",
            error = clSetKernelArg(scale, 0, sizeof nobody, &nobody));
    clGetDeviceInfo(device, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
    ck_assert_int_eq(clSetKernelArg(scale, 2, (size_t)local + 4, NULL), CL_SUCCESS);
    REFUSED(CL_OUT_OF_RESOURCES, "bytes of local memory", error = launch(scale, 1, ITEMS, ITEMS));
}
END_TEST

START_TEST(arguments_that_are_missing)
{
    cl_kernel fresh = make_kernel("pairs");
    cl_int made;
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &made);
    REFUSED(CL_INVALID_KERNEL_ARGS, "argument 0 is not set", error = launch(fresh, 1, 8, 2));
    ck_assert_int_eq(clSetKernelArg(fresh, 0, sizeof buffer, &buffer), CL_SUCCESS);
    ck_assert_int_eq(clReleaseMemObject(buffer), CL_SUCCESS);
    REFUSED(CL_INVALID_KERNEL_ARGS, "has been released", error = launch(fresh, 1, 8, 2));
    ck_assert_int_eq(clReleaseKernel(fresh), CL_SUCCESS);
}
END_TEST

/* ---- objects and events ---------------------------------------------------------------------- */

START_TEST(objects_that_are_gone)
{
    cl_int made;
    char data[4];
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, BYTES, NULL, &made);
    ck_assert_int_eq(clReleaseMemObject(buffer), CL_SUCCESS);
    REFUSED(CL_INVALID_MEM_OBJECT, "clReleaseMemObject", error = clReleaseMemObject(buffer));
    REFUSED(CL_INVALID_MEM_OBJECT, "clEnqueueReadBuffer",
            error = clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, 4, data, 0, NULL, NULL));
    REFUSED(CL_INVALID_COMMAND_QUEUE, "clFinish", error = clFinish(NULL));
    REFUSED(CL_INVALID_KERNEL, "clReleaseKernel", error = clReleaseKernel(NULL));
    REFUSED(CL_INVALID_PROGRAM, "clCreateKernel", clCreateKernel(NULL, "scale", &error));
    REFUSED(CL_INVALID_CONTEXT, "clCreateBuffer",
            clCreateBuffer(NULL, CL_MEM_READ_WRITE, 4, NULL, &error));
}
END_TEST

START_TEST(events)
{
    cl_event event;
    cl_ulong time;
    ck_assert_int_eq(clEnqueueMarkerWithWaitList(queue, 0, NULL, &event), CL_SUCCESS);
    ck_assert_int_eq(clWaitForEvents(1, &event), CL_SUCCESS);
    REFUSED(CL_PROFILING_INFO_NOT_AVAILABLE, "does not profile",
            error =
                clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof time, &time, NULL));
    ck_assert_int_eq(clReleaseEvent(event), CL_SUCCESS);
    REFUSED(CL_INVALID_EVENT, "clWaitForEvents", error = clWaitForEvents(1, &event));
    REFUSED(CL_INVALID_EVENT_WAIT_LIST, "clEnqueueMarkerWithWaitList",
            error = clEnqueueMarkerWithWaitList(queue, 1, NULL, NULL));
    REFUSED(CL_INVALID_VALUE, "no events", error = clWaitForEvents(0, NULL));
}
END_TEST

/* ---- what a 1.2 driver does not have --------------------------------------------------------- */

START_TEST(later_versions)
{
    REFUSED(CL_INVALID_OPERATION, "not in OpenCL 1.2",
            clCreateCommandQueueWithProperties(context, device, NULL, &error));
    REFUSED(CL_INVALID_OPERATION, "clCloneKernel", clCloneKernel(scale, &error));
    ck_assert_ptr_null(clSVMAlloc(context, CL_MEM_READ_WRITE, 64, 0));
    expect_log("clSVMAlloc");
    REFUSED(CL_INVALID_BUILD_OPTIONS, "a later language",
            error = clBuildProgram(program, 1, &device, "-cl-std=CL2.0", NULL, NULL));
}
END_TEST

static size_t device_size(cl_device_info query)
{
    size_t size = 0;
    ck_assert_int_eq(clGetDeviceInfo(device, query, sizeof size, &size, NULL), CL_SUCCESS);
    return size;
}

START_TEST(properties_at_their_minimum)
{
    cl_uint narrow = 0;
    size_t sizes[3] = {0};
    setenv("CLGAN_STRICT_LIMITS", "minimum", 1);
    ck_assert_uint_eq(device_size(CL_DEVICE_MAX_WORK_GROUP_SIZE), 1);
    ck_assert_uint_eq(device_size(CL_DEVICE_LOCAL_MEM_SIZE), 32768);
    clGetDeviceInfo(device, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof narrow, &narrow, NULL);
    ck_assert_uint_eq(narrow, 1024);
    clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof sizes, sizes, NULL);
    ck_assert_uint_eq(sizes[0] * sizes[1] * sizes[2], 1);
    REFUSED(CL_INVALID_VALUE, "room for",
            error = clGetDeviceInfo(device, CL_DEVICE_LOCAL_MEM_SIZE, 4, &narrow, NULL));
    REFUSED(CL_INVALID_WORK_ITEM_SIZE, "the device allows 1", error = launch(scale, 1, 8, 8));
    unsetenv("CLGAN_STRICT_LIMITS");
}
END_TEST

START_TEST(local_memory_of_any_size)
{
    setenv("CLGAN_STRICT_LOCAL_MEM", "16384", 1);
    ck_assert_uint_eq(device_size(CL_DEVICE_LOCAL_MEM_SIZE), 16384);
    ck_assert_uint_gt(device_size(CL_DEVICE_MAX_WORK_GROUP_SIZE), 1);
    unsetenv("CLGAN_STRICT_LOCAL_MEM");
    ck_assert_uint_gt(device_size(CL_DEVICE_LOCAL_MEM_SIZE), 16384);
}
END_TEST

int main(void)
{
    if (!log_path() || !getenv("LD_PRELOAD")) {
        fprintf(stderr, "needs the layer in LD_PRELOAD, and CLGAN_STRICT_LOG\n");
        return 77;
    }
    TCase *tests = tcase_create("strict");
    tcase_add_unchecked_fixture(tests, setup, teardown);
    tcase_add_test(tests, correct_use_passes);
    tcase_add_test(tests, sizes_of_zero);
    tcase_add_test(tests, ranges_beyond_a_buffer);
    tcase_add_test(tests, patterns);
    tcase_add_test(tests, sub_buffers);
    tcase_add_test(tests, overlapping_arguments);
    tcase_add_test(tests, flags_and_limits);
    tcase_add_test(tests, group_sizes);
    tcase_add_test(tests, arguments);
    tcase_add_test(tests, arguments_that_are_missing);
    tcase_add_test(tests, objects_that_are_gone);
    tcase_add_test(tests, events);
    tcase_add_test(tests, later_versions);
    tcase_add_test(tests, properties_at_their_minimum);
    tcase_add_test(tests, local_memory_of_any_size);
    Suite *suite = suite_create("strict");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
