/* Commands: transfers, fills, copies, launches, markers; and the events that they leave. */
#include "strict.h"

#include <string.h>

/* ---- what all commands have in common -------------------------------------------------------- */

static cl_int check_queue(cl_command_queue queue, cl_uint waits, const cl_event *events,
                          const char *function)
{
    if (!strict_get(STRICT_QUEUE, queue))
        return strict_refuse(CL_INVALID_COMMAND_QUEUE, function, "no command queue that is alive");
    if (!waits != !events)
        return strict_refuse(CL_INVALID_EVENT_WAIT_LIST, function, "%u events in a list at %p",
                             waits, (const void *)events);
    for (cl_uint i = 0; i < waits; i++)
        if (!strict_get(STRICT_EVENT, events[i]))
            return strict_refuse(CL_INVALID_EVENT_WAIT_LIST, function,
                                 "event %u to wait for is not alive", i);
    return CL_SUCCESS;
}

/* Registers the event that a command has left, where one was wanted. */
static cl_int add_event(cl_int error, cl_command_queue queue, cl_event *event)
{
    if (error == CL_SUCCESS && event) {
        strict_object *object = strict_add(STRICT_EVENT, *event);
        if (object)
            object->profiles = strict_get(STRICT_QUEUE, queue)->profiles;
    }
    return error;
}

/* Refuses what is empty or not all inside the buffer. */
static cl_int check_range(cl_mem handle, size_t offset, size_t size, const char *function)
{
    strict_object *buffer = strict_get(STRICT_BUFFER, handle);
    if (!buffer)
        return strict_refuse(CL_INVALID_MEM_OBJECT, function, "no buffer that is alive");
    if (size == 0)
        return strict_refuse(CL_INVALID_VALUE, function, "0 bytes");
    if (offset > buffer->size || size > buffer->size - offset)
        return strict_refuse(CL_INVALID_VALUE, function, "%zu bytes at %zu of %zu", size, offset,
                             buffer->size);
    return CL_SUCCESS;
}

static cl_int check_host(const void *host, const char *function)
{
    return host ? CL_SUCCESS : strict_refuse(CL_INVALID_VALUE, function, "no host memory");
}

/* ---- transfers ------------------------------------------------------------------------------- */

cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                           size_t size, void *host, cl_uint waits, const cl_event *events,
                           cl_event *event)
{
    NEXT(clEnqueueReadBuffer);
    CHECK(check_queue(queue, waits, events, __func__));
    CHECK(check_range(buffer, offset, size, __func__));
    CHECK(check_host(host, __func__));
    return add_event(next(queue, buffer, blocking, offset, size, host, waits, events, event), queue,
                     event);
}

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                            size_t size, const void *host, cl_uint waits, const cl_event *events,
                            cl_event *event)
{
    NEXT(clEnqueueWriteBuffer);
    CHECK(check_queue(queue, waits, events, __func__));
    CHECK(check_range(buffer, offset, size, __func__));
    CHECK(check_host(host, __func__));
    return add_event(next(queue, buffer, blocking, offset, size, host, waits, events, event), queue,
                     event);
}

void *clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                         cl_map_flags flags, size_t offset, size_t size, cl_uint waits,
                         const cl_event *events, cl_event *event, cl_int *error)
{
    NEXT(clEnqueueMapBuffer);
    cl_int refused = check_queue(queue, waits, events, __func__), own = CL_SUCCESS;
    if (refused == CL_SUCCESS)
        refused = check_range(buffer, offset, size, __func__);
    void *mapped = NULL;
    if (refused == CL_SUCCESS) {
        mapped = next(queue, buffer, blocking, flags, offset, size, waits, events, event, &own);
        refused = add_event(own, queue, event);
    }
    if (error)
        *error = refused;
    return mapped;
}

cl_int clEnqueueUnmapMemObject(cl_command_queue queue, cl_mem buffer, void *mapped, cl_uint waits,
                               const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueUnmapMemObject);
    CHECK(check_queue(queue, waits, events, __func__));
    CHECK(check_range(buffer, 0, 1, __func__));
    CHECK(check_host(mapped, __func__));
    return add_event(next(queue, buffer, mapped, waits, events, event), queue, event);
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                           size_t pattern_size, size_t offset, size_t size, cl_uint waits,
                           const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueFillBuffer);
    CHECK(check_queue(queue, waits, events, __func__));
    CHECK(check_range(buffer, offset, size, __func__));
    if (!pattern || !pattern_size || pattern_size > 128 || (pattern_size & (pattern_size - 1)))
        return strict_refuse(CL_INVALID_VALUE, __func__, "a pattern of %zu bytes", pattern_size);
    if (offset % pattern_size || size % pattern_size)
        return strict_refuse(CL_INVALID_VALUE, __func__,
                             "%zu bytes at %zu are no multiples of the pattern's %zu", size, offset,
                             pattern_size);
    return add_event(next(queue, buffer, pattern, pattern_size, offset, size, waits, events, event),
                     queue, event);
}

/* The buffer that an object's memory belongs to, and where in it that begins. */
static cl_mem whole_of(const strict_object *buffer)
{
    return buffer->parent ? buffer->parent : buffer->handle;
}

