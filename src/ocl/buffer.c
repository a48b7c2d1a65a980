/* Device memory and transfers. */
#include "ocl/buffer.h"

#include "base/memory.h"
#include "base/try.h"
#include "base/waiting.h"
#include "ocl/cl_types.h"
#include "ocl/error.h"
#include "ocl/zero_size.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static cg_status check_range(const cg_buffer *buffer, size_t offset, size_t bytes, const char *what)
{
    if (offset <= buffer->bytes && bytes <= buffer->bytes - offset)
        return CG_OK;
    return cg_fail(CG_ERR_SHAPE, "%s: %s of %zu bytes at %zu in a buffer of %zu",
                   buffer->rt->info.name, what, bytes, offset, buffer->bytes);
}

static cg_status allocate(cg_cl_buffer *b, size_t bytes)
{
    cl_int error;
    const cg_runtime *rt = b->buffer.rt;
    b->mem = clCreateBuffer(rt->cl->context, CL_MEM_READ_WRITE, bytes, NULL, &error);
    return cg_cl_check(error, "%s: clCreateBuffer of %zu bytes", rt->info.name, bytes);
}

static cg_status plan_buffer(cg_runtime *rt, size_t bytes)
{
    if (bytes > rt->planned_buffer)
        rt->planned_buffer = bytes;
    return CG_OK;
}

cg_status cg_buffer_create(cg_buffer **buffer, cg_runtime *rt, size_t bytes)
{
    cg_status status = CG_OK;
    cg_cl_buffer *b = NULL;

    *buffer = NULL;
    CG_TRY(cg_zero_size_refuse(bytes, rt->info.name, "a buffer"));
    CG_TRY(cg_memory_create(&b, 1, sizeof *b));
    b->buffer.rt = rt;
    CG_TRY(rt->planning ? plan_buffer(rt, bytes) : allocate(b, bytes));
    b->buffer.bytes = bytes;
    rt->memory_bytes += bytes;
    if (rt->memory_bytes > rt->memory_peak)
        rt->memory_peak = rt->memory_bytes;
    *buffer = &b->buffer;
    b = NULL;
done:
    cg_buffer_release(b ? &b->buffer : NULL);
    return status;
}

cg_status cg_buffer_create_view(cg_buffer **view, cg_buffer *parent, size_t offset, size_t bytes)
{
    cg_status status = CG_OK;
    cg_cl_buffer *b = NULL;
    cl_int error = CL_SUCCESS;
    cl_buffer_region region = {offset, bytes};
    const char *name = parent->rt->info.name;

    assert(offset % parent->rt->info.alignment_bytes == 0);
    *view = NULL;
    CG_TRY(cg_zero_size_refuse(bytes, name, "a view"));
    CG_TRY(check_range(parent, offset, bytes, "a view"));
    CG_TRY(cg_memory_create(&b, 1, sizeof *b));
    b->buffer = (cg_buffer){.rt = parent->rt, .is_view = true};
    if (!parent->rt->planning)
        b->mem = clCreateSubBuffer(cg_buffer_mem(parent), CL_MEM_READ_WRITE,
                                   CL_BUFFER_CREATE_TYPE_REGION, &region, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateSubBuffer of %zu bytes at %zu", name, bytes, offset));
    b->buffer.bytes = bytes;
    *view = &b->buffer;
    b = NULL;
done:
    cg_buffer_release(b ? &b->buffer : NULL);
    return status;
}

void cg_buffer_release(cg_buffer *buffer)
{
    if (!buffer)
        return;
    if (cg_buffer_mem(buffer))
        clReleaseMemObject(cg_buffer_mem(buffer));
    if (!buffer->is_view)
        buffer->rt->memory_bytes -= buffer->bytes;
    free(buffer);
}

/* True while work is only planned or rehearsed. */
static bool does_nothing(const cg_runtime *rt)
{
    return rt->planning || rt->rehearsing;
}

static cg_status read_once(const cg_buffer *buffer, size_t offset, void *data, size_t bytes)
{
    return cg_cl_check(clEnqueueReadBuffer(buffer->rt->cl->queue, cg_buffer_mem(buffer), CL_TRUE,
                                           offset, bytes, data, 0, NULL, NULL),
                       "%s: clEnqueueReadBuffer of %zu bytes", buffer->rt->info.name, bytes);
}

/* Names the first byte that differs; there is one. */
static cg_status tell_difference(const cg_buffer *buffer, size_t offset, const unsigned char *got,
                                 const unsigned char *expected, const char *before)
{
    size_t i = 0;
    while (got[i] == expected[i])
        i++;
    return cg_fail(CG_ERR_WRONG,
                   "%s (driver %s): byte %zu of a buffer of %zu is 0x%02x where 0x%02x was %s: its "
                   "results are not to be trusted",
                   buffer->rt->info.name, buffer->rt->info.driver, offset + i, buffer->bytes,
                   got[i], expected[i], before);
}

/* Reads what should be there, by pieces. Drivers and buses that lose a bit now and then are found
 * so; nothing is transferred so often that the time would count. */
static cg_status compare_with(const cg_buffer *buffer, size_t offset, const void *data,
                              size_t bytes, const char *before)
{
    enum { LITTLE = 4096, PIECE = 1 << 22 };
    cg_status status = CG_OK;
    unsigned char little[LITTLE], *large = NULL, *again = little;
    size_t piece = bytes < PIECE ? bytes : PIECE;
    if (bytes > LITTLE) {
        CG_TRY(cg_memory_create(&large, piece, 1));
        again = large;
    }
    for (size_t done = 0; done < bytes; done += piece) {
        size_t n = bytes - done < piece ? bytes - done : piece;
        CG_TRY(read_once(buffer, offset + done, again, n));
        if (memcmp(again, (const unsigned char *)data + done, n) != 0)
            CG_TRY(tell_difference(buffer, offset + done, again, (const unsigned char *)data + done,
                                   before));
    }
done:
    free(large);
    return status;
}

cg_status cg_buffer_upload(cg_buffer *buffer, size_t offset, const void *data, size_t bytes)
{
    cg_status status = check_range(buffer, offset, bytes, "an upload");
    if (status != CG_OK || cg_zero_size_is_done(bytes) || does_nothing(buffer->rt))
        return status;
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "writing %zu bytes to %s", bytes, buffer->rt->info.name);
    status = cg_cl_check(clEnqueueWriteBuffer(buffer->rt->cl->queue, cg_buffer_mem(buffer), CL_TRUE,
                                              offset, bytes, data, 0, NULL, NULL),
                         "%s: clEnqueueWriteBuffer of %zu bytes", buffer->rt->info.name, bytes);
    if (status == CG_OK)
        status = compare_with(buffer, offset, data, bytes, "written");
    cg_wait_end(&wait);
    return status;
}

