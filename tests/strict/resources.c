/* Creation and release of contexts, queues, buffers, programs and kernels. */
#include "strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The only version of OpenCL C that every 1.2 driver compiles; without the option the language is
 * that of the device, at most 1.2. */
static const char *const later_languages[] = {"-cl-std=CL2", "-cl-std=CL3", "-cl-std=CLC++"};

/* ---- contexts and queues --------------------------------------------------------------------- */

cl_context clCreateContext(const cl_context_properties *properties, cl_uint count,
                           const cl_device_id *devices,
                           void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *),
                           void *user, cl_int *error)
{
    NEXT(clCreateContext);
    if (!devices || !count)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "no devices");
    if (!notify && user)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "user data without a callback");
    strict_object *context =
        strict_add(STRICT_CONTEXT, next(properties, count, devices, notify, user, error));
    if (context)
        context->device = devices[0];
    return context ? context->handle : NULL;
}

cl_int clRetainContext(cl_context context)
{
    NEXT(clRetainContext);
    CHECK(strict_retain(STRICT_CONTEXT, context, __func__));
    return next(context);
}

cl_int clReleaseContext(cl_context context)
{
    NEXT(clReleaseContext);
    CHECK(strict_release(STRICT_CONTEXT, context, __func__));
    return next(context);
}

cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                      cl_command_queue_properties properties, cl_int *error)
{
    NEXT(clCreateCommandQueue);
    if (!strict_get(STRICT_CONTEXT, context))
        REFUSE_OBJECT(error, CL_INVALID_CONTEXT, "no context that is alive");
    if (properties & ~(cl_command_queue_properties)CL_QUEUE_PROFILING_ENABLE)
        REFUSE_OBJECT(error, CL_INVALID_QUEUE_PROPERTIES,
                      "a queue that not every device has: properties %#llx",
                      (unsigned long long)properties);
    strict_object *queue = strict_add(STRICT_QUEUE, next(context, device, properties, error));
    if (!queue)
        return NULL;
    queue->device = device;
    queue->profiles = properties & CL_QUEUE_PROFILING_ENABLE;
    return queue->handle;
}

cl_int clRetainCommandQueue(cl_command_queue queue)
{
    NEXT(clRetainCommandQueue);
    CHECK(strict_retain(STRICT_QUEUE, queue, __func__));
    return next(queue);
}

cl_int clReleaseCommandQueue(cl_command_queue queue)
{
    NEXT(clReleaseCommandQueue);
    CHECK(strict_release(STRICT_QUEUE, queue, __func__));
    return next(queue);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static const cl_mem_flags access_flags = CL_MEM_READ_WRITE | CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY;

static bool is_power_of_two_or_none(cl_mem_flags flags)
{
    return (flags & (flags - 1)) == 0;
}

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *host,
                      cl_int *error)
{
    NEXT(clCreateBuffer);
    const cl_mem_flags uses_host = CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR;
    strict_object *owner = strict_get(STRICT_CONTEXT, context);
    if (!owner)
        REFUSE_OBJECT(error, CL_INVALID_CONTEXT, "no context that is alive");
    if (!is_power_of_two_or_none(flags & access_flags))
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "flags %#llx contradict each other",
                      (unsigned long long)flags);
    if (size == 0)
        REFUSE_OBJECT(error, CL_INVALID_BUFFER_SIZE, "0 bytes");
    if (size > strict_device_size(owner->device, CL_DEVICE_MAX_MEM_ALLOC_SIZE))
        REFUSE_OBJECT(error, CL_INVALID_BUFFER_SIZE, "%zu bytes, more than the device allocates",
                      size);
    if (!host != !(flags & uses_host))
        REFUSE_OBJECT(error, CL_INVALID_HOST_PTR, "flags %#llx with a host pointer %p",
                      (unsigned long long)flags, host);
    strict_object *buffer = strict_add(STRICT_BUFFER, next(context, flags, size, host, error));
    if (!buffer)
        return NULL;
    buffer->size = size;
    buffer->device = owner->device;
    return buffer->handle;
}

