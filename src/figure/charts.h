/* Inside figure/: the kinds of charts. Each is drawn at the pen, which is below it then. */
#ifndef CLGAN_FIGURE_CHARTS_H
#define CLGAN_FIGURE_CHARTS_H

#include "figure/chart.h"
#include "figure/pen.h"

void cg_bars_draw(cg_pen *p, const cg_bar_chart *chart);
void cg_lines_draw(cg_pen *p, const cg_line_chart *chart);

#endif
