/* A transform that stands for a map is right when the convolution that reads it has the result that
 * it has for the map. */
#include "verify/reader.h"

#include "base/try.h"
#include "verify/expect_conv2d.h"

#include <math.h>

cg_status cg_verify_create_spectra(cg_conv2d *call, cg_spectrum spectra[CG_CONV2D_OPERANDS],
                                   cg_harness *harness)
{
    cg_status status = CG_OK;
    for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++) {
        size_t bytes = cg_conv2d_spectrum(harness->rt, call, (cg_conv2d_operand)o);
        if (call->spectrum[o])
            continue;
        call->spectrum[o] = &spectra[o];
        if (bytes)
            CG_TRY(cg_harness_output(&spectra[o].buffer, harness, bytes));
    }
done:
    return status;
}

static cg_conv2d reading_call(const cg_consumer *consumer)
{
    return (cg_conv2d){.pass = consumer->operand == CG_CONV2D_LARGE ? CG_CONV2D_DOWN : CG_CONV2D_UP,
                       .algorithm = "fourier",
                       .shape = consumer->shape};
}

cg_status cg_verify_reader_init(cg_verify_reader *reader, cg_harness *harness,
                                const cg_conv2d_shape *shape, cg_conv2d_operand operand)
{
    cg_status status = CG_OK;
    *reader = (cg_verify_reader){.consumer = {.shape = *shape, .operand = operand}};
    cg_conv2d call = reading_call(&reader->consumer);
    if (cg_conv2d_choose(harness->rt, &call)) {
        reader->consumer.spectrum = &reader->spectrum;
        CG_TRY(cg_harness_output(&reader->spectrum.buffer, harness,
                                 cg_conv2d_spectrum(harness->rt, &call, operand)));
    }
done:
    return status;
}

/* The result of ref/ for the weights w and for an input that is wrong by its limits. */
static cg_status expect_reading(cg_conv2d_expected *e, cg_harness *harness, const cg_conv2d *call,
                                const cg_verify_input *input, const double *w)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    const cg_map *map = input->map;
    const bool down = call->pass == CG_CONV2D_DOWN;
    const size_t read = s->n * map->h * map->w * map->c;
    const cg_verify_conv2d c = {.pass = call->pass,
                                .n = s->n,
                                .h = s->large_h,
                                .w = s->large_w,
                                .large_c = s->large_c,
                                .small_c = s->small_c,
                                .kernel = s->kernel,
                                .stride = s->stride};
    cg_conv2d_input in = {.value = input->value, .error = input->limit}, none = {0};

    CG_TRY(cg_harness_array(&in.magnitude, harness, read, sizeof *in.magnitude));
    for (size_t i = 0; i < read; i++)
        in.magnitude[i] = fabs(in.value[i]) + in.error[i];
    e->size =
        s->n * (down ? s->small_h * s->small_w * s->small_c : s->large_h * s->large_w * s->large_c);
    CG_TRY(cg_expect_conv2d(e, harness, &c,
                            &(cg_conv2d_operands){down ? in : none, down ? none : in, w}, true));
done:
    return status;
}

cg_status cg_verify_reader_run(cg_verify_reader *reader, cg_harness *harness,
                               const cg_verify_input *input)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &reader->consumer.shape;
    cg_spectrum spectra[CG_CONV2D_OPERANDS] = {{0}};
    cg_conv2d call = reading_call(&reader->consumer);
    bool down = call.pass == CG_CONV2D_DOWN;
    size_t weights = cg_conv2d_taps(s) * s->large_c * s->small_c;
    cg_conv2d_expected e = {0};
    double *w;

    if (reader->spectrum.source != input->map->buffer)
        cg_harness_fail(harness, "the spectrum does not name the map whose transform it holds");
    CG_TRY(cg_harness_draw(&w, harness, weights, -1, 1));
    CG_TRY(cg_harness_input(&call.weight, harness, w, weights));
    call.large = call.small = *input->map;
    CG_TRY(
        down ? cg_harness_output_map(&call.small, harness, s->n, s->small_h, s->small_w, s->small_c)
             : cg_harness_output_map(&call.large, harness, s->n, s->large_h, s->large_w,
                                     s->large_c));
    call.spectrum[reader->consumer.operand] = &reader->spectrum;
    call.unchanged[reader->consumer.operand] = true;
    CG_TRY(cg_verify_create_spectra(&call, spectra, harness));
    CG_TRY(expect_reading(&e, harness, &call, input, w));
    CG_TRY(cg_conv2d_enqueue(harness->rt, &call));
    return cg_harness_compare_map(harness, "a convolution's of the transform",
                                  down ? &call.small : &call.large, s->n, e.value, e.limit);
done:
    return status;
}
