/* Names of algorithms. An algorithm with parameters is a table of variants, "tiled", "tiled:32x64",
 * ..., up to a {0}: the first line has the algorithm's own name and what it does unless it is told
 * otherwise. */
#ifndef CLGAN_OPS_VARIANT_H
#define CLGAN_OPS_VARIANT_H

#include <stddef.h>

enum { CG_VARIANTS = 8 }; /* room for a table, its end included */

typedef struct cg_variant {
    const char *name;
    size_t value; /* of the parameter: what it means is the algorithm's business */
} cg_variant;

/* The line of that name, for NULL the first; NULL when there is none. */
const cg_variant *cg_variant_find(const cg_variant variants[CG_VARIANTS], const char *name);

#endif
