/* Measurements of several devices or versions side by side, from the files of `clgan bench`.
 *
 *     cg_comparison c = {0};
 *     if (cg_comparison_add(&c, "before.json") == CG_OK &&
 *         cg_comparison_add(&c, "after.json") == CG_OK)
 *         printf("%.2f times as fast\n", c.entries[1].ratio);
 *     cg_comparison_deinit(&c);
 *
 * Threads: any thread may call these functions, several at once, each on a comparison of its own.
 */
#ifndef CLGAN_COMPARE_H
#define CLGAN_COMPARE_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CG_COMPARE_TEXT = 160,
    CG_COMPARE_NAME = 48,    /* of a stage, a pass, an algorithm */
    CG_COMPARE_LAYERS = 512, /* of a device, and in a table, at most */
    CG_COMPARE_TIMES = 4608, /* layers of all devices, and cells of a table, at most */
    CG_COMPARE_DEVICES = 128 /* of a comparison, at most */
};

/* A stage of a training step on a device. */
typedef struct cg_comparison_layer {
    char name[CG_COMPARE_NAME], pass[CG_COMPARE_NAME];
    char algorithm[CG_COMPARE_NAME]; /* "" where there is no choice */
    double seconds;                  /* the median */
    double peak_share;               /* 0 where nothing is counted */
} cg_comparison_layer;

/* A device of a file. Texts are valid UTF-8 without control characters. A number that the file does
 * not give is 0, a text ""; without figures all numbers but the batch are 0, and `reason` says why.
 */
typedef struct cg_comparison_entry {
    char file[CG_COMPARE_TEXT];
    char device[CG_COMPARE_TEXT], platform[CG_COMPARE_TEXT], driver[CG_COMPARE_TEXT];
    char clgan[CG_COMPARE_TEXT];
    char reason[CG_COMPARE_TEXT];             /* "" where there are figures */
    uint64_t batch, launches;                 /* of a step */
    double seconds, seconds_min, seconds_max; /* of a step; the first is the median */
    double images_per_second;                 /* real images */
    double gflops, gbps;                      /* the device's peaks */
    double memory_bytes;
    bool checked;                /* its results agree with the reference, as far as the file says */
    double max_error;            /* then */
    double ratio;                /* of the images a second, to the first entry's with figures */
    cg_comparison_layer *layers; /* in the order of a step; owned */
    size_t layer_count;
} cg_comparison_entry;

typedef struct cg_comparison {
    cg_comparison_entry *entries; /* in the order of the files; owned */
    size_t count;
} cg_comparison;

/* Appends the devices of a file. CG_ERR_INPUT, logged, when it is no bench file of format 1, a
 * figure in it is not a positive number, or it has more of them than any; CG_ERR_MEMORY. */
CG_API cg_status cg_comparison_add(cg_comparison *comparison, const char *path);

/* Tells whether what follows can be written, to be asked before the work; NULL is a file that is
 * not wanted. CG_ERR_ARGUMENT, logged, when the name of a page does not end in .html, that of a
 * picture in .png; CG_ERR_WRITE; CG_ERR_ABSENT where this build has no cairo. */
CG_API cg_status cg_comparison_probe(const char *html, const char *png);

/* Writes the devices and their stages as one page of HTML that needs nothing else, or as a picture;
 * the file appears whole or not at all. CG_ERR_WRITE; CG_ERR_MEMORY; CG_ERR_SHAPE when there are
 * too many devices and stages for a figure; CG_ERR_ABSENT. */
CG_API cg_status cg_comparison_write_html(const cg_comparison *comparison, const char *path);
CG_API cg_status cg_comparison_write_png(const cg_comparison *comparison, const char *path);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_comparison_deinit(cg_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
