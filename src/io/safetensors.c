/* Reads safetensors files. The digits of the hash are found in the header's text, put back to '0'
 * and compared, so nothing of a damaged file is used except its header, to say what is wrong. The
 * tensors' bytes, which are little-endian, become the machine's floats where they lie. */
#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/safetensors_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct cg_safetensors {
    unsigned char *bytes; /* the file; the tensors' data lie in it */
    cJSON *header;        /* the names and the metadata lie in it  */
    const cJSON *metadata;
    cg_host_tensor *tensors;
    size_t count;
};

/* *length = the header's, which fits the file. */
static cg_status read_header_length(size_t *length, const unsigned char *bytes, size_t size,
                                    const char *path)
{
    if (size < CG_SAFETENSORS_LENGTH)
        return cg_fail(CG_ERR_INPUT, "%s is not a safetensors file: it has %zu bytes", path, size);
    uint64_t value = cg_endian_load_le64(bytes);
    if (value > CG_SAFETENSORS_MAX_HEADER)
        return cg_fail(CG_ERR_INPUT,
                       "%s is not a safetensors file: a header of %ju bytes is too "
                       "large",
                       path, (uintmax_t)value);
    if (value > size - CG_SAFETENSORS_LENGTH)
        return cg_fail(CG_ERR_INPUT,
                       "%s is cut short: its header of %ju bytes ends beyond the "
                       "file's %zu",
                       path, (uintmax_t)value, size);
    *length = (size_t)value;
    return CG_OK;
}

static cg_status parse_header(cg_safetensors *file, const char *text, size_t length,
                              const char *path)
{
    cg_status status = cg_json_parse(&file->header, text, length, CG_JSON_MEMORY);
    if (status == CG_ERR_MEMORY)
        return status;
    if (!cJSON_IsObject(file->header))
        return cg_fail(CG_ERR_INPUT,
                       "%s is damaged or no safetensors file: its header is not a "
                       "JSON object",
                       path);
    return CG_OK;
}

/* Compares the hash, exactly: capital digits or another spelling are damage, too. */
static cg_status check_hash(const cg_safetensors *file, size_t size, size_t header,
                            const char *path)
{
    char hash[CG_SAFETENSORS_DIGITS + 1], stored[CG_SAFETENSORS_DIGITS];
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, CG_SAFETENSORS_METADATA);
    if (!cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "hash")))
        return cg_fail(CG_ERR_INPUT, "%s was not written by clgan: its metadata have no hash",
                       path);
    char *digits = cg_safetensors_find_digits((char *)file->bytes + CG_SAFETENSORS_LENGTH, header);
    if (!digits)
        return cg_fail(CG_ERR_INPUT,
                       "%s is damaged, or was not written by clgan: its hash is not "
                       "of the form " CG_SAFETENSORS_HASH,
                       path);
    memcpy(stored, digits, CG_SAFETENSORS_DIGITS);
    memset(digits, '0', CG_SAFETENSORS_DIGITS);
    cg_xxh3_128_hex(hash, file->bytes, size);
    memcpy(digits, stored, CG_SAFETENSORS_DIGITS);
    if (memcmp(hash, stored, CG_SAFETENSORS_DIGITS) != 0)
        return cg_fail(CG_ERR_INPUT, "%s is damaged: its contents do not match its hash", path);
    return CG_OK;
}

static bool get_size(size_t *value, const cJSON *item)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
        item->valuedouble > (double)CG_SAFETENSORS_MAX_FILE)
        return false;
    *value = (size_t)item->valuedouble;
    return (double)*value == item->valuedouble;
}

static bool get_sizes(size_t *values, size_t *count, size_t limit, const cJSON *array)
{
    const cJSON *item;
    *count = 0;
    if (!cJSON_IsArray(array))
        return false;
    cJSON_ArrayForEach (item, array)
        if (*count == limit || !get_size(&values[(*count)++], item))
            return false;
    return true;
}

/* Fills in the tensor of one header entry, whose data must begin at *offset and end within the
 * data; moves *offset behind it. Tensors that follow one another leave no hole and no overlap. */
