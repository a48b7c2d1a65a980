/* An OpenCL library with one device that runs no kernel: transfers, fills and copies are done, a
 * launch is complete at once and changes nothing, but for those whose results the host checks.
 * A program behind it takes milliseconds where a driver compiles for seconds, and goes through
 * every line of the host's code.
 *
 * A training has a state that moves: Adam's step takes gradients that are made of the step's
 * number, the seed, the order of its epoch and the data set's first images, and so are the losses.
 * A step that is done twice, left out, or done from another state, gives other bits, as on a device
 * that computes. Images that are drawn are made of the noise and of the generator's last weights.
 *
 *     LD_PRELOAD=libclgan_null_device.so clgan train --device null ...
 *
 * It trusts its callers: the strict layer (strict/strict.h) can be preloaded before it. Only what
 * clgan, CLBlast and that layer call is there.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include "base/shuffle.h"
#include "base/streams.h"
#include "cl/shared.h"

#include <CL/cl.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { ALIGNMENT = 128, GROUP = 256, NAME = 64, ARGUMENTS = 17, ARGUMENT = 64 };

/* Every object: what it was made of stays as long as itself. */
typedef struct object {
    size_t references;
    struct object *of;
    unsigned char *data;                          /* of a buffer; a program's text */
    size_t bytes;                                 /* of a buffer or a program */
    bool is_part;                                 /* the data are the parent's */
    char name[NAME];                              /* of a kernel */
    unsigned char arguments[ARGUMENTS][ARGUMENT]; /* of a kernel: the first ones */
} object;

static object platform, device; // their addresses are all that matters

static void *create(object *of, size_t bytes, cl_int *error)
{
    object *new = calloc(1, sizeof *new);
    unsigned char *data = bytes ? calloc(1, bytes) : NULL;
    if (error)
        *error = new && (data || !bytes) ? CL_SUCCESS : CL_OUT_OF_HOST_MEMORY;
    if (!new || (bytes && !data)) {
        free(new);
        free(data);
        return NULL;
    }
    *new = (object){.references = 1, .of = of, .data = data, .bytes = bytes};
    if (of)
        of->references++;
    return new;
}

static cl_int release(void *handle)
{
    object *o = handle;
    while (o && --o->references == 0) {
        object *of = o->of;
        if (!o->is_part)
            free(o->data);
        free(o);
        o = of;
    }
    return CL_SUCCESS;
}

static cl_int answer(const void *value, size_t bytes, size_t room, void *to, size_t *size)
{
    if (to && room < bytes)
        return CL_INVALID_VALUE;
    if (to)
        memcpy(to, value, bytes);
    if (size)
        *size = bytes;
    return CL_SUCCESS;
}

static cl_int answer_text(const char *text, size_t room, void *to, size_t *size)
{
    return answer(text, strlen(text) + 1, room, to, size);
}

static cl_int answer_handle(void *handle, size_t room, void *to, size_t *size)
{
    return answer(&handle, sizeof handle, room, to, size);
}

/* ---- platform and device --------------------------------------------------------------------- */

EXPORT cl_int clGetPlatformIDs(cl_uint room, cl_platform_id *platforms, cl_uint *count)
{
    if (platforms && room)
        *platforms = (cl_platform_id)(void *)&platform;
    if (count)
        *count = 1;
    return CL_SUCCESS;
}

EXPORT cl_int clGetPlatformInfo(cl_platform_id p, cl_platform_info query, size_t room, void *to,
                                size_t *size)
{
    (void)p;
    return answer_text(query == CL_PLATFORM_VERSION      ? "OpenCL 1.2 null"
                       : query == CL_PLATFORM_EXTENSIONS ? ""
                                                         : "null platform",
                       room, to, size);
}

EXPORT cl_int clGetDeviceIDs(cl_platform_id p, cl_device_type type, cl_uint room,
                             cl_device_id *devices, cl_uint *count)
{
    (void)p, (void)type;
    if (devices && room)
        *devices = (cl_device_id)(void *)&device;
    if (count)
        *count = 1;
    return CL_SUCCESS;
}

