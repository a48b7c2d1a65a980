/* Work of the host on all of its processors.
 *
 *     cg_parallel_run(rows, multiply_row, &matrices);
 *
 * has multiply_row(&matrices, i) called for each row. */
#ifndef CLGAN_BASE_PARALLEL_H
#define CLGAN_BASE_PARALLEL_H

#include <stddef.h>

/* Calls work(user, i) once for each i below count, by several threads at once, and returns when all
 * of that is done. Nothing that work computes may depend on its thread, nor on the order. */
void cg_parallel_run(size_t count, void (*work)(void *user, size_t i), void *user);

#endif
