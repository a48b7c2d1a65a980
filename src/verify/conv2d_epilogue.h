/* The epilogue of a convolution that is checked. */
#ifndef CLGAN_VERIFY_CONV2D_EPILOGUE_H
#define CLGAN_VERIFY_CONV2D_EPILOGUE_H

#include "verify/expect_conv2d.h"

/* Draws the epilogue's operands for n images of the map y, which has room for y->n, and takes the
 * sums *e through it; e->gate is set where it makes gates of its mask. */
cg_status cg_verify_draw_epilogue(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
                                  const cg_map *y, size_t n, cg_verify_store kind);

#endif
