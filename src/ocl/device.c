/* The device list. Properties are a table: one line to add one; what a driver does not know is a
 * zero, not an error. A device whose driver fails to answer is left out, with a warning. */
#include "ocl/device.h"

#include "base/argument.h"
#include "base/memory.h"
#include "base/text_clean.h"
#include "base/try.h"
#include "base/waiting.h"
#include "ocl/error.h"
#include "ocl/quirks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEVICES = 256, MAX_PLATFORMS = 64 };

struct cg_devices {
    size_t count;
    cg_device_info *infos;
    cl_platform_id *platforms;
    cl_device_id *ids;
};

typedef struct text_property {
    cl_device_info query;
    size_t offset; /* in cg_device_info */
} text_property;

static const text_property text_properties[] = {
    {CL_DEVICE_NAME, offsetof(cg_device_info, name)},
    {CL_DEVICE_VENDOR, offsetof(cg_device_info, vendor)},
    {CL_DRIVER_VERSION, offsetof(cg_device_info, driver)},
    {CL_DEVICE_VERSION, offsetof(cg_device_info, version)},
};

typedef struct number_property {
    cl_device_info query;
    size_t bytes; /* of the driver's answer */
    size_t offset;
} number_property;

static const number_property number_properties[] = {
    {CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(cl_ulong), offsetof(cg_device_info, global_mem_bytes)},
    {CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong), offsetof(cg_device_info, max_alloc_bytes)},
    {CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong), offsetof(cg_device_info, local_mem_bytes)},
    {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t), offsetof(cg_device_info, max_work_group)},
    {CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(cl_uint), offsetof(cg_device_info, compute_units)},
    {CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof(cl_uint), offsetof(cg_device_info, clock_mhz)},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof(cl_uint), offsetof(cg_device_info, vector_width)},
    {CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof(cl_uint), offsetof(cg_device_info, alignment_bytes)},
};

enum { TEXT_SIZE = sizeof(((cg_device_info *)0)->name) };

/* Drivers pad names with spaces and print new lines into them. */
static void trim_spaces(char *text)
{
    size_t start = strspn(text, " \t\r\n");
    memmove(text, text + start, strlen(text + start) + 1);
    for (size_t n = strlen(text); n && strchr(" \t\r\n", text[n - 1]); n--)
        text[n - 1] = '\0';
}

/* The platform's answer where there is no device. */
static cl_int query_text(char *text, cl_platform_id platform, cl_device_id device, cl_uint query)
{
    char buffer[4096] = "";
    cl_int error = device ? clGetDeviceInfo(device, query, sizeof buffer - 1, buffer, NULL)
                          : clGetPlatformInfo(platform, query, sizeof buffer - 1, buffer, NULL);
    if (error != CL_SUCCESS)
        buffer[0] = '\0';
    trim_spaces(buffer);
    cg_text_clean(text, TEXT_SIZE, buffer);
    return error;
}

/* In bytes, from the driver's bits: a power of two, as offsets are rounded up to it. 0 is no
 * answer, and gives the size of the largest type. */
static size_t find_alignment(size_t bits)
{
    enum { LARGEST = 128 };
    size_t bytes = 1;
    while (bytes < bits / 8)
        bytes *= 2;
    return bits >= 8 ? bytes : LARGEST;
}

static cl_int query_number(size_t *number, cl_device_id device, const number_property *property)
{
    union {
        cl_uint u;
        cl_ulong ul;
        size_t size;
    } value = {.ul = 0};
    cl_int error = clGetDeviceInfo(device, property->query, property->bytes, &value, NULL);
    *number = property->bytes == sizeof(cl_uint) ? value.u : (size_t)value.ul;
    if (error != CL_SUCCESS)
        *number = 0;
    return error;
}

static cl_int query_type(cg_device_type *type, cl_device_id device)
{
    cl_device_type kind = 0;
    cl_int error = clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof kind, &kind, NULL);
    *type = kind & CL_DEVICE_TYPE_GPU   ? CG_DEVICE_GPU
            : kind & CL_DEVICE_TYPE_CPU ? CG_DEVICE_CPU
                                        : CG_DEVICE_ACCELERATOR;
    return error;
}

/* A device that denies one of these cannot be used. */
static const struct {
    cl_device_info query;
    const char *reason;
} needed[] = {
    {CL_DEVICE_AVAILABLE, "its driver says that it is not available"},
    {CL_DEVICE_COMPILER_AVAILABLE, "its driver has no compiler"},
};

/* A driver that does not answer is believed to be able. */
static void find_obstacle(cg_device_info *info, cl_device_id device)
{
    const char *reason = cg_quirks_find(info).unusable;
    for (size_t i = 0; i < CG_COUNT(needed) && !reason; i++) {
        cl_bool able = CL_TRUE;
        if (clGetDeviceInfo(device, needed[i].query, sizeof able, &able, NULL) == CL_SUCCESS &&
            !able)
            reason = needed[i].reason;
    }
    snprintf(info->unusable, sizeof info->unusable, "%s", reason ? reason : "");
}