static bool overlap(const strict_object *a, size_t a_offset, size_t a_size, const strict_object *b,
                    size_t b_offset, size_t b_size)
{
    size_t a_first = a->origin + a_offset, b_first = b->origin + b_offset;
    return whole_of(a) == whole_of(b) && a_first < b_first + b_size && b_first < a_first + a_size;
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset,
                           size_t to_offset, size_t size, cl_uint waits, const cl_event *events,
                           cl_event *event)
{
    NEXT(clEnqueueCopyBuffer);
    CHECK(check_queue(queue, waits, events, __func__));
    CHECK(check_range(from, from_offset, size, __func__));
    CHECK(check_range(to, to_offset, size, __func__));
    if (overlap(strict_get(STRICT_BUFFER, from), from_offset, size, strict_get(STRICT_BUFFER, to),
                to_offset, size))
        return strict_refuse(CL_MEM_COPY_OVERLAP, __func__, "%zu bytes at %zu and at %zu", size,
                             from_offset, to_offset);
    return add_event(next(queue, from, to, from_offset, to_offset, size, waits, events, event),
                     queue, event);
}

/* ---- launches -------------------------------------------------------------------------------- */

static const char launch_name[] = "clEnqueueNDRangeKernel";

/* The argument may be written, unless the driver tells that its type is const. */
static bool is_written(cl_kernel kernel, cl_uint index)
{
    cl_kernel_arg_type_qualifier qualifier = 0;
    clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof qualifier, &qualifier,
                       NULL);
    return !(qualifier & CL_KERNEL_ARG_TYPE_CONST);
}

/* Writing to a buffer and using an overlapping sub-buffer at the same time is undefined. The same
 * object twice is left to the kernel, which knows what it does. */
static cl_int check_overlaps(const strict_object *kernel)
{
    for (cl_uint a = 0; a < kernel->count; a++)
        for (cl_uint b = 0; b < kernel->count; b++) {
            cl_mem first = kernel->arguments[a].buffer, second = kernel->arguments[b].buffer;
            if (!first || !second || first == second || !is_written(kernel->handle, a))
                continue;
            const strict_object *x = strict_get(STRICT_BUFFER, first);
            const strict_object *y = strict_get(STRICT_BUFFER, second);
            if (x && y && overlap(x, 0, x->size, y, 0, y->size))
                return strict_refuse(CL_INVALID_KERNEL_ARGS, launch_name,
                                     "arguments %u, which is written, and %u overlap", a, b);
        }
    return CL_SUCCESS;
}

/* Every argument is set, its buffer alive, and all of them fit the device. */
static cl_int check_arguments(const strict_object *kernel)
{
    size_t bytes = 0, local_bytes = 0;
    cl_ulong own = 0;
    clGetKernelWorkGroupInfo(kernel->handle, kernel->device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof own,
                             &own, NULL);
    for (cl_uint i = 0; i < kernel->count; i++) {
        const strict_argument *argument = &kernel->arguments[i];
        if (!argument->set)
            return strict_refuse(CL_INVALID_KERNEL_ARGS, launch_name, "argument %u is not set", i);
        if (argument->buffer && !strict_get(STRICT_BUFFER, argument->buffer))
            return strict_refuse(CL_INVALID_KERNEL_ARGS, launch_name,
                                 "the buffer of argument %u has been released", i);
        bytes += argument->bytes;
        local_bytes += argument->local_bytes;
    }
    if (bytes > strict_device_size(kernel->device, CL_DEVICE_MAX_PARAMETER_SIZE))
        return strict_refuse(CL_OUT_OF_RESOURCES, launch_name, "%zu bytes of arguments", bytes);
    /* Some drivers count the arguments' local memory into the kernel's own, others do not. */
    if (local_bytes < (size_t)own)
        local_bytes = (size_t)own;
    if (local_bytes > strict_device_size(kernel->device, CL_DEVICE_LOCAL_MEM_SIZE))
        return strict_refuse(CL_OUT_OF_RESOURCES, launch_name, "%zu bytes of local memory",
                             local_bytes);
    return check_overlaps(kernel);
}

static cl_int check_sizes(const size_t *global, const size_t *local, cl_uint dimensions)
{
    if (dimensions < 1 || dimensions > 3)
        return strict_refuse(CL_INVALID_WORK_DIMENSION, launch_name, "%u dimensions", dimensions);
    if (!global)
        return strict_refuse(CL_INVALID_GLOBAL_WORK_SIZE, launch_name, "no global size");
    for (cl_uint d = 0; d < dimensions; d++) {
        if (!global[d])
            return strict_refuse(CL_INVALID_GLOBAL_WORK_SIZE, launch_name,
                                 "a global size of 0 in dimension %u", d);
        if (local && (!local[d] || global[d] % local[d]))
            return strict_refuse(CL_INVALID_WORK_GROUP_SIZE, launch_name,
                                 "%zu work-items in groups of %zu in dimension %u", global[d],
                                 local[d], d);
    }
    return CL_SUCCESS;
}

