/* The table of convolution algorithms: which one is taken, what it says that it does, what neither
 * groups, variants nor kept spectra change, and what is refused. Numbers: test_conv2d.c. */
#include "verify/harness.h"
#include "ops/conv2d_algorithm.h"
#include "device.h"

#include <math.h>
#include <string.h>

/* ---- choices and counts ---------------------------------------------------------------------- */

static const cg_conv2d_shape *network_shape(size_t i, cg_conv2d_shape *shape)
{
    const cg_conv2d_shape shapes[] = {cg_conv2d_shape_same(2, 7, 7, 128, 256, 5, 1),
                                      cg_conv2d_shape_same(2, 14, 14, 64, 128, 5, 2),
                                      cg_conv2d_shape_same(2, 28, 28, 1, 64, 5, 2)};
    *shape = shapes[i];
    return shape;
}

START_TEST(default_algorithms)
{
    bool cpu = cg_runtime_device(device)->type == CG_DEVICE_CPU;
    for (size_t i = 0; i < 3; i++) {
        for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
            cg_conv2d call = {.pass = (cg_conv2d_pass)pass};
            network_shape(i, &call.shape);
            const cg_conv2d_algorithm *a = cg_conv2d_choose(device, &call);
            ck_assert_ptr_nonnull(a);
            if (!cpu)
                ck_assert(cg_conv2d_suits(device, a));
            else if (cg_runtime_device(device)->local_mem_bytes >= 256u << 10)
                ck_assert_str_eq(a->variants->name, i == 2 ? "image" : "fourier");
        }
    }
}
END_TEST

START_TEST(flop_counts)
{
    cg_conv2d_shape s = cg_conv2d_shape_same(3, 28, 28, 2, 5, 5, 2);
    ck_assert_double_eq(cg_conv2d_flop_nominal(&s), 2.0 * 3 * 14 * 14 * 25 * 2 * 5);
    /* Along an axis 14 outputs meet 5 taps each, but for one at the start and two at the end. */
    ck_assert_double_eq(cg_conv2d_flop_real(&s), 2.0 * 3 * 67 * 67 * 2 * 5);
}
END_TEST

static double flop_done(const char *algorithm, cg_conv2d_pass pass, cg_conv2d_shape shape)
{
    cg_conv2d call = {.algorithm = algorithm, .pass = pass, .shape = shape};
    return cg_conv2d_flop_done(device, &call);
}

START_TEST(algorithms_count_what_they_do)
{
    cg_conv2d_shape even = cg_conv2d_shape_same(64, 14, 14, 64, 128, 5, 2), odd = even, image;
    odd.n = 3, odd.large_c = 3, odd.small_c = 17;
    network_shape(2, &image);
    for (cg_conv2d_pass p = CG_CONV2D_DOWN; p < CG_CONV2D_PASSES; p++) {
        double real = cg_conv2d_flop_real(&even);
        ck_assert_double_eq(flop_done("plain", p, even), real);
        ck_assert_double_eq(flop_done("tiled", p, even), real);
        ck_assert_double_eq(flop_done("plain", p, odd), cg_conv2d_flop_real(&odd));
        ck_assert_double_gt(flop_done("tiled", p, odd), cg_conv2d_flop_real(&odd));
        ck_assert_double_ge(flop_done("canvas", p, image), cg_conv2d_flop_nominal(&image));
        /* 30 complex and 4 real frequencies of 4 phases; then the transforms. */
        double products = 2.0 * 94 * 64 * 4 * 64 * 128, all = flop_done("fourier_tiled", p, even);
        ck_assert_double_gt(all, products);
        ck_assert_double_lt(all, 1.5 * products);
    }
    ck_assert_double_eq(flop_done("canvas", CG_CONV2D_DOWN, image), cg_conv2d_flop_nominal(&image));
    ck_assert_double_eq(flop_done("fast", CG_CONV2D_DOWN, even), 0);
}
END_TEST

/* A lane of a map: 8 rows and 8 columns are transformed, each by 6 sums and a multiply-add for each
 * of 11 cosines and 8 sines that are not 0 and 5 more for the middle; then complex columns add up.
 */
