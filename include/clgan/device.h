/* OpenCL devices: what there is, and which one a person means.
 *
 *     cg_devices *devices = NULL;
 *     size_t index;
 *     if (cg_devices_create(&devices) == CG_OK &&
 *         cg_device_select(&index, cg_devices_info(devices, 0), cg_devices_count(devices),
 *                          "gpu") == CG_OK)
 *         puts(cg_devices_info(devices, index)->name);
 *     cg_devices_release(devices);
 *
 * Threads: any thread may call these functions, several at once; a list does not change and may be
 * read by all.
 */
#ifndef CLGAN_DEVICE_H
#define CLGAN_DEVICE_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cg_device_type {
    CG_DEVICE_CPU,
    CG_DEVICE_ACCELERATOR, /* also types that OpenCL calls custom */
    CG_DEVICE_GPU
} cg_device_type;

/* The properties of a device, as its driver tells them. A property that the driver does not give is
 * "" or 0. */
typedef struct cg_device_info {
    char id[24]; /* "P:D", platform and device as `clinfo -l` numbers them */
    char name[160];
    char platform[160];
    char platform_version[160];
    char vendor[160];
    char driver[160];  /* CL_DRIVER_VERSION */
    char version[160]; /* CL_DEVICE_VERSION */
    cg_device_type type;
    size_t global_mem_bytes;
    size_t max_alloc_bytes;
    size_t local_mem_bytes;
    size_t max_work_group;
    size_t compute_units;
    size_t clock_mhz;
    size_t vector_width;    /* floats in the widest native vector, 1 when unknown            */
    size_t alignment_bytes; /* of a sub-buffer's origin                                      */
    char unusable[160];     /* why nothing can be computed there, "" where nothing is known  */
} cg_device_info;

/* The list of all devices of all platforms. */
typedef struct cg_devices cg_devices;

/* Lists the devices, in the order of platforms and of devices in them. Platforms without a device,
 * and no platform at all, are not errors: the list is then shorter, or empty. For
 * cg_devices_release(). CG_ERR_MEMORY; *devices is then NULL. */
CG_API cg_status cg_devices_create(cg_devices **devices);

/* NULL is fine. */
CG_API void cg_devices_release(cg_devices *devices);

/* 0 for NULL. */
CG_API size_t cg_devices_count(const cg_devices *devices);

/* The index-th device; the infos of all devices are one array. Borrowed; NULL beyond the end. */
CG_API const cg_device_info *cg_devices_info(const cg_devices *devices, size_t index);

/* "gpu", "accelerator" or "cpu". */
CG_API const char *cg_device_type_name(cg_device_type type);

/* *index = the device that `selector` means among `count` infos. The grammar, case-insensitive:
 *
 *     P:D            as `clinfo -l` numbers them
 *     N              the N-th device of the list, from 0
 *     gpu cpu accelerator
 *     vendor:NAME    amd, intel, nvidia, arm, pocl, mesa, or a part of the vendor's name
 *     TEXT           a part of the device's or the platform's name, or one of those aliases
 *     !TERM          excludes what TERM means, from the whole list
 *     A,B            in order of preference; exclusions alone mean the best of the rest
 *
 * NULL and "" mean the best device: GPUs before accelerators before CPUs, then by units x clock.
 * Unusable devices match nothing. CG_ERR_DEVICE, logged with the list of what there is, when
 * nothing matches. */
CG_API cg_status cg_device_select(size_t *index, const cg_device_info *infos, size_t count,
                                  const char *selector);

/* selected[i] = whether `selector` admits device i, which is not unusable: "all" admits each, a
 * list of terms every device that one of them means. CG_ERR_DEVICE when none is admitted. */
CG_API cg_status cg_device_select_all(bool *selected, const cg_device_info *infos, size_t count,
                                      const char *selector);

#ifdef __cplusplus
}
#endif
#endif
