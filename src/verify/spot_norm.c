/* The spot checks of batchnorms, and of the moments that other stages take for them.
 *
 * A batchnorm merges up to Q shares of a feature's moments, and up to S slices of them; with M the
 * largest |mean| of a share, R the range of the means and v the variance, gamma = that of 8 (Q + S)
 * roundings, the mean is wrong by at most delta = gamma M, the variance by gamma v + 20 delta^2 +
 * 4 R delta (batchnorm.c). The sums of its backward pass have a term for each sample. */
#include "verify/spot_norm.h"
#include "verify/spot_models.h"

#include "base/parallel.h"
#include "base/try.h"
#include "verify/expect_norm.h"
#include "verify/moments.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDINGS = 16 };

/* The floats from one sample of a feature to the next. */
static size_t step_of(const cg_map *map, size_t groups)
{
    return groups * cg_map_lanes(map->c);
}

static size_t samples_of(const cg_map *map, size_t groups)
{
    return map->n * map->h * map->w / groups;
}

/* The index of sample 0 of feature f. */
static size_t first_of(const cg_map *map, size_t groups, size_t f)
{
    size_t row = step_of(map, groups);
    return f / row * row * samples_of(map, groups) + f % row;
}

/* ---- moments --------------------------------------------------------------------------------- */

/* All features of a map; their number is a multiple of CG_BLOCK. */
typedef struct features {
    const cg_map *map;
    size_t groups, count;
    const float *y;
    cg_exact_moments *exact; /* [count] */
} features;

/* Goes through the samples of a block of features, which lie beside each other, once. */
static void find_block(void *user, size_t block)
{
    features *all = user;
    const size_t first = block * CG_BLOCK;
    cg_exact_moments_find(all->exact + first, CG_BLOCK,
                          all->y + first_of(all->map, all->groups, first),
                          step_of(all->map, all->groups), samples_of(all->map, all->groups));
}

static void compare_feature(cg_spot *spot, cg_verify_result *result, const float *moments,
                            const features *all, size_t f)
{
    static const char *const names[] = {"samples", "mean", "variance"};
    const cg_merged_moments got = cg_merge_moments(moments, spot->moments->partials, all->count, f);
    const double found[] = {got.count, got.mean, got.squares / got.count};
    cg_approx expected[3] = {cg_approx_exact((double)samples_of(all->map, all->groups))};
    cg_expect_moments(&expected[1], &expected[2], &all->exact[f], (size_t)got.largest);
    for (size_t k = 0; k < 3; k++) {
        char where[64];
        snprintf(where, sizeof where, "the %s of feature %zu", names[k], f);
        cg_spot_compare(spot, result, where, found[k], expected[k]);
    }
}

cg_status cg_spot_compare_moments(cg_spot *spot, cg_verify_result *result)
{
    cg_status status = CG_OK;
    const cg_map *map = spot->moments_of;
    features all = {.map = map,
                    .groups = spot->moments_groups,
                    .count = cg_moments_features(map, spot->moments_groups),
                    .y = cg_spot_found(spot, map->buffer)};
    const size_t bytes = spot->moments->partials * CG_MOMENTS * all.count * sizeof(float);
    float *moments;
    assert(all.count % CG_BLOCK == 0);
    CG_TRY(cg_spot_create_memory(&moments, spot, bytes, 1));
    CG_TRY(cg_spot_create_memory(&all.exact, spot, all.count, sizeof *all.exact));
    CG_TRY(cg_buffer_download(spot->moments->buffer, 0, moments, bytes));
    cg_parallel_run(all.count / CG_BLOCK, find_block, &all);
    for (size_t f = 0; f < all.count && result->ok; f++)
        compare_feature(spot, result, moments, &all, f);
done:
    return status;
}

/* ---- forward --------------------------------------------------------------------------------- */

typedef struct forward {
    const cg_batchnorm *bn;
    size_t features;
    const float *moments, *gamma, *beta, *moving_mean, *moving_variance;
} forward;

static const cg_batchnorm *find_norm(const cg_spot *spot)
{
    static const char *const names[CG_BATCHNORMS] = {"g.bn0", "g.bn1", "g.bn2"};
    size_t i = 0;
    while (strcmp(names[i], spot->stage->name) != 0)
        i++;
    return &spot->net->bn[i];
}

