/* Names of algorithms. */
#include "ops/variant.h"

#include <string.h>

const cg_variant *cg_variant_find(const cg_variant variants[CG_VARIANTS], const char *name)
{
    for (const cg_variant *v = variants; v->name; v++)
        if (!name || strcmp(v->name, name) == 0)
            return v;
    return NULL;
}
