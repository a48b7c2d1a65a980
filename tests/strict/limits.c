/* A device's properties. CLGAN_STRICT_LIMITS chooses among the device's own (none), those at the
 * specification's minimum for the full profile of OpenCL 1.2 ("minimum"), legal ones that few
 * devices have ("awkward"), and those of a device that is not there now ("absent") or takes
 * binaries alone ("binaries"); CLGAN_STRICT_LOCAL_MEM is a number of bytes of local memory. The
 * layer holds launches and allocations to what it answers. */
#include "strict.h"

#include <stdlib.h>
#include <string.h>

typedef struct limit {
    cl_device_info query;
    size_t bytes; /* of the answer */
    cl_ulong value;
} limit;

static const limit minimum[] = {
    {CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(cl_uint), 1},
    {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t), 1},
    {CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong), 32 << 10},
    {CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, sizeof(cl_ulong), 64 << 10},
    {CL_DEVICE_MAX_CONSTANT_ARGS, sizeof(cl_uint), 8},
    {CL_DEVICE_MAX_PARAMETER_SIZE, sizeof(size_t), 1024},
    {CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong), 128 << 20},
    {CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(cl_ulong), 512 << 20},
    {CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, sizeof(cl_ulong), 0},
    {CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof(cl_uint), 1024}, /* bits of a long16 */
    {CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT, sizeof(cl_uint), 1},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof(cl_uint), 1},
    {CL_DEVICE_IMAGE_SUPPORT, sizeof(cl_bool), CL_FALSE},
    {CL_DEVICE_SINGLE_FP_CONFIG, sizeof(cl_device_fp_config),
     CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN},
    {CL_DEVICE_DOUBLE_FP_CONFIG, sizeof(cl_device_fp_config), 0},
    {CL_DEVICE_QUEUE_PROPERTIES, sizeof(cl_command_queue_properties), CL_QUEUE_PROFILING_ENABLE},
    {0},
};

/* An alignment of 4 KiB; groups whose size is no power of two. */
static const limit awkward[] = {
    {CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof(cl_uint), 8 * 4096},
    {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t), 96},
    {0},
};

/* Devices that compute nothing. */
static const limit absent[] = {{CL_DEVICE_AVAILABLE, sizeof(cl_bool), CL_FALSE}, {0}};
static const limit binaries[] = {{CL_DEVICE_COMPILER_AVAILABLE, sizeof(cl_bool), CL_FALSE}, {0}};

static const struct {
    const char *name;
    const limit *limits;
    size_t group_size; /* CL_KERNEL_WORK_GROUP_SIZE, at most; also a group's first dimension */
} settings[] = {{"minimum", minimum, 1},
                {"awkward", awkward, 48},
                {"absent", absent, (size_t)-1},
                {"binaries", binaries, (size_t)-1},
                {"", NULL, (size_t)-1}};

static size_t setting(void)
{
    const char *wanted = getenv("CLGAN_STRICT_LIMITS");
    size_t i = 0;
    while (*settings[i].name && (!wanted || strcmp(wanted, settings[i].name) != 0))
        i++;
    return i;
}

static const limit *find_limit(cl_device_info query)
{
    for (const limit *l = settings[setting()].limits; l && l->query; l++)
        if (l->query == query)
            return l;
    return NULL;
}

/* The number of bytes that CLGAN_STRICT_LOCAL_MEM asks for, 0 where it does not. */
static cl_ulong wanted_local_memory(void)
{
    const char *wanted = getenv("CLGAN_STRICT_LOCAL_MEM");
    return wanted ? strtoull(wanted, NULL, 10) : 0;
}

static size_t at_most(size_t size, size_t most)
{
    return size < most ? size : most;
}

/* ---- queries --------------------------------------------------------------------------------- */

static cl_int answer(const void *from, size_t bytes, size_t size, void *value, size_t *needed)
{
    if (needed)
        *needed = bytes;
    if (value && size < bytes)
        return strict_refuse(CL_INVALID_VALUE, "clGetDeviceInfo", "room for %zu bytes of %zu", size,
                             bytes);
    if (value)
        memcpy(value, from, bytes);
    return CL_SUCCESS;
}

cl_int clGetDeviceInfo(cl_device_id device, cl_device_info query, size_t size, void *value,
                       size_t *needed)
{
    NEXT(clGetDeviceInfo);
    const limit *l = find_limit(query);
    const limit local = {query, sizeof(cl_ulong), wanted_local_memory()};
    if (query == CL_DEVICE_LOCAL_MEM_SIZE && local.value)
        l = &local;
    if (query == CL_DEVICE_MAX_WORK_ITEM_SIZES) {
        size_t sizes[3];
        strict_max_item_sizes(sizes, device);
        return answer(sizes, sizeof sizes, size, value, needed);
    }
    if (!l)
        return next(device, query, size, value, needed);
    const cl_uint narrow = (cl_uint)l->value;
    return l->bytes == sizeof narrow ? answer(&narrow, sizeof narrow, size, value, needed)
                                     : answer(&l->value, l->bytes, size, value, needed);
}

size_t strict_device_size(cl_device_id device, cl_device_info query)
{
    cl_ulong value = 0; /* a little-endian answer of four bytes fills its lower half */
    return clGetDeviceInfo(device, query, sizeof value, &value, NULL) == CL_SUCCESS ? (size_t)value
                                                                                    : 0;
}

void strict_max_item_sizes(size_t sizes[3], cl_device_id device)
{
    NEXT(clGetDeviceInfo);
    size_t all[16] = {1, 1, 1}; /* a device may have more dimensions */
    next(device, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof all, all, NULL);
    for (int d = 0; d < 3; d++)
        sizes[d] = at_most(all[d], settings[setting()].group_size);
}

cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id device,
                                cl_kernel_work_group_info query, size_t size, void *value,
                                size_t *needed)
{
    NEXT(clGetKernelWorkGroupInfo);
    cl_int error = next(kernel, device, query, size, value, needed);
    if (error == CL_SUCCESS && query == CL_KERNEL_WORK_GROUP_SIZE && value) {
        size_t items;
        memcpy(&items, value, sizeof items);
        items = at_most(items, settings[setting()].group_size);
        memcpy(value, &items, sizeof items);
    }
    return error;
}

size_t strict_kernel_group_size(cl_kernel kernel, cl_device_id device)
{
    size_t items = 0;
    clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_WORK_GROUP_SIZE, sizeof items, &items, NULL);
    return at_most(items, strict_device_size(device, CL_DEVICE_MAX_WORK_GROUP_SIZE));
}
