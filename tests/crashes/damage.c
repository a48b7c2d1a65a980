/* Damages a checkpoint in each way of a kind, one at a time: its reader must refuse it.
 *
 *     damage FILE       FILE is changed, and as it was in the end
 */
#include "run/checkpoint.h"
#include "base/endian.h"
#include "base/philox.h"

#include <clgan/log.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, TAIL = 4096, DATA_FLIPS = 10000 };

typedef struct victim {
    const char *path;
    int fd;
    unsigned char *bytes; /* as they should be */
    size_t size, header;  /* the header's end */
    size_t tried, passed; /* this many were not refused */
} victim;

static void swallow(void *user, cg_log_level level, const char *line)
{
    (void)user, (void)level, (void)line;
}

static bool is_sound(const victim *v)
{
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t step;
    bool sound = cg_checkpoint_read(&file, &recipe, &step, v->path) == CG_OK;
    cg_safetensors_release(file);
    return sound;
}

static void put(const victim *v, const void *bytes, size_t at, size_t size)
{
    if (pwrite(v->fd, bytes, size, (off_t)at) != (ssize_t)size) {
        perror(v->path);
        exit(1);
    }
}

static void judge(victim *v, const char *what, size_t at)
{
    v->tried++;
    if (is_sound(v)) {
        v->passed++;
        printf("%s at %zu was taken for sound\n", what, at);
    }
}

static void flip(victim *v, size_t bit)
{
    unsigned char byte = v->bytes[bit / 8] ^ (unsigned char)(1 << bit % 8);
    put(v, &byte, bit / 8, 1);
    judge(v, "a flipped bit", bit);
    put(v, &v->bytes[bit / 8], bit / 8, 1);
}

static void flip_bits(victim *v)
{
    const size_t rest = v->size - v->header;
    for (size_t bit = 0; bit < 8 * v->header; bit++)
        flip(v, bit);
    for (uint32_t i = 0; i < DATA_FLIPS; i++) {
        uint32_t random[4];
        cg_philox4x32(random, (const uint32_t[4]){i}, (const uint32_t[2]){1});
        flip(v, 8 * (v->header + random[0] % rest) + random[1] % 8);
    }
}

static size_t last_start(const victim *v, size_t unit)
{
    return (v->size - 1) / unit * unit;
}

/* The file grows shorter by sectors. */
static void cut(victim *v)
{
    for (size_t at = last_start(v, SECTOR);; at -= SECTOR) {
        if (ftruncate(v->fd, (off_t)at) != 0)
            exit(1);
        judge(v, "an end", at);
        if (at == 0)
            break;
    }
    put(v, v->bytes, 0, v->size);
}

/* From the end on more and more of it is something else: zeros, or noise. */
static void replace_tail(victim *v, bool noise)
{
    unsigned char other[TAIL] = {0};
    for (size_t i = 0; noise && i < TAIL; i++)
        other[i] = (unsigned char)(i * 197 + i / 256 + 91);
    for (size_t at = last_start(v, TAIL);; at -= TAIL) {
        put(v, other, at, v->size - at < TAIL ? v->size - at : TAIL);
        judge(v, noise ? "noise" : "zeros", at);
        if (at == 0)
            break;
    }
    put(v, v->bytes, 0, v->size);
}

static void load(victim *v)
{
    struct stat info;
    v->fd = open(v->path, O_RDWR);
    if (v->fd < 0 || fstat(v->fd, &info) != 0) {
        perror(v->path);
        exit(1);
    }
    v->size = (size_t)info.st_size;
    v->bytes = malloc(v->size);
    if (!v->bytes || pread(v->fd, v->bytes, v->size, 0) != info.st_size)
        exit(1);
    v->header = 8 + (size_t)cg_endian_load_le64(v->bytes);
}

int main(int argc, char **argv)
{
    victim v = {.path = argc == 2 ? argv[1] : ""};
    cg_log_set_handler(swallow, NULL);
    load(&v);
    bool sound = is_sound(&v);
    flip_bits(&v);
    printf("%zu flipped bits\n", v.tried);
    cut(&v);
    replace_tail(&v, false);
    replace_tail(&v, true);
    sound &= is_sound(&v);
    printf("%zu damages, %zu of them not refused\n", v.tried, v.passed);
    close(v.fd);
    free(v.bytes);
    return sound && !v.passed ? 0 : 1;
}
