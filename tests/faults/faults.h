/* A library that has call n of a function fail, as systems and drivers let calls fail.
 *
 *     LD_PRELOAD=libclgan_faults.so CLGAN_FAULTS=fsync,2,once,5 clgan train ...
 *
 * CLGAN_FAULTS is GROUP,N,once|ever,ERROR: call N of the group fails, counted from 1, or that and
 * all after it. ERROR is an errno, or a code of OpenCL or CLBlast; "short" lets a read or a write
 * take half of its bytes. A file in CLGAN_FAULTS_REPORT gets "GROUP CALLS" for every group at the
 * end, and at the fault "failed GROUP N" and the addresses that led to it. A file in
 * CLGAN_FAULTS_CALLS gets "GROUP N WAY" for each call, where WAY is a number for the way of
 * functions that led there: calls of one way fail alike.
 *
 * Calls of clgan, and of the libraries that it calls directly, count and fail, by the object that
 * the return address lies in. A driver's and LLVM's own calls are theirs.
 *
 *   faults.c   which call fails; memory
 *   files.c    files and folders
 *   opencl.c   OpenCL and CLBlast
 */
#ifndef CLGAN_TESTS_FAULTS_H
#define CLGAN_TESTS_FAULTS_H

#include "../interpose.h"

#include <stdbool.h>
#include <stddef.h>

/* True when this call, made from `caller`, fails. Counts it. */
bool faults_take(const char *group, const void *caller);
#define FAULT(group) faults_take(group, __builtin_return_address(0))

/* The error that the failing call has; SHORT stands for half of the bytes. */
int faults_error(void);
enum { SHORT = -1000000 };

/* errno = that error; returns -1. */
int faults_fail(void);

#endif
