/* Pictures from checkpoints. A walk goes along the arc between two vectors of noise, not the chord:
 * vectors in the middle of a chord are shorter than any that training has seen (White 2016,
 * "Sampling Generative Networks"). */
#include "report/run_samples.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "eval/neighbours.h"
#include "io/data_files.h"
#include "nn/network.h"
#include "ocl/buffer.h"
#include "run/config.h"
#include "run/sampler.h"
#include "run/pictures.h"

#include <clgan/dataset.h>
#include <clgan/image.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WALK = CG_WALKS * CG_WALK_PICTURES, SAMPLE_SEED = 1 };
_Static_assert(WALK <= (int)CG_PICTURE_GROUP && CG_WALKS < (int)CG_PICTURE_COUNT,
               "a walk is drawn at once, between vectors of the pictures");

struct cg_report_sampler {
    const cg_report_options *options;
    cg_runtime *rt;  /* NULL until it is needed */
    cg_network *net; /* of the checkpoint that is drawn from, else NULL */
    bool absent;     /* there is no device */
    cg_dataset data; /* zeroed until images are wanted */
    float *pixels;   /* [data.count, 28, 28], 0 to 1 */
};

/* ---- the sampler ----------------------------------------------------------------------------- */

static void close_images(cg_report_sampler *s)
{
    cg_dataset_deinit(&s->data);
    free(s->pixels);
    s->pixels = NULL;
}

void cg_report_sampler_release(cg_report_sampler *sampler)
{
    if (!sampler)
        return;
    close_images(sampler);
    cg_runtime_release(sampler->rt);
    free(sampler);
}

/* Leaves s->rt NULL where there is no device and none was asked for. */
static cg_status open_device(cg_report_sampler *s)
{
    cg_status status = CG_OK;
    if (s->rt || s->absent)
        return CG_OK;
    status = cg_runtime_create_selected(&s->rt, s->options->device);
    if (status == CG_OK)
        s->rt->trusted = s->options->no_selftest;
    bool asked = s->options->device && s->options->device[0];
    s->absent = status == CG_ERR_DEVICE && !asked;
    if (s->absent)
        return CG_OK;
    return status;
}

static void unit_from_bytes(float *out, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)bytes[i] / 255;
}

/* Makes pixels of the images that were read. */
static cg_status make_pixels(cg_report_sampler *s)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&s->pixels, s->data.count, CG_PIXELS * sizeof *s->pixels));
    unit_from_bytes(s->pixels, s->data.images, s->data.count * CG_PIXELS);
done:
    return status;
}

cg_status cg_report_sampler_create(cg_report_sampler **sampler, const cg_report_options *options)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(sampler, 1, sizeof **sampler));
    (*sampler)->options = options;
    if (!options->data)
        goto done;
    CG_TRY(cg_dataset_read(&(*sampler)->data, options->data, CG_DATASET_TRAIN));
    CG_TRY(make_pixels(*sampler));
done:
    return status;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* out [d] = the point at t, 0 to 1, of the arc from a [d] to b [d]. */
static void walk_between(float *out, const float *a, const float *b, size_t d, double t)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < d; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    double angle = acos(fmin(fmax(ab / sqrt(aa * bb), -1), 1));
    double from = angle > 1e-6 ? sin((1 - t) * angle) / sin(angle) : 1 - t;
    double to = angle > 1e-6 ? sin(t * angle) / sin(angle) : t;
    for (size_t i = 0; i < d; i++)
        out[i] = (float)(from * (double)a[i] + to * (double)b[i]);
}

static cg_status add_grid(cg_text *png, const unsigned char *pixels, size_t rows, size_t columns)
{
    cg_status status = CG_OK;
    cg_image grid = {0};
    unsigned char *file = NULL;
    size_t size;
    CG_TRY(cg_image_grid(&grid, pixels, rows, columns, CG_SIDE, CG_SIDE));
    CG_TRY(cg_png_encode(&file, &size, &grid));
    cg_text_add(png, file, size);
    status = png->status;
done:
    free(file);
    cg_image_deinit(&grid);
    return status;
}

/* Row r goes from vector r of the run's pictures to vector r + 1. */
static cg_status draw_walk(cg_run_samples *samples, cg_network *net, uint64_t seed)
{
    cg_status status = CG_OK;
    float ends[(CG_WALKS + 1) * CG_NOISE], noise[WALK * CG_NOISE], images[WALK * CG_PIXELS];
    unsigned char pixels[WALK * CG_PIXELS];
    CG_TRY(cg_pictures_sample_noise(net, seed, CG_STREAM_PICTURES, 0, CG_WALKS + 1));
    CG_TRY(cg_buffer_download(net->noise, 0, ends, sizeof ends));
    for (size_t i = 0; i < WALK; i++) {
        const float *from = ends + i / CG_WALK_PICTURES * CG_NOISE;
        walk_between(noise + i * CG_NOISE, from, from + CG_NOISE, CG_NOISE,
                     (double)(i % CG_WALK_PICTURES) / (CG_WALK_PICTURES - 1));
    }
    cg_network_set_batch(net, WALK, 0);
    CG_TRY(cg_buffer_upload(net->noise, 0, noise, sizeof noise));
    CG_TRY(cg_network_generate(net));
    CG_TRY(cg_buffer_download(net->images.buffer, 0, images, sizeof images));
    cg_pixels_from_floats(pixels, images, WALK * CG_PIXELS);
    CG_TRY(add_grid(&samples->walk, pixels, CG_WALKS, CG_WALK_PICTURES));
done:
    return status;
}