START_TEST(kept_spectra_cost_nothing)
{
    double row = 6 + 2 * (11 + 8 + 5), plane = (8 + 8) * row + 2 * 3 * 8;
    cg_conv2d call = {.algorithm = "fourier_tiled", .pass = CG_CONV2D_WEIGHT};
    call.shape = cg_conv2d_shape_same(1, 8, 8, 32, 32, 1, 1);
    double all = cg_conv2d_flop_done(device, &call);
    call.unchanged[CG_CONV2D_LARGE] = true;
    ck_assert_double_eq(all - cg_conv2d_flop_done(device, &call), 32 * plane);
    call.unchanged[CG_CONV2D_WEIGHTS] = true; /* they are written */
    ck_assert_double_eq(all - cg_conv2d_flop_done(device, &call), 32 * plane);
}
END_TEST

START_TEST(bytes_are_those_of_the_arrays)
{
    cg_buffer some = {0};
    cg_conv2d call = {.pass = CG_CONV2D_DOWN, .shape = cg_conv2d_shape_same(3, 28, 28, 1, 5, 5, 2)};
    double large = 3 * 28 * 28, small = 3 * 14 * 14 * 32, weights = 25 * 5;
    ck_assert_double_eq(cg_conv2d_bytes(device, &call), 4 * (large + small + weights));
    call.epilogue.mask = &some;
    call.epilogue.saved = &some;
    ck_assert_double_eq(cg_conv2d_bytes(device, &call), 4 * (large + small + weights) + 5 * small);
    call.pass = CG_CONV2D_UP;
    ck_assert_double_eq(cg_conv2d_bytes(device, &call), 4 * (large + small + weights) + 5 * large);
    call.epilogue.activation = CG_ACT_LEAKY; /* makes gates of the mask */
    ck_assert_double_eq(cg_conv2d_bytes(device, &call), 4 * (large + small + weights) + 6 * large);
}
END_TEST

/* ---- the same bits --------------------------------------------------------------------------- */

static cg_buffer *buffer_of(size_t floats)
{
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, floats * sizeof(float)), CG_OK);
    return buffer;
}

/* A weight gradient with all its arrays. */
typedef struct gradient {
    cg_conv2d call;
    cg_spectrum spectra[CG_CONV2D_OPERANDS];
    float weights[9 * 2 * 3];
} gradient;

enum { GRADIENT_IMAGES = 11 }; /* more than a group of any kernel has */

static void fill_map(cg_map *map, float first)
{
    float values[GRADIENT_IMAGES * 7 * 7 * 3];
    for (size_t i = 0; i < map->n * map->h * map->w * map->c; i++)
        values[i] = (first + (float)i) / 3;
    ck_assert_int_eq(cg_map_upload(map, values), CG_OK);
}

static void gradient_init(gradient *g, const char *algorithm, size_t large_c)
{
    *g = (gradient){.call = {.pass = CG_CONV2D_WEIGHT, .algorithm = algorithm}};
    cg_conv2d *c = &g->call;
    c->shape = cg_conv2d_shape_same(GRADIENT_IMAGES, 7, 7, large_c, 3, 3, 1);
    c->large = (cg_map){.n = GRADIENT_IMAGES, .h = 7, .w = 7, .c = large_c};
    c->small = (cg_map){.n = GRADIENT_IMAGES, .h = 7, .w = 7, .c = 3};
    c->workspace = buffer_of(cg_conv2d_workspace(device, c) / sizeof(float) + 1);
    c->large.buffer = buffer_of(cg_map_floats(&c->large));
    c->small.buffer = buffer_of(cg_map_floats(&c->small));
    c->weight = buffer_of(CG_COUNT(g->weights));
    fill_map(&c->large, 1);
    fill_map(&c->small, 2);
    for (int o = 0; o < CG_CONV2D_OPERANDS; o++) {
        c->spectrum[o] = &g->spectra[o];
        size_t bytes = cg_conv2d_spectrum(device, c, (cg_conv2d_operand)o);
        g->spectra[o].buffer = buffer_of(bytes / sizeof(float) + 1);
    }
}

static void gradient_deinit(gradient *g)
{
    for (int o = 0; o < CG_CONV2D_OPERANDS; o++)
        cg_buffer_release(g->spectra[o].buffer);
    cg_buffer_release(g->call.large.buffer);
    cg_buffer_release(g->call.small.buffer);
    cg_buffer_release(g->call.weight);
    cg_buffer_release(g->call.workspace);
}

static const float *gradient_run(gradient *g)
{
    ck_assert_int_eq(cg_conv2d_enqueue(device, &g->call), CG_OK);
    ck_assert_int_eq(cg_buffer_download(g->call.weight, 0, g->weights, sizeof g->weights), CG_OK);
    return g->weights;
}

