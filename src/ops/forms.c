/* The tables of forms, the best first. */
#include "ops/forms.h"

#include "cl/shared.h"

const size_t cg_tile_chunks[] = {128, 64, 32, 16, 0};

const size_t cg_fourier_weight_rows[] = {CG_BLOCK, 16, 8, 4, 2, 1, 0};

const cg_direct_form cg_direct_forms[] = {
    {CG_DIRECT_IMAGES, 0}, {2, 0}, {1, 0}, {1, 8}, {1, 4}, {1, 2}, {1, 1}, {0}};
