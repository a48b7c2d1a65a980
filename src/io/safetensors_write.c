/* Writes a safetensors file: the whole of it is built in memory with '0's for the hash's digits,
 * hashed, and the digits put in. */
#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/safetensors_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_ZEROS CG_SAFETENSORS_HASH "00000000000000000000000000000000"

/* object[name] = [values]. */
static bool add_sizes(cJSON *object, const char *name, const size_t *values, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < count && array; i++)
        if (!cJSON_AddItemToArray(array, cJSON_CreateNumber((double)values[i])))
            return false;
    return array != NULL;
}

static bool add_metadata(cJSON *header, const cg_metadata *metadata, size_t count)
{
    cJSON *object = cJSON_AddObjectToObject(header, CG_SAFETENSORS_METADATA);
    bool added = object && cJSON_AddStringToObject(object, "hash", HASH_ZEROS);
    for (size_t i = 0; i < count && added; i++)
        added = cJSON_AddStringToObject(object, metadata[i].key, metadata[i].value) != NULL;
    return added;
}

static bool add_tensor(cJSON *header, const cg_host_tensor *tensor, size_t begin, size_t end)
{
    const size_t offsets[2] = {begin, end};
    cJSON *object = cJSON_AddObjectToObject(header, tensor->name);
    return object && cJSON_AddStringToObject(object, "dtype", "F32") &&
           add_sizes(object, "shape", tensor->dims, tensor->rank) &&
           add_sizes(object, "data_offsets", offsets, 2);
}

/* Adds the tensors; *data_bytes = the size of all tensors. */
static cg_status build_header(cJSON *header, size_t *data_bytes, const char *path,
                              const cg_host_tensor *tensors, size_t count)
{
    size_t offset = 0, bytes = 0;
    cg_status status = CG_OK;
    for (size_t i = 0; i < count; i++) {
        if (cg_safetensors_tensor_bytes(&bytes, &tensors[i]) != CG_OK ||
            bytes > CG_SAFETENSORS_MAX_FILE - offset)
            return cg_fail(CG_ERR_ARGUMENT,
                           "cannot write %s: tensor \"%s\" is too large: at most %d dimensions, "
                           "%zu bytes in all",
                           path, tensors[i].name, CG_SAFETENSORS_MAX_RANK, CG_SAFETENSORS_MAX_FILE);
        CG_NEED(tensors[i].data || !bytes);
        if (!add_tensor(header, &tensors[i], offset, offset + bytes))
            return cg_fail(CG_ERR_MEMORY, "out of memory for the header of %s", path);
        offset += bytes;
    }
    CG_TRY(cg_safetensors_check_names(header, CG_ERR_ARGUMENT, path));
    *data_bytes = offset;
done:
    return status;
}

/* Puts length, header and tensors together, hashed. */
static cg_status build_file(unsigned char **file, size_t *size, const char *text, size_t data_bytes,
                            const cg_host_tensor *tensors, size_t count)
{
    size_t header = cg_round_up(strlen(text), CG_SAFETENSORS_ALIGNMENT);
    char hash[CG_SAFETENSORS_DIGITS + 1];
    cg_status status = CG_OK;
    *size = CG_SAFETENSORS_LENGTH + header + data_bytes;
    if (header > CG_SAFETENSORS_MAX_HEADER || *size > CG_SAFETENSORS_MAX_FILE)
        return cg_fail(CG_ERR_ARGUMENT,
                       "a safetensors file of %zu bytes with a header of %zu is too large", *size,
                       header);
    CG_TRY(cg_memory_create(file, *size + 1, 1)); /* one spare for the header's NUL */
    unsigned char *p = *file;
    cg_endian_store_le64(p, header);
    p += CG_SAFETENSORS_LENGTH;
    snprintf((char *)p, header + 1, "%-*s", (int)header, text);
    p += header;
    for (size_t i = 0, bytes = 0; i < count; i++, p += bytes) {
        CG_TRY(cg_safetensors_tensor_bytes(&bytes, &tensors[i]));
        cg_endian_store_floats(p, tensors[i].data, bytes / sizeof(float));
    }
    cg_xxh3_128_hex(hash, *file, *size);
    memcpy(cg_safetensors_find_digits((char *)*file + CG_SAFETENSORS_LENGTH, header), hash,
           CG_SAFETENSORS_DIGITS);
done:
    return status;
}

cg_status cg_safetensors_write(const char *path, const cg_host_tensor *tensors, size_t count,
                               const cg_metadata *metadata, size_t metadata_count)
{
    CG_NEED(path);
    CG_NEED(tensors || !count);
    CG_NEED(metadata || !metadata_count);
    for (size_t i = 0; i < count; i++)
        CG_NEED(tensors[i].name);
    for (size_t i = 0; i < metadata_count; i++)
        CG_NEED(metadata[i].key && metadata[i].value);
    cJSON *header = cJSON_CreateObject();
    char *text = NULL;
    unsigned char *file = NULL;
    size_t size = 0, data_bytes = 0;
    cg_status status = CG_OK;
    if (!header || !add_metadata(header, metadata, metadata_count)) {
        status = cg_fail(CG_ERR_MEMORY, "out of memory for the header of %s", path);
        goto done;
    }
    CG_TRY(build_header(header, &data_bytes, path, tensors, count));
    text = cJSON_PrintUnformatted(header);
    if (!text) {
        status = cg_fail(CG_ERR_MEMORY, "out of memory for the header of %s", path);
        goto done;
    }
    CG_TRY(build_file(&file, &size, text, data_bytes, tensors, count));
    CG_TRY(cg_file_write(path, file, size));
done:
    free(file);
    free(text);
    cJSON_Delete(header);
    return status;
}
