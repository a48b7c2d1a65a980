/* Time for measuring durations. */
#ifndef CLGAN_BASE_CLOCK_H
#define CLGAN_BASE_CLOCK_H

/* Seconds since some fixed moment; never goes backwards. */
double cg_clock_seconds(void);

#endif
