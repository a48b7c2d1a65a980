/* safetensors files.
 *
 * Written: the whole file is built in memory with '0's for the hash's digits, hashed, and the
 * digits put in. Read: the digits are found in the header's text, put back to '0' and compared, so
 * nothing of a damaged file is used except its header, to say what is wrong. The tensors' bytes,
 * which are little-endian, become the machine's floats where they lie.
 */
#include <clgan/safetensors.h>

#include "base/argument.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "io/whole.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RANK = 4, LENGTH_SIZE = 8, ALIGNMENT = 8, DIGITS = 32, MAX_HEADER = 1 << 24 };

#define METADATA    "__metadata__"
#define HASH_PREFIX "xxh3-128:"
#define HASH_ZEROS  HASH_PREFIX "00000000000000000000000000000000"
/* The hash as it is written in the header; inside a JSON string the quotes would be escaped. */
#define HASH_ENTRY "\"hash\":\"" HASH_PREFIX

static const size_t max_file = (size_t)1 << 30;

struct cg_safetensors {
    unsigned char *bytes; /* the file; the tensors' data lie in it */
    cJSON *header;        /* the names and the metadata lie in it  */
    const cJSON *metadata;
    cg_host_tensor *tensors;
    size_t count;
};

/* ---- writing ---- */

static cg_status tensor_bytes(size_t *bytes, const cg_host_tensor *tensor)
{
    size_t factors[MAX_RANK + 1] = {sizeof(float)};
    if (tensor->rank > MAX_RANK)
        return CG_ERR_SHAPE;
    memcpy(factors + 1, tensor->dims, tensor->rank * sizeof(size_t));
    return cg_size_product(bytes, factors, tensor->rank + 1);
}

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
    cJSON *object = cJSON_AddObjectToObject(header, METADATA);
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

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* *duplicate = a name that an object has twice, NULL when there is none. Sorts: a hostile header
 * can hold a great many names. */
static cg_status find_duplicate(const char **duplicate, const cJSON *object)
{
    const char **names = NULL;
    const cJSON *item;
    size_t count = 0;
    cg_status status = CG_OK;
    *duplicate = NULL;
    cJSON_ArrayForEach (item, object)
        count++;
    CG_TRY(cg_memory_create(&names, count, sizeof *names));
    count = 0;
    cJSON_ArrayForEach (item, object)
        names[count++] = item->string;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count && !*duplicate; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            *duplicate = names[i];
done:
    free(names);
    return status;
}

static cg_status check_names(const cJSON *header, cg_status error, const char *path)
{
    const cJSON *const objects[] = {header, cJSON_GetObjectItemCaseSensitive(header, METADATA)};
    const char *duplicate = NULL;
    cg_status status = CG_OK;
    for (size_t i = 0; i < CG_COUNT(objects); i++) {
        CG_TRY(find_duplicate(&duplicate, objects[i]));
        if (duplicate)
            return cg_fail(error, "%s: the name \"%s\" appears twice", path, duplicate);
    }
done:
    return status;
}

/* Adds the tensors; *data_bytes = the size of all tensors. */
static cg_status build_header(cJSON *header, size_t *data_bytes, const char *path,
                              const cg_host_tensor *tensors, size_t count)
{
    size_t offset = 0, bytes = 0;
    cg_status status = CG_OK;
    for (size_t i = 0; i < count; i++) {
        if (tensor_bytes(&bytes, &tensors[i]) != CG_OK || bytes > max_file - offset)
            return cg_fail(CG_ERR_ARGUMENT,
                           "cannot write %s: tensor \"%s\" is too large: at most %d dimensions, "
                           "%zu bytes in all",
                           path, tensors[i].name, MAX_RANK, max_file);
        CG_NEED(tensors[i].data || !bytes);
        if (!add_tensor(header, &tensors[i], offset, offset + bytes))
            return cg_fail(CG_ERR_MEMORY, "out of memory for the header of %s", path);
        offset += bytes;
    }
    CG_TRY(check_names(header, CG_ERR_ARGUMENT, path));
    *data_bytes = offset;
done:
    return status;
}

