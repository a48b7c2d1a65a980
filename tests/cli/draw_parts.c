/* Draws digits in parts, as floats, and in two threads at once: they are always the same ones.
 *
 *     draw_parts CHECKPOINT DIGITS.idx      DIGITS.idx: `clgan sample --count 70 --seed 3`
 */
#include <clgan/generator.h>
#include <clgan/idx.h>
#include <clgan/image.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 70, SEED = 3, SIZE = CG_GENERATOR_PIXELS };

typedef struct drawing {
    const char *checkpoint;
    unsigned char whole[COUNT * SIZE], parts[COUNT * SIZE], from_floats[COUNT * SIZE];
    float x[COUNT * SIZE];
    cg_status status;
} drawing;

static cg_status draw_parts(drawing *d, cg_generator *g)
{
    static const size_t ends[] = {0, 10, 10, 66, COUNT}; /* a group of noise has 64 digits */
    for (size_t i = 1; i < sizeof ends / sizeof ends[0]; i++) {
        size_t first = ends[i - 1];
        cg_status status =
            cg_generator_draw(g, d->parts + first * SIZE, SEED, first, ends[i] - first);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

static void *draw(void *argument)
{
    drawing *d = argument;
    cg_generator *g;
    d->status = cg_generator_open(&g, d->checkpoint, getenv("CLGAN_DEVICE"));
    if (d->status == CG_OK)
        d->status = cg_generator_draw(g, d->whole, SEED, 0, COUNT);
    if (d->status == CG_OK)
        d->status = draw_parts(d, g);
    if (d->status == CG_OK)
        d->status = cg_generator_draw_floats(g, d->x, SEED, 0, COUNT);
    cg_pixels_from_floats(d->from_floats, d->x, sizeof d->from_floats);
    if (d->status == CG_OK && cg_generator_draw(g, d->parts, SEED, UINT64_MAX, 1) == CG_OK)
        d->status = CG_ERR_WRONG;
    cg_generator_close(g);
    return NULL;
}

static int check(const char *what, const unsigned char *got, const unsigned char *expected)
{
    int same = memcmp(got, expected, COUNT * SIZE) == 0;
    if (!same)
        fprintf(stderr, "%s are other digits than those of clgan sample\n", what);
    return same;
}

int main(int argc, char **argv)
{
    static drawing drawings[2];
    pthread_t threads[2];
    cg_idx idx;
    if (argc != 3 || cg_idx_read(&idx, argv[2]) != CG_OK || idx.size != COUNT * SIZE)
        return 2;
    for (int i = 0; i < 2; i++) {
        drawings[i].checkpoint = argv[1];
        if (pthread_create(&threads[i], NULL, draw, &drawings[i]) != 0)
            return 2;
    }
    int right = 1;
    for (int i = 0; i < 2; i++) {
        const drawing *d = &drawings[i];
        pthread_join(threads[i], NULL);
        right = d->status == CG_OK && check("all at once", d->whole, idx.data) &&
                check("parts", d->parts, idx.data) && check("floats", d->from_floats, idx.data) &&
                right;
    }
    cg_idx_deinit(&idx);
    return right ? 0 : 1;
}
