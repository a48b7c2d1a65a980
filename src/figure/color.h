/* The colors of figures, which a page shows beside the names of what they stand for. */
#ifndef CLGAN_FIGURE_COLOR_H
#define CLGAN_FIGURE_COLOR_H

#include <stddef.h>

/* rgb = the color of the index-th line of a legend. */
void cg_figure_color(unsigned char rgb[3], size_t index);

#endif
