/* The kernels that are to be compiled, and the phase of compiling. */
#include "ocl/rehearsal.h"

#include "base/clock.h"
#include "ocl/cl_types.h"

#include <string.h>

cg_status cg_rehearse(cg_runtime *rt, cg_status (*work)(void *user), void *user)
{
    rt->rehearsing = true;
    cg_status status = work(user);
    rt->rehearsing = false;
    return status;
}

/* Each kernel is a line of rt->cl->foreseen. */
void cg_rehearsal_note(cg_runtime *rt, const char *file, const char *kernel,
                       const cg_build_options *options)
{
    cg_text *all = &rt->cl->foreseen;
    cg_text line = {0};
    cg_text_printf(&line, "\n%s %s %zu %s\n", file, kernel, rt->vec, options ? options->text : "");
    if (line.data && !(all->data && cg_text_find(all->data, all->size, line.data))) {
        cg_text_add(all, line.data, line.size);
        rt->kernels_foreseen++;
    }
    cg_text_deinit(&line);
}

void cg_compiling_begin(cg_compiling *compiling, cg_runtime *rt, const char *kernel,
                        const char *file)
{
    size_t total = rt->kernels_foreseen > rt->kernels_run ? rt->kernels_foreseen : 0;
    compiling->phase = (cg_phase){.words = "compiling kernels",
                                  .done = rt->kernels_run,
                                  .total = total,
                                  .seconds = rt->build_seconds};
    compiling->start = cg_clock_seconds();
    cg_wait_begin(&compiling->wait, CG_WAIT_SECONDS, "compiling %s of %s on %s", kernel, file,
                  rt->info.name);
    if (rt->compiling++ == 0)
        cg_phase_begin(&compiling->phase);
}

void cg_compiling_end(cg_compiling *compiling, cg_runtime *rt, bool ran)
{
    rt->kernels_run += ran;
    cg_wait_end(&compiling->wait);
    if (--rt->compiling)
        return;
    rt->build_seconds += cg_clock_seconds() - compiling->start;
    cg_phase_end(&compiling->phase);
}