/* The place of the hash's digits in the header's text, NULL unless it is there exactly once. */
static char *find_digits(char *text, size_t length)
{
    const size_t entry = strlen(HASH_ENTRY);
    char *found = cg_text_find(text, length, HASH_ENTRY);
    if (!found)
        return NULL;
    char *digits = found + entry;
    size_t left = length - (size_t)(digits - text);
    return left > DIGITS && !cg_text_find(digits, left, HASH_ENTRY) ? digits : NULL;
}

/* Puts length, header and tensors together, hashed. */
static cg_status build_file(unsigned char **file, size_t *size, const char *text, size_t data_bytes,
                            const cg_host_tensor *tensors, size_t count)
{
    size_t header = cg_round_up(strlen(text), ALIGNMENT);
    char hash[DIGITS + 1];
    cg_status status = CG_OK;
    *size = LENGTH_SIZE + header + data_bytes;
    if (header > MAX_HEADER || *size > max_file)
        return cg_fail(CG_ERR_ARGUMENT,
                       "a safetensors file of %zu bytes with a header of %zu is too large", *size,
                       header);
    CG_TRY(cg_memory_create(file, *size + 1, 1)); /* one spare for the header's NUL */
    unsigned char *p = *file;
    cg_endian_store_le64(p, header);
    p += LENGTH_SIZE;
    snprintf((char *)p, header + 1, "%-*s", (int)header, text);
    p += header;
    for (size_t i = 0, bytes = 0; i < count; i++, p += bytes) {
        CG_TRY(tensor_bytes(&bytes, &tensors[i]));
        cg_endian_store_floats(p, tensors[i].data, bytes / sizeof(float));
    }
    cg_xxh3_128_hex(hash, *file, *size);
    memcpy(find_digits((char *)*file + LENGTH_SIZE, header), hash, DIGITS);
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
    cJSON_free(text);
    cJSON_Delete(header);
    return status;
}

/* ---- reading ---- */

/* *length = the header's, which fits the file. */
static cg_status read_header_length(size_t *length, const unsigned char *bytes, size_t size,
                                    const char *path)
{
    if (size < LENGTH_SIZE)
        return cg_fail(CG_ERR_INPUT, "%s is not a safetensors file: it has %zu bytes", path, size);
    uint64_t value = cg_endian_load_le64(bytes);
    if (value > MAX_HEADER)
        return cg_fail(CG_ERR_INPUT,
                       "%s is not a safetensors file: a header of %ju bytes is too "
                       "large",
                       path, (uintmax_t)value);
    if (value > size - LENGTH_SIZE)
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
    char hash[DIGITS + 1], stored[DIGITS];
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, METADATA);
    if (!cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "hash")))
        return cg_fail(CG_ERR_INPUT, "%s was not written by clgan: its metadata have no hash",
                       path);
    char *digits = find_digits((char *)file->bytes + LENGTH_SIZE, header);
    if (!digits)
        return cg_fail(CG_ERR_INPUT,
                       "%s is damaged, or was not written by clgan: its hash is not "
                       "of the form " HASH_PREFIX,
                       path);
    memcpy(stored, digits, DIGITS);
    memset(digits, '0', DIGITS);
    cg_xxh3_128_hex(hash, file->bytes, size);
    memcpy(digits, stored, DIGITS);
    if (memcmp(hash, stored, DIGITS) != 0)
        return cg_fail(CG_ERR_INPUT, "%s is damaged: its contents do not match its hash", path);
    return CG_OK;
}