static const struct {
    cl_device_info query;
    size_t bytes;
    cl_ulong value;
} numbers[] = {
    {CL_DEVICE_TYPE, sizeof(cl_device_type), CL_DEVICE_TYPE_CPU},
    {CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(cl_ulong), (cl_ulong)8 << 30},
    {CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong), (cl_ulong)4 << 30},
    {CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong), 256 << 10},
    {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t), GROUP},
    {CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(cl_uint), 2},
    {CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof(cl_uint), 1000},
    {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof(cl_uint), 8},
    {CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof(cl_uint), 8 * ALIGNMENT},
    {CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, sizeof(cl_uint), 3},
    {CL_DEVICE_MAX_PARAMETER_SIZE, sizeof(size_t), 1024},
    {CL_DEVICE_SINGLE_FP_CONFIG, sizeof(cl_device_fp_config), CL_FP_ROUND_TO_NEAREST | CL_FP_FMA},
    {CL_DEVICE_QUEUE_PROPERTIES, sizeof(cl_command_queue_properties), CL_QUEUE_PROFILING_ENABLE},
    {CL_DEVICE_PROFILING_TIMER_RESOLUTION, sizeof(size_t), 1},
};

EXPORT cl_int clGetDeviceInfo(cl_device_id d, cl_device_info query, size_t room, void *to,
                              size_t *size)
{
    const size_t items[3] = {GROUP, GROUP, GROUP};
    (void)d;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].query == query) /* of little-endian machines */
            return answer(&numbers[i].value, numbers[i].bytes, room, to, size);
    if (query == CL_DEVICE_MAX_WORK_ITEM_SIZES)
        return answer(items, sizeof items, room, to, size);
    if (query == CL_DEVICE_PLATFORM)
        return answer_handle(&platform, room, to, size);
    return answer_text(query == CL_DEVICE_NAME               ? "null device"
                       : query == CL_DEVICE_VERSION          ? "OpenCL 1.2 null"
                       : query == CL_DEVICE_OPENCL_C_VERSION ? "OpenCL C 1.2"
                       : query == CL_DEVICE_EXTENSIONS       ? ""
                                                             : "1.0",
                       room, to, size);
}

/* ---- contexts, queues, events ---------------------------------------------------------------- */

EXPORT cl_context clCreateContext(const cl_context_properties *properties, cl_uint count,
                                  const cl_device_id *devices,
                                  void (*notify)(const char *, const void *, size_t, void *),
                                  void *user, cl_int *error)
{
    (void)properties, (void)count, (void)devices, (void)notify, (void)user;
    return create(NULL, 0, error);
}

EXPORT cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id d,
                                             cl_command_queue_properties properties, cl_int *error)
{
    (void)d, (void)properties;
    return create((object *)(void *)context, 0, error);
}

EXPORT cl_int clGetCommandQueueInfo(cl_command_queue queue, cl_command_queue_info query,
                                    size_t room, void *to, size_t *size)
{
    const cl_command_queue_properties none = 0;
    object *o = (object *)(void *)queue;
    if (query == CL_QUEUE_PROPERTIES)
        return answer(&none, sizeof none, room, to, size);
    return answer_handle(query == CL_QUEUE_CONTEXT ? o->of : &device, room, to, size);
}

static cl_int done(cl_command_queue queue, cl_event *event)
{
    cl_int error = CL_SUCCESS;
    if (event)
        *event = create((object *)(void *)queue, 0, &error);
    return error;
}

EXPORT cl_int clGetEventInfo(cl_event event, cl_event_info query, size_t room, void *to,
                             size_t *size)
{
    const cl_int complete = CL_COMPLETE;
    (void)event, (void)query;
    return answer(&complete, sizeof complete, room, to, size);
}

