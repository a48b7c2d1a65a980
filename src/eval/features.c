/* Images through the classifier, a group at a time. */
#include "eval/features.h"

#include "base/phase.h"
#include "base/try.h"
#include "cl/shared.h"

#include <math.h>
#include <stdlib.h>

/* Host memory for a group. */
typedef struct group {
    float *pixels;   /* [max_n, 28, 28]       */
    float *features; /* [max_n, CG_FEATURES]  */
    float *logits;   /* [max_n, classes]      */
} group;

static cg_status create_group(group *g, size_t n, size_t classes)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&g->pixels, n * CG_PIXELS, sizeof *g->pixels));
    CG_TRY(cg_memory_create(&g->features, n * CG_FEATURES, sizeof *g->features));
    CG_TRY(cg_memory_create(&g->logits, n * classes, sizeof *g->logits));
done:
    return status;
}

static cg_status create_features(cg_features *f, size_t n)
{
    cg_status status = CG_OK;
    *f = (cg_features){.n = n};
    CG_TRY(cg_memory_create(&f->points, n * CG_FEATURES, sizeof *f->points));
    CG_TRY(cg_memory_create(&f->classes, n, sizeof *f->classes));
    CG_TRY(cg_memory_create(&f->confidence, n, sizeof *f->confidence));
done:
    return status;
}

/* The likeliest class of an image and its probability: 1 over the sum of exp(x - max x). */
static void classify(const float *logits, size_t classes, unsigned char *class, float *confidence)
{
    double sum = 0;
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (logits[c] > logits[best])
            best = c;
    for (size_t c = 0; c < classes; c++)
        sum += exp((double)logits[c] - (double)logits[best]);
    *class = (unsigned char)best;
    *confidence = (float)(1 / sum);
}

/* Images first .. first + n - 1. */
static cg_status measure_group(cg_features *f, cg_classifier *net, group *g,
                               const unsigned char *images, size_t first, size_t n)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < n * CG_PIXELS; i++)
        g->pixels[i] = cg_pixel_value((float)images[first * CG_PIXELS + i]);
    CG_TRY(cg_buffer_upload(net->maps[0].buffer, 0, g->pixels, n * CG_PIXELS * sizeof *g->pixels));
    CG_TRY(cg_classifier_fwd(net, n, false));
    CG_TRY(cg_map_download(&net->maps[CG_CLASSIFIER_FEATURES], g->features));
    CG_TRY(cg_map_download(&net->maps[CG_CLASSIFIER_LAYERS], g->logits));
    for (size_t i = 0; i < n * CG_FEATURES; i++)
        f->points[first * CG_FEATURES + i] = g->features[i];
    for (size_t i = 0; i < n; i++)
        classify(g->logits + i * net->classes, net->classes, &f->classes[first + i],
                 &f->confidence[first + i]);
done:
    return status;
}

cg_status cg_features_measure(cg_features *features, cg_classifier *net,
                              const unsigned char *images, size_t n, const char *words)
{
    cg_status status = CG_OK;
    group g = {0};
    cg_phase phase = {.words = words, .total = cg_ceil_div(n, net->max_n)};
    cg_phase_begin(&phase);
    CG_TRY(create_features(features, n));
    CG_TRY(create_group(&g, net->max_n, net->classes));
    for (size_t first = 0; first < n; first += net->max_n) {
        CG_TRY(measure_group(features, net, &g, images, first,
                             n - first < net->max_n ? n - first : net->max_n));
        cg_phase_advance(&phase, first / net->max_n + 1);
    }
done:
    cg_phase_end(&phase);
    free(g.pixels);
    free(g.features);
    free(g.logits);
    return status;
}

void cg_features_deinit(cg_features *features)
{
    free(features->points);
    free(features->classes);
    free(features->confidence);
    *features = (cg_features){0};
}
