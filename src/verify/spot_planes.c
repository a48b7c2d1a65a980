/* Planes of maps, through prologues. */
#include "verify/spot_planes.h"

#include "base/try.h"

#include <string.h>

cg_status cg_spot_planes_init(cg_spot_planes *planes, cg_spot *spot, const cg_map *map,
                              const cg_prologue *prologue)
{
    cg_status status = CG_OK;
    size_t floats = map->c * map->h * map->w;
    *planes = (cg_spot_planes){.spot = spot, .map = *map, .n = SIZE_MAX};
    CG_TRY(cg_spot_create_memory(&planes->known, spot, map->c, sizeof *planes->known));
    CG_TRY(cg_spot_create_memory(&planes->norm, spot, map->c, sizeof(double)));
    CG_TRY(cg_spot_create_memory(&planes->value, spot, floats, sizeof(double)));
    CG_TRY(cg_spot_create_memory(&planes->magnitude, spot, floats, sizeof(double)));
    CG_TRY(cg_spot_create_memory(&planes->error, spot, floats, sizeof(double)));
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

/* leaky(scale x + shift): LeakyReLU does not enlarge what its argument is wrong by. */
static void apply_affine(cg_spot_planes *p, size_t c, size_t pixels)
{
    size_t f = cg_blocked_index(p->map.c, p->groups, 0, c), at = c * pixels;
    size_t step = p->groups == 1 ? 0 : cg_map_lanes(p->map.c);
    for (size_t i = 0; i < pixels; i++, f += step) {
        double scale = (double)p->scale[f], shift = (double)p->shift[f];
        double product = scale * p->value[at + i], y = product + shift;
        p->value[at + i] = y > 0 ? y : p->slope * y;
        p->magnitude[at + i] = fabs(product) + fabs(shift);
        p->error[at + i] *= fabs(scale);
    }
}

static void read_data(cg_spot_planes *p, size_t n, size_t c, size_t pixels)
{
    const cg_map *m = &p->map;
    const size_t lanes = cg_map_lanes(m->c);
    const float *data = p->data + cg_blocked_index(m->c, m->n * pixels, n * pixels, c);
    for (size_t i = 0; i < pixels; i++)
        p->value[c * pixels + i] = (double)data[i * lanes];
    memset(p->error + c * pixels, 0, pixels * sizeof *p->error);
}

/* x' = image leaky(scale x + shift) */
static void fill(cg_spot_planes *p, size_t n, size_t c)
{
    const size_t pixels = p->map.h * p->map.w, at = c * pixels;
    const double factor = p->image ? (double)p->image[n] : 1;
    double squares = 0;
    if (p->data)
        read_data(p, n, c, pixels);
    else
        p->derive(p, n, c, p->value + at, p->error + at);
    for (size_t i = at; i < at + pixels; i++)
        p->magnitude[i] = fabs(p->value[i]) + p->error[i];
    if (p->scale)
        apply_affine(p, c, pixels);
    for (size_t i = at; i < at + pixels; i++) {
        p->value[i] *= factor;
        p->magnitude[i] *= fabs(factor);
        p->error[i] *= fabs(factor);
        squares += p->magnitude[i] * p->magnitude[i];
    }
    p->norm[c] = sqrt(squares);
}

size_t cg_spot_plane(cg_spot_planes *p, size_t n, size_t c)
{
    if (p->n != n)
        memset(p->known, 0, p->map.c * sizeof *p->known);
    if (p->n != n || !p->known[c])
        fill(p, n, c);
    p->n = n;
    p->known[c] = true;
    return c * p->map.h * p->map.w;
}
