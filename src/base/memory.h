/* Checked sizes and memory. */
#ifndef CLGAN_BASE_MEMORY_H
#define CLGAN_BASE_MEMORY_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

/* The number of elements in an array. */
#define CG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* *product = the product of `count` sizes. CG_ERR_SHAPE on overflow (not logged: the caller knows
 * what the sizes are); *product is then 0. */
cg_status cg_size_product(size_t *product, const size_t *sizes, size_t count);

/* Zeroed memory for `count` elements of `size` bytes in *memory, to be given to free().
 * CG_ERR_MEMORY, logged, when there is none or the product overflows; *memory is then NULL. */
cg_status cg_memory_create(void *memory, size_t count, size_t size);

/* Makes room in *items, an array for free() that has grown in no other way, for one more element of
 * `size` bytes behind its `count` ones; it has room for the next power of two. NULL has none.
 * CG_ERR_MEMORY, logged; the array is then as it was. */
cg_status cg_memory_grow(void *items, size_t count, size_t size);

/* *copy = the text, for free(). CG_ERR_MEMORY, logged; *copy is then NULL. */
cg_status cg_memory_copy_text(char **copy, const char *text);

/* True when none of the numbers is infinite or NaN. */
bool cg_memory_is_finite(const float *numbers, size_t count);

/* The most bytes of memory that the process has had resident; 0 if the system does not report it.
 * */
size_t cg_memory_resident_peak(void);

/* Rounded up to the next multiple; multiple > 0. */
static inline size_t cg_round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

/* ceil(a / b) for b > 0. */
static inline size_t cg_ceil_div(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

#endif