/* CL_SUCCESS where the region may be a sub-buffer of a buffer that is none itself. */
static cl_int check_region(const strict_object *parent, const cl_buffer_region *region)
{
    static const char name[] = "clCreateSubBuffer";
    if (region->size == 0)
        return strict_refuse(CL_INVALID_BUFFER_SIZE, name, "0 bytes");
    if (region->origin > parent->size || region->size > parent->size - region->origin)
        return strict_refuse(CL_INVALID_VALUE, name, "%zu bytes at %zu of %zu", region->size,
                             region->origin, parent->size);
    size_t alignment = strict_device_size(parent->device, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8;
    if (region->origin % alignment)
        return strict_refuse(CL_MISALIGNED_SUB_BUFFER_OFFSET, name,
                             "its origin %zu is no multiple of %zu", region->origin, alignment);
    return CL_SUCCESS;
}

cl_mem clCreateSubBuffer(cl_mem whole, cl_mem_flags flags, cl_buffer_create_type type,
                         const void *info, cl_int *error)
{
    NEXT(clCreateSubBuffer);
    strict_object *parent = strict_get(STRICT_BUFFER, whole);
    if (!parent || parent->parent)
        REFUSE_OBJECT(error, CL_INVALID_MEM_OBJECT, "%s",
                      parent ? "a part of a sub-buffer" : "no buffer that is alive");
    if (type != CL_BUFFER_CREATE_TYPE_REGION || !info)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "no region");
    const cl_buffer_region *region = info;
    cl_int refused = check_region(parent, region);
    if (refused != CL_SUCCESS) {
        if (error)
            *error = refused;
        return NULL;
    }
    strict_object *part = strict_add(STRICT_BUFFER, next(whole, flags, type, info, error));
    if (!part)
        return NULL;
    part->parent = whole;
    part->origin = region->origin;
    part->size = region->size;
    part->device = parent->device;
    return part->handle;
}

cl_int clRetainMemObject(cl_mem buffer)
{
    NEXT(clRetainMemObject);
    CHECK(strict_retain(STRICT_BUFFER, buffer, __func__));
    return next(buffer);
}

cl_int clReleaseMemObject(cl_mem buffer)
{
    NEXT(clReleaseMemObject);
    CHECK(strict_release(STRICT_BUFFER, buffer, __func__));
    return next(buffer);
}

/* ---- programs -------------------------------------------------------------------------------- */

static cl_program add_program(cl_context context, cl_program handle)
{
    strict_object *program = strict_add(STRICT_PROGRAM, handle);
    if (program)
        program->device = strict_get(STRICT_CONTEXT, context)->device;
    return handle;
}

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **texts,
                                     const size_t *lengths, cl_int *error)
{
    NEXT(clCreateProgramWithSource);
    if (!strict_get(STRICT_CONTEXT, context))
        REFUSE_OBJECT(error, CL_INVALID_CONTEXT, "no context that is alive");
    for (cl_uint i = 0; i < count; i++)
        if (!texts || !texts[i])
            REFUSE_OBJECT(error, CL_INVALID_VALUE, "text %u is NULL", i);
    if (count == 0)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "no text");
    return add_program(context, next(context, count, texts, lengths, error));
}

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id *devices,
                                     const size_t *lengths, const unsigned char **binaries,
                                     cl_int *refused, cl_int *error)
{
    NEXT(clCreateProgramWithBinary);
    if (!strict_get(STRICT_CONTEXT, context))
        REFUSE_OBJECT(error, CL_INVALID_CONTEXT, "no context that is alive");
    if (!count || !devices || !lengths || !binaries)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "no binary");
    for (cl_uint i = 0; i < count; i++)
        if (!lengths[i] || !binaries[i])
            REFUSE_OBJECT(error, CL_INVALID_VALUE, "binary %u has %zu bytes", i, lengths[i]);
    return add_program(context, next(context, count, devices, lengths, binaries, refused, error));
}

/* True for PoCL from 7 on: where nothing is inlined, its functions take vectors of 64 bytes in
 * another way than kernels give them, and the upper lanes are wrong. */
