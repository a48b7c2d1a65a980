/* Buffers: device memory of a known size. A view is a part of another buffer. */
#ifndef CLGAN_OCL_BUFFER_H
#define CLGAN_OCL_BUFFER_H

#include "ocl/types.h"

#include <stdint.h>

/* Device memory, its content undefined. To be released. CG_ERR_SHAPE for 0 bytes. */
cg_status cg_buffer_create(cg_buffer **buffer, cg_runtime *rt, size_t bytes);

/* A part of `parent`, which must live longer; offset a multiple of info.alignment_bytes.
 * CG_ERR_SHAPE for 0 bytes, and for a part that is not inside. */
cg_status cg_buffer_create_view(cg_buffer **view, cg_buffer *parent, size_t offset, size_t bytes);

/* NULL is accepted. */
void cg_buffer_release(cg_buffer *buffer);

/* Blocking copies of `bytes` bytes at `offset`; 0 bytes: nothing is done, data may be NULL.
 * CG_ERR_SHAPE when they are not all inside the buffer. The bytes are read once more: CG_ERR_WRONG,
 * logged, when they are not those that were written, or read before. */
cg_status cg_buffer_upload(cg_buffer *buffer, size_t offset, const void *data, size_t bytes);
cg_status cg_buffer_download(const cg_buffer *buffer, size_t offset, void *data, size_t bytes);

/* *data = all of the buffer for reading, without a copy where the device has the host's memory;
 * blocking. Nothing may write to the buffer before cg_buffer_unmap(), which frees the data; it
 * accepts NULL. *data = NULL while work is only planned or rehearsed. */
cg_status cg_buffer_map(const void **data, const cg_buffer *buffer);
void cg_buffer_unmap(const cg_buffer *buffer, const void *data);

/* to = from, both of the same size; asynchronous. */
cg_status cg_buffer_copy(cg_buffer *to, const cg_buffer *from);

/* Copies this many bytes from one buffer, at byte `first` of it, to byte `at` of another one;
 * asynchronous. CG_ERR_SHAPE where either is shorter. */
cg_status cg_buffer_copy_part(cg_buffer *to, size_t at, const cg_buffer *from, size_t first,
                              size_t bytes);

/* Every 4-byte word becomes `word`; asynchronous. */
cg_status cg_buffer_fill(cg_buffer *buffer, uint32_t word);

/* The same of `bytes` bytes from byte `offset` on, both in multiples of 4. CG_ERR_SHAPE when they
 * are not all inside the buffer. */
cg_status cg_buffer_fill_part(cg_buffer *buffer, size_t offset, size_t bytes, uint32_t word);

#endif
