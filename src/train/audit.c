/* The state as audits see it. */
#include "train/audit.h"

#include "base/philox.h"
#include "base/streams.h"
#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "ops/checksum.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The buffers of a state. */
enum { STATE = CG_ARENA_COUNT + 1 };

cg_status cg_audit_refuse(const cg_audit *audit, uint64_t step, const char *format, ...)
{
    char words[512];
    const cg_device_info *info = &audit->net->rt->info;
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return cg_fail(CG_ERR_WRONG,
                   "%s (driver %s) computes wrong results, seen at step %" PRIu64
                   ": %s; the run ends, and nothing of it is saved any more",
                   info->name, info->driver, step, words);
}

uint32_t cg_audit_draw(uint64_t seed, uint64_t step, uint32_t which)
{
    const uint32_t counter[4] = {(uint32_t)step, which, (uint32_t)(step >> 32), CG_STREAM_AUDIT};
    uint32_t key[2], words[4];
    cg_seed_key(key, seed);
    cg_philox4x32(words, counter, key);
    return words[0];
}

/* ---- the state ------------------------------------------------------------------------------- */

/* The i-th buffer that a step changes and the next one reads; NULL: the network has none. */
static cg_buffer *state_of(const cg_network *net, size_t i)
{
    if (i == CG_ARENA_COUNT)
        return net->stats.whole;
    return i == CG_ARENA_GRADS ? NULL : net->arenas[i].whole;
}

cg_status cg_audit_create(cg_audit *audit, cg_network *net, cg_shards *shards)
{
    cg_status status = CG_OK;
    *audit = (cg_audit){.net = net, .shards = shards};
    for (size_t i = 0; i < STATE; i++) {
        const cg_buffer *buffer = state_of(net, i);
        if (buffer)
            CG_TRY(cg_buffer_create(&audit->saved[i], net->rt, buffer->bytes));
    }
    CG_TRY(cg_buffer_create(&audit->sums, net->rt, 2 * CG_AUDIT_SUMS * sizeof(uint32_t)));
done:
    return status;
}

void cg_audit_deinit(cg_audit *audit)
{
    for (size_t i = 0; i < STATE; i++)
        cg_buffer_release(audit->saved[i]);
    cg_buffer_release(audit->sums);
    *audit = (cg_audit){0};
}

cg_status cg_audit_save_state(cg_audit *audit, uint64_t step)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(cg_buffer_copy(audit->saved[i], state_of(audit->net, i)));
    audit->kept = step;
done:
    return status;
}

cg_status cg_audit_restore_state(const cg_audit *audit)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(cg_buffer_copy(state_of(audit->net, i), audit->saved[i]));
done:
    return status;
}

/* *bounded: false when a number of the buffer is larger than `most`, or none; else as it was. */
static cg_status find_bounded(bool *bounded, const cg_buffer *buffer, float most)
{
    cg_status status = CG_OK;
    float *numbers = NULL;
    CG_TRY(cg_memory_create(&numbers, buffer->bytes, 1));
    CG_TRY(cg_buffer_download(buffer, 0, numbers, buffer->bytes));
    for (size_t i = 0; i < buffer->bytes / sizeof *numbers; i++)
        *bounded = *bounded && fabsf(numbers[i]) <= most;
done:
    free(numbers);
    return status;
}

#define TAME 1000.0F

cg_status cg_audit_find_tame(bool *tame, const cg_audit *audit)
{
    const cg_adam *adam = &audit->net->adam;
    *tame = adam->rate <= TAME && adam->rate_d <= TAME;
    return find_bounded(tame, audit->saved[CG_ARENA_PARAMS], TAME);
}

cg_status cg_audit_find_finite(bool *finite, const cg_audit *audit)
{
    cg_status status = CG_OK;
    *finite = true;
    for (size_t i = 0; *finite && i < STATE; i++)
        if (audit->saved[i])
            CG_TRY(find_bounded(finite, state_of(audit->net, i), FLT_MAX));
done:
    return status;
}

/* ---- checksums ------------------------------------------------------------------------------- */

cg_status cg_audit_add_sum(const cg_audit *audit, size_t slot, const cg_spot_extent *extent)
{
    cg_runtime *rt = audit->net->rt;
    cg_mode before = cg_choice_enter(&audit->net->choice, rt);
    cg_status status =
        cg_checksum_add(rt, audit->sums, slot, extent->buffer, extent->offset, extent->bytes);
    cg_runtime_set_mode(rt, before);
    return status;
}

cg_status cg_audit_sum_state(uint32_t *sum, const cg_audit *audit)
{
    cg_status status = CG_OK;
    uint32_t sums[STATE];
    CG_TRY(cg_buffer_fill(audit->sums, 0));
    for (size_t i = 0; i < STATE; i++) {
        cg_buffer *buffer = state_of(audit->net, i);
        if (buffer)
            CG_TRY(
                cg_audit_add_sum(audit, i, &(cg_spot_extent){"", buffer, 0, buffer->bytes, false}));
    }
    CG_TRY(cg_buffer_download(audit->sums, 0, sums, sizeof sums));
    *sum = cg_checksum_of(sums, sizeof sums);
done:
    return status;
}