EXPORT cl_int clGetEventProfilingInfo(cl_event event, cl_profiling_info query, size_t room,
                                      void *to, size_t *size)
{
    static cl_ulong now;
    (void)event, (void)query;
    now += 1000;
    return answer(&now, sizeof now, room, to, size);
}

EXPORT cl_int clWaitForEvents(cl_uint count, const cl_event *events)
{
    (void)count, (void)events;
    return CL_SUCCESS;
}

EXPORT cl_int clFlush(cl_command_queue queue)
{
    (void)queue;
    return CL_SUCCESS;
}

EXPORT cl_int clFinish(cl_command_queue queue)
{
    (void)queue;
    return CL_SUCCESS;
}

/* ---- buffers --------------------------------------------------------------------------------- */

EXPORT cl_mem clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *host,
                             cl_int *error)
{
    (void)flags, (void)host;
    return create((object *)(void *)context, bytes, error);
}

EXPORT cl_mem clCreateSubBuffer(cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type,
                                const void *region, cl_int *error)
{
    const cl_buffer_region *part = region;
    object *parent = (object *)(void *)buffer, *new = create(parent, 0, error);
    (void)flags, (void)type;
    if (new) {
        new->is_part = true;
        new->data = parent->data + part->origin;
        new->bytes = part->size;
    }
    return (cl_mem)(void *)new;
}

EXPORT cl_int clGetMemObjectInfo(cl_mem buffer, cl_mem_info query, size_t room, void *to,
                                 size_t *size)
{
    object *o = (object *)(void *)buffer;
    if (query == CL_MEM_CONTEXT)
        return answer_handle(o->of, room, to, size);
    return answer(&o->bytes, sizeof o->bytes, room, to, size);
}

EXPORT cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                  size_t offset, size_t bytes, void *to, cl_uint waits,
                                  const cl_event *list, cl_event *event)
{
    (void)blocking, (void)waits, (void)list;
    memcpy(to, ((object *)(void *)buffer)->data + offset, bytes);
    return done(queue, event);
}

EXPORT cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                   size_t offset, size_t bytes, const void *from, cl_uint waits,
                                   const cl_event *list, cl_event *event)
{
    (void)blocking, (void)waits, (void)list;
    memcpy(((object *)(void *)buffer)->data + offset, from, bytes);
    return done(queue, event);
}

EXPORT void *clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                cl_map_flags flags, size_t offset, size_t bytes, cl_uint waits,
                                const cl_event *list, cl_event *event, cl_int *error)
{
    (void)blocking, (void)flags, (void)bytes, (void)waits, (void)list;
    *error = done(queue, event);
    return *error == CL_SUCCESS ? ((object *)(void *)buffer)->data + offset : NULL;
}

EXPORT cl_int clEnqueueUnmapMemObject(cl_command_queue queue, cl_mem buffer, void *mapped,
                                      cl_uint waits, const cl_event *list, cl_event *event)
{
    (void)buffer, (void)mapped, (void)waits, (void)list;
    return done(queue, event);
}

EXPORT cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to,
                                  size_t from_offset, size_t to_offset, size_t bytes, cl_uint waits,
                                  const cl_event *list, cl_event *event)
{
    (void)waits, (void)list;
    memmove(((object *)(void *)to)->data + to_offset, ((object *)(void *)from)->data + from_offset,
            bytes);
    return done(queue, event);
}

EXPORT cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                                  size_t pattern_bytes, size_t offset, size_t bytes, cl_uint waits,
                                  const cl_event *list, cl_event *event)
{
    unsigned char *data = ((object *)(void *)buffer)->data + offset;
    (void)waits, (void)list;
    for (size_t i = 0; i < bytes; i += pattern_bytes)
        memcpy(data + i, pattern, pattern_bytes);
    return done(queue, event);
}

EXPORT cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint waits,
                                          const cl_event *list, cl_event *event)
{
    (void)waits, (void)list;
    return done(queue, event);
}

/* ---- programs and kernels -------------------------------------------------------------------- */

