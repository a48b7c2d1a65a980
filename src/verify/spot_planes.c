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

/* x' = image leaky(scale x + shift): LeakyReLU does not enlarge what its argument is wrong by. */
static void apply_prologue(cg_spot_planes *p, size_t n, size_t c, size_t pixel, size_t at)
{
    double factor = p->image ? (double)p->image[n] : 1;
    if (p->scale) {
        size_t f = cg_blocked_index(p->map.c, p->groups, p->groups == 1 ? 0 : pixel, c);
        double product = (double)p->scale[f] * p->value[at], shift = (double)p->shift[f];
        double y = product + shift;
        p->value[at] = y > 0 ? y : p->slope * y;
        p->magnitude[at] = fabs(product) + fabs(shift);
        p->error[at] *= fabs((double)p->scale[f]);
    }
    p->value[at] *= factor;
    p->magnitude[at] *= fabs(factor);
    p->error[at] *= fabs(factor);
}

static void fill(cg_spot_planes *p, size_t n, size_t c)
{
    const cg_map *m = &p->map;
    size_t pixels = m->h * m->w, at = c * pixels;
    double squares = 0;
    memset(p->error + at, 0, pixels * sizeof *p->error);
    if (!p->data)
        p->derive(p, n, c, p->value + at, p->error + at);
    for (size_t i = 0; i < pixels; i++, at++) {
        if (p->data)
            p->value[at] =
                (double)p->data[cg_blocked_index(m->c, m->n * pixels, n * pixels + i, c)];
        p->magnitude[at] = fabs(p->value[at]) + p->error[at];
        apply_prologue(p, n, c, i, at);
        squares += p->magnitude[at] * p->magnitude[at];
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
