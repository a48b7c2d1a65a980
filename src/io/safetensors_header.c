/* Sizes and names of tensors, and the place of the hash. */
#include "io/safetensors_header.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

cg_status cg_safetensors_tensor_bytes(size_t *bytes, const cg_host_tensor *tensor)
{
    size_t factors[CG_SAFETENSORS_MAX_RANK + 1] = {sizeof(float)};
    if (tensor->rank > CG_SAFETENSORS_MAX_RANK)
        return CG_ERR_SHAPE;
    memcpy(factors + 1, tensor->dims, tensor->rank * sizeof(size_t));
    return cg_size_product(bytes, factors, tensor->rank + 1);
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

cg_status cg_safetensors_check_names(const cJSON *header, cg_status error, const char *path)
{
    const cJSON *const objects[] = {
        header, cJSON_GetObjectItemCaseSensitive(header, CG_SAFETENSORS_METADATA)};
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

/* Inside a JSON string the quotes of this would be escaped. */
#define HASH_ENTRY "\"hash\":\"" CG_SAFETENSORS_HASH

char *cg_safetensors_find_digits(char *text, size_t length)
{
    const size_t entry = strlen(HASH_ENTRY);
    char *found = cg_text_find(text, length, HASH_ENTRY);
    if (!found)
        return NULL;
    char *digits = found + entry;
    size_t left = length - (size_t)(digits - text);
    return left > CG_SAFETENSORS_DIGITS && !cg_text_find(digits, left, HASH_ENTRY) ? digits : NULL;
}