static cl_program create_program(cl_context context, cl_uint count, const char **strings,
                                 const size_t *lengths, cl_int *error)
{
    size_t bytes = 1, at = 0;
    for (cl_uint i = 0; i < count; i++)
        bytes += lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
    object *program = create((object *)(void *)context, bytes, error);
    for (cl_uint i = 0; program && i < count; i++) {
        size_t length = lengths && lengths[i] ? lengths[i] : strlen(strings[i]);
        memcpy(program->data + at, strings[i], length);
        at += length;
    }
    return (cl_program)(void *)program;
}

EXPORT cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **strings,
                                            const size_t *lengths, cl_int *error)
{
    return create_program(context, count, strings, lengths, error);
}

/* A program's binary is its text. */
EXPORT cl_program clCreateProgramWithBinary(cl_context context, cl_uint count,
                                            const cl_device_id *devices, const size_t *lengths,
                                            const unsigned char **binaries, cl_int *binary_error,
                                            cl_int *error)
{
    (void)count, (void)devices;
    if (binary_error)
        *binary_error = CL_SUCCESS;
    return create_program(context, 1, (const char **)binaries, lengths, error);
}

EXPORT cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices,
                             const char *options, void (*notify)(cl_program, void *), void *user)
{
    (void)program, (void)count, (void)devices, (void)options, (void)notify, (void)user;
    return CL_SUCCESS;
}

EXPORT cl_int clGetProgramInfo(cl_program program, cl_program_info query, size_t room, void *to,
                               size_t *size)
{
    object *o = (object *)(void *)program;
    const cl_uint one = 1;
    switch (query) {
    case CL_PROGRAM_NUM_DEVICES:
        return answer(&one, sizeof one, room, to, size);
    case CL_PROGRAM_DEVICES:
        return answer_handle(&device, room, to, size);
    case CL_PROGRAM_BINARY_SIZES:
        return answer(&o->bytes, sizeof o->bytes, room, to, size);
    case CL_PROGRAM_BINARIES:
        memcpy(*(unsigned char **)to, o->data, o->bytes);
        return CL_SUCCESS;
    default:
        return CL_INVALID_VALUE;
    }
}

EXPORT cl_int clGetProgramBuildInfo(cl_program program, cl_device_id d, cl_program_build_info query,
                                    size_t room, void *to, size_t *size)
{
    (void)program, (void)d, (void)query;
    return answer_text("", room, to, size);
}

EXPORT cl_kernel clCreateKernel(cl_program program, const char *name, cl_int *error)
{
    object *kernel = create((object *)(void *)program, 0, error);
    if (kernel)
        snprintf(kernel->name, sizeof kernel->name, "%s", name);
    return (cl_kernel)(void *)kernel;
}

/* The commas of a list, up to the parenthesis or the line that ends it. A word of the form
 * X_PARAMS, with or without an argument, stands for the list behind its #define. */
static cl_uint count_commas(const char *text, const char *list, bool is_macro)
{
    cl_uint commas = 0;
    int depth = 0;
    for (const char *p = list; *p && depth >= 0; p++) {
        if (is_macro && *p == '\n' && p[-1] != '\\')
            break;
        depth += (*p == '(') - (*p == ')');
        commas += *p == ',' && depth == 0;
        if (isupper((unsigned char)*p) && !isalnum((unsigned char)p[-1]) && p[-1] != '_') {
            size_t length = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
            char define[NAME];
            snprintf(define, sizeof define, "#define %.*s", (int)length, p);
            const char *body = length > 7 && memcmp(p + length - 7, "_PARAMS", 7) == 0
                                   ? strstr(text, define)
                                   : NULL;
            if (body) {
                body += strlen(define);
                commas += count_commas(text, *body == '(' ? strchr(body, ')') + 1 : body, true);
                p += length - 1;
            }
        }
    }
    return commas;
}

