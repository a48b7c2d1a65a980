/* The operands of a batchnorm, and how the device shares its samples out. */
#include "verify/norm_layer.h"

#include "base/try.h"
#include "cl/shared.h"
#include "ops/dense.h"

cg_status cg_norm_layer_array(double **array, cg_harness *harness, const cg_norm_layer *l)
{
    return cg_harness_array(array, harness, l->features, sizeof **array);
}

cg_status cg_norm_layer_create_checks(cg_feature_check *checks, size_t count, cg_harness *harness,
                                      const cg_norm_layer *l)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < count; i++) {
        CG_TRY(cg_norm_layer_array(&checks[i].value, harness, l));
        CG_TRY(cg_norm_layer_array(&checks[i].limit, harness, l));
    }
done:
    return status;
}

cg_status cg_norm_layer_output(cg_buffer **buffer, cg_harness *harness, const cg_norm_layer *l)
{
    return cg_harness_output(buffer, harness, cg_batchnorm_features(&l->bn) * sizeof(float));
}

/* Sets how the samples are shared out: behind a dense layer that takes the moments itself they are
 * one share, which one work-item sums. */
static void set_shares(cg_norm_layer *l, const cg_harness *harness, const cg_verify_map *m)
{
    size_t vec = harness->rt->vec;
    bool whole = m->vector && cg_dense_choose(harness->rt, m->algorithm)->normalises;
    l->chunk = whole || l->rows < CG_BATCHNORM_CHUNK ? l->rows : CG_BATCHNORM_CHUNK;
    l->slices = whole || vec > 1                 ? 1
                : l->chunk < CG_BATCHNORM_SLICES ? l->chunk
                                                 : CG_BATCHNORM_SLICES;
    l->shares = cg_ceil_div(l->rows, l->chunk);
}

cg_status cg_norm_layer_draw(cg_norm_layer *l, cg_harness *harness, const cg_verify_map *m)
{
    cg_status status = CG_OK;
    l->groups = m->in == 1 ? 1 : m->h * m->w;
    l->c = m->c;
    l->features = l->groups * m->c;
    l->rows = m->n * m->h * m->w / l->groups;
    set_shares(l, harness, m);
    CG_TRY(cg_harness_draw(&l->x, harness, l->rows * l->features, -1, 2));
    CG_TRY(cg_harness_draw(&l->gamma, harness, l->features, 0.5, 2));
    CG_TRY(cg_harness_draw(&l->beta, harness, l->features, -1, 1));
    CG_TRY(cg_harness_draw(&l->moving_mean, harness, l->features, -1, 1));
    CG_TRY(cg_harness_draw(&l->moving_variance, harness, l->features, 0.1, 2));
    CG_TRY(cg_norm_layer_array(&l->ref.mean, harness, l));
    CG_TRY(cg_norm_layer_array(&l->ref.variance, harness, l));
    l->ref.rows = l->rows;
    l->ref.channels = l->features;
    l->ref.epsilon = (double)(float)CG_NORM_EPSILON;
    l->ref.momentum = (double)(float)CG_NORM_MOMENTUM;
    l->ref.gamma = l->gamma;
    l->ref.beta = l->beta;
    l->bn.groups = l->groups;
    l->bn.slope = (float)CG_NORM_SLOPE;
    l->bn.momentum = (float)CG_NORM_MOMENTUM;
    l->bn.epsilon = (float)CG_NORM_EPSILON;
    CG_TRY(cg_harness_input_map(&l->bn.x, harness, l->x,
                                (cg_map){.n = m->n, .h = m->h, .w = m->w, .c = m->c}, 0));
    CG_TRY(cg_harness_input_features(&l->bn.gamma, harness, l->gamma, l->groups, l->c));
    CG_TRY(cg_harness_input_features(&l->bn.beta, harness, l->beta, l->groups, l->c));
    CG_TRY(cg_harness_output(&l->bn.workspace, harness, cg_batchnorm_workspace(&l->bn)));
done:
    return status;
}