/* An operand that is said to be unchanged is not transformed again, and so is what it was; but only
 * if the same map was transformed before. */
START_TEST(spectra_are_reused_where_nothing_changed)
{
    static const char *const algorithms[] = {"fourier", "fourier_tiled"};
    gradient g, other;
    float first[CG_COUNT(g.weights)];
    gradient_init(&g, algorithms[_i], 2);
    if (!cg_conv2d_choose(device, &g.call)) {
        gradient_deinit(&g);
        return;
    }
    gradient_init(&other, algorithms[_i], 2);
    g.call.unchanged[CG_CONV2D_LARGE] = true; /* nothing is there yet */
    memcpy(first, gradient_run(&g), sizeof first);
    ck_assert_mem_eq(first, gradient_run(&other), sizeof first);
    size_t launches = device->launches;
    fill_map(&g.call.large, 100);
    ck_assert_mem_eq(first, gradient_run(&g), sizeof first);
    ck_assert_uint_eq(device->launches - launches, 3); /* small map, products, back */
    g.call.unchanged[CG_CONV2D_LARGE] = false;
    ck_assert_mem_ne(first, gradient_run(&g), sizeof first);
    g.call.unchanged[CG_CONV2D_LARGE] = true;
    cg_map own = g.call.large;
    g.call.large = other.call.large; /* another map: the spectrum is not its */
    ck_assert_mem_eq(first, gradient_run(&g), sizeof first);
    g.call.large = own;
    g.call.spectrum[CG_CONV2D_SMALL] = NULL; /* no room */
    ck_assert_int_eq(cg_conv2d_enqueue(device, &g.call), CG_ERR_SHAPE);
    gradient_deinit(&g);
    gradient_deinit(&other);
}
END_TEST

/* The spectra of "fourier" can be read by "fourier_tiled". */
START_TEST(spectra_have_one_layout)
{
    gradient g;
    float first[CG_COUNT(g.weights)];
    gradient_init(&g, "fourier_tiled", 2);
    memcpy(first, gradient_run(&g), sizeof first);
    g.call.algorithm = "fourier";
    if (cg_conv2d_choose(device, &g.call)) {
        gradient_run(&g);
        g.call.algorithm = "fourier_tiled";
        g.call.unchanged[CG_CONV2D_LARGE] = g.call.unchanged[CG_CONV2D_SMALL] = true;
        size_t launches = device->launches;
        gradient_run(&g);
        ck_assert_uint_eq(device->launches - launches, 2); /* products, back */
        for (size_t i = 0; i < CG_COUNT(first); i++)
            ck_assert_float_eq_tol(g.weights[i], first[i], 1e-5f * fabsf(first[i]));
    }
    gradient_deinit(&g);
}
END_TEST

/* The order of the weight gradient's sums does not depend on how large groups the device allows. */
START_TEST(smaller_groups_give_the_same_bits)
{
    static const struct {
        const char *algorithm;
        size_t large_c;
    } cases[] = {{"tiled", 2}, {"canvas", 1}, {"fourier_tiled", 2}};
    gradient g;
    float first[CG_COUNT(g.weights)];
    size_t most = device->info.max_work_group, size = 9 * cases[_i].large_c * 3 * sizeof(float);
    gradient_init(&g, cases[_i].algorithm, cases[_i].large_c);
    memcpy(first, gradient_run(&g), sizeof first);
    device->info.max_work_group = 32;
    ck_assert_mem_eq(first, gradient_run(&g), size);
    device->info.max_work_group = most;
    gradient_deinit(&g);
}
END_TEST

/* The sums that the transforms take along, whose groups have 8, 4, 2 or 1 images, do not depend on
 * it either: a bias's gradient, and the moments of a result. */
