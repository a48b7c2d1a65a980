/* Draws digits from a checkpoint into memory, and shows them as text: no file is written.
 *
 *     04_draw_in_memory runs/example/checkpoints/step_00000020.safetensors
 *     04_draw_in_memory CHECKPOINT SEED
 *
 * A program with a window does the same: it opens a generator once, and draws as often as it likes.
 */
#include <clgan/generator.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS = 3, SIDE = CG_GENERATOR_SIDE };

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s CHECKPOINT.safetensors [SEED]\n", argv[0]);
        return 2;
    }
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned char pixels[DIGITS][SIDE][SIDE]; /* 0 black .. 255 white */

    cg_generator *generator;
    cg_status status = cg_generator_open(&generator, argv[1], getenv("CLGAN_DEVICE"));
    if (status == CG_OK)
        status = cg_generator_draw(generator, pixels[0][0], seed, 0, DIGITS);
    cg_generator_close(generator); /* NULL where it was not opened */

    for (int y = 0; y < SIDE && status == CG_OK; y += 2) { /* a letter is two pixels high */
        for (int i = 0; i < DIGITS * SIDE; i++) {
            int level = pixels[i / SIDE][y][i % SIDE] + pixels[i / SIDE][y + 1][i % SIDE];
            putchar(" .:-=+*#%@"[level * 9 / 510]);
        }
        putchar('\n');
    }
    return status == CG_OK ? 0 : 1;
}
