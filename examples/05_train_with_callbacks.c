/* Trains with callbacks: the program shows its own progress, and ends when it has seen enough. What
 * was trained is saved, and the run can go on.
 *
 *     05_train_with_callbacks RUN STEPS
 */
#include <clgan/train.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct watch {
    unsigned long wanted, step, records;
} watch;

static void on_step(void *user, const cg_train_progress *progress)
{
    ((watch *)user)->step = (unsigned long)progress->step;
    if (progress->step % 4 == 0) /* the losses are as of the last record */
        printf("step %lu: loss D %.3f G %.3f\n", ((watch *)user)->step, progress->loss_d,
               progress->loss_g);
}

static void on_record(void *user, const char *json)
{
    ((watch *)user)->records += json[0] == '{';
}

static bool is_enough(void *user)
{
    return ((watch *)user)->step >= ((watch *)user)->wanted;
}

int main(int argc, char **argv)
{
    watch w = {.wanted = argc > 2 ? strtoul(argv[2], NULL, 10) : 20};
    cg_train_options train = cg_train_defaults();
    train.out = argc > 1 ? argv[1] : "runs/callbacks";
    train.device = getenv("CLGAN_DEVICE");
    train.recipe.batch = (cg_option_number){32, true};
    train.log_every = (cg_option_number){3, true};
    train.user = &w;
    train.step = on_step;
    train.log = on_record;
    train.cancel = is_enough;
    cg_status status = cg_train(&train); /* CG_ERR_STOPPED: cancelled, and saved */
    printf("%s after %lu steps, %lu records\n", cg_status_name(status), w.step, w.records);
    return status == CG_ERR_STOPPED || status == CG_OK ? 0 : 1;
}
