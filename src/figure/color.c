/* The colors of figures. */
#include "figure/color.h"

#include <math.h>

/* Colours that most people can distinguish, again and lighter when there are more bars than these.
 * */
void cg_figure_color(unsigned char rgb[3], size_t index)
{
    static const unsigned char colors[][3] = {
        {0x00, 0x72, 0xb2}, {0xe6, 0x9f, 0x00}, {0x00, 0x9e, 0x73}, {0xd5, 0x5e, 0x00},
        {0xcc, 0x79, 0xa7}, {0x56, 0xb4, 0xe9}, {0x66, 0x66, 0x66}, {0x8c, 0x6d, 0x31},
    };
    enum { COLORS = sizeof colors / sizeof colors[0], SHADES = 3 };
    const unsigned char *c = colors[index % COLORS];
    double white = 0.3 * (double)(index / COLORS % SHADES);
    for (size_t i = 0; i < 3; i++)
        rgb[i] = (unsigned char)lround(255 * white + (1 - white) * c[i]);
}