/* The list of parameters behind "void NAME(", NULL where there is none. */
static const char *find_list(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = text; (p = strstr(p, name)); p += length)
        if (p > text + 5 && memcmp(p - 5, "void", 4) == 0 && p[length] == '(')
            return p + length + 1;
    return NULL;
}

/* Some kernels are written by a macro DEFINE_X(NAME, ...), in which they are "name". */
static cl_uint count_arguments(const char *text, const char *name)
{
    char use[NAME + 16];
    const char *list = find_list(text, name);
    for (const char *p = text; !list && (p = strstr(p, "#define DEFINE_")); p++) {
        const char *word = p + strlen("#define ");
        snprintf(use, sizeof use, "%.*s(%s,", (int)strcspn(word, "("), word, name);
        if (strstr(text, use))
            list = find_list(p, "name");
    }
    return list ? 1 + count_commas(text, list, false) : 0;
}

EXPORT cl_int clGetKernelInfo(cl_kernel kernel, cl_kernel_info query, size_t room, void *to,
                              size_t *size)
{
    object *o = (object *)(void *)kernel;
    if (query == CL_KERNEL_PROGRAM)
        return answer_handle(o->of, room, to, size);
    if (query == CL_KERNEL_CONTEXT)
        return answer_handle(o->of->of, room, to, size);
    if (query != CL_KERNEL_NUM_ARGS)
        return answer_text(o->name, room, to, size);
    cl_uint count = count_arguments((const char *)o->of->data, o->name);
    return answer(&count, sizeof count, room, to, size);
}

EXPORT cl_int clGetKernelArgInfo(cl_kernel kernel, cl_uint index, cl_kernel_arg_info query,
                                 size_t room, void *to, size_t *size)
{
    (void)kernel, (void)index, (void)query, (void)room, (void)to;
    if (size)
        *size = 0;
    return CL_KERNEL_ARG_INFO_NOT_AVAILABLE;
}

EXPORT cl_int clGetKernelWorkGroupInfo(cl_kernel kernel, cl_device_id d,
                                       cl_kernel_work_group_info query, size_t room, void *to,
                                       size_t *size)
{
    const size_t group = GROUP, none[3] = {0};
    const cl_ulong local = 0;
    (void)kernel, (void)d;
    if (query == CL_KERNEL_LOCAL_MEM_SIZE || query == CL_KERNEL_PRIVATE_MEM_SIZE)
        return answer(&local, sizeof local, room, to, size);
    if (query == CL_KERNEL_COMPILE_WORK_GROUP_SIZE)
        return answer(none, sizeof none, room, to, size);
    return answer(&group, sizeof group, room, to, size);
}

EXPORT cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, size_t bytes, const void *value)
{
    if (index < ARGUMENTS && bytes <= ARGUMENT && value)
        memcpy(((object *)(void *)kernel)->arguments[index], value, bytes);
    return CL_SUCCESS;
}

static object *buffer_argument(const object *kernel, size_t index)
{
    object *buffer;
    memcpy(&buffer, kernel->arguments[index], sizeof buffer);
    return buffer;
}

static size_t int_argument(const object *kernel, size_t index)
{
    cl_int value;
    memcpy(&value, kernel->arguments[index], sizeof value);
    return (size_t)value;
}

/* A search for the smallest, [slots][queries], begins with infinity and nobody, and finds 1 and the
 * point that has the slot's number. */
static void find_something(const object *kernel)
{
    const uint32_t before[2] = {0x7F800000, UINT32_MAX};
    const size_t queries = int_argument(kernel, 5);
    for (size_t i = 0; i < 2; i++) {
        object *found = buffer_argument(kernel, i);
        for (size_t at = 0; at + sizeof before[i] <= found->bytes; at += sizeof before[i]) {
            const uint32_t slot = (uint32_t)(at / sizeof before[i] / queries);
            const uint32_t after = i == 0 ? 0x3F800000 : slot;
            if (memcmp(found->data + at, &before[i], sizeof before[i]) == 0)
                memcpy(found->data + at, &after, sizeof after);
        }
    }
}

