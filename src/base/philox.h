/* Philox4x32-10: a counter-based random number generator, ten rounds of a keyed bijection.
 *
 * The host side of the kernels' generator; both give the same words for the same counter and key.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC11.
 */
#ifndef CLGAN_BASE_PHILOX_H
#define CLGAN_BASE_PHILOX_H

#include <stdint.h>

/* out = philox(counter, key). No state; out may be counter. */
void cg_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

#endif
