/* A verdict on a device, kept from one process to the next: a number under a subject, beside the
 * programs, in a file that is guarded as theirs are (ocl/cache.h). It holds for one device, one
 * driver and its version, these kernels and this code of the library. */
#ifndef CLGAN_OCL_VERDICT_H
#define CLGAN_OCL_VERDICT_H

#include "ocl/types.h"

#include <stdint.h>

typedef struct cg_verdict {
    const cg_runtime *rt;
    char *key; /* all that it depends on; owned; NULL: not known, so nothing is kept */
} cg_verdict;

/* A verdict of rt's device about `subject`, which is text of up to 2 KiB. To be given to
 * cg_verdict_deinit(), also on failure. CG_ERR_MEMORY, CG_ERR_INPUT where the kernels' text cannot
 * be read. */
cg_status cg_verdict_init(cg_verdict *verdict, const cg_runtime *rt, const char *subject);

/* {0} is fine. */
void cg_verdict_deinit(cg_verdict *verdict);

/* The number that was kept; 0 where there is none: no cache, nothing kept, a damaged file. */
uint64_t cg_verdict_read(const cg_verdict *verdict);

/* Keeps the number, which is not 0. A cache that cannot be written keeps none, without a word. */
void cg_verdict_keep(const cg_verdict *verdict, uint64_t number);

/* Takes back what was kept, if anything. */
void cg_verdict_forget(const cg_verdict *verdict);

#endif