START_TEST(smaller_groups_give_the_same_sums)
{
    static const cg_conv2d_pass passes[] = {CG_CONV2D_WEIGHT, CG_CONV2D_UP, CG_CONV2D_DOWN};
    enum { FLOATS = 2 * 3 * CG_BLOCK };
    float first[FLOATS], sums[FLOATS];
    size_t most = device->info.max_work_group;
    size_t lanes = CG_BLOCK / device->vec, least = lanes > 16 ? lanes : 16; /* that it takes */
    gradient g;
    gradient_init(&g, "fourier_tiled", 2);
    cg_moments moments = {.buffer = buffer_of(FLOATS)};
    cg_buffer *db = buffer_of(CG_BLOCK);
    g.call.pass = passes[_i];
    g.call.db = _i == 0 ? db : NULL;
    g.call.moments = _i == 0 ? NULL : &moments;
    cg_buffer *written = _i == 0 ? db : moments.buffer;
    size_t bytes = (_i == 0 ? CG_BLOCK : FLOATS) * sizeof(float);
    for (int run = 0; run < 2; run++) {
        device->info.max_work_group = run ? least : most;
        ck_assert_int_eq(cg_conv2d_enqueue(device, &g.call), CG_OK);
        ck_assert_int_eq(cg_buffer_download(written, 0, run ? sums : first, bytes), CG_OK);
    }
    device->info.max_work_group = most;
    ck_assert_mem_eq(first, sums, bytes);
    cg_buffer_release(moments.buffer);
    cg_buffer_release(db);
    gradient_deinit(&g);
}
END_TEST

/* It does not depend on a variant either: tuning changes a run's bits only by other algorithms.
 */
START_TEST(variants_give_the_same_bits)
{
    const cg_conv2d_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++) {
        gradient g;
        size_t large_c = algorithm == &cg_conv2d_canvas || algorithm == &cg_conv2d_image ? 1 : 2;
        gradient_init(&g, algorithm->variants->name, large_c);
        if (cg_conv2d_choose(device, &g.call)) {
            float first[CG_COUNT(g.weights)];
            memcpy(first, gradient_run(&g), sizeof first);
            for (const cg_variant *v = algorithm->variants + 1; v->name; v++) {
                g.call.algorithm = v->name;
                ck_assert_mem_eq(first, gradient_run(&g), 9 * large_c * 3 * sizeof(float));
            }
        }
        gradient_deinit(&g);
    }
}
END_TEST

/* A pass of `direct` runs on a device with so much local memory; the values are what it writes. */
static void run_direct(float *values, size_t count, gradient *g, cg_conv2d_pass pass, size_t bytes)
{
    const cg_buffer *const written[] = {g->call.small.buffer, g->call.large.buffer, g->call.weight};
    size_t all = device->info.local_mem_bytes;
    device->info.local_mem_bytes = bytes;
    g->call.pass = pass;
    fill_map(&g->call.large, 1);
    fill_map(&g->call.small, 2);
    ck_assert_int_eq(cg_buffer_upload(g->call.weight, 0, g->weights, sizeof g->weights), CG_OK);
    ck_assert_int_eq(cg_conv2d_enqueue(device, &g->call), CG_OK);
    ck_assert_int_eq(cg_buffer_download(written[pass], 0, values, count * sizeof *values), CG_OK);
    device->info.local_mem_bytes = all;
}

/* Little local memory has room for fewer images of `direct`, and then for a part of one: one image
 * of each map, and bands of one row and of two rows. */
