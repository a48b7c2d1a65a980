/* Comparisons with what the host has, and with what was. */
#include "train/audit_unchanged.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/shuffle.h"
#include "base/try.h"
#include "ops/checksum.h"
#include "verify/approx.h"
#include "verify/random.h"

#include <math.h>
#include <string.h>

/* The bytes of the data set that a log interval compares, and the images of the batch. */
enum { PART = 8 << 20, IMAGES = 8 };

/* ---- the data set ---------------------------------------------------------------------------- */

/* Bytes of the data set that part `part` has. */
static size_t part_bytes(const cg_audit *audit, size_t part)
{
    size_t rest = audit->data->count * CG_PIXELS - part * PART;
    return rest < PART ? rest : PART;
}

static size_t count_parts(const cg_audit *audit)
{
    return cg_ceil_div(audit->data->count * CG_PIXELS, PART);
}

cg_status cg_audit_data(cg_audit *audit, uint64_t step)
{
    cg_status status = CG_OK;
    const size_t offset = audit->part * PART, bytes = part_bytes(audit, audit->part);
    const cg_spot_extent e = {"images", audit->images, offset, bytes, false};
    uint32_t sum;
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    CG_TRY(cg_audit_add_sum(audit, 0, &e));
    CG_TRY(cg_buffer_download(audit->sums, 0, &sum, sizeof sum));
    if (sum != cg_checksum_of(audit->data->images + offset, bytes))
        return cg_audit_refuse(
            audit, step,
            "images %zu to %zu of the data set are not on the device as they were put there",
            offset / CG_PIXELS, (offset + bytes - 1) / CG_PIXELS);
    audit->part = (audit->part + 1) % count_parts(audit);
done:
    return status;
}

/* One image of the batch, the i-th real one, of which the device has `got`: a difference and a
 * quotient, of 2.5 ulp. `own` is the place of what the network has. */
static cg_status compare_image(const cg_audit *audit, const cg_step_place *own,
                               const cg_shuffle *shuffle, size_t i, const float *got)
{
    const size_t at = cg_shuffle_index(shuffle, (uint32_t)(own->first + i));
    const unsigned char *expected = audit->data->images + at * CG_PIXELS;
    for (size_t p = 0; p < CG_PIXELS; p++) {
        double value = ((double)expected[p] - 127.5) / 127.5;
        if (!(fabs((double)got[p] - value) <= 8 * CG_ROUNDING))
            return cg_audit_refuse(audit, own->step,
                                   "inputs: pixel %zu of real image %zu is %.9g, not %.9g", p, i,
                                   (double)got[p], value);
    }
    return CG_OK;
}

cg_status cg_audit_batch(const cg_audit *audit, const cg_step_source *source,
                         const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;
    const cg_network *net = audit->net;
    const cg_step_place own = audit->shards ? cg_step_part_place(audit->shards, place, 0) : *place;
    float got[CG_PIXELS];
    cg_shuffle_init(&shuffle, source->seed, (uint32_t)place->epoch, (uint32_t)source->count);
    for (uint32_t k = 0; own.reals && k < IMAGES; k++) {
        const size_t i = cg_audit_draw(source->seed, place->step, 2 + k) % own.reals;
        CG_TRY(
            cg_buffer_download(net->images.buffer, (net->fakes + i) * sizeof got, got, sizeof got));
        CG_TRY(compare_image(audit, &own, &shuffle, i, got));
    }
done:
    return status;
}

/* All of the real images that a network has. */
static cg_status compare_images(const cg_audit *audit, const cg_network *net,
                                const cg_step_source *source, const cg_step_place *own)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;
    const void *images = NULL;
    cg_shuffle_init(&shuffle, source->seed, (uint32_t)own->epoch, (uint32_t)source->count);
    CG_TRY(cg_buffer_map(&images, net->images.buffer));
    for (size_t i = 0; i < own->reals; i++)
        CG_TRY(compare_image(audit, own, &shuffle, i,
                             (const float *)images + (net->fakes + i) * CG_PIXELS));
done:
    cg_buffer_unmap(net->images.buffer, images);
    return status;
}

cg_status cg_audit_inputs(const cg_audit *audit, const cg_network *net,
                          const cg_step_source *source, const cg_step_place *own)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    CG_TRY(cg_verify_drawn_inputs(&result, net, source->seed, (uint32_t)own->step));
    if (!result.ok)
        return cg_audit_refuse(audit, own->step, "%s %s", result.name, result.message);
    CG_TRY(compare_images(audit, net, source, own));
done:
    return status;
}

cg_status cg_audit_begin(cg_audit *audit, cg_buffer *images, const cg_dataset *data, uint64_t step)
{
    cg_status status = CG_OK;
    audit->images = images;
    audit->data = data;
    audit->begun = cg_clock_seconds();
    for (size_t i = 0; i < count_parts(audit); i++)
        CG_TRY(cg_audit_data(audit, step));
    CG_TRY(cg_audit_save_state(audit, step));
done:
    return status;
}

/* ---- the state ------------------------------------------------------------------------------- */

cg_status cg_audit_hold(cg_audit *audit)
{
    return cg_audit_sum_state(&audit->held, audit);
}

cg_status cg_audit_compare(const cg_audit *audit, uint64_t step, const char *meanwhile)
{
    uint32_t sum;
    cg_status status = cg_audit_sum_state(&sum, audit);
    if (status != CG_OK || sum == audit->held)
        return status;
    return cg_audit_refuse(audit, step, "parameters, their moments or statistics changed while %s",
                           meanwhile);
}

/* ---- metrics --------------------------------------------------------------------------------- */

cg_status cg_audit_clear_metrics(cg_network *net)
{
    return cg_buffer_fill(net->metrics, CG_SPOT_UNWRITTEN);
}

cg_status cg_audit_metrics(const cg_audit *audit, const cg_metrics *metrics, uint64_t step)
{
    uint32_t words[sizeof *metrics / sizeof(uint32_t)];
    memcpy(words, metrics, sizeof words);
    for (size_t i = 0; i < CG_COUNT(words); i++)
        if (words[i] == CG_SPOT_UNWRITTEN)
            return cg_audit_refuse(audit, step,
                                   "loss fwd: the losses of the step were not written");
    return CG_OK;
}
