/* Checks of the measures' kernels: the sums by running error analysis (approx.h), neighbours
 * exactly. */
#include "eval/verify_measures.h"

#include "base/memory.h"
#include "base/try.h"
#include "eval/kernels.h"
#include "eval/neighbours.h"
#include "eval/points.h"
#include "nn/classifier.h"
#include "verify/approx.h"
#include "verify/cases.h"
#include "verify/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the kernel distance --------------------------------------------------------------------- */

enum { DIMENSIONS = 7 };

static cg_approx term(double product)
{
    const cg_approx three = cg_approx_exact(3);
    cg_approx scale = cg_approx_round(cg_approx_exact(1.0 / DIMENSIONS), 1);
    cg_approx s = cg_approx_mul(cg_approx_exact(product), scale);
    cg_approx inner = cg_approx_add(cg_approx_mul(s, cg_approx_add(s, three)), three);
    return cg_approx_mul(s, inner);
}

cg_status cg_verify_kernel_distance_sum(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const size_t rows = check->array.count, columns = check->array.other;
    const size_t chunk = CG_KERNEL_DISTANCE_CHUNK, sums = cg_ceil_div(rows, chunk) * columns;
    const bool same = check->array.seed == 1;
    double *products, *expected, *limits;
    cg_buffer *input, *partial;

    CG_TRY(cg_harness_draw(&products, harness, rows * columns, -2 * DIMENSIONS, 2 * DIMENSIONS));
    CG_TRY(cg_harness_array(&expected, harness, sums, sizeof *expected));
    CG_TRY(cg_harness_array(&limits, harness, sums, sizeof *limits));
    for (size_t i = 0; i < sums; i++) {
        cg_approx sum = {0};
        size_t q = i % columns, first = i / columns * chunk;
        for (size_t p = first; p < rows && p < first + chunk; p++)
            if (!same || p != q)
                sum = cg_approx_add(sum, term(products[p * columns + q]));
        expected[i] = sum.value;
        limits[i] = sum.error;
    }
    CG_TRY(cg_harness_input(&input, harness, products, rows * columns));
    CG_TRY(cg_harness_output(&partial, harness, sums * sizeof(float)));
    CG_TRY(cg_kernel_distance_sum(harness->rt, partial, input, rows, columns, DIMENSIONS, same));
    CG_TRY(cg_harness_compare(harness, "partial", partial, expected, limits, sums));
done:
    return status;
}

/* ---- neighbours ------------------------------------------------------------------------------ */

/* Squared distances are above 0, most of them around FAR_OFF: a point that is left out would not
 * show among many that are 0. */
enum { LARGEST = 20, FAR_OFF = 60, ABSENT = 3 /* the last of a tile's points: there are none */ };

/* Pairs on both sides; squared lengths, products and radii are drawn as if they had nothing to do
 * with each other. */
typedef struct drawn {
    cg_pairs pairs;
    double *products, *query_squares, *point_squares, *query_radii, *point_radii;
} drawn;

static cg_status draw_array(const cg_buffer **buffer, double **values, cg_harness *harness,
                            size_t n, double low, double high, size_t absent)
{
    cg_status status = CG_OK;
    cg_buffer *made;
    CG_TRY(cg_harness_draw(values, harness, n, low, high));
    for (size_t i = n - absent; i < n; i++)
        (*values)[i] = INFINITY;
    CG_TRY(cg_harness_input(&made, harness, *values, n));
    *buffer = made;
done:
    return status;
}

