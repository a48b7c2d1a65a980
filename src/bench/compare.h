/* The parsed files that the figure and the page of a comparison share. */
#ifndef CLGAN_BENCH_COMPARE_H
#define CLGAN_BENCH_COMPARE_H

#include "base/text.h"

#include <clgan/compare.h>

/* Every stage that a device has, once: the first device's in their order, then what only later ones
 * have. */
typedef struct cg_stages {
    const cg_comparison_layer **items; /* a sample of each, for its name and pass; owned */
    size_t count;
    size_t *devices; /* the places of the entries that have stages; owned */
    size_t device_count;
} cg_stages;

cg_status cg_stages_init(cg_stages *stages, const cg_comparison *comparison);
void cg_stages_deinit(cg_stages *stages);

/* The entry's measurement of a stage, or NULL. */
const cg_comparison_layer *cg_stages_find(const cg_comparison_entry *entry,
                                          const cg_comparison_layer *stage);

/* Adds the figure as SVG elements, each of which fits a printed page, for a page of its usual width
 * or for a phone's. CG_ERR_MEMORY, CG_ERR_SHAPE. */
cg_status cg_comparison_add_svgs(cg_text *page, const cg_comparison *comparison,
                                 const cg_stages *stages, bool narrow);

#endif
