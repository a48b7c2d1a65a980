/* The monotonic clock. */
#include "base/clock.h"

#include "base/platform.h"

double cg_clock_seconds(void)
{
    return cg_platform_clock();
}
