/* Programs: built by whoever needs them first, or by the loader, a thread. */
#include "ocl/program.h"

#include "base/driver_words.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "ocl/binary.h"
#include "ocl/cl_types.h"
#include "ocl/error.h"
#include "ocl/kernel_source.h"
#include "ocl/rehearsal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KERNELS = 32 };

/* The builder of a program is whoever needs it, or the loader, which will build it, does so now, or
 * has done so. */
enum { ANYBODY, LATER, NOW, LOADED };

struct cg_program {
    cg_program *next;
    atomic_int builder;
    char *source;       /* that the loader builds */
    size_t vec;         /* the width that it was built for */
    bool strict;        /* and the arithmetic */
    cg_text key;        /* file and options, as launches name them */
    cg_text flags;      /* the runtime's options and those */
    cl_program program; /* NULL: it is not built yet */
    bool from_cache;
    cg_kernel kernels[MAX_KERNELS];
    char *names[MAX_KERNELS];
    size_t kernel_count;
};

/* *log = what the driver's compiler said, for free(); NULL: it does not tell. */
static void read_build_log(char **log, cg_runtime *rt, cl_program program)
{
    enum { MOST = 1 << 24 };
    const cl_device_id device = rt->cl->device;
    size_t size = 0;
    *log = NULL;
    if (clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) ==
            CL_SUCCESS &&
        size < MOST)
        *log = calloc(1, size + 1);
    if (*log && clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, *log, NULL) !=
                    CL_SUCCESS) {
        free(*log);
        *log = NULL;
    }
}

/* Each line of the build's log becomes a message of its own: the last ones of very many, because
 * compilers warn first. */
static void log_build(cg_runtime *rt, cl_program program, const char *key)
{
    enum { LINES = 100 };
    char *log;
    size_t lines = 0;
    read_build_log(&log, rt, program);
    for (const char *p = log; p && *p; p++)
        lines += *p == '\n';
    if (log)
        cg_log(CG_LOG_ERROR, "the driver on %s:", key);
    for (char *line = log, *next; line; line = next, lines -= lines > 0) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (*line && lines <= LINES)
            cg_log(CG_LOG_ERROR, "%s", line);
    }
    free(log);
}

/* Builds the source, and the cache learns it. */
static cg_status build_source(cg_runtime *rt, cg_program *p, const char *source, const char *key)
{
    cg_status status = CG_OK;
    cg_caught caught;
    cl_int error;

    p->program = clCreateProgramWithSource(rt->cl->context, 1, &source, NULL, &error);
    CG_TRY(cg_cl_check(error, "%s: clCreateProgramWithSource of %s", rt->info.name, p->key.data));
    cg_driver_words_catch(&caught);
    error = clBuildProgram(p->program, 1, &rt->cl->device, p->flags.data, NULL, NULL);
    cg_driver_words_release(&caught);
    if (error != CL_SUCCESS)
        log_build(rt, p->program, p->key.data);
    CG_TRY(
        cg_cl_check(error, "%s: building %s with '%s'", rt->info.name, p->key.data, p->flags.data));
    cg_binary_store(rt, p->program, key);
    rt->programs_built++;
done:
    if (status != CG_OK && p->program) {
        clReleaseProgram(p->program);
        p->program = NULL;
    }
    return status;
}

/* Loads the program from the cache where `cached` allows it, else compiles the source. */
static cg_status build_program(cg_runtime *rt, cg_program *p, const char *file, bool cached)
{
    cg_status status = CG_OK;
    char *source = NULL, *key = NULL;

    CG_TRY(cg_kernel_source_load(&source, file));
    CG_TRY(cg_binary_key(&key, rt, source, p->flags.data));
    p->program = cached ? cg_binary_load(rt, key, p->flags.data) : NULL;
    p->from_cache = p->program != NULL;
    if (p->from_cache)
        rt->programs_loaded++;
    else
        CG_TRY(build_source(rt, p, source, key));
done:
    free(source);
    free(key);
    return status;
}

static void release_program(cg_program *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->kernel_count; i++) {
        if (p->kernels[i].cl)
            clReleaseKernel(p->kernels[i].cl);
        free(p->names[i]);
    }
    if (p->program)
        clReleaseProgram(p->program);
    cg_text_deinit(&p->key);
    cg_text_deinit(&p->flags);
    free(p->source);
    free(p);
}

