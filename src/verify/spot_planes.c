/* Planes of maps, through prologues. */
#include "verify/spot_planes.h"

#include "base/try.h"

#include <string.h>

cg_status cg_spot_planes_init(cg_spot_planes *planes, cg_spot *spot, const cg_map *map,
                              const cg_prologue *prologue)
{
    cg_status status = CG_OK;
    *planes = (cg_spot_planes){.spot = spot, .map = *map};
    if (prologue) {
        CG_TRY(cg_spot_fetch(&planes->scale, spot, prologue->scale));
        CG_TRY(cg_spot_fetch(&planes->shift, spot, prologue->shift));
        CG_TRY(cg_spot_fetch(&planes->image, spot, prologue->image));
        planes->groups = prologue->groups;
        planes->slope = (double)prologue->slope;
    }
done:
    return status;
}

cg_status cg_spot_planes_create(cg_spot_planes *planes)
{
    cg_status status = CG_OK;
    const size_t c = planes->map.c, floats = c * planes->map.h * planes->map.w;
    double *numbers;
    bool *known;
    const size_t size = 3 * floats + c + planes->source_size;
    CG_TRY(cg_spot_create_memory(&numbers, planes->spot, CG_SPOT_SHARES * size, sizeof *numbers));
    CG_TRY(cg_spot_create_memory(&known, planes->spot, CG_SPOT_SHARES * c, sizeof *known));
    for (size_t s = 0; s < CG_SPOT_SHARES; s++) {
        double *own = numbers + s * size;
        planes->images[s] = (cg_spot_image){.n = SIZE_MAX,
                                            .known = known + s * c,
                                            .value = own,
                                            .magnitude = own + floats,
                                            .error = own + 2 * floats,
                                            .norm = own + 3 * floats,
                                            .source = own + 3 * floats + c};
    }
done:
    return status;
}

/* A plane while it is computed. */
typedef struct plane {
    double *value, *magnitude, *error;
    size_t pixels;
} plane;

/* leaky(scale x + shift), slope <= 1: LeakyReLU does not enlarge what its argument is wrong by. */
static void apply_affine(const cg_spot_planes *p, const plane *to, size_t c)
{
    double *restrict value = to->value, *restrict magnitude = to->magnitude;
    double *restrict error = to->error;
    const size_t f = cg_blocked_index(p->map.c, p->groups, 0, c);
    const float *restrict scales = p->scale + f, *restrict shifts = p->shift + f;
    const size_t step = p->groups == 1 ? 0 : cg_map_lanes(p->map.c);
    const double slope = p->slope;
    for (size_t i = 0; i < to->pixels; i++) {
        double scale = (double)scales[i * step], shift = (double)shifts[i * step];
        double product = scale * value[i], y = product + shift, below = slope * y;
        value[i] = y > below ? y : below; /* without a branch: signs have no pattern */
        magnitude[i] = fabs(product) + fabs(shift);
        error[i] *= fabs(scale);
    }
}

static void read_data(const cg_spot_planes *p, const plane *to, size_t n, size_t c)
{
    const cg_map *m = &p->map;
    const size_t lanes = cg_map_lanes(m->c), pixels = to->pixels;
    const float *restrict data = p->data + cg_blocked_index(m->c, m->n * pixels, n * pixels, c);
    double *restrict value = to->value;
    for (size_t i = 0; i < pixels; i++)
        value[i] = (double)data[i * lanes];
    memset(to->error, 0, pixels * sizeof *to->error);
}

/* Scales by the image's factor, after which what is below `least` may be 0; returns the norm of the
 * magnitudes. */
static double scale_plane(const plane *to, double factor, double least)
{
    double *restrict value = to->value, *restrict magnitude = to->magnitude;
    double *restrict error = to->error, squares = 0;
    for (size_t i = 0; i < to->pixels; i++) {
        value[i] *= factor;
        magnitude[i] *= fabs(factor);
        error[i] *= fabs(factor);
        error[i] += fabs(value[i]) < 2 * least ? least : 0; /* as cg_approx_flush() */
    }
    for (size_t i = 0; i < to->pixels; i++)
        squares += magnitude[i] * magnitude[i];
    return sqrt(squares);
}

/* x' = image leaky(scale x + shift) */
static void fill(const cg_spot_planes *p, cg_spot_image *image, size_t c)
{
    const size_t pixels = p->map.h * p->map.w, at = c * pixels;
    const plane to = {image->value + at, image->magnitude + at, image->error + at, pixels};
    if (p->data)
        read_data(p, &to, image->n, c);
    else
        p->derive(p, image, c, to.value, to.error);
    for (size_t i = 0; i < pixels; i++)
        to.magnitude[i] = fabs(to.value[i]) + to.error[i];
    if (p->scale)
        apply_affine(p, &to, c);
    image->norm[c] = scale_plane(&to, p->image ? (double)p->image[image->n] : 1,
                                 cg_approx_least(p->spot->net->choice.strict));
}

size_t cg_spot_plane(cg_spot_planes *p, size_t share, size_t n, size_t c)
{
    cg_spot_image *image = &p->images[share];
    if (image->n != n) {
        memset(image->known, 0, p->map.c * sizeof *image->known);
        image->n = n;
        if (p->prepare)
            p->prepare(p, image->source, n);
    }
    if (!image->known[c])
        fill(p, image, c);
    image->known[c] = true;
    return c * p->map.h * p->map.w;
}
