/* The OpenCL handles behind the device list. */
#ifndef CLGAN_OCL_DEVICE_H
#define CLGAN_OCL_DEVICE_H

#include "base/text.h"
#include "ocl/opencl.h"

#include <clgan/device.h>

/* Borrowed handles of the index-th device. */
void cg_devices_get_ids(const cg_devices *devices, size_t index, cl_platform_id *platform,
                        cl_device_id *device);

/* Adds a line for each text by which a device or its driver may be another one: keys of what was
 * compiled, or tested, begin or end so. */
void cg_device_add_key(cg_text *key, const cg_device_info *info);

#endif