cg_status cg_buffer_download(const cg_buffer *buffer, size_t offset, void *data, size_t bytes)
{
    cg_status status = check_range(buffer, offset, bytes, "a download");
    if (status != CG_OK || cg_zero_size_is_done(bytes) || does_nothing(buffer->rt))
        return status;
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "reading %zu bytes from %s, which ends its work before",
                  bytes, buffer->rt->info.name);
    status = read_once(buffer, offset, data, bytes);
    if (status == CG_OK)
        status = compare_with(buffer, offset, data, bytes, "read before");
    cg_wait_end(&wait);
    return status;
}

cg_status cg_buffer_map(const void **data, const cg_buffer *buffer)
{
    cl_int error;
    *data = NULL;
    if (does_nothing(buffer->rt))
        return CG_OK;
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "reading %zu bytes from %s, which ends its work before",
                  buffer->bytes, buffer->rt->info.name);
    *data = clEnqueueMapBuffer(buffer->rt->cl->queue, cg_buffer_mem(buffer), CL_TRUE, CL_MAP_READ,
                               0, buffer->bytes, 0, NULL, NULL, &error);
    cg_status status = cg_cl_check(error, "%s: clEnqueueMapBuffer of %zu bytes",
                                   buffer->rt->info.name, buffer->bytes);
    cg_wait_end(&wait);
    return status;
}

void cg_buffer_unmap(const cg_buffer *buffer, const void *data)
{
    void *mapped;
    memcpy(&mapped, &data, sizeof mapped);
    if (data)
        clEnqueueUnmapMemObject(buffer->rt->cl->queue, cg_buffer_mem(buffer), mapped, 0, NULL,
                                NULL);
}

cg_status cg_buffer_copy_part(cg_buffer *to, size_t at, const cg_buffer *from, size_t first,
                              size_t bytes)
{
    cg_status status = check_range(to, at, bytes, "a copy");
    if (status == CG_OK)
        status = check_range(from, first, bytes, "a copy");
    if (status != CG_OK || cg_zero_size_is_done(bytes) || does_nothing(to->rt))
        return status;
    return cg_cl_check(clEnqueueCopyBuffer(to->rt->cl->queue, cg_buffer_mem(from),
                                           cg_buffer_mem(to), first, at, bytes, 0, NULL,
                                           cg_event_next(to->rt, "copy")),
                       "%s: clEnqueueCopyBuffer of %zu bytes", to->rt->info.name, bytes);
}

cg_status cg_buffer_copy(cg_buffer *to, const cg_buffer *from)
{
    assert(to->bytes == from->bytes);
    return cg_buffer_copy_part(to, 0, from, 0, to->bytes);
}

cg_status cg_buffer_fill(cg_buffer *buffer, uint32_t word)
{
    return cg_buffer_fill_part(buffer, 0, buffer->bytes / sizeof word * sizeof word, word);
}

cg_status cg_buffer_fill_part(cg_buffer *buffer, size_t offset, size_t bytes, uint32_t word)
{
    const uint32_t pattern[] = {word, word, word, word}; /* twice as fast as one word on PoCL */
    const size_t width = (offset | bytes) % sizeof pattern ? sizeof word : sizeof pattern;
    cg_status status = check_range(buffer, offset, bytes, "a fill");
    assert((offset | bytes) % sizeof word == 0);
    if (status != CG_OK || cg_zero_size_is_done(bytes) || does_nothing(buffer->rt))
        return status;
    return cg_cl_check(clEnqueueFillBuffer(buffer->rt->cl->queue, cg_buffer_mem(buffer), pattern,
                                           width, offset, bytes, 0, NULL,
                                           cg_event_next(buffer->rt, "fill")),
                       "%s: clEnqueueFillBuffer of %zu bytes", buffer->rt->info.name, bytes);
}
