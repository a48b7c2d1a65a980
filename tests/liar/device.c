/* A device that passes for a GPU, so that a CPU's driver is given what GPUs are: kernels of single
 * lanes, whose work-items share local memory between barriers. CLGAN_LIAR_GPU=1 asks for it; it is
 * no lie that could do harm. With CLGAN_LIAR_GONE=1 the last device of each platform is not
 * there. */
#include "liar.h"

cl_int clGetDeviceInfo(cl_device_id device, cl_device_info query, size_t size, void *value,
                       size_t *needed)
{
    NEXT(clGetDeviceInfo);
    const char *asked = getenv("CLGAN_LIAR_GPU");
    cl_int error = next(device, query, size, value, needed);
    if (error == CL_SUCCESS && query == CL_DEVICE_TYPE && value && asked && *asked == '1')
        *(cl_device_type *)value = CL_DEVICE_TYPE_GPU;
    return error;
}

cl_int clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint room,
                      cl_device_id *devices, cl_uint *count)
{
    NEXT(clGetDeviceIDs);
    const char *asked = getenv("CLGAN_LIAR_GONE");
    cl_int error = next(platform, type, room, devices, count);
    if (error == CL_SUCCESS && count && *count && asked && *asked == '1' && liar_is_meant())
        --*count;
    return error;
}