/* CLBlast 1.5.3 compares the groups of its kernels with the device's limit alone, never with what
 * the driver allows each kernel as it was built (rusticl on llvmpipe says 32, and runs 256). Its
 * kernels, by the beginnings of their names, are held to the device's limit. */
static const char *const held_to_device[] = {"Xgemm", "Copy", "Transpose"};

/* The work-items that a group of the kernel may have. */
static size_t max_group(const strict_object *kernel)
{
    char name[128] = "";
    clGetKernelInfo(kernel->handle, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    for (size_t i = 0; i < sizeof held_to_device / sizeof *held_to_device; i++)
        if (strncmp(name, held_to_device[i], strlen(held_to_device[i])) == 0)
            return strict_device_size(kernel->device, CL_DEVICE_MAX_WORK_GROUP_SIZE);
    return strict_kernel_group_size(kernel->handle, kernel->device);
}

/* The group is one that the device, and the kernel as it was built, can have. */
static cl_int check_group(const strict_object *kernel, const size_t *local, cl_uint dimensions)
{
    size_t most[3], required[3] = {0}, items = 1;
    strict_max_item_sizes(most, kernel->device);
    clGetKernelWorkGroupInfo(kernel->handle, kernel->device, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                             sizeof required, required, NULL);
    if (!local)
        return required[0] ? strict_refuse(CL_INVALID_WORK_GROUP_SIZE, launch_name,
                                           "the kernel requires a size of its groups")
                           : CL_SUCCESS;
    for (cl_uint d = 0; d < dimensions; d++) {
        items *= local[d];
        if (local[d] > most[d])
            return strict_refuse(CL_INVALID_WORK_ITEM_SIZE, launch_name,
                                 "%zu work-items in dimension %u, the device allows %zu", local[d],
                                 d, most[d]);
        if (required[0] && local[d] != required[d])
            return strict_refuse(CL_INVALID_WORK_GROUP_SIZE, launch_name,
                                 "groups of %zu in dimension %u, the kernel requires %zu", local[d],
                                 d, required[d]);
    }
    size_t allowed = max_group(kernel);
    if (items > allowed)
        return strict_refuse(CL_INVALID_WORK_GROUP_SIZE, launch_name,
                             "groups of %zu work-items, the kernel allows %zu", items, allowed);
    return CL_SUCCESS;
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel handle, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local,
                              cl_uint waits, const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueNDRangeKernel);
    CHECK(check_queue(queue, waits, events, __func__));
    strict_object *kernel = strict_get(STRICT_KERNEL, handle);
    if (!kernel)
        return strict_refuse(CL_INVALID_KERNEL, __func__, "no kernel that is alive");
    CHECK(check_sizes(global, local, dimensions));
    CHECK(check_group(kernel, local, dimensions));
    CHECK(check_arguments(kernel));
    return add_event(next(queue, handle, dimensions, offset, global, local, waits, events, event),
                     queue, event);
}

cl_int clEnqueueTask(cl_command_queue queue, cl_kernel kernel, cl_uint waits,
                     const cl_event *events, cl_event *event)
{
    const size_t one = 1;
    return clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &one, &one, waits, events, event);
}

/* ---- markers and events ---------------------------------------------------------------------- */

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint waits, const cl_event *events,
                                   cl_event *event)
{
    NEXT(clEnqueueMarkerWithWaitList);
    CHECK(check_queue(queue, waits, events, __func__));
    return add_event(next(queue, waits, events, event), queue, event);
}

cl_int clWaitForEvents(cl_uint count, const cl_event *events)
{
    NEXT(clWaitForEvents);
    if (!count || !events)
        return strict_refuse(CL_INVALID_VALUE, __func__, "no events");
    for (cl_uint i = 0; i < count; i++)
        if (!strict_get(STRICT_EVENT, events[i]))
            return strict_refuse(CL_INVALID_EVENT, __func__, "event %u is not alive", i);
    return next(count, events);
}

cl_int clRetainEvent(cl_event event)
{
    NEXT(clRetainEvent);
    CHECK(strict_retain(STRICT_EVENT, event, __func__));
    return next(event);
}

cl_int clReleaseEvent(cl_event event)
{
    NEXT(clReleaseEvent);
    CHECK(strict_release(STRICT_EVENT, event, __func__));
    return next(event);
}

cl_int clGetEventProfilingInfo(cl_event handle, cl_profiling_info what, size_t size, void *value,
                               size_t *needed)
{
    NEXT(clGetEventProfilingInfo);
    strict_object *event = strict_get(STRICT_EVENT, handle);
    if (!event)
        return strict_refuse(CL_INVALID_EVENT, __func__, "no event that is alive");
    if (!event->profiles)
        return strict_refuse(CL_PROFILING_INFO_NOT_AVAILABLE, __func__,
                             "the event's queue does not profile");
    return next(handle, what, size, value, needed);
}

cl_int clFinish(cl_command_queue queue)
{
    NEXT(clFinish);
    CHECK(check_queue(queue, 0, NULL, __func__));
    return next(queue);
}

cl_int clFlush(cl_command_queue queue)
{
    NEXT(clFlush);
    CHECK(check_queue(queue, 0, NULL, __func__));
    return next(queue);
}
