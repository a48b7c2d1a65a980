/* Files of data sets for tests, and reading them. */
#ifndef CLGAN_TESTS_IO_READ_DATA_H
#define CLGAN_TESTS_IO_READ_DATA_H

#include "support.h"

#include <clgan/dataset.h>
#include <clgan/idx.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { PIXELS = 28 * 28, TRAIN = 3, TEST = 2 };

/* ---- files ----------------------------------------------------------------------------------- */

static unsigned char numbers[16 * PIXELS];

/* Creates the folders above a file. */
static inline const char *make_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch_folder, name);
    for (char *p = path + strlen(scratch_folder) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        mkdir(path, 0777);
    }
    return path;
}

static inline void put_images(const char *name, size_t count, unsigned char level)
{
    const size_t dims[] = {count, 28, 28};
    memset(numbers, level, sizeof numbers);
    ck_assert_int_eq(cg_idx_write(make_path(name), 3, dims, numbers), CG_OK);
}

/* Labels 0, 1, ... */
static inline void put_labels(const char *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] = (unsigned char)i;
    ck_assert_int_eq(cg_idx_write(make_path(name), 1, &count, numbers), CG_OK);
}

static inline void put_text(const char *name, const char *text)
{
    put_file(make_path(name), text, strlen(text));
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The last call's messages. */
static char said[4096];

static inline cg_status read_part(cg_dataset *dataset, const char *data, cg_dataset_part part)
{
    char log[512];
    size_t got;
    snprintf(log, sizeof log, "%s.log", scratch_folder);
    int saved = dup(2), file = open(log, O_CREAT | O_TRUNC | O_WRONLY, 0666);
    ck_assert_int_ge(file, 0);
    dup2(file, 2);
    cg_status status = cg_dataset_read(dataset, *data == '/' ? data : scratch_path(data), part);
    dup2(saved, 2);
    close(saved);
    close(file);
    char *text = (char *)get_file(log, &got);
    snprintf(said, sizeof said, "%s", text);
    free(text);
    unlink(log);
    return status;
}

static inline void check_read(const char *data, cg_dataset_part part, size_t count, int level)
{
    cg_dataset dataset;
    ck_assert_msg(read_part(&dataset, data, part) == CG_OK, "%s: %s", data, said);
    ck_assert_uint_eq(dataset.count, count);
    ck_assert_uint_eq(dataset.images[count * PIXELS - 1], (unsigned)level);
    ck_assert_msg(dataset.labels != NULL, "%s: no labels", data);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(dataset.labels[i], i);
    cg_dataset_deinit(&dataset);
}

static inline void check_refused(const char *data, cg_dataset_part part, const char *words)
{
    cg_dataset dataset;
    ck_assert_int_eq(read_part(&dataset, data, part), CG_ERR_INPUT);
    ck_assert_ptr_null(dataset.images);
    ck_assert_ptr_null(dataset.labels);
    ck_assert_msg(strstr(said, words) != NULL, "\"%s\" is not in: %s", words, said);
}

#endif
