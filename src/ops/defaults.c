/* The tables of defaults. In this network "blocked" are g.convt1, g.convt2 and d.conv2, "image" are
 * g.convt3 and d.conv1; the dense layer is g.dense. A group may be smaller. */
#include "ops/defaults.h"

/* clang-format off */
const cg_conv2d_default cg_conv2d_defaults[] = {
    {CG_KIND_CPU, CG_MAPS_BLOCKED, &cg_conv2d_fourier},       /* panels by the number of cores */
    {CG_KIND_CPU, CG_MAPS_BLOCKED, &cg_conv2d_direct},
    {CG_KIND_CPU, CG_MAPS_IMAGE,   &cg_conv2d_image},
    {CG_KIND_GPU, CG_MAPS_BLOCKED, &cg_conv2d_fourier_tiled}, /* 64 x 64 results a group     */
    {CG_KIND_GPU, CG_MAPS_BLOCKED, &cg_conv2d_tiled},         /* 64 x 64 results a group     */
    {CG_KIND_GPU, CG_MAPS_IMAGE,   &cg_conv2d_canvas},        /* 256 work-items a group      */
    {CG_KIND_ANY, CG_MAPS_ANY,     &cg_conv2d_plain},
    {0}
};

const cg_dense_default cg_dense_defaults[] = {
    {CG_KIND_CPU, &cg_dense_own},                             /* panels by the number of cores */
    {CG_KIND_ANY, &cg_dense_clblast},
    {CG_KIND_ANY, &cg_dense_plain},
    {0}
};
/* clang-format on */

bool cg_kind_is_of(const cg_runtime *rt, cg_kind kind)
{
    return kind == CG_KIND_ANY || (kind == CG_KIND_CPU) == (rt->info.type == CG_DEVICE_CPU);
}

bool cg_kind_is_strict(const cg_runtime *rt, cg_kind kind)
{
    bool cpu = rt->info.type == CG_DEVICE_CPU && !rt->quirks.short_loops;
    return kind == CG_KIND_ANY || (kind == CG_KIND_CPU) == cpu;
}

bool cg_default_is_for(const cg_runtime *rt, cg_kind kind, const cg_variant variants[CG_VARIANTS],
                       const char *name)
{
    if (kind == CG_KIND_CPU && rt->quirks.short_loops)
        return false;
    return name ? cg_variant_find(variants, name) != NULL : cg_kind_is_of(rt, kind);
}

bool cg_maps_are_of(const cg_conv2d_shape *shape, cg_maps maps)
{
    return maps == CG_MAPS_ANY ||
           (shape->small_c > 1 && (shape->large_c > 1) == (maps == CG_MAPS_BLOCKED));
}
