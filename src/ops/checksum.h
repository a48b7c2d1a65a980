/* Checksums of device memory (cl/checksum.cl), for what must not have changed. */
#ifndef CLGAN_OPS_CHECKSUM_H
#define CLGAN_OPS_CHECKSUM_H

#include "ocl/buffer.h"

/* sums[slot] += the checksum of `bytes` bytes of the buffer at `offset`, both multiples of 4. Sums
 * are filled with 0 before. Asynchronous. */
cg_status cg_checksum_add(cg_runtime *rt, cg_buffer *sums, size_t slot, const cg_buffer *buffer,
                          size_t offset, size_t bytes);

/* The same of host memory, whose words are in the machine's order of bytes, as a device's are. */
uint32_t cg_checksum_of(const void *data, size_t bytes);

#endif
