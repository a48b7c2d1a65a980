/* Layers as calls of the convolution. The operation has a large and a small map; a layer's input is
 * the large one, or for a transposed layer the small one, which only this file decides. */
#include "nn/layer.h"

#include "base/try.h"

#include <assert.h>

const char *const cg_pass_names[CG_PASS_COUNT] = {
    [CG_FWD] = "fwd", [CG_BWD_WEIGHT] = "bwd_weight", [CG_BWD_DATA] = "bwd_data",
    [CG_BWD] = "bwd", [CG_UPDATE] = "update",
};

cg_status cg_layer_create_map(cg_map *map, cg_runtime *rt, size_t n, cg_plane plane)
{
    *map = (cg_map){.n = n, .h = plane.side, .w = plane.side, .c = plane.channels};
    return n ? cg_buffer_create(&map->buffer, rt, cg_map_floats(map) * sizeof(float)) : CG_OK;
}

/* ---- scratch --------------------------------------------------------------------------------- */

/* Indices of the shared spectra, which follow those of inputs and of weights. */
enum { OUTPUT = 2 * CG_SCRATCH_LAYERS, DWEIGHT };

static size_t input_of(const cg_layer *layer)
{
    return 2 * layer->index;
}

static size_t weight_of(const cg_layer *layer)
{
    return 2 * layer->index + 1;
}

void cg_scratch_size_add(cg_scratch_size *size, const cg_scratch *scratch, cg_runtime *rt,
                         const cg_conv2d *call)
{
    cg_scratch_raise(&size->workspace, cg_conv2d_workspace(rt, call));
    for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++)
        if (!scratch->head || o != CG_CONV2D_WEIGHTS)
            cg_scratch_raise(&size->spectra[call->spectrum[o] - scratch->spectra],
                             cg_conv2d_spectrum(rt, call, (cg_conv2d_operand)o));
}

cg_status cg_scratch_grow(cg_buffer **buffer, cg_runtime *rt, size_t bytes)
{
    if (!bytes || (*buffer && (*buffer)->bytes >= bytes))
        return CG_OK;
    cg_buffer_release(*buffer);
    return cg_buffer_create(buffer, rt, bytes);
}

cg_status cg_scratch_fit(cg_scratch *scratch, cg_runtime *rt, const cg_scratch_size *size)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < CG_SCRATCH_SPECTRA; i++) {
        scratch->spectra[i].source = NULL;
        CG_TRY(cg_scratch_grow(&scratch->spectra[i].buffer, rt, size->spectra[i]));
    }
    CG_TRY(cg_scratch_grow(&scratch->workspace, rt, size->workspace));
done:
    return status;
}

void cg_scratch_release(cg_scratch *scratch)
{
    for (size_t i = 0; i < CG_SCRATCH_SPECTRA; i++)
        cg_buffer_release(scratch->spectra[i].buffer);
    cg_buffer_release(scratch->workspace);
    *scratch = (cg_scratch){0};
}

/* ---- calls ----------------------------------------------------------------------------------- */

cg_conv2d cg_layer_geometry(const cg_layer_spec *spec, cg_pass pass, size_t n)
{
    static const cg_conv2d_pass passes[2][CG_PASS_COUNT] = {
        {[CG_FWD] = CG_CONV2D_DOWN,
         [CG_BWD_WEIGHT] = CG_CONV2D_WEIGHT,
         [CG_BWD_DATA] = CG_CONV2D_UP},
        {[CG_FWD] = CG_CONV2D_UP,
         [CG_BWD_WEIGHT] = CG_CONV2D_WEIGHT,
         [CG_BWD_DATA] = CG_CONV2D_DOWN},
    };
    const cg_plane large = spec->transposed ? spec->out : spec->in;
    const cg_plane small = spec->transposed ? spec->in : spec->out;
    assert(pass <= CG_BWD_DATA);
    return (cg_conv2d){
        .pass = passes[spec->transposed][pass],
        .shape = cg_conv2d_shape_same(n, large.side, large.side, large.channels, small.channels,
                                      spec->kernel, spec->stride),
    };
}

cg_conv2d cg_layer_conv(const cg_layer *layer, cg_pass pass, size_t n)
{
    cg_conv2d call = cg_layer_geometry(layer->spec, pass, n);
    cg_scratch *scratch = layer->scratch, *head = scratch->head;
    const int transposed = layer->spec->transposed;
    const cg_conv2d_operand in = transposed ? CG_CONV2D_SMALL : CG_CONV2D_LARGE;
    const cg_conv2d_operand out = transposed ? CG_CONV2D_LARGE : CG_CONV2D_SMALL;
    const cg_map input = pass == CG_BWD_DATA ? layer->dx : layer->x;
    const cg_map output = pass == CG_FWD ? layer->y : layer->dy;

    call.large = transposed ? output : input;
    call.small = transposed ? input : output;
    call.weight = pass == CG_BWD_WEIGHT ? layer->dweight : layer->weight;
    call.workspace = scratch->workspace;
    call.spectrum[in] = &scratch->spectra[input_of(layer)];
    call.spectrum[out] = &scratch->spectra[OUTPUT];
    call.spectrum[CG_CONV2D_WEIGHTS] =
        &(head ? head : scratch)->spectra[pass == CG_BWD_WEIGHT ? DWEIGHT : weight_of(layer)];
    call.unchanged[in] = pass == CG_BWD_WEIGHT;
    call.unchanged[out] = pass == CG_BWD_DATA;
    call.unchanged[CG_CONV2D_WEIGHTS] = pass == CG_BWD_DATA || (head && pass == CG_FWD);
    return call;
}