static bool is_program_of(const cg_program *p, const char *file, const char *options)
{
    size_t length = strlen(file);
    return strncmp(p->key.data, file, length) == 0 && p->key.data[length] == ' ' &&
           strcmp(p->key.data + length + 1, options) == 0;
}

/* *program = an entry of the list, which is not built yet. */
static cg_status add_program(cg_program **program, cg_runtime *rt, const char *file,
                             const char *options)
{
    cg_status status = CG_OK;
    cg_program *fresh = NULL, **end = &rt->cl->programs;

    CG_TRY(cg_memory_create(&fresh, 1, sizeof *fresh));
    fresh->vec = rt->vec;
    fresh->strict = rt->strict;
    cg_text_printf(&fresh->key, "%s %s", file, options);
    cg_text_printf(&fresh->flags, "-cl-std=CL1.2 -D VEC=%zu -D SPREAD=%zu %s%s%s", rt->vec,
                   rt->quirks.spread, rt->quirks.no_prefetch ? "-D NO_PREFETCH " : "",
                   rt->strict ? "-D STRICT " : "", options);
    CG_TRY(fresh->key.status);
    CG_TRY(fresh->flags.status);
    while (*end)
        end = &(*end)->next;
    *program = *end = fresh;
    fresh = NULL;
done:
    release_program(fresh);
    return status;
}

/* The program's kernel of that name, NULL when it has not been made yet. */
static cg_kernel *find_kernel(cg_program *p, const char *name)
{
    for (size_t i = 0; i < p->kernel_count; i++)
        if (strcmp(p->names[i], name) == 0)
            return &p->kernels[i];
    return NULL;
}

static cg_program *find_program(const cg_runtime *rt, const char *file, const char *options)
{
    cg_program *p = rt->cl->programs;
    while (p && !(p->vec == rt->vec && p->strict == rt->strict && is_program_of(p, file, options)))
        p = p->next;
    return p;
}

/* ---- the loader ------------------------------------------------------------------------------ */

struct cg_loader {
    cg_runtime *rt;
    atomic_bool stop, ended;
    size_t count;
    cg_program *queue[]; /* borrowed */
};

/* NULL where that fails: whoever needs the program does it again, and says why. */
static cl_program build_quietly(const cg_runtime *rt, const cg_program *p)
{
    cl_int error;
    const char *source = p->source;
    cl_program program = clCreateProgramWithSource(rt->cl->context, 1, &source, NULL, &error);
    if (error == CL_SUCCESS)
        error = clBuildProgram(program, 1, &rt->cl->device, p->flags.data, NULL, NULL);
    if (error == CL_SUCCESS)
        return program;
    if (program)
        clReleaseProgram(program);
    return NULL;
}

static void load_queue(void *user)
{
    struct cg_loader *l = user;
    for (size_t i = 0; i < l->count && !atomic_load(&l->stop); i++) {
        cg_program *p = l->queue[i];
        int later = LATER;
        if (!atomic_compare_exchange_strong(&p->builder, &later, NOW))
            continue;
        p->program = build_quietly(l->rt, p);
        atomic_store(&p->builder, LOADED);
    }
    atomic_store(&l->ended, true);
}

/* Appends the program unless there is no text of it, which whoever needs it will say. */
static void queue_program(struct cg_loader *l, cg_program *p)
{
    char file[64];
    if (p->program || sscanf(p->key.data, "%63s", file) != 1 ||
        cg_kernel_source_load(&p->source, file) != CG_OK)
        return;
    atomic_store(&p->builder, LATER);
    l->queue[l->count++] = p;
}

void cg_programs_load(cg_runtime *rt)
{
    size_t count = 0;
    struct cg_loader *l = NULL;
    for (cg_program *p = rt->cl->programs; p; p = p->next)
        count++;
    if (!rt->quirks.own_cache || rt->cl->loader || !count ||
        !(l = calloc(1, sizeof *l + count * sizeof l->queue[0])))
        return;
    l->rt = rt;
    for (cg_program *p = rt->cl->programs; p; p = p->next)
        queue_program(l, p);
    rt->cl->loader = l;
    if (cg_platform_start_thread(load_queue, l))
        return;
    for (size_t i = 0; i < l->count; i++)
        atomic_store(&l->queue[i]->builder, ANYBODY);
    atomic_store(&l->ended, true);
}

static void end_loader(cg_runtime *rt)
{
    struct cg_loader *l = rt->cl->loader;
    if (!l)
        return;
    atomic_store(&l->stop, true);
    while (!atomic_load(&l->ended))
        cg_platform_sleep(1e-3);
    rt->cl->loader = NULL;
    free(l);
}

