/* A kernel in variants for smaller and smaller work-groups: how many work-items a device allows in
 * a group of a kernel is only known when the kernel has been built for it. */
#ifndef CLGAN_OCL_GROUP_SIZE_H
#define CLGAN_OCL_GROUP_SIZE_H

#include "ocl/launch.h"

typedef struct cg_group_size {
    size_t items;         /* in a work-group, of one dimension */
    size_t rows, columns; /* of the results that a group has, where the kernel has such */
    const char *options;  /* build options that make this group */
} cg_group_size;

/* *group = the first of `sizes` (the largest groups first, the last one followed by {0}) that the
 * device allows: asked of the kernel that `launch` names, built with `options`, which become the
 * launch's, and the size's own appended to them. launch->local becomes its items. Builds what it
 * asks. CG_ERR_CL when the device allows none, and when the options did not fit. */
cg_status cg_group_size_choose(const cg_group_size **group, cg_runtime *rt, cg_launch *launch,
                               cg_build_options *options, const cg_group_size *sizes);

/* The items of the smallest size, the last one before {0}. */
size_t cg_group_size_least(const cg_group_size *sizes);

#endif
