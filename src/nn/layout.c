/* The change between Keras' layouts and the device's, where parameters and statistics go up or
 * down.
 *
 * Keras' features of a dense layer at a 7x7 map are (position, channel); on the device they are
 * blocked like the map: [rows][49 * c] becomes [c/32][rows][49][32]. All other arrays have the same
 * layout. */
#include "nn/network.h"

#include "base/try.h"

#include <stdlib.h>
#include <string.h>

static size_t feature_rows(const cg_param_spec *spec)
{
    if (spec->dims[0] == CG_NOISE)
        return CG_NOISE;
    return spec->dims[0] == CG_DENSE_FEATURES || spec->dims[0] == CG_D_FEATURES ? 1 : 0;
}

/* Copies from Keras' layout to the device's if `to_device`, else back. */
static void convert_layout(float *to, const float *from, const cg_param_spec *spec, bool to_device)
{
    size_t size = cg_param_size(spec), rows = feature_rows(spec);
    if (!rows) {
        memcpy(to, from, size * sizeof *to);
        return;
    }
    size_t pixels = CG_SIDE4 * CG_SIDE4, features = size / rows, channels = features / pixels;
    for (size_t r = 0; r < rows; r++) {
        for (size_t f = 0; f < features; f += CG_BLOCK) { /* whose lanes lie side by side in both */
            size_t p = f / channels, c = f % channels;
            size_t keras = r * features + f;
            size_t device = cg_blocked_index(channels, rows * pixels, r * pixels + p, c);
            memcpy(to + (to_device ? device : keras), from + (to_device ? keras : device),
                   CG_BLOCK * sizeof *to);
        }
    }
}

static cg_status upload_array(cg_buffer *buffer, const cg_param_spec *spec, const float *data)
{
    cg_status status = CG_OK;
    float *copy = NULL;
    CG_TRY(cg_memory_create(&copy, cg_param_size(spec), sizeof *copy));
    convert_layout(copy, data, spec, true);
    CG_TRY(cg_buffer_upload(buffer, 0, copy, cg_param_size(spec) * sizeof *copy));
done:
    free(copy);
    return status;
}

static cg_status download_array(const cg_buffer *buffer, const cg_param_spec *spec, float *data)
{
    cg_status status = CG_OK;
    float *copy = NULL;
    CG_TRY(cg_memory_create(&copy, cg_param_size(spec), sizeof *copy));
    CG_TRY(cg_buffer_download(buffer, 0, copy, cg_param_size(spec) * sizeof *copy));
    convert_layout(data, copy, spec, false);
done:
    free(copy);
    return status;
}

cg_status cg_network_upload_param(cg_network *net, cg_arena_id arena, cg_param_id id,
                                  const float *data)
{
    return upload_array(net->arenas[arena].view[id], &cg_model_params[id], data);
}

cg_status cg_network_download_param(const cg_network *net, cg_arena_id arena, cg_param_id id,
                                    float *data)
{
    return download_array(net->arenas[arena].view[id], &cg_model_params[id], data);
}

cg_status cg_network_upload_stat(cg_network *net, cg_stat_id id, const float *data)
{
    return upload_array(net->stats.view[id], &cg_model_stats[id], data);
}

cg_status cg_network_download_stat(const cg_network *net, cg_stat_id id, float *data)
{
    return download_array(net->stats.view[id], &cg_model_stats[id], data);
}