START_TEST(little_local_memory_gives_the_same_bits)
{
    enum { ROW = 7 * CG_BLOCK * sizeof(float), LEAST = 4 * ROW };
    static const size_t bytes[] = {2 * 7 * ROW, 7 * ROW, 6 * ROW, LEAST};
    static const size_t counts[] = {GRADIENT_IMAGES * 49 * CG_BLOCK,
                                    GRADIENT_IMAGES * 49 * CG_BLOCK, 9 * 2 * 3};
    float first[GRADIENT_IMAGES * 49 * CG_BLOCK], again[GRADIENT_IMAGES * 49 * CG_BLOCK];
    cg_conv2d_pass pass = (cg_conv2d_pass)_i;
    gradient g;
    gradient_init(&g, "direct", 2);
    for (size_t i = 0; i < CG_COUNT(g.weights); i++)
        g.weights[i] = (float)(i + 1) / 7;
    if (cg_conv2d_choose(device, &g.call)) {
        run_direct(first, counts[pass], &g, pass, device->info.local_mem_bytes);
        for (size_t i = 0; i < CG_COUNT(bytes); i++) {
            run_direct(again, counts[pass], &g, pass, bytes[i] + 1);
            ck_assert_mem_eq(again, first, counts[pass] * sizeof *first);
        }
    }
    gradient_deinit(&g);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

/* A call by `plain` that is sound. */
static cg_conv2d create_sound_call(void)
{
    cg_conv2d call = {.pass = CG_CONV2D_WEIGHT, .algorithm = "plain"};
    call.shape = cg_conv2d_shape_same(2, 7, 7, 2, 3, 3, 1);
    call.large = (cg_map){.n = 2, .h = 7, .w = 7, .c = 2};
    call.small = (cg_map){.n = 2, .h = 7, .w = 7, .c = 3};
    call.large.buffer = buffer_of(cg_map_floats(&call.large));
    call.small.buffer = buffer_of(cg_map_floats(&call.small));
    call.weight = buffer_of(9 * 2 * 3);
    call.workspace = buffer_of(1 << 16); /* enough for all that is refused here */
    ck_assert_int_eq(cg_conv2d_enqueue(device, &call), CG_OK);
    return call;
}

static void release_call(const cg_conv2d *call)
{
    cg_buffer_release(call->large.buffer);
    cg_buffer_release(call->small.buffer);
    cg_buffer_release(call->weight);
    cg_buffer_release(call->workspace);
}

static void keep_line(void *user, cg_log_level level, const char *line)
{
    (void)level;
    snprintf(user, 256, "%s", line);
}

/* The call is refused for this reason, not for another one. */
static void expect_refusal(cg_conv2d bad, const char *reason)
{
    char line[256] = "";
    cg_log_set_handler(keep_line, line);
    const cg_status status = cg_conv2d_enqueue(device, &bad);
    cg_log_set_handler(NULL, NULL);
    ck_assert_int_eq(status, CG_ERR_SHAPE);
    ck_assert_msg(strstr(line, reason), "'%s' is not in '%s'", reason, line);
}

START_TEST(algorithms_that_do_not_fit_are_refused)
{
    const cg_conv2d call = create_sound_call();
    cg_conv2d bad = call;
    bad.algorithm = "fast"; /* there is none */
    expect_refusal(bad, "'fast' does not serve");
    bad.algorithm = "image"; /* is for one channel */
    expect_refusal(bad, "'image' does not serve");
    bad.algorithm = "direct";
    bad.workspace = NULL;
    expect_refusal(bad, "bytes of workspace");
    release_call(&call);
}
END_TEST

START_TEST(maps_that_do_not_fit_are_refused)
{
    const cg_conv2d call = create_sound_call();
    cg_conv2d bad = call;
    bad.shape.n = 3; /* more than the maps have room for */
    expect_refusal(bad, "the shape of the call");
    bad = call;
    bad.small.c = 4;
    expect_refusal(bad, "the shape of the call");
    bad = call;
    bad.shape.n = 0;
    expect_refusal(bad, "the shape of the call");
    release_call(&call);
}
END_TEST

START_TEST(results_that_do_not_fit_are_refused)
{
    const cg_conv2d call = create_sound_call();
    cg_moments moments = {.buffer = call.large.buffer};
    cg_conv2d bad = call;
    bad.moments = &moments; /* of weights */
    expect_refusal(bad, "the moments of this map");
    bad.pass = CG_CONV2D_UP;
    bad.shape.n = 1; /* less than the map */
    expect_refusal(bad, "the moments of this map");
    bad.shape.n = 2;
    moments.buffer = call.weight; /* too small */
    expect_refusal(bad, "the moments of this map");
    bad.moments = NULL;
    bad.db = call.small.buffer; /* not by this pass */
    expect_refusal(bad, "a bias's gradient");
    bad.pass = CG_CONV2D_WEIGHT;
    bad.small_prologue.scale = bad.db;
    expect_refusal(bad, "a bias's gradient");
    release_call(&call);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conv2d_table");
    tcase_add_test(tests, default_algorithms);
    tcase_add_test(tests, flop_counts);
    tcase_add_test(tests, algorithms_count_what_they_do);
    tcase_add_test(tests, kept_spectra_cost_nothing);
    tcase_add_test(tests, bytes_are_those_of_the_arrays);
    tcase_add_loop_test(tests, spectra_are_reused_where_nothing_changed, 0, 2);
    tcase_add_test(tests, spectra_have_one_layout);
    tcase_add_loop_test(tests, smaller_groups_give_the_same_bits, 0, 3);
    tcase_add_loop_test(tests, smaller_groups_give_the_same_sums, 0, 3);
    tcase_add_loop_test(tests, little_local_memory_gives_the_same_bits, 0, CG_CONV2D_PASSES);
    tcase_add_test(tests, variants_give_the_same_bits);
    tcase_add_test(tests, algorithms_that_do_not_fit_are_refused);
    tcase_add_test(tests, maps_that_do_not_fit_are_refused);
    tcase_add_test(tests, results_that_do_not_fit_are_refused);
    return device_run_case(tests, "ops/conv2d_table");
}
