/* The one error path: a function has `cg_status status = CG_OK;` and a `done:` label. */
#ifndef CLGAN_BASE_TRY_H
#define CLGAN_BASE_TRY_H

#include <clgan/log.h>

#define CG_TRY(call)         \
    do {                     \
        status = (call);     \
        if (status != CG_OK) \
            goto done;       \
    } while (0)

#endif
