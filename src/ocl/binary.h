/* A program's binary, kept in the program cache from one process to the next. */
#ifndef CLGAN_OCL_BINARY_H
#define CLGAN_OCL_BINARY_H

#include "ocl/opencl.h"
#include "ocl/types.h"

/* *key = what a binary depends on, as text for the cache: the source with its includes, the flags,
 * device and driver; to be given to free(). CG_ERR_MEMORY. */
cg_status cg_binary_key(char **key, const cg_runtime *rt, const char *source, const char *flags);

/* The program from its binary, built; NULL when there is none or the driver refuses it. */
cl_program cg_binary_load(cg_runtime *rt, const char *key, const char *flags);

/* Keeps the binary of a program that was built; a driver that gives none is not an error. */
void cg_binary_store(cg_runtime *rt, cl_program program, const char *key);

#endif
