/* Trains as `clgan train --strict` did, in plain C (src/ref/strict.h), and compares every bit.
 *
 *     clgan-strict CHECKPOINT [--from CHECKPOINT] [--data DIR] [--out FILE]
 *
 * CHECKPOINT is of a strict run; its options and its step say what to train. The training starts
 * with the run's seed, or at an earlier checkpoint of the run. A line tells of each tensor that is
 * not the same, the last one is STRICT SAME or STRICT DIFFERENT; FILE becomes a checkpoint of what
 * was computed. Exits 0 when all tensors are the same, 1 when not, 2 when a file or an argument
 * cannot be read.
 */
#include "base/memory.h"
#include "base/try.h"
#include "nn/arena.h"
#include "ref/strict.h"
#include "run/checkpoint.h"

#include <clgan/dataset.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *checkpoint, *from, *data, *out;
} arguments;

/* A checkpoint has these beside parameters: their names' prefixes, and the metrics' name. */
static const char moment1_prefix[] = "adam.m.", moment2_prefix[] = "adam.v.",
                  average_prefix[] = "average.", metrics_name[] = "train.epoch_metrics";

/* ---- a state by the names of a file ---------------------------------------------------------- */

/* The part of `arrays` that name, without its prefix, says; NULL when it says none. */
static float *find_param(float *const *arrays, size_t count, const char *name, const char *prefix)
{
    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return NULL;
    for (size_t id = 0; id < count; id++)
        if (strcmp(name + strlen(prefix), cg_model_params[id].name) == 0)
            return arrays[id];
    return NULL;
}

/* The array of the state that a checkpoint has under this name; NULL when there is none. */
static float *find_array(const cg_strict_state *state, const char *name)
{
    const struct {
        float *const *arrays;
        size_t count;
        const char *prefix;
    } parts[] = {{state->param, CG_PARAM_COUNT, ""},
                 {state->moment1, CG_PARAM_COUNT, moment1_prefix},
                 {state->moment2, CG_PARAM_COUNT, moment2_prefix},
                 {state->average, CG_G_PARAM_COUNT, average_prefix}};
    float *array = NULL;
    for (size_t i = 0; i < CG_COUNT(parts) && !array; i++)
        array = find_param(parts[i].arrays, parts[i].count, name, parts[i].prefix);
    for (size_t id = 0; id < CG_STAT_COUNT && !array; id++)
        array = strcmp(name, cg_model_stats[id].name) == 0 ? state->stat[id] : NULL;
    return array;
}

static size_t count_values(const cg_host_tensor *tensor)
{
    size_t count = 1;
    for (size_t i = 0; i < tensor->rank; i++)
        count *= tensor->dims[i];
    return count;
}

static void restore_state(cg_strict_state *state, const cg_safetensors *file)
{
    for (size_t i = 0; i < cg_safetensors_count(file); i++) {
        const cg_host_tensor *tensor = cg_safetensors_at(file, i);
        float *array = find_array(state, tensor->name);
        if (array)
            memcpy(array, tensor->data, count_values(tensor) * sizeof *array);
    }
}

static void init_state(cg_strict_state *state, const cg_recipe *recipe)
{
    const double deviation = recipe->hypers[CG_HYPER_DEVIATION];
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const cg_param_spec *spec = &cg_model_params[id];
        cg_param_draw(state->param[id], spec, recipe->seed, (uint32_t)id, deviation, true);
        if (id < CG_G_PARAM_COUNT && state->average[id])
            memcpy(state->average[id], state->param[id], cg_param_size(spec) * sizeof(float));
    }
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        cg_param_draw(state->stat[id], &cg_model_stats[id], recipe->seed, 0, 0, true);
}

/* ---- training -------------------------------------------------------------------------------- */

/* The run: what the checkpoint says, and what is computed. */
typedef struct run {
    arguments args;
    cg_safetensors *file;
    cg_recipe recipe;
    uint64_t step;
    cg_dataset data;
    cg_strict *strict;
    float (*metrics)[CG_STRICT_METRICS]; /* of the epoch's steps */
} run;

static cg_status check_from(const run *r, const cg_recipe *from, uint64_t step)
{
    if (cg_recipe_find_difference(from, &r->recipe) || step >= r->step)
        return cg_fail(CG_ERR_INPUT, "%s is no earlier checkpoint of the run of %s", r->args.from,
                       r->args.checkpoint);
    return CG_OK;
}

/* *first = the step after the one that the state is of. */
static cg_status start(uint64_t *first, run *r)
{
    cg_status status = CG_OK;
    cg_safetensors *from = NULL;
    cg_recipe recipe;

    *first = 1;
    if (r->args.from) {
        CG_TRY(cg_checkpoint_read(&from, &recipe, first, r->args.from));
        CG_TRY(check_from(r, &recipe, *first));
        ++*first;
        restore_state(cg_strict_get_state(r->strict), from);
    } else {
        init_state(cg_strict_get_state(r->strict), &r->recipe);
    }
done:
    cg_safetensors_release(from);
    return status;
}

