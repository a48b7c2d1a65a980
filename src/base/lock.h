/* A lock for moments: of lists that a thread looks at which may wait for nothing long. */
#ifndef CLGAN_BASE_LOCK_H
#define CLGAN_BASE_LOCK_H

#include "base/platform.h"

#include <stdatomic.h>

/* A thread that finds it taken sleeps for a millisecond, and looks again. ATOMIC_FLAG_INIT is free.
 */
static inline void cg_lock_take(atomic_flag *lock)
{
    while (atomic_flag_test_and_set(lock))
        cg_platform_sleep(1e-3);
}

static inline void cg_lock_give(atomic_flag *lock)
{
    atomic_flag_clear(lock);
}

#endif