/* cl/checksum.cl */
static void add_checksum(const object *kernel)
{
    const size_t slot = int_argument(kernel, 2), first = int_argument(kernel, 3),
                 count = int_argument(kernel, 4);
    unsigned char *at = buffer_argument(kernel, 0)->data + slot * sizeof(uint32_t);
    const unsigned char *words = buffer_argument(kernel, 1)->data + first * sizeof(uint32_t);
    uint32_t sum, word;
    memcpy(&sum, at, sizeof sum);
    for (size_t i = 0; i < count; i++) {
        memcpy(&word, words + i * sizeof word, sizeof word);
        sum += cg_checksum_term(word, (uint32_t)i);
    }
    memcpy(at, &sum, sizeof sum);
}

/* The next gradients of a training are made of the first two: a shard's own part of its inputs
 * counts for nothing, so that any number of ranks computes the same. The next images are made of
 * the third. */
static uint32_t of_noise, of_order, of_drawing;

static uint32_t mix(uint32_t sum, const void *bytes, size_t count)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < count; i++)
        sum = (sum ^ b[i]) * 0x01000193u;
    return sum;
}

/* From 0 up to 1. */
static float fraction(uint32_t number)
{
    number *= 0x85EBCA6Bu;
    number ^= number >> 13;
    return (float)(number * 0xC2B2AE35u >> 8) * 0x1p-24f;
}

/* cl/random.cl: noise is one number, which a step's gradients are made of, too. */
static void draw_noise(const object *kernel)
{
    const uint32_t number = mix(
        mix(mix(1, kernel->arguments[2], sizeof(cl_uint)), kernel->arguments[3], sizeof(cl_uint)),
        kernel->arguments[4], 2 * sizeof(cl_uint));
    const float noise = fraction(number);
    memcpy(buffer_argument(kernel, 0)->data, &noise, sizeof noise);
    if (int_argument(kernel, 3) == CG_STREAM_NOISE)
        of_noise = number;
}

/* cl/dense_product.cl: a generator begins with its noise. */
static void read_noise(const object *kernel)
{
    of_drawing = mix(1, buffer_argument(kernel, 1)->data, sizeof(float));
}

/* cl/conv2d_image.cl: the images that a generator draws, of its noise and its last weights. */
static void draw_images(const object *kernel)
{
    cg_geometry geometry;
    const object *weights = buffer_argument(kernel, 2);
    float *y = (float *)(void *)buffer_argument(kernel, 0)->data;
    memcpy(&geometry, kernel->arguments[16], sizeof geometry);
    const uint32_t inputs = mix(of_drawing, weights->data, weights->bytes);
    const size_t size = (size_t)geometry.large_h * (size_t)geometry.large_w;
    for (size_t i = 0; i < (size_t)geometry.n_last * size; i++)
        y[i] = 2 * fraction(inputs + (uint32_t)i) - 1;
}

static void write_losses(const object *kernel, size_t values_at)
{
    cg_loss_values values;
    cg_metrics metrics;
    float *loss = (float *)(void *)&metrics;
    memcpy(&values, kernel->arguments[values_at], sizeof values);
    const bool of_logits = values_at == 8;
    if (of_logits && !values.whole) /* the sums of a part, which nobody looks at */
        return;
    for (size_t i = 0; i < sizeof metrics / sizeof *loss; i++)
        loss[i] = fraction(of_noise + of_order + (uint32_t)i);
    const size_t row = int_argument(kernel, values_at - 1);
    memcpy(buffer_argument(kernel, of_logits ? 4 : 1)->data + row * sizeof metrics, &metrics,
           sizeof metrics);
}

/* cl/loss.cl */
static void write_losses_of_logits(const object *kernel)
{
    write_losses(kernel, 8);
}

static void write_losses_of_sums(const object *kernel)
{
    write_losses(kernel, 4);
}

/* The kernel leaves out Adam's root, which takes long. An element that is 0 stays 0, as padding has
 * to. A run may have no mean. */