static cg_status draw_pairs(drawn *d, cg_harness *harness, size_t queries, size_t points)
{
    cg_status status = CG_OK;
    cg_pairs *p = &d->pairs;
    harness->integers = true;
    p->queries = queries;
    p->points = points;
    CG_TRY(draw_array(&p->products, &d->products, harness, queries * points, -LARGEST, LARGEST, 0));
    CG_TRY(draw_array(&p->query_squares, &d->query_squares, harness, queries, FAR_OFF,
                      FAR_OFF + LARGEST, 0));
    CG_TRY(draw_array(&p->point_squares, &d->point_squares, harness, points, 0, LARGEST, ABSENT));
    CG_TRY(draw_array(&p->query_radii, &d->query_radii, harness, queries, 0, 2 * FAR_OFF, 0));
    CG_TRY(draw_array(&p->point_radii, &d->point_radii, harness, points, 0, 2 * FAR_OFF, 0));
done:
    return status;
}

static double square_between(const drawn *d, size_t q, size_t p)
{
    return fmax(
        d->query_squares[q] + d->point_squares[p] - 2 * d->products[p * d->pairs.queries + q], 0);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A search's results, and the squared distances of one query from all points. */
typedef struct found {
    size_t queries, points, count;
    float *nearest; /* [count][queries] */
    int32_t *index; /* [count][queries]         */
    double *squares, *sorted;
} found;

/* The second tile's points are far from the first one's, as the last of a data set are. */
enum { TILES = 2, FAR = 58000 };

/* Returns the place of a point among those of both tiles; f->points: it is none of them. */
static size_t find_place(const found *f, int32_t who)
{
    const size_t tile = f->points / TILES;
    if (who >= 0 && (size_t)who < tile)
        return (size_t)who;
    return who >= FAR && (size_t)who - FAR < tile ? (size_t)who - FAR + tile : f->points;
}

/* The right distances; at each a point that lies there, none of them twice. */
static void compare_query(cg_harness *harness, const found *f, size_t q)
{
    memcpy(f->sorted, f->squares, f->points * sizeof *f->sorted);
    qsort(f->sorted, f->points, sizeof *f->sorted, compare);
    for (size_t i = 0; i < f->count; i++) {
        size_t at = i * f->queries + q;
        double nearest = (double)f->nearest[at];
        int32_t who = f->index[at];
        cg_harness_compare_one(harness, "nearest", at, nearest, f->sorted[i], 0);
        const size_t place = find_place(f, who);
        if (place == f->points || f->squares[place] != nearest)
            cg_harness_fail(harness, "index[%zu] is %d, which is not %g away", at, (int)who,
                            nearest);
        for (size_t other = 0; other < i; other++)
            if (f->index[other * f->queries + q] == who)
                cg_harness_fail(harness, "query %zu has neighbour %d twice", q, (int)who);
    }
}

static cg_status make_found(found *f, cg_harness *harness)
{
    cg_status status = CG_OK;
    const size_t words = f->count * f->queries;
    CG_TRY(cg_harness_array(&f->nearest, harness, words, sizeof *f->nearest));
    CG_TRY(cg_harness_array(&f->index, harness, words, sizeof *f->index));
    CG_TRY(cg_harness_array(&f->squares, harness, f->points, sizeof *f->squares));
    CG_TRY(cg_harness_array(&f->sorted, harness, f->points, sizeof *f->sorted));
done:
    return status;
}

cg_status cg_verify_neighbours_find(cg_harness *harness, const cg_verify_case *check)
{
    enum { EVERY = 7 }; /* queries have one that is compared */
    cg_status status = CG_OK;
    const size_t points = check->array.other; /* of a tile */
    found f = {.queries = check->array.count,
               .points = TILES * points,
               .count = (size_t)check->array.seed};
    const size_t bytes = f.count * f.queries * sizeof(float);
    drawn tiles[TILES];
    cg_buffer *nearest, *index;

    CG_TRY(make_found(&f, harness));
    CG_TRY(cg_harness_output(&nearest, harness, bytes));
    CG_TRY(cg_harness_output(&index, harness, bytes));
    CG_TRY(cg_buffer_fill(nearest, 0x7F800000)); /* infinity */
    for (size_t t = 0; t < TILES; t++) {
        CG_TRY(draw_pairs(&tiles[t], harness, f.queries, points));
        CG_TRY(cg_neighbours_find(harness->rt, nearest, index, f.count, &tiles[t].pairs, t * FAR));
    }
    CG_TRY(cg_buffer_download(nearest, 0, f.nearest, bytes));
    CG_TRY(cg_buffer_download(index, 0, f.index, bytes));
    for (size_t q = 0; q < f.queries; q += EVERY) {
        for (size_t p = 0; p < f.points; p++)
            f.squares[p] = square_between(&tiles[p / points], q, p % points);
        compare_query(harness, &f, q);
    }
done:
    return status;
}

cg_status cg_verify_neighbours_count(cg_harness *harness, const cg_verify_case *check)
{
    enum { BEFORE = 5 }; /* what was counted in other tiles */
    cg_status status = CG_OK;
    const size_t queries = check->array.count, points = check->array.other;
    cg_buffer *inside, *around;
    int32_t *got[2];
    drawn d;

    CG_TRY(draw_pairs(&d, harness, queries, points));
    CG_TRY(cg_harness_output(&inside, harness, queries * sizeof *got[0]));
    CG_TRY(cg_harness_output(&around, harness, queries * sizeof *got[0]));
    CG_TRY(cg_buffer_fill(inside, BEFORE));
    CG_TRY(cg_buffer_fill(around, BEFORE));
    CG_TRY(cg_neighbours_count(harness->rt, inside, around, &d.pairs));
    for (size_t i = 0; i < 2; i++) {
        CG_TRY(cg_harness_array(&got[i], harness, queries, sizeof *got[i]));
        CG_TRY(cg_buffer_download(i ? around : inside, 0, got[i], queries * sizeof *got[i]));
    }
    for (size_t q = 0; q < queries; q++) {
        int in = BEFORE, over = BEFORE;
        for (size_t p = 0; p < points; p++) {
            in += square_between(&d, q, p) < d.query_radii[q];
            over += square_between(&d, q, p) < d.point_radii[p];
        }
        cg_harness_compare_one(harness, "inside", q, got[0][q], in, 0);
        cg_harness_compare_one(harness, "around", q, got[1][q], over, 0);
    }
done:
    return status;
}

/* ---- products of points ---------------------------------------------------------------------- */

enum { TERMS = 30000000 /* that are added, of rows that are compared */ };

/* The products of one point with all. */
static void compare_products(cg_harness *harness, const float *got, const double *values,
                             size_t row, size_t n, size_t d)
{
    for (size_t i = 0; i < n; i++) {
        const double *a = values + row * d, *b = values + i * d;
        double sum = 0;
        for (size_t k = 0; k < d; k++)
            sum += a[k] * b[k];
        cg_harness_compare_one(harness, "products", row * n + i, (double)got[i], sum, 0);
    }
}

cg_status cg_verify_points(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const size_t n = check->array.count, d = check->array.other;
    cg_points points = {0};
    double *values;
    float *x, *got;
    cg_buffer *products;

    harness->integers = true;
    CG_TRY(cg_harness_draw(&values, harness, n * d, -3, 3));
    CG_TRY(cg_harness_array(&x, harness, n * d, sizeof *x));
    for (size_t i = 0; i < n * d; i++)
        x[i] = (float)values[i];
    CG_TRY(cg_points_init(&points, harness->rt, n, d));
    CG_TRY(cg_points_upload(&points, x, NULL, n, NULL));
    CG_TRY(cg_harness_array(&got, harness, points.rows * points.rows, sizeof *got));
    CG_TRY(cg_harness_output(&products, harness, points.rows * points.rows * sizeof *got));
    CG_TRY(cg_points_multiply(harness->rt, products, &points, &points));
    CG_TRY(cg_buffer_download(products, 0, got, points.rows * points.rows * sizeof *got));
    if (harness->rt->rehearsing)
        goto done;
    const size_t step = n * n * d / TERMS | 1; /* odd: other rows of each tile */
    for (size_t row = 0; row < n; row += step)
        compare_products(harness, got + row * points.rows, values, row, n, d);
done:
    cg_points_deinit(&points);
    return status;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Queries are as many as in a tile of an evaluation, for which kernels have as many work-groups and
 * are built in the same way; of points there are a part, as a work-item takes them one by one. */
enum { QUERIES = CG_NEIGHBOURS_QUERIES, POINTS = 544 };

/* The checks of a brief evaluation come first. Kernels are built for the numbers of neighbours and
 * of dimensions. */
static const cg_verify_case measures[] = {
    ARRAY("classifier", classifier_fwd, .count = 256),
    {.name = "products of features",
     .run = cg_verify_points,
     .array = {.count = QUERIES, .other = CG_FEATURES}},
    {.name = "nearest neighbours",
     .run = cg_verify_neighbours_find,
     .array = {.count = QUERIES, .other = POINTS, .seed = CG_NEIGHBOURS + 1}},
    {.name = "neighbours within reach",
     .run = cg_verify_neighbours_count,
     .array = {.count = QUERIES, .other = POINTS}},
    {.name = "products of pixels",
     .run = cg_verify_points,
     .array = {.count = QUERIES, .other = CG_PIXELS}},
    {.name = "nearest neighbour",
     .run = cg_verify_neighbours_find,
     .array = {.count = QUERIES, .other = POINTS, .seed = 1}},
    {.name = "kernel distance",
     .run = cg_verify_kernel_distance_sum,
     .array = {.count = 15 * CG_KERNEL_DISTANCE_CHUNK + 1, .other = 80}},
};

enum { BRIEF = 4 };

const cg_verify_case *cg_verify_measures_list(size_t *count, bool brief)
{
    *count = brief ? BRIEF : CG_COUNT(measures);
    return measures;
}

/* More images than a kernel takes together, and nearly as many parameters as the classifier has. */
enum { IMAGES = 72, PARAMETERS = 1 << 19 };

/* The classifier's layers; each pass with what is fused with it, as far as a check has it. */
#define LAYER1 .n = IMAGES, .h = 28, .w = 28, .large_c = 1, .small_c = 32, .kernel = 5, .stride = 2
#define LAYER2 .n = IMAGES, .h = 14, .w = 14, .large_c = 32, .small_c = 64, .kernel = 5, .stride = 2
#define LAYER3 .n = IMAGES, .h = 7, .w = 7, .large_c = 64, .small_c = 128, .kernel = 7, .stride = 7
#define LAYER4 \
    .n = IMAGES, .h = 1, .w = 1, .large_c = 128, .small_c = CG_CLASSES, .kernel = 1, .stride = 1
#define BACK(layer, of) CONV(layer " bwd_weight", WEIGHT, of, .integers = true)
#define BACK_INTO(layer, of) \
    CONV(layer " bwd_data", UP, of, .store = CG_STORE_GATES, .extra = 1, .integers = true)

static const cg_verify_case training[] = {
    ARRAY("classifier", classifier_fwd, .count = 256),
    ARRAY("random mask", random_mask, .count = 5000, .seed = 2),
    {.name = "gather",
     .run = cg_verify_gather_images,
     .gather = {.count = 11, .h = 28, .w = 28, .first = 1, .n = 10}},
    MAP("softmax", softmax, .n = 37, .c = CG_CLASSES, .extra = 1),
    BACK("conv1", LAYER1),
    BACK("conv2", LAYER2),
    BACK_INTO("conv2", LAYER2),
    BACK("features", LAYER3),
    BACK_INTO("features", LAYER3),
    BACK("logits", LAYER4),
    BACK_INTO("logits", LAYER4),
    ARRAY("adam", adam, .count = PARAMETERS, .other = 3),
};

const cg_verify_case *cg_verify_classifier_list(size_t *count)
{
    *count = CG_COUNT(training);
    return training;
}
