/* Transfers, fills, parts of buffers. */
#include "liar.h"

enum { LOST = 64, PLACES = 256, BUFFERS = 4096 };

/* A transfer is asked for with these, and done with others where the liar bends it. */
typedef struct transfer {
    cl_mem buffer;
    size_t offset, size;
} transfer;

/* The lies of one direction. */
typedef struct direction {
    liar_lie none, part, most, origin;
} direction;

static const direction reading = {LIAR_NO_READ, LIAR_SHORT_READ, LIAR_MOST_READ, LIAR_READ_ORIGIN};
static const direction writing = {LIAR_NO_WRITE, LIAR_SHORT_WRITE, LIAR_MOST_WRITE,
                                  LIAR_WRITE_ORIGIN};

/* The transfer as it is done; of size 0: not at all. */
static transfer bend(transfer t, const direction *lies)
{
    if (liar_lies(lies->none))
        t.size = 0;
    if (liar_lies(lies->part))
        t.size = t.size > LOST ? t.size - LOST : 0;
    if (t.size > liar_number() && liar_lies(lies->most))
        t.size = liar_number();
    if (t.offset && liar_lies(lies->origin))
        t.offset = 0;
    return t;
}

static void flip(void *data, size_t size)
{
    const size_t random = liar_random();
    ((unsigned char *)data)[random % size] ^= (unsigned char)(1u << random / 64 % 8);
}

/* ---- reads ----------------------------------------------------------------------------------- */

/* Places that were read, and their data of the last time. */
static struct {
    transfer place;
    void *data;
} places[PLACES];
static size_t place_count;

/* Exchanges the data with those of the last read; the first read of a place stays as it is. */
static void make_stale(const transfer *t, unsigned char *data)
{
    size_t i = 0;
    while (i < place_count &&
           (places[i].place.buffer != t->buffer || places[i].place.offset != t->offset ||
            places[i].place.size != t->size))
        i++;
    if (i == place_count) {
        if (i == PLACES || !(places[i].data = malloc(t->size)))
            return;
        places[i].place = *t;
        place_count++;
    } else if (memcmp(places[i].data, data, t->size) != 0 && liar_lies(LIAR_STALE_READ)) {
        memcpy(data, places[i].data, t->size);
        return;
    }
    memcpy(places[i].data, data, t->size);
}

cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                           size_t size, void *host, cl_uint waits, const cl_event *events,
                           cl_event *event)
{
    NEXT(clEnqueueReadBuffer);
    const transfer asked = {buffer, offset, size};
    liar_catch_up();
    const transfer done = bend(asked, &reading);
    cl_int error = CL_SUCCESS;
    if (done.size)
        error = next(queue, buffer, CL_TRUE, done.offset, done.size, host, waits, events, event);
    else
        clFinish(queue);
    if (liar_lies(LIAR_FLIP_READ))
        flip(host, size);
    if (liar_would(LIAR_STALE_READ))
        make_stale(&asked, host);
    (void)blocking;
    return error;
}

/* Lies about reads are for reads: what is mapped is as it should be. */
void *clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                         cl_map_flags flags, size_t offset, size_t size, cl_uint waits,
                         const cl_event *events, cl_event *event, cl_int *error)
{
    NEXT(clEnqueueMapBuffer);
    liar_catch_up();
    return next(queue, buffer, blocking, flags, offset, size, waits, events, event, error);
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, size_t first, size_t at,
                           size_t size, cl_uint waits, const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueCopyBuffer);
    liar_catch_up();
    if (liar_lies(LIAR_NO_COPY))
        return CL_SUCCESS;
    if (first && liar_lies(LIAR_COPY_ORIGIN))
        first = 0;
    return next(queue, from, to, first, at, size, waits, events, event);
}

/* ---- writes ---------------------------------------------------------------------------------- */

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                            size_t size, const void *host, cl_uint waits, const cl_event *events,
                            cl_event *event)
{
    NEXT(clEnqueueWriteBuffer);
    liar_catch_up();
    const transfer done = bend((transfer){buffer, offset, size}, &writing);
    unsigned char *copy = done.size ? malloc(size) : NULL;
    if (!copy)
        return CL_SUCCESS;
    memcpy(copy, host, size);
    if (liar_lies(LIAR_FLIP_WRITE))
        flip(copy, size);
    cl_int error = next(queue, buffer, CL_TRUE, done.offset, done.size, copy, waits, events, event);
    free(copy);
    (void)blocking;
    return error;
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                           size_t pattern_size, size_t offset, size_t size, cl_uint waits,
                           const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueFillBuffer);
    liar_catch_up();
    if (!event && liar_lies(LIAR_NO_FILL))
        return CL_SUCCESS;
    if (size > pattern_size && liar_lies(LIAR_SHORT_FILL))
        size = size / 2 / pattern_size * pattern_size;
    return next(queue, buffer, pattern, pattern_size, offset, size, waits, events, event);
}

/* ---- buffers, and parts of them -------------------------------------------------------------- */

static cl_mem buffers[BUFFERS];

static cl_mem *find_buffer(cl_mem memory)
{
    for (size_t i = 0; i < BUFFERS; i++)
        if (buffers[i] == memory)
            return &buffers[i];
    return NULL;
}

static cl_mem remember_buffer(cl_mem memory)
{
    cl_mem *room = find_buffer(NULL);
    if (room)
        *room = memory;
    return memory;
}

bool liar_is_buffer(cl_mem memory)
{
    return memory && find_buffer(memory);
}

void liar_forget_buffer(cl_mem memory)
{
    cl_mem *place = find_buffer(memory);
    if (place)
        *place = NULL;
}

cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *host,
                      cl_int *error)
{
    NEXT(clCreateBuffer);
    return remember_buffer(next(context, flags, size, host, error));
}

cl_mem clCreateSubBuffer(cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type,
                         const void *info, cl_int *error)
{
    NEXT(clCreateSubBuffer);
    cl_buffer_region region;
    memcpy(&region, info, sizeof region);
    if (region.origin && liar_lies(LIAR_VIEW_ORIGIN))
        region.origin = 0;
    return remember_buffer(next(buffer, flags, type, &region, error));
}
