/* Measurements of several devices or versions side by side, from the files of `clgan bench`.
 *
 *     cg_comparison c = {0};
 *     if (cg_comparison_add(&c, "before.json") == CG_OK &&
 *         cg_comparison_add(&c, "after.json") == CG_OK)
 *         printf("%.2f times as fast\n", c.entries[1].ratio);
 *     cg_comparison_deinit(&c);
 */
#ifndef CLGAN_COMPARE_H
#define CLGAN_COMPARE_H

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CG_COMPARE_TEXT = 160 };

/* A device of a file. Without figures all numbers are 0, and `reason` says why. */
typedef struct cg_comparison_entry {
    char file[CG_COMPARE_TEXT];
    char device[CG_COMPARE_TEXT], driver[CG_COMPARE_TEXT], clgan[CG_COMPARE_TEXT];
    char reason[CG_COMPARE_TEXT]; /* "" where there are figures */
    uint64_t batch;
    double seconds;           /* of a step, the median */
    double images_per_second; /* real images */
    double gflops;            /* the device's peak */
    double memory_bytes;
    double ratio; /* of the images a second, to the first entry's with figures */
} cg_comparison_entry;

typedef struct cg_comparison {
    cg_comparison_entry *entries; /* in the order of the files; owned */
    size_t count;
} cg_comparison;

/* Appends the devices of a file. CG_ERR_INPUT, logged, when it is no bench file of format 1 or a
 * figure in it is not a positive number; CG_ERR_MEMORY. */
cg_status cg_comparison_add(cg_comparison *comparison, const char *path);

/* A zeroed struct is fine. */
void cg_comparison_deinit(cg_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