static bool get_size(size_t *value, const cJSON *item)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > (double)max_file)
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
    if (!get_sizes(tensor->dims, &tensor->rank, MAX_RANK, shape) ||
        tensor_bytes(&bytes, tensor) != CG_OK)
        return cg_fail(CG_ERR_INPUT,
                       "%s: tensor \"%s\" has no valid shape of at most %d dimensions", path,
                       tensor->name, MAX_RANK);
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
    CG_TRY(check_names(file->header, CG_ERR_INPUT, path));
    CG_TRY(cg_memory_create(&file->tensors, (size_t)cJSON_GetArraySize(file->header),
                            sizeof *file->tensors));
    cJSON_ArrayForEach (entry, file->header) {
        if (strcmp(entry->string, METADATA) == 0)
            continue;
        CG_TRY(read_entry(&file->tensors[file->count], entry, data, data_bytes, &offset, path));
        file->count++;
    }
    if (offset != data_bytes)
        status = cg_fail(CG_ERR_INPUT, "%s has %zu bytes of data that belong to no tensor", path,
                         data_bytes - offset);
    file->metadata = cJSON_GetObjectItemCaseSensitive(file->header, METADATA);
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
    CG_TRY(cg_file_read(&bytes, &size, path, max_file));
    file->bytes = bytes;
    CG_TRY(read_header_length(&header, file->bytes, size, path));
    CG_TRY(parse_header(file, (const char *)file->bytes + LENGTH_SIZE, header, path));
    CG_TRY(check_hash(file, size, header, path));
    if (header % ALIGNMENT != 0)
        return cg_fail(CG_ERR_INPUT, "%s: the header's length %zu is not a multiple of %d", path,
                       header, ALIGNMENT);
    CG_TRY(
        read_entries(file, file->bytes + LENGTH_SIZE + header, size - LENGTH_SIZE - header, path));
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

/* The end of the last tensor's data by the header, -1 where that is none. */
static double find_data_end(const cJSON *header)
{
    double end = cJSON_IsObject(header) ? 0 : -1;
    const cJSON *entry;
    cJSON_ArrayForEach (entry, header) {
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
        double last = cJSON_GetNumberValue(cJSON_GetArrayItem(range, 1));
        if (strcmp(entry->string, METADATA) != 0 && !(last >= end))
            return -1;
        end = last >= end ? last : end;
    }
    return end;
}

/* Reads the header's length from the start of the file; *fits = the header is within the file. */
static cg_status read_length(size_t *header, bool *fits, int fd, uint64_t size)
{
    unsigned char length[LENGTH_SIZE];
    size_t got = 0;
    *fits = false;
    if (!cg_platform_read(fd, length, sizeof length, &got))
        return CG_ERR_READ;
    uint64_t value = got == sizeof length ? cg_endian_load_le64(length) : UINT64_MAX;
    *fits = value <= MAX_HEADER && value <= size;
    *header = *fits ? (size_t)value : 0;
    return CG_OK;
}

/* The header's text, which is read next, tells where the data end. CG_ERR_READ, not logged. */
static cg_status check_header(bool *whole, int fd, size_t header, uint64_t size)
{
    cg_status status = CG_OK;
    char *text = NULL;
    cJSON *json = NULL;
    size_t got = 0;
    CG_TRY(cg_memory_create(&text, header + 1, 1));
    if (!cg_platform_read(fd, text, header, &got)) {
        status = CG_ERR_READ;
        goto done;
    }
    status = got == header ? cg_json_parse(&json, text, got, CG_JSON_MEMORY) : CG_ERR_INPUT;
    *whole = json && (double)size == (double)LENGTH_SIZE + (double)header + find_data_end(json);
    if (status == CG_ERR_INPUT)
        status = CG_OK;
done:
    cJSON_Delete(json);
    free(text);
    return status;
}

/* CG_ERR_READ, not logged. */
static cg_status check_open(bool *whole, int fd)
{
    cg_file_info info;
    size_t header;
    bool fits;
    if (!cg_platform_file_info(&info, fd))
        return CG_ERR_READ;
    if (!info.regular)
        return CG_OK;
    cg_status status = read_length(&header, &fits, fd, info.bytes);
    return fits ? check_header(whole, fd, header, info.bytes) : status;
}

cg_status cg_safetensors_check_whole(bool *whole, const char *path)
{
    int fd = cg_platform_open(path, CG_OPEN_READ);
    *whole = false;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return CG_OK;
    cg_status status = fd < 0 ? CG_ERR_READ : check_open(whole, fd);
    if (status == CG_ERR_READ)
        cg_fail(status, "cannot read %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}

bool cg_safetensors_is_whole(const char *path)
{
    bool whole = false;
    return path && cg_safetensors_check_whole(&whole, path) == CG_OK && whole;
}

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
