/* Checks that keep sizes of 0 away from drivers: the specification forbids them before OpenCL 2.1,
 * and drivers differ in what they do. Every call of OpenCL with a size is behind one of them. An
 * object of size 0 (a buffer, a view, a local array) is refused, as nothing could be done with it.
 * A command of size 0 (a transfer, a fill, a launch, a product) has nothing to do: it succeeds
 * without a call of the driver.
 */
#ifndef CLGAN_OCL_ZERO_SIZE_H
#define CLGAN_OCL_ZERO_SIZE_H

#include <clgan/log.h>
#include <stdbool.h>
#include <stddef.h>

/* CG_ERR_SHAPE, logged as "OWNER: WHAT of size 0", for an object of that size. */
static inline cg_status cg_zero_size_refuse(size_t size, const char *owner, const char *what)
{
    return size ? CG_OK : cg_fail(CG_ERR_SHAPE, "%s: %s of size 0", owner, what);
}

/* True when a command has nothing to do along one of its sizes. */
static inline bool cg_zero_size_is_done(size_t size)
{
    return size == 0;
}

#endif
