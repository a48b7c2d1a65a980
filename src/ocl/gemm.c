/* CLBlast behind one small interface. Its built-in parameters for CPU devices stage tiles in local
 * memory, which a CPU runtime pays for twice; the table below holds what was measured faster. */
#include "ocl/gemm.h"

#include "base/driver_words.h"
#include "base/memory.h"
#include "base/try.h"
#include "ocl/cl_types.h"
#include "ocl/rehearsal.h"
#include "ocl/zero_size.h"

#include <clblast_c.h>

/* A group of CLBlast's kernels has at most this many work-items, by the parameters that it has for
 * devices it does not know and for most of those it knows; a larger one it has for devices that
 * allow it. */
enum { LARGEST_GROUP = 256 };

typedef struct clblast_parameters {
    const char *kernel;
    size_t count;
    const char *names[16];
    size_t values[16];
} clblast_parameters;

/* CPU devices never take the direct (one-pass) kernel. The tiled one keeps its tiles in registers
 * (SA = SB = 0), 16 x 4 results a work-item in vectors of 8, two items a group: g.dense's columns
 * are 98 whole tiles of 16, and its 256 images 32 of 8. NWG may not divide 100: if all of a fits
 * whole tiles, CLBlast 1.5.3 does not copy it, and then ignores a stride of 0. */
static const clblast_parameters cpu_parameters[] = {
    {"Xgemm",
     16,
     {"GEMMK", "KREG", "KWG", "KWI", "MDIMA", "MDIMC", "MWG", "NDIMB", "NDIMC", "NWG", "SA", "SB",
      "STRM", "STRN", "VWM", "VWN"},
     {0, 1, 16, 2, 1, 1, 16, 2, 2, 8, 0, 0, 0, 0, 8, 4}},
    {"GemmRoutine", 1, {"XGEMM_MIN_INDIRECT_SIZE"}, {1}},
};

static cg_status check_clblast(const cg_runtime *rt, CLBlastStatusCode code, const char *what)
{
    if (code == CLBlastSuccess)
        return CG_OK;
    if (code == CLBlastOpenCLOutOfResources || code == CLBlastInsufficientMemoryTemp)
        return cg_fail(CG_ERR_MEMORY, "%s: %s: out of device memory", rt->info.name, what);
    return cg_fail(CG_ERR_CL, "%s: %s: CLBlast status %d", rt->info.name, what, (int)code);
}

/* CLBlast keeps its parameters per device and process. */
static cg_status override_parameters(cg_runtime *rt)
{
    if (rt->info.type != CG_DEVICE_CPU)
        return CG_OK;
    for (size_t i = 0; i < CG_COUNT(cpu_parameters); i++) {
        const clblast_parameters *p = &cpu_parameters[i];
        cg_status status = check_clblast(
            rt,
            CLBlastOverrideParameters(rt->cl->device, p->kernel, CLBlastPrecisionSingle, p->count,
                                      (const char **)p->names, p->values),
            "CLBlastOverrideParameters");
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

bool cg_gemm_serves(const cg_runtime *rt)
{
    return rt->info.max_work_group >= LARGEST_GROUP;
}

/* Row-major c = a b is column-major c^T = b^T a^T. CLBlast's tiled kernel writes columns: so it
 * takes b and c as they are, and brings only a into another order. */
static cg_status multiply(cg_runtime *rt, const size_t size[3], cg_matrix a, cg_matrix b,
                          cg_matrix c, size_t batch)
{
    return check_clblast(
        rt,
        CLBlastSgemmStridedBatched(CLBlastLayoutColMajor, CLBlastTransposeNo,
                                   a.transposed ? CLBlastTransposeYes : CLBlastTransposeNo, size[1],
                                   size[0], size[2], 1.0f, cg_buffer_mem(b.buffer), 0, b.ld,
                                   b.stride, cg_buffer_mem(a.buffer), 0, a.ld, a.stride, 0.0f,
                                   cg_buffer_mem(c.buffer), 0, c.ld, c.stride, batch,
                                   &rt->cl->queue, cg_event_next(rt, "SgemmStridedBatched")),
        "SgemmStridedBatched");
}

/* The first product, for which CLBlast builds its kernels. */
static cg_status multiply_first(cg_runtime *rt, const size_t size[3], cg_matrix a, cg_matrix b,
                                cg_matrix c, size_t batch)
{
    cg_status status = CG_OK;
    cg_compiling compiling;
    cg_caught caught;
    cg_compiling_begin(&compiling, rt, "the products", "CLBlast");
    CG_TRY(override_parameters(rt));
    cg_driver_words_catch(&caught);
    status = multiply(rt, size, a, b, c, batch);
    cg_driver_words_release(&caught);
    if (status == CG_OK)
        status = cg_runtime_finish(rt);
    rt->cl->gemm_ready = status == CG_OK;
done:
    cg_compiling_end(&compiling, rt, false);
    return status;
}

cg_status cg_gemm(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                  cg_matrix c, size_t batch)
{
    cg_status status = CG_OK;
    const size_t size[3] = {m, n, k};
    if (cg_zero_size_is_done(m) || cg_zero_size_is_done(n) || cg_zero_size_is_done(batch))
        return CG_OK;
    CG_TRY(cg_zero_size_refuse(k, rt->info.name, "a product along a dimension"));
    if (!cg_gemm_serves(rt))
        return cg_fail(CG_ERR_CL, "%s: work-groups of up to %zu are too small for CLBlast",
                       rt->info.name, rt->info.max_work_group);
    if (rt->rehearsing)
        return CG_OK;
    rt->launches++;
    CG_TRY((rt->cl->gemm_ready ? multiply : multiply_first)(rt, size, a, b, c, batch));
done:
    return status;
}