static cg_status read_entry(cg_host_tensor *tensor, const cJSON *entry, unsigned char *data,
                            size_t data_bytes, size_t *offset, const char *path)
{
    size_t offsets[2] = {0}, pair = 0, bytes = 0;
    const char *dtype = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype"));
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    const cJSON *range = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    tensor->name = entry->string;
    if (!dtype || strcmp(dtype, "F32") != 0 || cJSON_GetArraySize(entry) != 3)
        return cg_fail(CG_ERR_INPUT, "%s: tensor \"%s\" is not plain F32", path, tensor->name);
    if (!get_sizes(tensor->dims, &tensor->rank, CG_SAFETENSORS_MAX_RANK, shape) ||
        cg_safetensors_tensor_bytes(&bytes, tensor) != CG_OK)
        return cg_fail(CG_ERR_INPUT,
                       "%s: tensor \"%s\" has no valid shape of at most %d dimensions", path,
                       tensor->name, CG_SAFETENSORS_MAX_RANK);
    if (!get_sizes(offsets, &pair, 2, range) || pair != 2 || offsets[0] != *offset ||
        offsets[1] < offsets[0] || offsets[1] > data_bytes || offsets[1] - offsets[0] != bytes)
        return cg_fail(CG_ERR_INPUT,
                       "%s: tensor \"%s\" has offsets that do not fit its shape, the "
                       "tensor before it or the file",
                       path, tensor->name);
    tensor->data = (float *)(void *)(data + *offset);
    cg_endian_load_floats(tensor->data, data + *offset, bytes / sizeof(float));
    *offset += bytes;
    return CG_OK;
}

static cg_status read_entries(cg_safetensors *file, unsigned char *data, size_t data_bytes,
                              const char *path)
{
    const cJSON *entry;
    size_t offset = 0;
    cg_status status = CG_OK;
    CG_TRY(cg_safetensors_check_names(file->header, CG_ERR_INPUT, path));
    CG_TRY(cg_memory_create(&file->tensors, (size_t)cJSON_GetArraySize(file->header),
                            sizeof *file->tensors));
    cJSON_ArrayForEach (entry, file->header) {
        if (strcmp(entry->string, CG_SAFETENSORS_METADATA) == 0)
            continue;
        CG_TRY(read_entry(&file->tensors[file->count], entry, data, data_bytes, &offset, path));
        file->count++;
    }
    if (offset != data_bytes)
        status = cg_fail(CG_ERR_INPUT, "%s has %zu bytes of data that belong to no tensor", path,
                         data_bytes - offset);
    file->metadata = cJSON_GetObjectItemCaseSensitive(file->header, CG_SAFETENSORS_METADATA);
    cJSON_ArrayForEach (entry, file->metadata)
        if (!cJSON_IsString(entry))
            return cg_fail(CG_ERR_INPUT, "%s: metadata \"%s\" is not a string", path,
                           entry->string);
done:
    return status;
}

static cg_status read_file(cg_safetensors *file, const char *path)
{
    void *bytes = NULL;
    size_t size = 0, header = 0;
    cg_status status = CG_OK;
    CG_TRY(cg_file_read(&bytes, &size, path, CG_SAFETENSORS_MAX_FILE));
    file->bytes = bytes;
    CG_TRY(read_header_length(&header, file->bytes, size, path));
    CG_TRY(parse_header(file, (const char *)file->bytes + CG_SAFETENSORS_LENGTH, header, path));
    CG_TRY(check_hash(file, size, header, path));
    if (header % CG_SAFETENSORS_ALIGNMENT != 0)
        return cg_fail(CG_ERR_INPUT, "%s: the header's length %zu is not a multiple of %d", path,
                       header, CG_SAFETENSORS_ALIGNMENT);
    CG_TRY(read_entries(file, file->bytes + CG_SAFETENSORS_LENGTH + header,
                        size - CG_SAFETENSORS_LENGTH - header, path));
done:
    return status;
}

cg_status cg_safetensors_read(cg_safetensors **file, const char *path)
{
    CG_NEED(file);
    CG_NEED(path);
    cg_status status = CG_OK;
    *file = NULL;
    CG_TRY(cg_memory_create(file, 1, sizeof **file));
    CG_TRY(read_file(*file, path));
done:
    if (status != CG_OK) {
        cg_safetensors_release(*file);
        *file = NULL;
    }
    return status;
}

/* ---- what was read --------------------------------------------------------------------------- */

void cg_safetensors_release(cg_safetensors *file)
{
    if (!file)
        return;
    free(file->tensors);
    cJSON_Delete(file->header);
    free(file->bytes);
    free(file);
}

const cg_host_tensor *cg_safetensors_get(const cg_safetensors *file, const char *name)
{
    for (size_t i = 0; name && i < cg_safetensors_count(file); i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

size_t cg_safetensors_count(const cg_safetensors *file)
{
    return file ? file->count : 0;
}

const cg_host_tensor *cg_safetensors_at(const cg_safetensors *file, size_t i)
{
    return i < cg_safetensors_count(file) ? &file->tensors[i] : NULL;
}

const char *cg_safetensors_metadata(const cg_safetensors *file, const char *key)
{
    return cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(file ? file->metadata : NULL, key));
}