static cg_status draw_neighbours(cg_run_samples *samples, cg_report_sampler *s)
{
    enum { N = CG_RUN_SAMPLES_NEIGHBOURS };
    cg_status status = CG_OK;
    unsigned char tiles[2 * N * CG_PIXELS];
    float made[N * CG_PIXELS], distances[N];
    CG_TRY(cg_pictures_generate(tiles, s->net, SAMPLE_SEED, CG_STREAM_SAMPLE, N));
    unit_from_bytes(made, tiles, N * CG_PIXELS);
    CG_TRY(cg_neighbours_nearest(s->rt, distances, samples->nearest, made, N, s->pixels,
                                 s->data.count, CG_PIXELS));
    for (size_t i = 0; i < N; i++) {
        memcpy(tiles + (N + i) * CG_PIXELS, s->data.images + samples->nearest[i] * CG_PIXELS,
               CG_PIXELS);
        samples->distances[i] = (double)distances[i] / sqrt(CG_PIXELS);
    }
    CG_TRY(add_grid(&samples->neighbours, tiles, 2, N));
done:
    return status;
}

/* ---- of a run -------------------------------------------------------------------------------- */

static cg_status note_skipped(void *user, uint64_t step, cg_status status)
{
    (void)status;
    cg_run_data_note(user, "the checkpoint of step %" PRIu64 " cannot be used: left out", step);
    return CG_OK;
}

/* *file = the newest checkpoint that is sound, NULL where there is none. */
static cg_status read_newest(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                             cg_run_data *run)
{
    cg_status status = CG_OK;
    cg_recipe own;
    bool known;
    CG_TRY(cg_config_find_recipe(&known, &own, &run->run));
    CG_TRY(cg_checkpoint_read_newest(file, recipe, step, &run->run, known ? &own : NULL,
                                     note_skipped, run));
    if (!*file)
        cg_run_data_note(run, "no checkpoint can be used: latent walk and nearest training "
                              "images are left out");
done:
    return status;
}

static bool has_images_of(const cg_report_sampler *s, const cg_run_data *run)
{
    return s->data.count && strcmp(s->data.sha256, run->data_sha256) == 0;
}

/* *there: the sampler has the images that the run was trained on, those of an earlier run or others
 * that are read now; else the run has a note of it. */
static cg_status find_images(bool *there, cg_report_sampler *s, cg_run_data *run)
{
    cg_status status = CG_OK;
    const char *where = NULL, *given = s->options->data;
    *there = has_images_of(s, run);
    if (*there)
        goto done;
    if (given) {
        cg_log(CG_LOG_WARNING, "%s holds other images than those that %s was trained on", given,
               run->name);
    } else {
        close_images(s);
        if (run->data_sha256[0])
            status = cg_data_files_search(&s->data, &where, run->data, run->data_sha256);
        CG_TRY(cg_file_forgive(status));
    }
    if (where)
        CG_TRY(make_pixels(s));
    *there = has_images_of(s, run);
    if (!*there && given)
        cg_run_data_note(run,
                         "%s holds other images than those of the run: nearest training images "
                         "are left out",
                         given);
    else if (!*there)
        cg_run_data_note(run,
                         "its images are not in %s: nearest training images are left out (--data "
                         "DIR tells where they are)",
                         run->data ? run->data : cg_dataset_default());
done:
    return status;
}

static cg_status draw_samples(cg_run_samples *samples, cg_report_sampler *s, cg_run_data *run,
                              const cg_safetensors *file, const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    bool there;
    CG_TRY(open_device(s));
    if (!s->rt) {
        cg_run_data_note(run, "there is no device: latent walk and nearest training images are "
                              "left out");
        goto done;
    }
    cg_log(CG_LOG_INFO, "drawing from %s after step %" PRIu64 " on %s", run->name, samples->step,
           cg_runtime_device(s->rt)->name);
    CG_TRY(cg_sampler_open(&s->net, s->rt, file, recipe));
    CG_TRY(draw_walk(samples, s->net, run->seed));
    CG_TRY(find_images(&there, s, run));
    if (there)
        CG_TRY(draw_neighbours(samples, s));
done:
    cg_network_release(s->net);
    s->net = NULL;
    return status;
}

cg_status cg_run_samples_draw(cg_run_samples *samples, cg_report_sampler *sampler, cg_run_data *run)
{
    cg_status status = CG_OK;
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    *samples = (cg_run_samples){0};
    CG_TRY(read_newest(&file, &recipe, &samples->step, run));
    if (file)
        CG_TRY(draw_samples(samples, sampler, run, file, &recipe));
done:
    cg_safetensors_release(file);
    return status;
}

void cg_run_samples_deinit(cg_run_samples *samples)
{
    cg_text_deinit(&samples->walk);
    cg_text_deinit(&samples->neighbours);
    *samples = (cg_run_samples){0};
}
