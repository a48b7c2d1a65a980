/* The classifier's forward pass on many images against float64: a few images take turns, so that
 * each place of the batch is compared, and the sums in float64 are done once for each of them. */
#include "verify/harness.h"

#include "base/try.h"
#include "nn/classifier.h"
#include "ref/conv2d.h"
#include "ref/pointwise.h"

#include <math.h>
#include <string.h>

enum {
    KINDS = 3,
    SEED = 1,
    LAYERS = CG_CLASSIFIER_LAYERS,
    FEWER = 16 /* images of a last, smaller batch, behind which the others' maps have room */
};

/* The root mean square of the differences over that of the numbers: the test of the classifier's
 * step allows as much. */
static const double allowed = 1e-5;

typedef struct judge {
    cg_harness *harness;
    cg_classifier *net;
    double *weight[LAYERS], *bias[LAYERS];
    double *x[LAYERS + 1]; /* the images, then each layer's output */
    size_t n, first;       /* images, and the kind of the first one */
} judge;

static size_t outputs(const cg_layer_spec *layer)
{
    return layer->out.side * layer->out.side * layer->out.channels;
}

static cg_status draw_param(double **values, judge *j, size_t i)
{
    cg_status status = CG_OK;
    const cg_param_spec *spec = &j->net->specs[i];
    size_t size = cg_param_size(spec);
    float *data;
    CG_TRY(cg_harness_array(&data, j->harness, size, sizeof *data));
    CG_TRY(cg_harness_array(values, j->harness, size, sizeof **values));
    cg_param_draw(data, spec, SEED, (uint32_t)i, 0, false);
    for (size_t k = 0; i % 2 && k < size; k++)
        data[k] = (float)(k % 7) / 16 - 0.125f; /* a bias, which would be 0 */
    CG_TRY(cg_buffer_upload(j->net->params.view[i], 0, data, size * sizeof *data));
    for (size_t k = 0; k < size; k++)
        (*values)[k] = (double)data[k];
done:
    return status;
}

/* Uploads the images, of which the i-th is of kind first + i. */
static cg_status upload_images(judge *j)
{
    cg_status status = CG_OK;
    float *images;
    CG_TRY(cg_harness_array(&images, j->harness, j->n * CG_PIXELS, sizeof *images));
    for (size_t i = 0; i < j->n * CG_PIXELS; i++)
        images[i] = (float)j->x[0][(i + j->first * CG_PIXELS) % (KINDS * CG_PIXELS)];
    CG_TRY(cg_buffer_upload(j->net->maps[0].buffer, 0, images, j->n * CG_PIXELS * sizeof *images));
done:
    return status;
}

static cg_status draw_inputs(judge *j)
{
    cg_status status = CG_OK;
    for (size_t l = 0; l < LAYERS; l++) {
        CG_TRY(draw_param(&j->weight[l], j, 2 * l));
        CG_TRY(draw_param(&j->bias[l], j, 2 * l + 1));
    }
    CG_TRY(cg_harness_draw(&j->x[0], j->harness, KINDS * CG_PIXELS, -1, 1));
done:
    return status;
}

/* x[l + 1] of each kind. */
static cg_status expect_layer(judge *j, size_t l)
{
    cg_status status = CG_OK;
    const cg_layer_spec *layer = &j->net->layers[l];
    const cg_ref_conv conv = {
        KINDS,         layer->in.side, layer->in.side, layer->in.channels, layer->out.channels,
        layer->kernel, layer->stride};
    size_t size = KINDS * outputs(layer);
    CG_TRY(cg_harness_array(&j->x[l + 1], j->harness, size, sizeof(double)));
    cg_ref_conv2d_fwd(j->x[l + 1], j->x[l], j->weight[l], &conv);
    for (size_t i = 0; i < size; i++)
        j->x[l + 1][i] += j->bias[l][i % layer->out.channels];
    if (l + 1 < LAYERS)
        cg_ref_leaky_relu_fwd(j->x[l + 1], j->x[l + 1], size, (double)CG_CLASSIFIER_SLOPE);
done:
    return status;
}

/* The root mean square of an image's differences; where that is too large the furthest number is
 * named. */
static void compare_image(judge *j, const char *what, size_t image, const float *got,
                          const double *expected, size_t each, double rms)
{
    double squares = 0;
    size_t worst = 0;
    for (size_t i = 0; i < each; i++) {
        double difference = (double)got[i] - expected[i];
        squares += difference * difference;
        if (!(fabs(difference) <= fabs((double)got[worst] - expected[worst])))
            worst = i;
    }
    if (!(sqrt(squares / (double)each) <= allowed * rms))
        cg_harness_compare_one(j->harness, what, image * each + worst, (double)got[worst],
                               expected[worst], allowed * rms);
}

static cg_status compare_layer(judge *j, size_t l, const char *what)
{
    cg_status status = CG_OK;
    size_t each = outputs(&j->net->layers[l]);
    const double *expected = j->x[l + 1];
    double squares = 0;
    float *got;
    const cg_map *map = &j->net->maps[l + 1]; /* of the largest batch */
    CG_TRY(cg_harness_array(&got, j->harness, map->n * each, sizeof *got));
    CG_TRY(cg_map_download(map, got));
    for (size_t i = 0; i < KINDS * each; i++)
        squares += expected[i] * expected[i];
    for (size_t i = 0; i < j->n; i++)
        compare_image(j, what, i, got + i * each, expected + (j->first + i) % KINDS * each, each,
                      sqrt(squares / (double)(KINDS * each)));
done:
    return status;
}

static cg_status run_batch(judge *j)
{
    cg_status status = CG_OK;
    CG_TRY(upload_images(j));
    CG_TRY(cg_classifier_fwd(j->net, j->n, false));
    CG_TRY(compare_layer(j, CG_CLASSIFIER_FEATURES - 1, "features"));
    CG_TRY(compare_layer(j, LAYERS - 1, "logits"));
done:
    return status;
}

cg_status cg_verify_classifier_fwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    judge j = {.harness = harness, .n = check->array.count};
    CG_TRY(cg_classifier_create(&j.net, harness->rt, CG_CLASSES, j.n, false));
    CG_TRY(draw_inputs(&j));
    for (size_t l = 0; l < LAYERS; l++)
        CG_TRY(expect_layer(&j, l));
    CG_TRY(run_batch(&j));
    j.n = FEWER;
    j.first = 1;
    CG_TRY(run_batch(&j));
done:
    cg_classifier_release(j.net);
    return status;
}
