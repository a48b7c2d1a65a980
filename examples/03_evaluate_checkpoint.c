/* Scores the pictures that a checkpoint draws, beside real ones.
 *
 *     03_evaluate_checkpoint runs/example/checkpoints/step_00000020.safetensors
 *
 * Few samples make it quick and coarse: distances grow as samples get fewer, so they are to be read
 * beside those of as many real images, the floor. `clgan evaluate` takes 10,000.
 */
#include <clgan/evaluate.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CHECKPOINT.safetensors\n", argv[0]);
        return 2;
    }
    cg_evaluate_options options = cg_evaluate_defaults();
    options.checkpoint = argv[1];
    options.device = getenv("CLGAN_DEVICE"); /* "gpu", "pocl"; NULL: the best */
    options.samples = 500;

    cg_evaluation evaluation;
    cg_status status = cg_evaluate(&evaluation, &options);
    if (status == CG_OK) {
        const cg_scores *made = &evaluation.entries[0].scores, *real = &evaluation.floor;
        printf("                   made    real images\n");
        printf("Frechet distance %6.1f  %13.1f\n", made->fid.value, real->fid.value);
        printf("precision        %6.2f  %13.2f\n", made->precision, real->precision);
        printf("recall           %6.2f  %13.2f\n", made->recall, real->recall);
        printf("classes          %6zu  %13zu\n", made->classes_covered, real->classes_covered);
    }
    cg_evaluation_deinit(&evaluation); /* whatever the status */
    return status == CG_OK ? 0 : 1;
}