static bool needs_optimisation(cl_program program)
{
    cl_device_id device;
    cl_platform_id platform;
    char name[64] = "", version[64] = "";
    if (clGetProgramInfo(program, CL_PROGRAM_DEVICES, sizeof device, &device, NULL) ||
        clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof platform, &platform, NULL) ||
        clGetDeviceInfo(device, CL_DRIVER_VERSION, sizeof version - 1, version, NULL) ||
        clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof name - 1, name, NULL))
        return false;
    return strcmp(name, "Portable Computing Language") == 0 && atoi(version) >= 7;
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices,
                      const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                      void *user)
{
    NEXT(clBuildProgram);
    if (!strict_get(STRICT_PROGRAM, program))
        return strict_refuse(CL_INVALID_PROGRAM, __func__, "no program that is alive");
    if (!devices != !count || (!notify && user))
        return strict_refuse(CL_INVALID_VALUE, __func__, "%u devices, callback %d", count,
                             notify != NULL);
    for (size_t i = 0; i < sizeof later_languages / sizeof *later_languages; i++)
        if (options && strstr(options, later_languages[i]))
            return strict_refuse(CL_INVALID_BUILD_OPTIONS, __func__, "a later language: %s",
                                 options);
    const char *further = getenv("CLGAN_STRICT_BUILD_OPTIONS");
    char all[4096];
    if (further && strcmp(further, "-cl-opt-disable") == 0 &&
        (getenv("CLGAN_STRICT_OPTIMISED") || needs_optimisation(program)))
        further = NULL;
    if (further &&
        snprintf(all, sizeof all, "%s %s", options ? options : "", further) < (int)sizeof all)
        options = all;
    return next(program, count, devices, options, notify, user);
}

cl_int clRetainProgram(cl_program program)
{
    NEXT(clRetainProgram);
    CHECK(strict_retain(STRICT_PROGRAM, program, __func__));
    return next(program);
}

cl_int clReleaseProgram(cl_program program)
{
    NEXT(clReleaseProgram);
    CHECK(strict_release(STRICT_PROGRAM, program, __func__));
    return next(program);
}

/* ---- kernels --------------------------------------------------------------------------------- */

cl_kernel clCreateKernel(cl_program program, const char *name, cl_int *error)
{
    NEXT(clCreateKernel);
    strict_object *owner = strict_get(STRICT_PROGRAM, program);
    if (!owner)
        REFUSE_OBJECT(error, CL_INVALID_PROGRAM, "no program that is alive");
    if (!name)
        REFUSE_OBJECT(error, CL_INVALID_VALUE, "no name");
    strict_object *kernel = strict_add(STRICT_KERNEL, next(program, name, error));
    if (!kernel)
        return NULL;
    kernel->device = owner->device;
    clGetKernelInfo(kernel->handle, CL_KERNEL_NUM_ARGS, sizeof kernel->count, &kernel->count, NULL);
    if (kernel->count > STRICT_ARGUMENTS)
        strict_refuse(CL_INVALID_KERNEL, __func__, "%s has %u arguments, the layer has room for %d",
                      name, kernel->count, STRICT_ARGUMENTS);
    return kernel->handle;
}

cl_int clRetainKernel(cl_kernel kernel)
{
    NEXT(clRetainKernel);
    CHECK(strict_retain(STRICT_KERNEL, kernel, __func__));
    return next(kernel);
}

cl_int clReleaseKernel(cl_kernel kernel)
{
    NEXT(clReleaseKernel);
    CHECK(strict_release(STRICT_KERNEL, kernel, __func__));
    return next(kernel);
}

/* The types that an argument's name may begin with, and their bytes; a number of lanes follows. */
static const struct {
    const char *name;
    size_t bytes;
} types[] = {{"char", 1}, {"uchar", 1},  {"short", 2}, {"ushort", 2}, {"int", 4},
             {"uint", 4}, {"float", 4},  {"long", 8},  {"ulong", 8},  {"double", 8},
             {"half", 2}, {"size_t", 0}, {"bool", 0}};

