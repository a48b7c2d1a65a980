/* Sets of points for the measures' tests: random ones, and those of the fixture, with what
 * tests/fixtures/make_eval_points.py says of them. */
#ifndef CLGAN_TESTS_EVAL_SETS_H
#define CLGAN_TESTS_EVAL_SETS_H

#include "base/philox.h"

#include <cjson/cJSON.h>
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* n points, each number ~ N(shift, 1), as floats; by Box and Muller. It is to be given to free().
 * */
static inline float *set_draw(size_t n, size_t d, float shift, uint32_t which)
{
    float *x = malloc(n * d * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n * d; i++) {
        const uint32_t counter[4] = {(uint32_t)i, which, 0, 0}, key[2] = {1, 2};
        uint32_t words[4];
        cg_philox4x32(words, counter, key);
        double radius = sqrt(-2 * log(((double)words[0] + 1) * 0x1p-32));
        x[i] = shift + (float)(radius * cos(2 * 3.14159265358979 * (double)words[1] * 0x1p-32));
    }
    return x;
}

static inline double set_square(const float *a, const float *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += pow((double)a[j] - (double)b[j], 2);
    return sum;
}

typedef struct fixture {
    cJSON *json;
    float *real, *fake;
    size_t n_real, n_fake, d;
} fixture;

static inline float *fixture_points(const cJSON *rows, size_t *n, size_t *d)
{
    *n = (size_t)cJSON_GetArraySize(rows);
    *d = (size_t)cJSON_GetArraySize(cJSON_GetArrayItem(rows, 0));
    float *x = malloc(*n * *d * sizeof *x), *next = x;
    const cJSON *row, *number;
    cJSON_ArrayForEach (row, rows)
        cJSON_ArrayForEach (number, row)
            *next++ = (float)number->valuedouble;
    return x;
}

static inline fixture fixture_read(void)
{
    fixture f = {0};
    char *text = calloc(1, 1 << 16);
    FILE *file = fopen(CLGAN_TEST_DIR "/fixtures/eval_points.json", "rb");
    ck_assert(file && text);
    ck_assert_uint_gt(fread(text, 1, (1 << 16) - 1, file), 0);
    fclose(file);
    ck_assert_ptr_nonnull(f.json = cJSON_Parse(text));
    free(text);
    f.real = fixture_points(cJSON_GetObjectItem(f.json, "real"), &f.n_real, &f.d);
    f.fake = fixture_points(cJSON_GetObjectItem(f.json, "fake"), &f.n_fake, &f.d);
    return f;
}

static inline double fixture_value(const fixture *f, const char *name)
{
    const cJSON *value = cJSON_GetObjectItem(cJSON_GetObjectItem(f->json, "values"), name);
    ck_assert_msg(cJSON_IsNumber(value), "%s is not in the fixture", name);
    return value->valuedouble;
}

static inline void fixture_free(fixture *f)
{
    free(f->real);
    free(f->fake);
    cJSON_Delete(f->json);
}

#endif
