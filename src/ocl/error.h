/* OpenCL's and CLBlast's error codes as names, and the one place that reports them. */
#ifndef CLGAN_OCL_ERROR_H
#define CLGAN_OCL_ERROR_H

#include "ocl/opencl.h"

#include <clgan/log.h>
#include <stdbool.h>

/* "CL_OUT_OF_RESOURCES" for -5; "OpenCL error N" for codes without a name. Not thread-safe then. */
const char *cg_cl_error_name(cl_int error);

/* CG_OK for CL_SUCCESS; else logs `what` with the error's name. Exhausted memory is CG_ERR_MEMORY,
 * everything else CG_ERR_CL. */
cg_status cg_cl_check(cl_int error, const char *what, ...) CG_PRINTF(2, 3);

/* True for the error of a driver that knows what it was asked and cannot do it now; another query
 * that fails is one that it does not know. */
bool cg_cl_is_failure(cl_int error);

#endif