/* Returns the first failure, CL_SUCCESS without one. */
static cl_int query_info(cg_device_info *info, cl_platform_id platform, cl_device_id device)
{
    cl_int error = CL_SUCCESS;
    for (size_t i = 0; i < CG_COUNT(text_properties) && !cg_cl_is_failure(error); i++)
        error = query_text((char *)info + text_properties[i].offset, platform, device,
                           text_properties[i].query);
    for (size_t i = 0; i < CG_COUNT(number_properties) && !cg_cl_is_failure(error); i++) {
        size_t value;
        error = query_number(&value, device, &number_properties[i]);
        memcpy((char *)info + number_properties[i].offset, &value, sizeof value);
    }
    if (!cg_cl_is_failure(error))
        error = query_text(info->platform, platform, NULL, CL_PLATFORM_NAME);
    if (!cg_cl_is_failure(error))
        error = query_text(info->platform_version, platform, NULL, CL_PLATFORM_VERSION);
    if (!cg_cl_is_failure(error))
        error = query_type(&info->type, device);
    info->alignment_bytes = find_alignment(info->alignment_bytes);
    if (!info->vector_width)
        info->vector_width = 1;
    return cg_cl_is_failure(error) ? error : CL_SUCCESS;
}

static void add_platform(cg_devices *devices, cl_platform_id platform, size_t platform_index)
{
    cl_device_id ids[MAX_DEVICES];
    cl_uint found = 0;
    cl_int error = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, MAX_DEVICES, ids, &found);
    if (error != CL_SUCCESS) { /* a platform without devices returns CL_DEVICE_NOT_FOUND */
        cg_log(error == CL_DEVICE_NOT_FOUND ? CG_LOG_DEBUG : CG_LOG_WARNING,
               "platform %zu lists no devices: %s", platform_index, cg_cl_error_name(error));
        return;
    }
    for (cl_uint d = 0; d < found && d < MAX_DEVICES && devices->count < MAX_DEVICES; d++) {
        cg_device_info *info = &devices->infos[devices->count];
        error = query_info(info, platform, ids[d]);
        snprintf(info->id, sizeof info->id, "%zu:%u", platform_index, d);
        if (error != CL_SUCCESS) {
            cg_log(CG_LOG_WARNING, "device %s is left out: its driver does not say what it is: %s",
                   info->id, cg_cl_error_name(error));
            continue;
        }
        find_obstacle(info, ids[d]);
        devices->platforms[devices->count] = platform;
        devices->ids[devices->count] = ids[d];
        devices->count++;
    }
}

cg_status cg_devices_create(cg_devices **devices)
{
    CG_NEED(devices);
    cg_status status = CG_OK;
    cg_devices *list = NULL;
    cl_platform_id platforms[MAX_PLATFORMS];
    cl_uint count = 0;
    cg_wait wait;

    *devices = NULL;
    CG_TRY(cg_memory_create(&list, 1, sizeof *list));
    CG_TRY(cg_memory_create(&list->infos, MAX_DEVICES, sizeof *list->infos));
    CG_TRY(cg_memory_create(&list->platforms, MAX_DEVICES, sizeof(cl_platform_id)));
    CG_TRY(cg_memory_create(&list->ids, MAX_DEVICES, sizeof(cl_device_id)));
    cg_wait_begin(&wait, CG_WAIT_USUAL, "asking OpenCL's drivers for their devices");
    cl_int error = clGetPlatformIDs(MAX_PLATFORMS, platforms, &count);
    if (cg_cl_is_failure(error)) /* no driver at all is another error, CL_PLATFORM_NOT_FOUND_KHR */
        cg_log(CG_LOG_WARNING, "there is no list of platforms: %s", cg_cl_error_name(error));
    if (error != CL_SUCCESS)
        count = 0;
    for (cl_uint p = 0; p < count && p < MAX_PLATFORMS; p++)
        add_platform(list, platforms[p], p);
    cg_wait_end(&wait);
    *devices = list;
    list = NULL;
done:
    cg_devices_release(list);
    return status;
}

void cg_devices_release(cg_devices *devices)
{
    if (!devices)
        return;
    free(devices->infos);
    free(devices->platforms);
    free(devices->ids);
    free(devices);
}

size_t cg_devices_count(const cg_devices *devices)
{
    return devices ? devices->count : 0;
}

const cg_device_info *cg_devices_info(const cg_devices *devices, size_t index)
{
    return index < cg_devices_count(devices) ? &devices->infos[index] : NULL;
}

void cg_devices_get_ids(const cg_devices *devices, size_t index, cl_platform_id *platform,
                        cl_device_id *device)
{
    *platform = devices->platforms[index];
    *device = devices->ids[index];
}

void cg_device_add_key(cg_text *key, const cg_device_info *info)
{
    cg_text_printf(key,
                   "device %s\nvendor %s\ndriver %s\nversion %s\nplatform %s\n"
                   "platform version %s\n",
                   info->name, info->vendor, info->driver, info->version, info->platform,
                   info->platform_version);
}
