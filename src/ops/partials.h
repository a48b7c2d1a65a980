/* Sums of partial results that work-groups left side by side. */
#ifndef CLGAN_OPS_PARTIALS_H
#define CLGAN_OPS_PARTIALS_H

#include "ocl/buffer.h"

/* y[i] = partial[0][i] + ... + partial[partials - 1][i], in this order, for i < count; partial is
 * [partials][count]. Asynchronous. */
cg_status cg_partials_sum(cg_runtime *rt, cg_buffer *y, const cg_buffer *partial, size_t count,
                          size_t partials);

/* Bytes of the partial results that cg_partials_sum_taps() adds: [partials][CG_TAP_SUMS(taps)]
 * [channels padded] floats. */
size_t cg_partials_tap_bytes(size_t taps, size_t channels, size_t partials);

/* dw [taps][channels] and db [channels padded] = the sums of partial's partials, in their order; of
 * each share db's part is the last. db NULL: not wanted. Asynchronous. */
cg_status cg_partials_sum_taps(cg_runtime *rt, cg_buffer *dw, cg_buffer *db,
                               const cg_buffer *partial, size_t taps, size_t channels,
                               size_t partials);

#endif