static void merge(const forward *f, size_t feature, cg_approx *mean, cg_approx *variance)
{
    size_t partials = f->bn->moments->partials;
    const cg_merged_moments m = cg_merge_moments(f->moments, partials, f->features, feature);
    double largest = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < partials; i++) {
        const float *share = f->moments + i * CG_MOMENTS * f->features + feature;
        double value = (double)share[CG_MOMENT_MEAN * f->features];
        if (share[CG_MOMENT_COUNT * f->features] == 0)
            continue;
        largest = fmax(largest, fabs(value));
        low = fmin(low, value);
        high = fmax(high, value);
    }
    double gamma = cg_gamma_likely(8 * (partials + CG_BATCHNORM_SLICES)), delta = gamma * largest;
    double v = m.squares / m.count;
    *mean = (cg_approx){m.mean, delta};
    *variance = (cg_approx){v, gamma * v + 20 * delta * delta + 4 * (high - low) * delta};
}

enum { MEAN, INV_STD, SCALE, SHIFT, MOVING_MEAN, MOVING_VARIANCE, FORWARD_ARRAYS };

static void expect_feature(const forward *f, size_t feature, cg_approx expected[FORWARD_ARRAYS])
{
    cg_approx mean, variance;
    double momentum = (double)f->bn->momentum;
    merge(f, feature, &mean, &variance);
    const cg_expected_norm norm = cg_expect_norm(mean, variance, (double)f->gamma[feature],
                                                 (double)f->beta[feature], (double)f->bn->epsilon);
    expected[MEAN] = mean;
    expected[INV_STD] = norm.inv_std;
    expected[SCALE] = norm.scale;
    expected[SHIFT] = norm.shift;
    expected[MOVING_MEAN] = cg_expect_moving((double)f->moving_mean[feature], mean, momentum);
    expected[MOVING_VARIANCE] =
        cg_expect_moving((double)f->moving_variance[feature], variance, momentum);
}

#define EXPECT(which)                                                                        \
    static cg_status expect_##which(cg_spot *spot, cg_approx *expected, const size_t *index, \
                                    size_t count)                                            \
    {                                                                                        \
        for (size_t i = 0; i < count; i++) {                                                 \
            cg_approx all[FORWARD_ARRAYS];                                                   \
            expect_feature(spot->model, index[i], all);                                      \
            expected[i] = all[which];                                                        \
        }                                                                                    \
        return CG_OK;                                                                        \
    }
EXPECT(MEAN)
EXPECT(INV_STD)
EXPECT(SCALE)
EXPECT(SHIFT)
EXPECT(MOVING_MEAN)
EXPECT(MOVING_VARIANCE)

static void add_forward_outputs(cg_spot *spot, const forward *f)
{
    const cg_batchnorm *bn = f->bn;
    const cg_spot_output outputs[] = {
        {.name = "mean", .buffer = bn->mean, .expect = expect_MEAN},
        {.name = "1/std", .buffer = bn->inv_std, .expect = expect_INV_STD},
        {.name = "scale", .buffer = bn->scale, .expect = expect_SCALE},
        {.name = "shift", .buffer = bn->shift, .expect = expect_SHIFT},
        {.name = "moving mean",
         .buffer = bn->moving_mean,
         .in_place = true,
         .expect = expect_MOVING_MEAN},
        {.name = "moving variance",
         .buffer = bn->moving_variance,
         .in_place = true,
         .expect = expect_MOVING_VARIANCE},
    };
    for (size_t i = 0; i < CG_COUNT(outputs); i++) {
        cg_spot_output output = outputs[i];
        output.shape = (cg_spot_shape){{1, 1, 1, f->features}, false};
        output.every = CG_SPOT_ALL;
        cg_spot_add_output(spot, &output);
    }
}

cg_status cg_spot_norm_fwd(cg_spot *spot)
{
    cg_status status = CG_OK;
    forward *f;
    CG_TRY(cg_spot_create_memory(&f, spot, 1, sizeof *f));
    spot->model = f;
    f->bn = find_norm(spot);
    f->features = cg_batchnorm_features(f->bn);
    add_forward_outputs(spot, f);
    CG_TRY(cg_spot_fetch(&f->moments, spot, f->bn->moments->buffer));
    CG_TRY(cg_spot_fetch(&f->gamma, spot, f->bn->gamma));
    CG_TRY(cg_spot_fetch(&f->beta, spot, f->bn->beta));
    CG_TRY(cg_spot_fetch(&f->moving_mean, spot, f->bn->moving_mean));
    CG_TRY(cg_spot_fetch(&f->moving_variance, spot, f->bn->moving_variance));
done:
    return status;
}

/* ---- backward -------------------------------------------------------------------------------- */

size_t cg_spot_norm_first(const cg_spot_norm *norm, size_t f)
{
    return first_of(&norm->bn->x, norm->bn->groups, f);
}