/* Bytes of an argument of that type; 0: the layer does not know the type (a struct). */
static size_t type_bytes(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t length = strlen(types[i].name), lanes = 0;
        if (strncmp(name, types[i].name, length) != 0)
            continue;
        for (const char *digit = name + length; *digit >= '0' && *digit <= '9'; digit++)
            lanes = 10 * lanes + (size_t)(*digit - '0');
        if (!name[length] || lanes)
            return types[i].bytes * (lanes == 3 ? 4 : lanes ? lanes : 1);
    }
    return 0;
}

/* The argument's address space and, for a private one, its bytes, where the driver tells them;
 * false where it does not. */
static bool get_argument(cl_kernel_arg_address_qualifier *space, size_t *bytes, cl_kernel kernel,
                         cl_uint index)
{
    char type[64] = "";
    if (clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof *space, space,
                           NULL) != CL_SUCCESS)
        return false;
    clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_TYPE_NAME, sizeof type, type, NULL);
    *bytes = type_bytes(type);
    return true;
}

/* Refuses a value that cannot be one of an argument in that address space. */
static cl_int check_value(cl_kernel_arg_address_qualifier space, size_t wanted, cl_uint index,
                          size_t size, const void *value)
{
    static const char name[] = "clSetKernelArg";
    if (space == CL_KERNEL_ARG_ADDRESS_LOCAL) {
        if (value)
            return strict_refuse(CL_INVALID_ARG_VALUE, name, "argument %u is local, with a value",
                                 index);
        return CL_SUCCESS;
    }
    if (space == CL_KERNEL_ARG_ADDRESS_PRIVATE && !value)
        return strict_refuse(CL_INVALID_ARG_VALUE, name, "argument %u has no value", index);
    if (space != CL_KERNEL_ARG_ADDRESS_PRIVATE)
        wanted = sizeof(cl_mem);
    if (wanted && size != wanted)
        return strict_refuse(CL_INVALID_ARG_SIZE, name, "argument %u has %zu bytes, not %zu", index,
                             size, wanted);
    return CL_SUCCESS;
}

/* The argument as the layer remembers it. If the driver does not report address spaces, a size
 * without a value is taken for local memory, and a value that is the handle of a buffer for that
 * buffer. */
static strict_argument describe_argument(bool known, cl_kernel_arg_address_qualifier space,
                                         size_t size, const void *value)
{
    strict_argument argument = {.set = true, .bytes = size};
    bool is_local = known ? space == CL_KERNEL_ARG_ADDRESS_LOCAL : !value;
    if (is_local)
        return (strict_argument){.set = true, .local_bytes = size, .bytes = sizeof(cl_mem)};
    if (value && size == sizeof(cl_mem) && !(known && space == CL_KERNEL_ARG_ADDRESS_PRIVATE))
        memcpy(&argument.buffer, value, sizeof argument.buffer);
    return argument;
}

cl_int clSetKernelArg(cl_kernel handle, cl_uint index, size_t size, const void *value)
{
    NEXT(clSetKernelArg);
    cl_kernel_arg_address_qualifier space = CL_KERNEL_ARG_ADDRESS_PRIVATE;
    size_t bytes = 0;
    strict_object *kernel = strict_get(STRICT_KERNEL, handle);
    if (!kernel)
        return strict_refuse(CL_INVALID_KERNEL, __func__, "no kernel that is alive");
    if (index >= kernel->count || index >= STRICT_ARGUMENTS)
        return strict_refuse(CL_INVALID_ARG_INDEX, __func__, "argument %u of %u", index,
                             kernel->count);
    if (!size)
        return strict_refuse(CL_INVALID_ARG_SIZE, __func__, "argument %u has 0 bytes", index);
    bool known = get_argument(&space, &bytes, handle, index);
    if (known)
        CHECK(check_value(space, bytes, index, size, value));
    strict_argument argument = describe_argument(known, space, size, value);
    if (argument.buffer && !strict_get(STRICT_BUFFER, argument.buffer)) {
        if (known)
            return strict_refuse(CL_INVALID_MEM_OBJECT, __func__,
                                 "argument %u: no buffer that is alive", index);
        argument.buffer = NULL;
    }
    kernel->arguments[index] = argument;
    return next(handle, index, size, value);
}
