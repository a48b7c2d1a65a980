/* OpenCL's own header, which macOS keeps in a framework. */
#ifndef CLGAN_OCL_OPENCL_H
#define CLGAN_OCL_OPENCL_H

#ifdef __APPLE__
#include <OpenCL/opencl.h>
#else
#include <CL/cl.h>
#endif

#endif