static void step_adam(const object *kernel)
{
    float rates[6];
    for (size_t i = 0; i < 6; i++)
        memcpy(&rates[i], kernel->arguments[8 + i], sizeof rates[i]);
    const size_t begin = int_argument(kernel, 5), end = int_argument(kernel, 6),
                 first = int_argument(kernel, 7);
    float *restrict p = (float *)(void *)buffer_argument(kernel, 0)->data;
    float *restrict m = (float *)(void *)buffer_argument(kernel, 1)->data;
    float *restrict v = (float *)(void *)buffer_argument(kernel, 2)->data;
    const uint32_t inputs = of_noise + of_order;
    for (size_t i = begin; i < end; i++) {
        const float gradient = p[i] != 0 ? fraction(inputs + (uint32_t)i) - 0.5f : 0;
        m[i] += rates[2] * (gradient - m[i]);
        v[i] += rates[3] * (gradient * gradient - v[i]);
        p[i] -= (i < first ? rates[0] : rates[1]) * m[i] / (1 + v[i]);
    }
    if (!(rates[5] > 0))
        return;
    float *mean = (float *)(void *)buffer_argument(kernel, 3)->data;
    for (size_t i = begin; i < end && i < first; i++)
        mean[i] += rates[5] * (p[i] - mean[i]);
}

/* cl/gather.cl: the images of a batch. */
static void gather_images(const object *kernel)
{
    float *out = (float *)(void *)buffer_argument(kernel, 0)->data;
    const unsigned char *images = buffer_argument(kernel, 1)->data;
    const size_t first = int_argument(kernel, 3), to = int_argument(kernel, 6),
                 size = int_argument(kernel, 7) * int_argument(kernel, 8),
                 count = int_argument(kernel, 9);
    cg_shuffle shuffle = {.count = (uint32_t)int_argument(kernel, 4),
                          .half_bits = (uint32_t)int_argument(kernel, 5)};
    memcpy(shuffle.keys, kernel->arguments[2], sizeof shuffle.keys);
    of_order = mix(mix(1, shuffle.keys, sizeof shuffle.keys), images,
                   shuffle.count * size < 4096 ? shuffle.count * size : 4096);
    for (size_t i = 0; i < count * size; i++) {
        size_t image = cg_shuffle_index(&shuffle, (uint32_t)(first + i / size));
        out[to * size + i] = cg_pixel_value(images[image * size + i % size]);
    }
}

/* The launches whose results the host checks. */
static const struct {
    const char *name;
    void (*run)(const object *kernel);
} kernels[] = {{"neighbours_find", find_something},
               {"checksum_add", add_checksum},
               {"gather_images", gather_images},
               {"random_normal", draw_noise},
               {"loss_logits", write_losses_of_logits},
               {"loss_of_sums", write_losses_of_sums},
               {"dense_product_fwd", read_noise},
               {"conv2d_up_image", draw_images},
               {"adam_step", step_adam}};

EXPORT cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint waits, const cl_event *list,
                                     cl_event *event)
{
    (void)dimensions, (void)offset, (void)global, (void)local, (void)waits, (void)list;
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
        if (strcmp(((object *)(void *)kernel)->name, kernels[i].name) == 0)
            kernels[i].run((object *)(void *)kernel);
    return done(queue, event);
}

/* ---- references ------------------------------------------------------------------------------ */

#define REFERENCES(type, handle)              \
    EXPORT cl_int clRelease##type(handle of)  \
    {                                         \
        return release(of);                   \
    }                                         \
    EXPORT cl_int clRetain##type(handle of)   \
    {                                         \
        ((object *)(void *)of)->references++; \
        return CL_SUCCESS;                    \
    }

REFERENCES(Context, cl_context)
REFERENCES(CommandQueue, cl_command_queue)
REFERENCES(MemObject, cl_mem)
REFERENCES(Program, cl_program)
REFERENCES(Kernel, cl_kernel)
REFERENCES(Event, cl_event)
