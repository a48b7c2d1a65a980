/* Forms of a kernel for smaller and smaller work-groups: how many work-items a device allows in a
 * group of a kernel is only known when the kernel has been built for it. */
#ifndef CLGAN_OCL_FORM_H
#define CLGAN_OCL_FORM_H

#include "ocl/runtime.h"

typedef struct cg_form {
    size_t items;         /* in a work-group, of one dimension */
    size_t rows, columns; /* of the results that a group has, where the kernel has such */
    const char *options;  /* build options that make this form, with a space before */
} cg_form;

/* *form = the first of `forms` (the largest groups first, the last one followed by {0}) that the
 * device allows: asked of the kernel that `launch` names, built with options[size], which become
 * the launch's, and the form's own appended to them. launch->local becomes the form's. Builds what
 * it asks. CG_ERR_CL when the device allows none. */
cg_status cg_form_choose(const cg_form **form, cg_runtime *rt, cg_launch *launch, char *options,
                         size_t size, const cg_form *forms);

/* The items of the smallest form. */
size_t cg_form_least(const cg_form *forms);

#endif
