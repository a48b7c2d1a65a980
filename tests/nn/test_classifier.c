/* The classifier: a step against the same step composed from ref/ in float64. */
#include "device.h"

#include "base/try.h"
#include "nn/classifier.h"
#include "ref/conv2d.h"
#include "ref/pointwise.h"
#include "ref/softmax.h"

#include <math.h>
#include <string.h>

enum { N = 6, ROOM = 7, FIRST = 2, LAYERS = CG_CLASSIFIER_LAYERS };

/* The layers as the header draws them; a test sets the last one's outputs to its classes. */
static cg_ref_conv convs[LAYERS] = {
    {.n = N, .h = 28, .w = 28, .ci = 1, .co = 32, .k = 5, .stride = 2},
    {.n = N, .h = 14, .w = 14, .ci = 32, .co = 64, .k = 5, .stride = 2},
    {.n = N, .h = 7, .w = 7, .ci = 64, .co = 128, .k = 7, .stride = 7},
    {.n = N, .h = 1, .w = 1, .ci = 128, .co = CG_CLASSES, .k = 1, .stride = 1},
};
static const bool has_dropout[LAYERS] = {false, true, true, false};

/* Ten digits, and more classes than a block of channels has. */
static const size_t class_counts[] = {CG_CLASSES, 62};

static size_t classes(void)
{
    return convs[LAYERS - 1].co;
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static double *doubles(size_t count)
{
    return zeroed(count, sizeof(double));
}

static size_t outputs(size_t l)
{
    const cg_ref_conv *c = &convs[l];
    size_t side = cg_ref_conv_out(c->h, c->stride);
    return c->n * side * side * c->co;
}

static double *download(const cg_buffer *buffer, size_t count)
{
    float *floats = zeroed(count, sizeof *floats);
    double *values = doubles(count);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, floats, count * sizeof *floats), CG_OK);
    for (size_t i = 0; i < count; i++)
        values[i] = (double)floats[i];
    free(floats);
    return values;
}

/* Layer l's mask as [n, h, w, c]. */
static uint8_t *download_mask(const cg_classifier *net, size_t l)
{
    const cg_map *map = &net->maps[l + 1];
    size_t pixels = map->h * map->w, bytes = cg_map_floats(map);
    uint8_t *blocked = zeroed(bytes, 1), *mask = zeroed(outputs(l), 1);
    ck_assert_int_eq(cg_buffer_download(net->masks[l], 0, blocked, bytes), CG_OK);
    for (size_t i = 0; i < outputs(l); i++) {
        size_t c = i % map->c, at = i / map->c; /* image and pixel */
        mask[i] = blocked[(c / CG_BLOCK * map->n * pixels + at) * CG_BLOCK + c % CG_BLOCK];
    }
    free(blocked);
    return mask;
}

/* The RMS of the differences is at most 1e-5 of the RMS of what is expected: what the parity of the
 * DCGAN's step asks for. */
static void compare(const char *what, const double *got, const double *expected, size_t n)
{
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        difference += (got[i] - expected[i]) * (got[i] - expected[i]);
        size += expected[i] * expected[i];
    }
    ck_assert_double_gt(size, 0);
    ck_assert_msg(sqrt(difference / size) <= 1e-5, "%s: RMS of the differences %g of the values",
                  what, sqrt(difference / size));
}

/* ---- the step in float64 --------------------------------------------------------------------- */

typedef struct reference {
    double *weight[LAYERS], *bias[LAYERS], *dweight[LAYERS], *dbias[LAYERS];
    double *x[LAYERS + 1];  /* the images, then outputs after dropout */
    double *before[LAYERS]; /* before the activation */
    uint8_t *mask[LAYERS];
    double loss[N];
} reference;

static void forward(reference *r)
{
    for (size_t l = 0; l < LAYERS; l++) {
        size_t n = outputs(l), co = convs[l].co;
        double *y = r->x[l + 1] = doubles(n);
        r->before[l] = doubles(n);
        cg_ref_conv2d_fwd(r->before[l], r->x[l], r->weight[l], &convs[l]);
        for (size_t i = 0; i < n; i++)
            r->before[l][i] += r->bias[l][i % co];
        memcpy(y, r->before[l], n * sizeof *y);
        if (l + 1 < LAYERS)
            cg_ref_leaky_relu_fwd(y, y, n, (double)CG_CLASSIFIER_SLOPE);
        if (has_dropout[l])
            cg_ref_dropout_fwd(y, y, r->mask[l], n, CG_CLASSIFIER_KEEP);
    }
}

static void backward(reference *r, const uint8_t *labels)
{
    double *dy = doubles(outputs(LAYERS - 1));
    cg_ref_softmax_fwd(r->loss, r->x[LAYERS], labels, N, classes());
    cg_ref_softmax_bwd(dy, r->x[LAYERS], labels, N, classes());
    for (size_t l = LAYERS; l-- > 0;) {
        size_t n = outputs(l), co = convs[l].co;
        if (has_dropout[l])
            cg_ref_dropout_bwd(dy, dy, r->mask[l], n, CG_CLASSIFIER_KEEP);
        if (l + 1 < LAYERS)
            cg_ref_leaky_relu_bwd(dy, dy, r->before[l], n, (double)CG_CLASSIFIER_SLOPE);
        const cg_param_spec spec = cg_classifier_param(2 * l, classes());
        r->dweight[l] = doubles(cg_param_size(&spec));
        r->dbias[l] = doubles(co);
        cg_ref_conv2d_bwd_weight(r->dweight[l], dy, r->x[l], &convs[l]);
        for (size_t i = 0; i < n; i++)
            r->dbias[l][i % co] += dy[i];
        double *dx = l ? doubles(outputs(l - 1)) : NULL;
        if (dx)
            cg_ref_conv2d_bwd_data(dx, dy, r->weight[l], &convs[l]);
        free(dy);
        dy = dx;
    }
}