/* The gradient before LeakyReLU, whose argument next to 0 may be on either side for the device. */
static cg_approx gradient_before(const cg_spot_norm *l, size_t f, size_t at)
{
    cg_approx product =
        cg_approx_mul(cg_approx_exact((double)l->scale[f]), cg_approx_exact((double)l->x[at]));
    cg_approx y = cg_approx_add(product, cg_approx_exact((double)l->shift[f]));
    double dy = (double)l->dy[at], slope = (double)l->bn->slope;
    cg_approx g = cg_approx_round(cg_approx_exact(y.value > 0 ? dy : slope * dy), 1);
    if (fabs(y.value) <= y.error)
        g.error += (1 - slope) * fabs(dy);
    return g;
}

static cg_approx normalised(const cg_spot_norm *l, size_t f, size_t at, bool strict)
{
    const cg_approx centred =
        cg_approx_sub(cg_approx_exact((double)l->x[at]), cg_approx_exact((double)l->mean[f]));
    return cg_approx_flush(cg_approx_mul(centred, cg_approx_exact((double)l->inv_std[f])), strict);
}

cg_approx cg_spot_norm_gradient(const cg_spot *spot, const cg_spot_norm *l, size_t f, size_t at)
{
    const bool strict = spot->net->choice.strict;
    const cg_approx samples = cg_approx_exact((double)l->samples);
    cg_approx mean_g = cg_approx_exact((double)cg_spot_found(spot, l->dbeta)[f]);
    cg_approx mean_gx = cg_approx_exact((double)cg_spot_found(spot, l->dgamma)[f]);
    mean_g = cg_approx_flush(cg_approx_div(mean_g, samples), strict);
    mean_gx = cg_approx_flush(cg_approx_div(mean_gx, samples), strict);
    cg_approx rest = cg_approx_sub(gradient_before(l, f, at), mean_g);
    rest = cg_approx_sub(rest, cg_approx_mul(normalised(l, f, at, strict), mean_gx));
    return cg_approx_mul(cg_approx_exact((double)l->scale[f]), rest);
}

/* The sums over the samples of g and of g xhat of CG_BLOCK features, which lie beside each other in
 * memory, from feature f on: plain arrays, for which there are vectors. */
typedef struct block_sums {
    double g[CG_BLOCK], gx[CG_BLOCK];
    double abs_g[CG_BLOCK], abs_gx[CG_BLOCK];       /* of absolute values */
    double unsure_g[CG_BLOCK], unsure_gx[CG_BLOCK]; /* where LeakyReLU may be on either side */
} block_sums;

static void add_sample(block_sums *restrict sums, const cg_spot_norm *l, size_t f, size_t at)
{
    const float *restrict x = l->x + at, *restrict dy = l->dy + at;
    const float *restrict scale = l->scale + f, *restrict shift = l->shift + f;
    const float *restrict mean = l->mean + f, *restrict inv_std = l->inv_std + f;
    const double slope = (double)l->bn->slope;
    for (size_t i = 0; i < CG_BLOCK; i++) {
        double product = (double)scale[i] * (double)x[i], y = product + (double)shift[i];
        double g = (y > 0 ? 1 : slope) * (double)dy[i];
        double wrong = 1.01 * CG_ROUNDING * (fabs(product) + fabs(y)); /* of y */
        double unsure = fabs(y) <= wrong ? (1 - slope) * fabs((double)dy[i]) : 0;
        double xhat = ((double)x[i] - (double)mean[i]) * (double)inv_std[i];
        sums->g[i] += g;
        sums->gx[i] += g * xhat;
        sums->abs_g[i] += fabs(g);
        sums->abs_gx[i] += fabs(g * xhat);
        sums->unsure_g[i] += unsure;
        sums->unsure_gx[i] += unsure * fabs(xhat);
    }
}

/* A term passes at most four roundings before it is added. */
static void sum_block(const cg_spot_norm *l, cg_approx expected[CG_BLOCK][2], size_t f)
{
    block_sums sums = {{0}};
    const double gamma = cg_gamma_likely(l->samples + ROUNDINGS) + cg_gamma(5);
    size_t at = cg_spot_norm_first(l, f);
    for (size_t s = 0; s < l->samples; s++, at += l->step)
        add_sample(&sums, l, f, at);
    for (size_t i = 0; i < CG_BLOCK; i++) {
        expected[i][0] = (cg_approx){sums.g[i], gamma * sums.abs_g[i] + sums.unsure_g[i]};
        expected[i][1] = (cg_approx){sums.gx[i], gamma * sums.abs_gx[i] + 1.01 * sums.unsure_gx[i]};
    }
}

