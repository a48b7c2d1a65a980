/* OpenCL and CLBlast. A failing call does nothing, but a release still releases. */
#include "faults.h"

#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <clblast_c.h>

/* A function that returns its error. */
#define RETURNS(name, params, args)                       \
    cl_int name params                                    \
    {                                                     \
        NEXT(name);                                       \
        return FAULT(#name) ? faults_error() : next args; \
    }

/* A function that returns an object, and its error where `error` is not NULL. */
#define CREATES(type, name, params, args) \
    type name params                      \
    {                                     \
        NEXT(name);                       \
        if (!FAULT(#name))                \
            return next args;             \
        if (error)                        \
            *error = faults_error();      \
        return NULL;                      \
    }

#define RELEASES(name, type)                      \
    cl_int name(type object)                      \
    {                                             \
        NEXT(name);                               \
        bool fails = FAULT(#name);                \
        cl_int released = next(object);           \
        return fails ? faults_error() : released; \
    }

#define WAITS cl_uint waits, const cl_event *list, cl_event *event
#define INFO  size_t room, void *to, size_t *size

/* clang-format off */
RETURNS(clGetPlatformIDs, (cl_uint room, cl_platform_id *platforms, cl_uint *count), (room, platforms, count))
RETURNS(clGetPlatformInfo, (cl_platform_id platform, cl_platform_info query, INFO), (platform, query, room, to, size))
RETURNS(clGetDeviceIDs, (cl_platform_id platform, cl_device_type type, cl_uint room, cl_device_id *devices, cl_uint *count), (platform, type, room, devices, count))
RETURNS(clGetDeviceInfo, (cl_device_id device, cl_device_info query, INFO), (device, query, room, to, size))
RETURNS(clGetCommandQueueInfo, (cl_command_queue queue, cl_command_queue_info query, INFO), (queue, query, room, to, size))
RETURNS(clGetMemObjectInfo, (cl_mem buffer, cl_mem_info query, INFO), (buffer, query, room, to, size))
RETURNS(clGetProgramInfo, (cl_program program, cl_program_info query, INFO), (program, query, room, to, size))
RETURNS(clGetProgramBuildInfo, (cl_program program, cl_device_id device, cl_program_build_info query, INFO), (program, device, query, room, to, size))
RETURNS(clGetKernelInfo, (cl_kernel kernel, cl_kernel_info query, INFO), (kernel, query, room, to, size))
RETURNS(clGetKernelWorkGroupInfo, (cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info query, INFO), (kernel, device, query, room, to, size))
RETURNS(clGetEventInfo, (cl_event event, cl_event_info query, INFO), (event, query, room, to, size))
RETURNS(clGetEventProfilingInfo, (cl_event event, cl_profiling_info query, INFO), (event, query, room, to, size))
CREATES(cl_context, clCreateContext, (const cl_context_properties *properties, cl_uint count, const cl_device_id *devices, void (*notify)(const char *, const void *, size_t, void *), void *user, cl_int *error), (properties, count, devices, notify, user, error))
CREATES(cl_command_queue, clCreateCommandQueue, (cl_context context, cl_device_id device, cl_command_queue_properties properties, cl_int *error), (context, device, properties, error))
CREATES(cl_mem, clCreateBuffer, (cl_context context, cl_mem_flags flags, size_t bytes, void *host, cl_int *error), (context, flags, bytes, host, error))
CREATES(cl_mem, clCreateSubBuffer, (cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type, const void *region, cl_int *error), (buffer, flags, type, region, error))
CREATES(void *, clEnqueueMapBuffer, (cl_command_queue queue, cl_mem buffer, cl_bool blocking, cl_map_flags flags, size_t offset, size_t bytes, WAITS, cl_int *error), (queue, buffer, blocking, flags, offset, bytes, waits, list, event, error))
CREATES(cl_program, clCreateProgramWithSource, (cl_context context, cl_uint count, const char **strings, const size_t *lengths, cl_int *error), (context, count, strings, lengths, error))
CREATES(cl_program, clCreateProgramWithBinary, (cl_context context, cl_uint count, const cl_device_id *devices, const size_t *lengths, const unsigned char **binaries, cl_int *loaded, cl_int *error), (context, count, devices, lengths, binaries, loaded, error))
CREATES(cl_kernel, clCreateKernel, (cl_program program, const char *name, cl_int *error), (program, name, error))
RETURNS(clBuildProgram, (cl_program program, cl_uint count, const cl_device_id *devices, const char *options, void (*notify)(cl_program, void *), void *user), (program, count, devices, options, notify, user))
RETURNS(clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t bytes, const void *value), (kernel, index, bytes, value))
RETURNS(clEnqueueReadBuffer, (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t bytes, void *to, WAITS), (queue, buffer, blocking, offset, bytes, to, waits, list, event))
RETURNS(clEnqueueWriteBuffer, (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t bytes, const void *from, WAITS), (queue, buffer, blocking, offset, bytes, from, waits, list, event))
RETURNS(clEnqueueCopyBuffer, (cl_command_queue queue, cl_mem from, cl_mem to, size_t from_offset, size_t to_offset, size_t bytes, WAITS), (queue, from, to, from_offset, to_offset, bytes, waits, list, event))
RETURNS(clEnqueueFillBuffer, (cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_bytes, size_t offset, size_t bytes, WAITS), (queue, buffer, pattern, pattern_bytes, offset, bytes, waits, list, event))
RETURNS(clEnqueueUnmapMemObject, (cl_command_queue queue, cl_mem buffer, void *mapped, WAITS), (queue, buffer, mapped, waits, list, event))
RETURNS(clEnqueueNDRangeKernel, (cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset, const size_t *global, const size_t *local, WAITS), (queue, kernel, dimensions, offset, global, local, waits, list, event))
RETURNS(clEnqueueMarkerWithWaitList, (cl_command_queue queue, WAITS), (queue, waits, list, event))
RETURNS(clFlush, (cl_command_queue queue), (queue))
RETURNS(clFinish, (cl_command_queue queue), (queue))
RETURNS(clWaitForEvents, (cl_uint count, const cl_event *events), (count, events))
RELEASES(clReleaseContext, cl_context)
RELEASES(clReleaseCommandQueue, cl_command_queue)
RELEASES(clReleaseMemObject, cl_mem)
RELEASES(clReleaseProgram, cl_program)
RELEASES(clReleaseKernel, cl_kernel)
RELEASES(clReleaseEvent, cl_event)

CLBlastStatusCode CLBlastOverrideParameters(const cl_device_id device, const char *kernel, const CLBlastPrecision precision, const size_t count, const char **names, const size_t *values)
{
    NEXT(CLBlastOverrideParameters);
    return FAULT("CLBlastOverrideParameters") ? (CLBlastStatusCode)faults_error() : next(device, kernel, precision, count, names, values);
}

CLBlastStatusCode CLBlastSgemmStridedBatched(const CLBlastLayout layout, const CLBlastTranspose a_transpose, const CLBlastTranspose b_transpose, const size_t m, const size_t n, const size_t k, const float alpha, const cl_mem a, const size_t a_offset, const size_t a_ld, const size_t a_stride, const cl_mem b, const size_t b_offset, const size_t b_ld, const size_t b_stride, const float beta, cl_mem c, const size_t c_offset, const size_t c_ld, const size_t c_stride, const size_t batch, cl_command_queue *queue, cl_event *event)
{
    NEXT(CLBlastSgemmStridedBatched);
    return FAULT("CLBlastSgemmStridedBatched") ? (CLBlastStatusCode)faults_error() : next(layout, a_transpose, b_transpose, m, n, k, alpha, a, a_offset, a_ld, a_stride, b, b_offset, b_ld, b_stride, beta, c, c_offset, c_ld, c_stride, batch, queue, event);
}
/* clang-format on */