static void release(reference *r)
{
    for (size_t l = 0; l < LAYERS; l++) {
        double *const arrays[] = {r->weight[l], r->bias[l], r->dweight[l],
                                  r->dbias[l],  r->x[l],    r->before[l]};
        for (size_t i = 0; i < CG_COUNT(arrays); i++)
            free(arrays[i]);
        free(r->mask[l]);
    }
    free(r->x[LAYERS]);
}

/* ---- against it ------------------------------------------------------------------------------ */

/* Random pixels and labels, biases that are not 0. */
static void set_up(cg_classifier *net, cg_buffer *labels, uint8_t values[FIRST + N])
{
    float pixels[ROOM * CG_PIXELS], bias[CG_FEATURES];
    for (size_t i = 0; i < CG_COUNT(pixels); i++)
        pixels[i] = (float)(i * 2654435761u % 2001) / 1000 - 1;
    for (size_t i = 0; i < CG_COUNT(bias); i++)
        bias[i] = (float)(i * 40503u % 101) / 500 - 0.1f;
    for (size_t i = 0; i < FIRST + N; i++)
        values[i] = (uint8_t)(i * 7 % classes());
    ck_assert_int_eq(cg_classifier_init(net, 5), CG_OK);
    for (size_t l = 0; l < LAYERS; l++)
        ck_assert_int_eq(
            cg_buffer_upload(net->params.view[2 * l + 1], 0, bias, convs[l].co * sizeof *bias),
            CG_OK);
    ck_assert_int_eq(cg_buffer_upload(net->maps[0].buffer, 0, pixels, sizeof pixels), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(labels, 0, values, FIRST + N), CG_OK);
}

static void read_inputs(reference *r, const cg_classifier *net)
{
    r->x[0] = download(net->maps[0].buffer, N * CG_PIXELS);
    for (size_t l = 0; l < LAYERS; l++) {
        r->weight[l] = download(net->params.view[2 * l], cg_param_size(&net->specs[2 * l]));
        r->bias[l] = download(net->params.view[2 * l + 1], convs[l].co);
        if (has_dropout[l])
            r->mask[l] = download_mask(net, l);
    }
}

static void compare_gradients(const reference *r, const cg_classifier *net)
{
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++) {
        size_t n = cg_param_size(&net->specs[i]);
        double *got = download(net->grads.view[i], n);
        compare(cg_classifier_params[i].name, got, i % 2 ? r->dbias[i / 2] : r->dweight[i / 2], n);
        free(got);
    }
}

START_TEST(step_is_the_reference_step)
{
    cg_classifier *net;
    cg_buffer *labels;
    uint8_t values[FIRST + N];
    reference r = {0};

    convs[LAYERS - 1].co = class_counts[_i];
    ck_assert_int_eq(cg_classifier_create(&net, device, classes(), ROOM, true), CG_OK);
    ck_assert_int_eq(cg_buffer_create(&labels, device, FIRST + N), CG_OK);
    set_up(net, labels, values);
    ck_assert_int_eq(cg_classifier_draw(net, 5, 1), CG_OK);
    ck_assert_int_eq(cg_classifier_fwd(net, N, true), CG_OK);
    ck_assert_int_eq(cg_classifier_bwd(net, labels, FIRST, N), CG_OK);
    read_inputs(&r, net);
    forward(&r);
    backward(&r, values + FIRST);
    double *loss = download(net->loss, N);
    compare("loss", loss, r.loss, N);
    compare_gradients(&r, net);
    free(loss);
    release(&r);
    cg_buffer_release(labels);
    cg_classifier_release(net);
}
END_TEST

/* Dropout drops features in training, and none when images are measured. */
START_TEST(dropout_is_for_training)
{
    float features[2][ROOM * CG_FEATURES];
    for (int training = 0; training < 2; training++) {
        cg_classifier *net;
        cg_buffer *labels;
        uint8_t values[FIRST + N];
        ck_assert_int_eq(cg_classifier_create(&net, device, classes(), ROOM, true), CG_OK);
        ck_assert_int_eq(cg_buffer_create(&labels, device, FIRST + N), CG_OK);
        set_up(net, labels, values);
        ck_assert_int_eq(cg_classifier_draw(net, 5, 1), CG_OK);
        ck_assert_int_eq(cg_classifier_fwd(net, ROOM, training), CG_OK);
        ck_assert_int_eq(cg_map_download(&net->maps[CG_CLASSIFIER_FEATURES], features[training]),
                         CG_OK);
        cg_buffer_release(labels);
        cg_classifier_release(net);
    }
    size_t dropped = 0;
    for (size_t i = 0; i < CG_COUNT(features[0]); i++) {
        ck_assert_float_ne(features[0][i], 0);
        dropped += features[1][i] == 0;
    }
    ck_assert_uint_gt(dropped, CG_COUNT(features[0]) / 5); /* 3 in 10 */
    ck_assert_uint_lt(dropped, CG_COUNT(features[0]) * 2 / 5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("classifier");
    tcase_add_loop_test(tests, step_is_the_reference_step, 0, (int)CG_COUNT(class_counts));
    tcase_add_test(tests, dropout_is_for_training);
    tcase_set_timeout(tests, 120);
    return device_run_case(tests, "nn/classifier");
}