static void find_sums(void *user, size_t block)
{
    cg_spot_norm *l = user;
    sum_block(l, l->sums + block * CG_BLOCK, block * CG_BLOCK);
}

static cg_status expect_sums(cg_spot *spot, size_t which, cg_approx *expected, const size_t *index,
                             size_t count)
{
    cg_spot_norm *l = *(cg_spot_norm **)spot->model;
    if (!l->summed)
        cg_parallel_run(l->features / CG_BLOCK, find_sums, l);
    l->summed = true;
    for (size_t i = 0; i < count; i++)
        expected[i] = l->sums[index[i]][which];
    return CG_OK;
}

static cg_status expect_dgamma(cg_spot *spot, cg_approx *expected, const size_t *index,
                               size_t count)
{
    return expect_sums(spot, 1, expected, index, count);
}

static cg_status expect_dbeta(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    return expect_sums(spot, 0, expected, index, count);
}

cg_status cg_spot_norm_init(cg_spot_norm *l, cg_spot *spot, const cg_batchnorm *bn,
                            const cg_map *dy, cg_buffer *dgamma, cg_buffer *dbeta)
{
    cg_status status = CG_OK;
    *l = (cg_spot_norm){.bn = bn,
                        .features = cg_batchnorm_features(bn),
                        .samples = samples_of(&bn->x, bn->groups),
                        .step = step_of(&bn->x, bn->groups),
                        .dgamma = dgamma,
                        .dbeta = dbeta};
    const cg_spot_shape shape = {{1, 1, 1, l->features}, false};
    cg_spot_add_output(spot, &(cg_spot_output){.name = "dgamma",
                                               .buffer = dgamma,
                                               .shape = shape,
                                               .every = CG_SPOT_ALL,
                                               .expect = expect_dgamma});
    cg_spot_add_output(spot, &(cg_spot_output){.name = "dbeta",
                                               .buffer = dbeta,
                                               .shape = shape,
                                               .every = CG_SPOT_ALL,
                                               .expect = expect_dbeta});
    assert(l->features % CG_BLOCK == 0);
    CG_TRY(cg_spot_create_memory(&l->sums, spot, l->features, sizeof *l->sums));
    CG_TRY(cg_spot_fetch(&l->x, spot, bn->x.buffer));
    CG_TRY(cg_spot_fetch(&l->dy, spot, dy->buffer));
    CG_TRY(cg_spot_fetch(&l->mean, spot, bn->mean));
    CG_TRY(cg_spot_fetch(&l->inv_std, spot, bn->inv_std));
    CG_TRY(cg_spot_fetch(&l->scale, spot, bn->scale));
    CG_TRY(cg_spot_fetch(&l->shift, spot, bn->shift));
    cg_spot_add_scratch(spot, bn->workspace, SIZE_MAX);
done:
    return status;
}

typedef struct backward {
    cg_spot_norm *norm; /* first: norm_of() */
    cg_spot_norm own;
    cg_map dy;
} backward;

static cg_status expect_dx(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count)
{
    const backward *b = spot->model;
    const cg_spot_shape shape = cg_spot_map_shape(&b->dy, b->dy.n);
    for (size_t i = 0; i < count; i++) {
        size_t at[4];
        cg_spot_locate(at, &shape, index[i]);
        expected[i] = cg_spot_norm_gradient(spot, b->norm, at[3], index[i]); /* groups = 1 */
    }
    return CG_OK;
}

cg_status cg_spot_norm_bwd(cg_spot *spot)
{
    cg_status status = CG_OK;
    cg_network *net = spot->net;
    const cg_batchnorm *bn = find_norm(spot);
    const size_t i = (size_t)(bn - net->bn);
    const cg_map maps[CG_BATCHNORMS] = {net->dh0, net->dh1, net->dh2};
    cg_buffer *const *grads = net->arenas[CG_ARENA_GRADS].view;
    size_t gamma = CG_G_BN0_GAMMA + 3 * i; /* a layer is weight, gamma, beta */
    backward *b;
    CG_TRY(cg_spot_create_memory(&b, spot, 1, sizeof *b));
    spot->model = b;
    b->norm = &b->own;
    b->dy = maps[i];
    cg_spot_add_output(spot, &(cg_spot_output){.name = spot->stage->writes[0].name,
                                               .buffer = b->dy.buffer,
                                               .shape = cg_spot_map_shape(&b->dy, b->dy.n),
                                               .in_place = true,
                                               .changes = true,
                                               .every = CG_SPOT_GROUP,
                                               .expect = expect_dx});
    CG_TRY(cg_spot_norm_init(b->norm, spot, bn, &b->dy, grads[gamma], grads[gamma + 1]));
done:
    return status;
}
