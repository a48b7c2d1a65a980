/* PoCL's environment on Windows. */
#include "cli/pocl.h"

/* PoCL binds threads on Linux alone, and makes its folder where it may. */
void cg_pocl_set_threads(size_t ranks)
{
    (void)ranks;
}

void cg_pocl_unset_threads(void)
{
}

void cg_pocl_find_cache(void)
{
}
