/* The header of a safetensors file, for those who write files and those who read them.
 *
 *     8 bytes   the header's length, little-endian, a multiple of 8
 *     header    JSON: {"__metadata__": {"hash": "xxh3-128:...", ...}, "name": {...}, ...}
 *     tensors   float32, little-endian, one behind the other in the header's order
 *
 * Source: https://github.com/huggingface/safetensors, of whose types this is F32 alone. */
#ifndef CLGAN_IO_SAFETENSORS_HEADER_H
#define CLGAN_IO_SAFETENSORS_HEADER_H

#include "base/json.h"

#include <clgan/safetensors.h>

enum {
    CG_SAFETENSORS_MAX_RANK = 4,
    CG_SAFETENSORS_LENGTH = 8, /* bytes before the header */
    CG_SAFETENSORS_ALIGNMENT = 8,
    CG_SAFETENSORS_DIGITS = 32, /* of the hash */
    CG_SAFETENSORS_MAX_HEADER = 1 << 24
};

#define CG_SAFETENSORS_MAX_FILE ((size_t)1 << 30) /* bytes */

#define CG_SAFETENSORS_METADATA "__metadata__"
#define CG_SAFETENSORS_HASH     "xxh3-128:"

/* *bytes = those of the tensor's data. CG_ERR_SHAPE, not logged, where it has too many dimensions
 * or is too large to be counted. */
cg_status cg_safetensors_tensor_bytes(size_t *bytes, const cg_host_tensor *tensor);

/* Fails with `error`, logged, where two tensors or two metadata of the header have one name;
 * CG_ERR_MEMORY. */
cg_status cg_safetensors_check_names(const cJSON *header, cg_status error, const char *path);

/* The place of the hash's digits in the header's text, which need not end in NUL; NULL unless it
 * is there exactly once. */
char *cg_safetensors_find_digits(char *text, size_t length);

#endif