static cg_status train(run *r)
{
    cg_status status = CG_OK;
    const double *h = r->recipe.hypers;
    const cg_strict_options options = {.seed = r->recipe.seed,
                                       .fakes = (size_t)r->recipe.batch,
                                       .images = r->data.images,
                                       .count = r->data.count,
                                       .rate = h[CG_HYPER_LEARNING_RATE],
                                       .rate_d = h[CG_HYPER_LEARNING_RATE_D],
                                       .beta1 = h[CG_HYPER_BETA1],
                                       .beta2 = h[CG_HYPER_BETA2],
                                       .average = h[CG_HYPER_AVERAGE],
                                       .smoothing = (float)h[CG_HYPER_SMOOTHING]};
    const size_t steps = cg_ceil_div(r->data.count, options.fakes); /* of an epoch */
    uint64_t first;

    CG_TRY(cg_strict_create(&r->strict, &options));
    CG_TRY(cg_memory_create(&r->metrics, steps, sizeof *r->metrics));
    CG_TRY(start(&first, r));
    for (uint64_t step = first; step <= r->step; step++) {
        cg_strict_run(r->strict, step);
        memcpy(r->metrics[(step - 1) % steps], cg_strict_get_state(r->strict)->metrics,
               sizeof *r->metrics);
    }
done:
    return status;
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* Tells of the first element that is not the same; true when there is one. */
static bool differs(const cg_host_tensor *expected, const float *got)
{
    const size_t count = count_values(expected);
    size_t wrong = 0, at = count;
    for (size_t i = count; i-- > 0;)
        if (memcmp(&got[i], &expected->data[i], sizeof *got) != 0) {
            wrong++;
            at = i;
        }
    if (wrong)
        printf("%s: %zu of %zu values differ, first [%zu]: %a on the host, %a in the file\n",
               expected->name, wrong, count, at, (double)got[at], (double)expected->data[at]);
    return wrong > 0;
}

static cg_status write_checkpoint(const run *r, const cg_host_tensor *tensors, size_t count)
{
    static const char *const keys[] = {"clgan.format", "step", "epoch", "seed", "options"};
    cg_metadata metadata[CG_COUNT(keys)];
    for (size_t i = 0; i < CG_COUNT(keys); i++)
        metadata[i] = (cg_metadata){keys[i], cg_safetensors_metadata(r->file, keys[i])};
    return cg_safetensors_write(r->args.out, tensors, count, metadata, CG_COUNT(keys));
}

/* *array = what was computed for that tensor of the file. CG_ERR_INPUT for one that no strict run
 * has; the reader has compared the sizes of all but the metrics. */
static cg_status find_computed(float **array, const run *r, const cg_host_tensor *tensor)
{
    const bool metrics = strcmp(tensor->name, metrics_name) == 0;
    const size_t steps = cg_ceil_div(r->data.count, (size_t)r->recipe.batch);
    *array = metrics ? r->metrics[0] : find_array(cg_strict_get_state(r->strict), tensor->name);
    if (!*array || (metrics && count_values(tensor) > steps * CG_STRICT_METRICS))
        return cg_fail(CG_ERR_INPUT, "%s: %s is no tensor of a strict run with these data",
                       r->args.checkpoint, tensor->name);
    return CG_OK;
}

/* *same: all tensors are, but for metrics of steps that were not computed. */
static cg_status compare(bool *same, const run *r)
{
    cg_status status = CG_OK;
    cg_host_tensor *tensors = NULL;
    const size_t count = cg_safetensors_count(r->file);

    *same = true;
    CG_TRY(cg_memory_create(&tensors, count, sizeof *tensors));
    for (size_t i = 0; i < count; i++) {
        float *array;
        tensors[i] = *cg_safetensors_at(r->file, i);
        CG_TRY(find_computed(&array, r, &tensors[i]));
        if (array == r->metrics[0] && r->args.from)
            continue;
        *same = !differs(&tensors[i], array) && *same;
        tensors[i].data = array;
    }
    if (r->args.out)
        CG_TRY(write_checkpoint(r, tensors, count));
done:
    free(tensors);
    return status;
}

static bool parse(arguments *a, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        const char **value = strcmp(name, "--from") == 0   ? &a->from
                             : strcmp(name, "--data") == 0 ? &a->data
                             : strcmp(name, "--out") == 0  ? &a->out
                                                           : NULL;
        if (value && i + 1 < argc)
            *value = argv[++i];
        else if (!value && name[0] != '-' && !a->checkpoint)
            a->checkpoint = name;
        else
            return false;
    }
    return a->checkpoint != NULL;
}

int main(int argc, char **argv)
{
    cg_status status = CG_OK;
    run r = {.step = 0};
    bool same = false;

    if (!parse(&r.args, argc, argv)) {
        fprintf(stderr, "usage: clgan-strict CHECKPOINT [--from CHECKPOINT] [--data DIR] "
                        "[--out FILE]\n");
        return 2;
    }
    CG_TRY(cg_checkpoint_read(&r.file, &r.recipe, &r.step, r.args.checkpoint));
    CG_TRY(cg_dataset_read(&r.data, r.args.data, CG_DATASET_TRAIN));
    CG_TRY(train(&r));
    CG_TRY(compare(&same, &r));
    printf("STRICT %s at step %" PRIu64 "\n", same ? "SAME" : "DIFFERENT", r.step);
done:
    cg_strict_release(r.strict);
    free(r.metrics);
    cg_dataset_deinit(&r.data);
    cg_safetensors_release(r.file);
    return status == CG_ERR_INPUT || status == CG_ERR_ARGUMENT ? 2 : status != CG_OK || !same;
}
