/* Options become settings. */
#include "train/settings.h"

#include "base/memory.h"
#include "base/try.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* The places of a run's numbers in the options. */
static const size_t places[CG_RUN_NUMBER_COUNT] = {
    [CG_RUN_EPOCHS] = offsetof(cg_train_options, epochs),
    [CG_RUN_KEEP] = offsetof(cg_train_options, keep),
    [CG_RUN_CHECKPOINT_EVERY] = offsetof(cg_train_options, checkpoint_every),
    [CG_RUN_LOG_EVERY] = offsetof(cg_train_options, log_every),
    [CG_RUN_EVALUATE_EVERY] = offsetof(cg_train_options, evaluate_every),
    [CG_RUN_EVALUATE_SAMPLES] = offsetof(cg_train_options, evaluate_samples),
};

_Static_assert((int)CG_SHARDS_MOST == (int)CG_TREE_MOST, "a batch has the shards of a tree");

enum { SEED = 1 /* where none is given */ };

static cg_option_number *number_of(cg_train_options *options, cg_run_number i)
{
    return (cg_option_number *)((char *)options + places[i]); // NOLINT: it is aligned
}

/* A number that is 0, and not given, is the usual one. */
static void complete_number(cg_option_number *number, uint64_t usual)
{
    if (!number->given && !number->value)
        number->value = usual;
}

cg_train_options cg_train_defaults(void)
{
    cg_train_options options = {0};
    for (cg_run_number i = 0; i < CG_RUN_NUMBER_COUNT; i++)
        complete_number(number_of(&options, i), cg_run_numbers[i].usual);
    complete_number(&options.seed, SEED);
    return options;
}

cg_status cg_settings_complete(cg_train_options *complete, const cg_train_options *options)
{
    *complete = *options;
    complete_number(&complete->seed, SEED);
    for (cg_run_number i = 0; i < CG_RUN_NUMBER_COUNT; i++) {
        const cg_run_number_spec *spec = &cg_run_numbers[i];
        cg_option_number *number = number_of(complete, i);
        complete_number(number, spec->usual);
        if (number->value < spec->min || number->value > spec->max)
            return cg_fail(CG_ERR_ARGUMENT,
                           "--%s must be from %" PRIu64 " to %" PRIu64 ", not %" PRIu64,
                           spec->option, spec->min, spec->max, number->value);
    }
    return CG_OK;
}

static void take_classifier(cg_trainer *t)
{
    const char *given = t->options->classifier;
    if (given)
        snprintf(t->config.classifier, sizeof t->config.classifier, "%s", given);
}

cg_status cg_settings_check_shards(const cg_trainer *t)
{
    const size_t ranks = cg_ranks_count(t->ranks);
    const uint64_t shards = t->config.recipe.shards;
    if (ranks == 1 || ranks <= shards)
        return CG_OK;
    if (!shards)
        return cg_fail(CG_ERR_ARGUMENT,
                       "the run has no --shards: it goes on as one process only, not as %zu ranks",
                       ranks);
    return cg_fail(CG_ERR_ARGUMENT, "%zu ranks cannot share %" PRIu64 " shards: at most one each",
                   ranks, shards);
}

cg_status cg_settings_take(cg_trainer *t)
{
    cg_status status = CG_OK;
    cg_train_options o = *t->options;
    for (cg_run_number i = 0; i < CG_RUN_NUMBER_COUNT; i++)
        *cg_config_number(&t->config, i) = number_of(&o, i)->value;
    t->config.recipe.seed = o.seed.value;
    take_classifier(t);
    t->config.no_selftest = o.no_selftest;
    CG_TRY(cg_recipe_resolve(&t->config.recipe, &o.recipe));
    if (!t->config.recipe.shards && cg_ranks_count(t->ranks) > 1)
        t->config.recipe.shards =
            cg_shards_usual(cg_ranks_count(t->ranks), (size_t)t->config.recipe.batch);
    CG_TRY(cg_settings_check_shards(t));
done:
    return status;
}

void cg_settings_take_again(cg_trainer *t)
{
    cg_train_options o = *t->options;
    for (cg_run_number i = 0; i < CG_RUN_NUMBER_COUNT; i++)
        if (number_of(&o, i)->given)
            *cg_config_number(&t->config, i) = number_of(&o, i)->value;
    if (!t->config.evaluate_samples) /* a run that is older than evaluation */
        t->config.evaluate_samples = o.evaluate_samples.value;
    take_classifier(t);
    /* Trust that was told once holds for the run's device. */
    t->config.no_selftest = o.no_selftest || (t->config.no_selftest && !o.allow_device_change);
}
