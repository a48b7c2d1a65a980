/* Trains on a data set until it is stopped at the end of the first epoch, by a stop that is asked
 * for once.
 *
 *     stop_once DATA CLASSIFIER RUN epoch     asks when the epoch is in the log, before it is saved
 *     stop_once DATA CLASSIFIER RUN step      asks after the epoch's last step, by a single answer
 */
#include <clgan/train.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCH_STEPS = 8 };

typedef struct watch {
    volatile sig_atomic_t stop;
    bool by_step, answered;
    uint64_t step;
} watch;

static void on_step(void *user, const cg_train_progress *progress)
{
    ((watch *)user)->step = progress->step;
}

static void on_record(void *user, const char *record)
{
    watch *w = user;
    w->stop = !w->by_step && strstr(record, "\"type\":\"epoch\"");
}

static bool on_question(void *user)
{
    watch *w = user;
    bool now = w->by_step && w->step == EPOCH_STEPS && !w->answered;
    w->answered |= now;
    return now;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    watch w = {.by_step = strcmp(argv[4], "step") == 0};
    cg_train_options train = cg_train_defaults();
    train.data = argv[1];
    train.classifier = argv[2];
    train.out = argv[3];
    train.device = getenv("CLGAN_DEVICE");
    train.epochs = (cg_option_number){4, true};
    train.recipe.batch = (cg_option_number){10, true};
    train.evaluate_samples = (cg_option_number){40, true};
    train.log_every = (cg_option_number){3, true};
    train.user = &w;
    train.stop = &w.stop;
    train.step = on_step;
    train.log = on_record;
    train.cancel = on_question;
    return cg_train(&train) == CG_ERR_STOPPED && w.step == EPOCH_STEPS ? 0 : 1;
}
