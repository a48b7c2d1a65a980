/* Figures in a build without cairo: there are none. CMake takes this file in place of those that
 * draw. */
#include "figure/figure.h"

#include <clgan/log.h>

cg_status cg_figure_check(void)
{
    return cg_fail(CG_ERR_ABSENT, "no figures: this clgan was built without cairo, which the CMake "
                                  "option CLGAN_FIGURES=ON takes");
}

cg_status cg_figure_png(cg_text *png, const cg_figure *figure)
{
    (void)png;
    (void)figure;
    return cg_figure_check();
}

cg_status cg_figure_svg(cg_text *svg, const cg_figure *figure, const char *description)
{
    (void)svg;
    (void)figure;
    (void)description;
    return cg_figure_check();
}
