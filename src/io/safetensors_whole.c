/* Tells a whole file by its header alone, without its data. */
#include "io/safetensors_whole.h"

#include "base/memory.h"
#include "base/endian.h"
#include "base/platform.h"
#include "base/try.h"
#include "io/safetensors_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The end of the last tensor's data by the header, -1 where that is none. */
static double find_data_end(const cJSON *header)
{
    double end = cJSON_IsObject(header) ? 0 : -1;
    const cJSON *entry;
    cJSON_ArrayForEach (entry, header) {
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
        double last = cJSON_GetNumberValue(cJSON_GetArrayItem(range, 1));
        if (strcmp(entry->string, CG_SAFETENSORS_METADATA) != 0 && !(last >= end))
            return -1;
        end = last >= end ? last : end;
    }
    return end;
}

/* Reads the header's length from the start of the file; *fits = the header is within the file. */
static cg_status read_length(size_t *header, bool *fits, int fd, uint64_t size)
{
    unsigned char length[CG_SAFETENSORS_LENGTH];
    size_t got = 0;
    *fits = false;
    if (!cg_platform_read(fd, length, sizeof length, &got))
        return CG_ERR_READ;
    uint64_t value = got == sizeof length ? cg_endian_load_le64(length) : UINT64_MAX;
    *fits = value <= CG_SAFETENSORS_MAX_HEADER && value <= size;
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
    *whole = json &&
             (double)size == (double)CG_SAFETENSORS_LENGTH + (double)header + find_data_end(json);
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
