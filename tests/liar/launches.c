/* Launches, and the arguments that they are given. */
#include "liar.h"

enum { ARGUMENTS = 64, BYTES = 256, KERNELS = 512 };

typedef struct argument {
    size_t size; /* 0: it has not been set */
    bool is_local;
    unsigned char value[BYTES];
} argument;

typedef struct kernel_state {
    cl_kernel kernel;
    size_t launches;
    cl_uint count;
    argument arguments[ARGUMENTS];
} kernel_state;

typedef struct launch {
    cl_command_queue queue;
    cl_kernel kernel;
    cl_uint dimensions;
    size_t offset[3], global[3], local[3];
    bool has_local;
} launch;

static kernel_state states[KERNELS];

/* The launch that is held back, with the arguments that it had. */
static struct {
    bool is;
    launch what;
    kernel_state with;
} held;

/* The kernel's state; a new one where it has none. */
static kernel_state *find_state(cl_kernel kernel)
{
    kernel_state *state = states;
    while (state->kernel && state->kernel != kernel && state < states + KERNELS - 1)
        state++;
    if (state->kernel != kernel)
        *state = (kernel_state){.kernel = kernel};
    return state;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static cl_int set_argument(cl_kernel kernel, cl_uint index, const argument *a)
{
    NEXT(clSetKernelArg);
    return next(kernel, index, a->size, a->is_local ? NULL : a->value);
}

static void set_all_arguments(const kernel_state *state)
{
    for (cl_uint i = 0; i < state->count; i++)
        set_argument(state->kernel, i, &state->arguments[i]);
}

/* A float, or a word as large: a buffer that has been released, or a size that is another launch's,
 * would end the process. */
static bool is_float(const argument *a)
{
    unsigned word = 0;
    if (a->size == sizeof word && !a->is_local)
        memcpy(&word, a->value, sizeof word);
    return word >> 23 != 0;
}

cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, size_t size, const void *value)
{
    kernel_state *state = find_state(kernel);
    argument a = {.size = size, .is_local = !value};
    if (index >= ARGUMENTS || (value && size > BYTES))
        return CL_INVALID_ARG_INDEX;
    if (value)
        memcpy(a.value, value, size);
    if (a.is_local && liar_means(kernel) && liar_lies(LIAR_SMALL_LOCAL))
        a.size = (size / 2 + 63) / 64 * 64;
    argument *before = &state->arguments[index];
    if (is_float(before) && memcmp(before, &a, sizeof a) != 0 && liar_means(kernel) &&
        liar_lies(LIAR_LATE_ARG))
        return CL_SUCCESS;
    if (index == liar_number() && before->size == size && !a.is_local &&
        liar_would(LIAR_LATE_WORD) && liar_means(kernel) && liar_lies(LIAR_LATE_WORD))
        return CL_SUCCESS;
    *before = a;
    state->count = index >= state->count ? index + 1 : state->count;
    return set_argument(kernel, index, &a);
}

/* A new kernel may have the address of one that is gone. */
cl_kernel clCreateKernel(cl_program program, const char *name, cl_int *error)
{
    NEXT(clCreateKernel);
    cl_kernel kernel = next(program, name, error);
    if (kernel)
        *find_state(kernel) = (kernel_state){.kernel = kernel};
    return kernel;
}

/* ---- launches -------------------------------------------------------------------------------- */

static cl_int run_launch(const launch *l, cl_uint waits, const cl_event *events, cl_event *event)
{
    NEXT(clEnqueueNDRangeKernel);
    const bool moved = l->offset[0] || l->offset[1] || l->offset[2];
    return next(l->queue, l->kernel, l->dimensions, moved ? l->offset : NULL, l->global,
                l->has_local ? l->local : NULL, waits, events, event);
}

static size_t count_groups(const launch *l, cl_uint d)
{
    return l->has_local ? l->global[d] / l->local[d] : 1;
}

/* Keeps `groups` work-groups in the first dimension that has more. */
static void keep_groups(launch *l, size_t groups)
{
    for (cl_uint d = 0; d < l->dimensions; d++)
        if (count_groups(l, d) > groups) {
            l->global[d] = groups * l->local[d];
            return;
        }
}

/* Takes away the last work-groups of the first dimension that has more. */
static void drop_groups(launch *l, size_t groups)
{
    for (cl_uint d = 0; d < l->dimensions; d++)
        if (count_groups(l, d) > groups) {
            l->global[d] -= groups * l->local[d];
            return;
        }
}

/* Keeps the first half of the work-groups of the first dimension that has several. */
static void halve_groups(launch *l)
{
    for (cl_uint d = 0; d < l->dimensions; d++)
        if (count_groups(l, d) > 1) {
            l->global[d] = count_groups(l, d) / 2 * l->local[d];
            return;
        }
}

/* One in so many work-groups of the kernel computes: by its program's options, as the program knows
 * its driver. 1 where they do not tell. */
static size_t find_spread(cl_kernel kernel)
{
    static const char option[] = "-D SPREAD=";
    cl_program program;
    cl_device_id device;
    char options[1024] = "";
    if (clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, NULL) ||
        clGetProgramInfo(program, CL_PROGRAM_DEVICES, sizeof device, &device, NULL) ||
        clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_OPTIONS, sizeof options, options,
                              NULL))
        return 1;
    const char *found = strstr(options, option);
    const size_t spread = found ? strtoul(found + strlen(option), NULL, 10) : 0;
    return spread ? spread : 1;
}

