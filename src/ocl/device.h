/* The OpenCL handles behind the device list. */
#ifndef CLGAN_OCL_DEVICE_H
#define CLGAN_OCL_DEVICE_H

#include "ocl/opencl.h"

#include <clgan/device.h>

/* Borrowed handles of the index-th device. */
void cg_devices_get_ids(const cg_devices *devices, size_t index, cl_platform_id *platform,
                        cl_device_id *device);

#endif
