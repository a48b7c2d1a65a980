/* A build without LAPACK has no Frechet distance. CMake takes this file for trace_root.c then. */
#include "eval/trace_root.h"

#include <clgan/log.h>

bool cg_trace_root_available(void)
{
    return false;
}

static cg_status fail(void)
{
    return cg_fail(CG_ERR_ABSENT, "no Frechet distance: this clgan was built without LAPACKE");
}

cg_status cg_trace_root_create(cg_trace_root **root, size_t d)
{
    (void)d;
    *root = NULL;
    return fail();
}

void cg_trace_root_release(cg_trace_root *root)
{
    (void)root;
}

cg_status cg_trace_root_measure(double *trace, cg_trace_root *root, const double *c1,
                                const double *c2)
{
    (void)root;
    (void)c1;
    (void)c2;
    *trace = 0;
    return fail();
}