static bool has_groups(const launch *l, size_t more_than)
{
    bool has = false;
    for (cl_uint d = 0; d < l->dimensions; d++)
        has = has || count_groups(l, d) > more_than;
    return has;
}

/* Flips a bit of some buffer among the kernel's arguments. */
static void flip_memory(const launch *l, const kernel_state *state)
{
    cl_mem buffers[ARGUMENTS];
    size_t count = 0, size = 0;
    unsigned char byte;
    for (cl_uint i = 0; i < state->count; i++)
        if (!state->arguments[i].is_local && state->arguments[i].size == sizeof *buffers) {
            memcpy(&buffers[count], state->arguments[i].value, sizeof *buffers);
            count += liar_is_buffer(buffers[count]);
        }
    const size_t random = liar_random();
    if (!count ||
        clGetMemObjectInfo(buffers[random % count], CL_MEM_SIZE, sizeof size, &size, NULL))
        return;
    cl_mem memory = buffers[random % count];
    clEnqueueReadBuffer(l->queue, memory, CL_TRUE, random % size, 1, &byte, 0, NULL, NULL);
    byte ^= (unsigned char)(1u << random % 8);
    clEnqueueWriteBuffer(l->queue, memory, CL_TRUE, random % size, 1, &byte, 0, NULL, NULL);
}

void liar_catch_up(void)
{
    if (!held.is)
        return;
    held.is = false;
    set_all_arguments(&held.with);
    run_launch(&held.what, 0, NULL, NULL);
    set_all_arguments(find_state(held.what.kernel));
}

/* True when the launch is not to run now. */
static bool is_left_out(const launch *l, kernel_state *state, bool wants_event)
{
    if (wants_event) /* somebody waits for it */
        return false;
    if (liar_lies(LIAR_SKIP_LAUNCH))
        return true;
    if (state->launches == 0 ? liar_lies(LIAR_SKIP_FIRST) : liar_lies(LIAR_ONLY_FIRST))
        return true;
    if (held.is || !liar_lies(LIAR_SWAP))
        return false;
    held.what = *l;
    held.with = *state;
    return held.is = true;
}

/* Runs the groups before that one, of the first dimension; those behind it remain. */
static void run_before(launch *l, size_t group)
{
    launch first = *l;
    const size_t items = group * l->local[0];
    first.global[0] = items;
    if (items)
        run_launch(&first, 0, NULL, NULL);
    l->offset[0] += items + l->local[0];
    l->global[0] -= items + l->local[0];
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const size_t *offset, const size_t *global, const size_t *local,
                              cl_uint waits, const cl_event *events, cl_event *event)
{
    launch l = {queue, kernel, dimensions, {0}, {1, 1, 1}, {1, 1, 1}, local != NULL};
    kernel_state *state = find_state(kernel);
    bool means = liar_means(kernel);
    for (cl_uint d = 0; d < dimensions; d++) {
        l.offset[d] = offset ? offset[d] : 0;
        l.global[d] = global[d];
        l.local[d] = local ? local[d] : 1;
    }
    bool left_out = means && is_left_out(&l, state, event != NULL);
    state->launches++;
    if (left_out)
        return CL_SUCCESS;
    if (means && has_groups(&l, 1) && liar_lies(LIAR_LAST_GROUP))
        drop_groups(&l, 1);
    if (means && has_groups(&l, find_spread(kernel)) && liar_lies(LIAR_LAST_GROUPS))
        drop_groups(&l, find_spread(kernel));
    if (means && has_groups(&l, 1) && liar_lies(LIAR_HALF_GROUPS))
        halve_groups(&l);
    if (means && has_groups(&l, liar_number()) && liar_lies(LIAR_MOST_GROUPS))
        keep_groups(&l, liar_number());
    if (means && liar_lies(LIAR_OFFSET))
        l.offset[0] += l.local[0];
    if (means && liar_would(LIAR_MID_GROUP) && count_groups(&l, 0) > liar_number() + 1 &&
        liar_lies(LIAR_MID_GROUP))
        run_before(&l, liar_number());
    if (means && liar_lies(LIAR_TWICE))
        run_launch(&l, 0, NULL, NULL);
    cl_int error = run_launch(&l, waits, events, event);
    liar_catch_up();
    if (means && liar_lies(LIAR_FLIP_MEMORY))
        flip_memory(&l, state);
    return error;
}

/* ---- all else that may show a launch that is held back --------------------------------------- */

cl_int clFinish(cl_command_queue queue)
{
    NEXT(clFinish);
    liar_catch_up();
    return next(queue);
}

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint waits, const cl_event *events,
                                   cl_event *event)
{
    NEXT(clEnqueueMarkerWithWaitList);
    liar_catch_up();
    return next(queue, waits, events, event);
}

cl_int clReleaseMemObject(cl_mem memory)
{
    NEXT(clReleaseMemObject);
    liar_catch_up();
    liar_forget_buffer(memory);
    return next(memory);
}
