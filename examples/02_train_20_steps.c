/* Trains both networks for 20 steps, and draws what the generator makes of noise by then.
 *
 *     02_train_20_steps                       writes the run runs/example and digits.png
 *     02_train_20_steps RUN PICTURE.png
 *
 * 20 steps are too few for digits: what there is to see is that light goes to the middle.
 */
#include <clgan/sample.h>
#include <clgan/train.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 20, BATCH = 32, SIDE = 4 };

int main(int argc, char **argv)
{
    const char *run = argc > 1 ? argv[1] : "runs/example";
    const char *picture = argc > 2 ? argv[2] : "digits.png";

    cg_train_options train = cg_train_defaults(); /* 50 epochs of data/mnist, were it not for: */
    train.out = run;
    train.device = getenv("CLGAN_DEVICE"); /* "gpu", "pocl"; NULL: the best */
    train.max_steps = STEPS;
    train.recipe.name = "fast"; /* or "tutorial", the default */
    train.recipe.batch = (cg_option_number){BATCH, true};
    train.log_every = (cg_option_number){5, true};
    if (cg_train(&train) != CG_OK)
        return 1;

    /* A run is a folder. Its checkpoints are named after their steps. */
    char checkpoint[4096];
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/step_%08d.safetensors", run, STEPS);
    cg_sample_options sample = {.checkpoint = checkpoint, .device = train.device, .out = picture};
    sample.rows = sample.columns = SIDE;
    sample.count = SIDE * SIDE;
    sample.seed = 1; /* of the noise: the same seed, the same pictures */
    if (cg_sample(&sample) != CG_OK)
        return 1;
    return printf("%s\n%s\n", checkpoint, picture) < 0;
}
