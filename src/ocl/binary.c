/* Binaries to the cache and back. The driver has the last word: a binary that it refuses, whether
 * here or when a kernel is taken from it (program.c), is built again from its source. */
#include "ocl/binary.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/cl_types.h"
#include "ocl/device.h"
#include "ocl/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_FORMAT = 1 };

cg_status cg_binary_key(char **key, const cg_runtime *rt, const char *source, const char *flags)
{
    cg_status status = CG_OK;
    cg_text text = {0};
    char digest[33];

    *key = NULL;
    cg_xxh3_128_hex(digest, source, strlen(source));
    cg_text_printf(&text, "key %d\nsource %s\nflags %s\n", KEY_FORMAT, digest, flags);
    cg_device_add_key(&text, &rt->info);
    CG_TRY(text.status);
    *key = text.data;
    text = (cg_text){0};
done:
    cg_text_deinit(&text);
    return status;
}

cl_program cg_binary_load(cg_runtime *rt, const char *key, const char *flags)
{
    void *data;
    size_t size;
    cl_int refused = CL_SUCCESS, error;
    if (rt->quirks.own_cache || !cg_cache_get(&rt->cl->cache, key, &data, &size))
        return NULL;
    const unsigned char *bytes = data;
    cl_program program = clCreateProgramWithBinary(rt->cl->context, 1, &rt->cl->device, &size,
                                                   &bytes, &refused, &error);
    free(data);
    if (error == CL_SUCCESS)
        error = refused;
    if (error == CL_SUCCESS)
        error = clBuildProgram(program, 1, &rt->cl->device, flags, NULL, NULL);
    if (error == CL_SUCCESS)
        return program;
    cg_log(CG_LOG_DEBUG, "%s refuses a cached binary: %s", rt->info.name, cg_cl_error_name(error));
    if (program)
        clReleaseProgram(program);
    return NULL;
}

void cg_binary_store(cg_runtime *rt, cl_program program, const char *key)
{
    size_t size = 0;
    unsigned char *bytes;
    if (rt->quirks.own_cache || !rt->cl->cache.folder ||
        clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) != CL_SUCCESS)
        return;
    bytes = size ? malloc(size) : NULL;
    if (bytes &&
        clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, NULL) == CL_SUCCESS)
        cg_cache_put(&rt->cl->cache, key, bytes, size);
    free(bytes);
}