/* Builds the program, unless the loader does so now, or has done so. */
static cg_status finish_program(cg_runtime *rt, cg_program *p, const char *file)
{
    int later = LATER;
    if (!atomic_compare_exchange_strong(&p->builder, &later, ANYBODY))
        while (atomic_load(&p->builder) == NOW)
            cg_platform_sleep(2e-4);
    const bool loaded = atomic_exchange(&p->builder, ANYBODY) == LOADED;
    if (!p->program)
        return build_program(rt, p, file, true);
    rt->programs_built += loaded;
    return CG_OK;
}

/* ---- kernels --------------------------------------------------------------------------------- */

/* Some drivers accept a binary and then have no kernel in it: the program is then built from its
 * source. Kernels that were taken from the binary keep what they need of it. */
static cg_status create_kernel(cg_kernel *kernel, cg_runtime *rt, cg_program *p, const char *file,
                               const char *name)
{
    cg_status status = CG_OK;
    cl_int error;

    *kernel = (cg_kernel){.cl = clCreateKernel(p->program, name, &error)};
    if (error != CL_SUCCESS && p->from_cache) {
        clReleaseProgram(p->program);
        p->program = NULL;
        CG_TRY(build_program(rt, p, file, false));
        kernel->cl = clCreateKernel(p->program, name, &error);
    }
    CG_TRY(cg_cl_check(error, "%s: clCreateKernel of %s", rt->info.name, name));
    error = clGetKernelWorkGroupInfo(kernel->cl, rt->cl->device, CL_KERNEL_WORK_GROUP_SIZE,
                                     sizeof kernel->max_local, &kernel->max_local, NULL);
    if (error != CL_SUCCESS)
        kernel->max_local = 0;
    if (cg_cl_is_failure(error))
        CG_TRY(cg_cl_check(error, "%s: clGetKernelWorkGroupInfo of %s", rt->info.name, name));
done:
    if (status != CG_OK && kernel->cl) {
        clReleaseKernel(kernel->cl);
        kernel->cl = NULL;
    }
    return status;
}

/* *kernel = a new one, which the program keeps with its name. */
static cg_status add_kernel(cg_kernel **kernel, cg_runtime *rt, cg_program *p, const char *file,
                            const char *name)
{
    size_t i = p->kernel_count;
    cg_status status = cg_memory_copy_text(&p->names[i], name);
    if (status == CG_OK)
        status = create_kernel(&p->kernels[i], rt, p, file, name);
    if (status != CG_OK) {
        free(p->names[i]);
        p->names[i] = NULL;
        return status;
    }
    p->kernel_count++;
    *kernel = &p->kernels[i];
    return CG_OK;
}

cg_status cg_program_foresee(cg_runtime *rt, const char *file, const cg_build_options *options)
{
    const char *text = options ? options->text : "";
    if (options && options->status != CG_OK)
        return options->status;
    cg_program *p = find_program(rt, file, text);
    return p ? CG_OK : add_program(&p, rt, file, text);
}

/* Builds what is missing of the program (NULL: it is new) and of the kernel. */
static cg_status build_kernel(cg_kernel **kernel, cg_runtime *rt, cg_program *p, const char *file,
                              const char *name, const char *options)
{
    cg_status status = CG_OK;
    cg_compiling compiling;
    cg_compiling_begin(&compiling, rt, name, file);
    if (!p)
        CG_TRY(add_program(&p, rt, file, options));
    CG_TRY(finish_program(rt, p, file));
    status = p->kernel_count == MAX_KERNELS
                 ? cg_fail(CG_ERR_CL, "%s: more than %d kernels", file, MAX_KERNELS)
                 : add_kernel(kernel, rt, p, file, name);
done:
    cg_compiling_end(&compiling, rt, false);
    return status;
}

cg_status cg_program_get_kernel(cg_kernel **kernel, cg_runtime *rt, const char *file,
                                const char *name, const cg_build_options *options)
{
    const char *text = options ? options->text : "";
    if (options && options->status != CG_OK)
        return options->status;
    cg_program *p = find_program(rt, file, text);
    *kernel = p ? find_kernel(p, name) : NULL;
    return *kernel ? CG_OK : build_kernel(kernel, rt, p, file, name, text);
}

void cg_programs_release(cg_runtime *rt)
{
    end_loader(rt);
    while (rt->cl->programs) {
        cg_program *p = rt->cl->programs;
        rt->cl->programs = p->next;
        release_program(p);
    }
}
