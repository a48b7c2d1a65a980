/* Entry points of OpenCL 2.0 and later: a driver for 1.2 does not have them. */
#include "strict.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Defines a function that refuses, and returns an error or, by *error, an object that is NULL. */
#define DENY(name, ...)                                                            \
    cl_int name(__VA_ARGS__)                                                       \
    {                                                                              \
        return strict_refuse(CL_INVALID_OPERATION, __func__, "not in OpenCL 1.2"); \
    }
#define DENY_OBJECT(type, name, ...)                                     \
    type name(__VA_ARGS__)                                               \
    {                                                                    \
        REFUSE_OBJECT(error, CL_INVALID_OPERATION, "not in OpenCL 1.2"); \
    }

/* clang-format off */
DENY_OBJECT(cl_command_queue, clCreateCommandQueueWithProperties, cl_context context, cl_device_id device,
            const cl_queue_properties *properties, cl_int *error)
DENY_OBJECT(cl_mem, clCreatePipe, cl_context context, cl_mem_flags flags, cl_uint packet, cl_uint count,
            const cl_pipe_properties *properties, cl_int *error)
DENY_OBJECT(cl_sampler, clCreateSamplerWithProperties, cl_context context,
            const cl_sampler_properties *properties, cl_int *error)
DENY_OBJECT(cl_program, clCreateProgramWithIL, cl_context context, const void *text, size_t size, cl_int *error)
DENY_OBJECT(cl_kernel, clCloneKernel, cl_kernel kernel, cl_int *error)
DENY_OBJECT(cl_mem, clCreateBufferWithProperties, cl_context context, const cl_mem_properties *properties,
            cl_mem_flags flags, size_t size, void *host, cl_int *error)
DENY(clGetPipeInfo, cl_mem pipe, cl_pipe_info query, size_t size, void *value, size_t *needed)
DENY(clSetKernelArgSVMPointer, cl_kernel kernel, cl_uint index, const void *value)
DENY(clSetKernelExecInfo, cl_kernel kernel, cl_kernel_exec_info query, size_t size, const void *value)
DENY(clSetDefaultDeviceCommandQueue, cl_context context, cl_device_id device, cl_command_queue queue)
DENY(clGetDeviceAndHostTimer, cl_device_id device, cl_ulong *device_time, cl_ulong *host_time)
DENY(clGetHostTimer, cl_device_id device, cl_ulong *host_time)
DENY(clGetKernelSubGroupInfo, cl_kernel kernel, cl_device_id device, cl_kernel_sub_group_info query,
     size_t input_size, const void *input, size_t size, void *value, size_t *needed)
DENY(clSetProgramSpecializationConstant, cl_program program, cl_uint id, size_t size, const void *value)
DENY(clSetProgramReleaseCallback, cl_program program, void(CL_CALLBACK *notify)(cl_program, void *), void *user)
DENY(clSetContextDestructorCallback, cl_context context, void(CL_CALLBACK *notify)(cl_context, void *), void *user)
DENY(clEnqueueSVMFree, cl_command_queue queue, cl_uint count, void *pointers[],
     void(CL_CALLBACK *notify)(cl_command_queue, cl_uint, void *[], void *), void *user, cl_uint waits,
     const cl_event *events, cl_event *event)
DENY(clEnqueueSVMMemcpy, cl_command_queue queue, cl_bool blocking, void *to, const void *from, size_t size,
     cl_uint waits, const cl_event *events, cl_event *event)
DENY(clEnqueueSVMMemFill, cl_command_queue queue, void *to, const void *pattern, size_t pattern_size, size_t size,
     cl_uint waits, const cl_event *events, cl_event *event)
DENY(clEnqueueSVMMap, cl_command_queue queue, cl_bool blocking, cl_map_flags flags, void *at, size_t size,
     cl_uint waits, const cl_event *events, cl_event *event)
DENY(clEnqueueSVMUnmap, cl_command_queue queue, void *at, cl_uint waits, const cl_event *events, cl_event *event)
DENY(clEnqueueSVMMigrateMem, cl_command_queue queue, cl_uint count, const void **pointers, const size_t *sizes,
     cl_mem_migration_flags flags, cl_uint waits, const cl_event *events, cl_event *event)
/* clang-format on */

void *clSVMAlloc(cl_context context, cl_svm_mem_flags flags, size_t size, cl_uint alignment)
{
    strict_refuse(CL_INVALID_OPERATION, __func__, "not in OpenCL 1.2");
    return NULL;
}

void clSVMFree(cl_context context, void *memory)
{
    strict_refuse(CL_INVALID_OPERATION, __func__, "not in OpenCL 1.2");
}
