/* A runtime: one device, one context, one in-order queue and the programs built for it.
 * Everything enqueued runs in the order of the calls.
 *
 *     cg_runtime *rt;
 *     if (cg_runtime_create_selected(&rt, "gpu,cpu") == CG_OK)
 *         puts(cg_runtime_device(rt)->name);
 *     cg_runtime_release(rt);
 *
 * Threads: any thread may call these functions, one at a time for each runtime.
 */
#ifndef CLGAN_RUNTIME_H
#define CLGAN_RUNTIME_H

#include <clgan/device.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_runtime cg_runtime;

/* Opens the index-th device of the list; the list may be released afterwards. For
 * cg_runtime_release(). CG_ERR_ARGUMENT where the list has no such device, CG_ERR_DEVICE where
 * that is unusable, CG_ERR_CL, CG_ERR_MEMORY; *rt is then NULL. */
CG_API cg_status cg_runtime_create(cg_runtime **rt, const cg_devices *devices, size_t index);

/* The short form: lists the devices, selects one (cg_device_select) and opens it. Also
 * CG_ERR_DEVICE when none matches. */
CG_API cg_status cg_runtime_create_selected(cg_runtime **rt, const char *selector);

/* Waits for what is enqueued, then releases. NULL is fine. */
CG_API void cg_runtime_release(cg_runtime *rt);

/* Returns the device's properties, which live as long as the runtime. */
CG_API const cg_device_info *cg_runtime_device(const cg_runtime *rt);

/* Blocks until everything enqueued has run; CG_ERR_CL when something in it failed. */
CG_API cg_status cg_runtime_finish(cg_runtime *rt);

#ifdef __cplusplus
}
#endif
#endif
