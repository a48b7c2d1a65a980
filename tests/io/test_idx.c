/* IDX files: round trips, and every way in which one can be wrong. */
#include <clgan/idx.h>

#include "base/hash.h"
#include "support.h"

#include <sys/stat.h>
#include <zlib.h>

static const unsigned char sound[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};

/* data as gzip; *size is its room and then its length. */
static void pack(unsigned char *out, size_t *size, const void *data, size_t data_size)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(size_t)data;
    z.avail_in = (uInt)data_size;
    z.next_out = out;
    z.avail_out = (uInt)*size;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    *size -= z.avail_out;
    deflateEnd(&z);
}

static void check_sound(const char *path)
{
    cg_idx idx;
    char sha256[65];
    ck_assert_int_eq(cg_idx_read(&idx, path), CG_OK);
    ck_assert_uint_eq(idx.rank, 2);
    ck_assert_uint_eq(idx.dims[0], 2);
    ck_assert_uint_eq(idx.dims[1], 3);
    ck_assert_uint_eq(idx.size, 6);
    ck_assert_mem_eq(idx.data, sound + 12, 6);
    cg_sha256_hex(sha256, sound, sizeof sound);
    ck_assert_str_eq(idx.sha256, sha256);
    cg_idx_deinit(&idx);
    ck_assert_ptr_null(idx.data);
}

static void check_refused_path(const char *path, cg_status wanted)
{
    cg_idx idx;
    ck_assert_int_eq(cg_idx_read(&idx, path), wanted);
    ck_assert_ptr_null(idx.data);
    ck_assert_uint_eq(idx.rank, 0);
}

/* The bytes must be refused both as they are and inside sound gzip. */
static void check_refused(const void *data, size_t size)
{
    unsigned char packed[4096];
    size_t packed_size = sizeof packed;
    put_file(scratch_path("plain"), data, size);
    check_refused_path(scratch_path("plain"), CG_ERR_INPUT);
    pack(packed, &packed_size, data, size);
    put_file(scratch_path("packed"), packed, packed_size);
    check_refused_path(scratch_path("packed"), CG_ERR_INPUT);
}

static void check_refused_changed(size_t index, unsigned char value)
{
    unsigned char changed[sizeof sound];
    memcpy(changed, sound, sizeof sound);
    changed[index] = value;
    check_refused(changed, sizeof changed);
}

START_TEST(reads_plain)
{
    put_file(scratch_path("a"), sound, sizeof sound);
    check_sound(scratch_path("a"));
    cg_idx_deinit(NULL);
}
END_TEST

/* The content, not the name, tells that a file is packed; gzip may have several members. */
START_TEST(reads_gzip)
{
    unsigned char packed[256];
    size_t first = 128, second = 128;
    pack(packed, &first, sound, 7);
    pack(packed + first, &second, sound + 7, sizeof sound - 7);
    put_file(scratch_path("a"), packed, first + second);
    check_sound(scratch_path("a"));
}
END_TEST

START_TEST(round_trips)
{
    const size_t dims[4] = {2, 3, 5, 70000};
    size_t count = 2 * 3 * 5 * 70000;
    unsigned char *data = malloc(count);
    for (size_t i = 0; i < count; i++)
        data[i] = (unsigned char)(i * i >> 3);
    static const char *const names[] = {"a.idx", "a.idx.gz"};
    for (size_t i = 0; i < 2; i++) {
        cg_idx idx;
        ck_assert_int_eq(cg_idx_write(scratch_path(names[i]), 4, dims, data), CG_OK);
        ck_assert_int_eq(cg_idx_read(&idx, scratch_path(names[i])), CG_OK);
        ck_assert_uint_eq(idx.rank, 4);
        ck_assert_mem_eq(idx.dims, dims, sizeof dims);
        ck_assert_mem_eq(idx.data, data, count);
        cg_idx_deinit(&idx);
    }
    free(data);
}
END_TEST

START_TEST(writes_the_same_bytes)
{
    const size_t dims[2] = {2, 3};
    size_t size_a, size_b;
    ck_assert_int_eq(cg_idx_write(scratch_path("a"), 2, dims, sound + 12), CG_OK);
    unsigned char *a = get_file(scratch_path("a"), &size_a);
    ck_assert_uint_eq(size_a, sizeof sound);
    ck_assert_mem_eq(a, sound, size_a);
    free(a);
    ck_assert_int_eq(cg_idx_write(scratch_path("a.gz"), 2, dims, sound + 12), CG_OK);
    ck_assert_int_eq(cg_idx_write(scratch_path("b.gz"), 2, dims, sound + 12), CG_OK);
    a = get_file(scratch_path("a.gz"), &size_a);
    unsigned char *b = get_file(scratch_path("b.gz"), &size_b);
    ck_assert_uint_eq(size_a, size_b);
    ck_assert_mem_eq(a, b, size_a);
    ck_assert_mem_eq(a, "\x1f\x8b\x08\0\0\0\0\0", 8); /* no name, no time */
    free(a);
    free(b);
}
END_TEST

START_TEST(refuses_to_write)
{
    const size_t dims[5] = {1, 1, 1, 1, 1}, none[1] = {0}, large[2] = {1u << 31, 2};
    const size_t overflow[2] = {SIZE_MAX, 2};
    const char *path = scratch_path("a");
    ck_assert_int_eq(cg_idx_write(path, 0, dims, sound), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_idx_write(path, 5, dims, sound), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_idx_write(path, 1, none, sound), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_idx_write(path, 2, large, sound), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_idx_write(path, 2, overflow, sound), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_idx_write(scratch_path("none/a"), 1, dims, sound), CG_ERR_WRITE);
    ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

START_TEST(refuses_missing_and_folders)
{
    check_refused_path(scratch_path("missing"), CG_ERR_INPUT);
    check_refused_path(scratch_folder, CG_ERR_INPUT);
}
END_TEST

START_TEST(refuses_unreadable)
{
    put_file(scratch_path("a"), sound, sizeof sound);
    ck_assert_int_eq(chmod(scratch_path("a"), 0), 0);
    if (!POSIX_FILES)
        return;
    ck_assert(become_nobody());
    check_refused_path(scratch_path("a"), CG_ERR_READ);
    ck_assert(become_root());
}
END_TEST

START_TEST(refuses_empty)
{
    check_refused("", 0);
}
END_TEST

START_TEST(refuses_every_truncation)
{
    unsigned char packed[256];
    size_t size = sizeof packed;
    for (size_t length = 0; length < sizeof sound; length++)
        check_refused(sound, length);
    pack(packed, &size, sound, sizeof sound);
    for (size_t length = 0; length < size; length++) {
        put_file(scratch_path("a"), packed, length);
        check_refused_path(scratch_path("a"), CG_ERR_INPUT);
    }
}
END_TEST

START_TEST(refuses_other_formats)
{
    static const char png[] = "\x89PNG\r\n\x1a\n and so on";
    check_refused(png, sizeof png);
    check_refused_changed(0, 1);
    check_refused_changed(1, 1);
    check_refused_changed(2, 13); /* IDX, but of float32 */
    check_refused_changed(3, 0);
    check_refused_changed(3, 5);
}
END_TEST

START_TEST(refuses_zero_dims)
{
    check_refused_changed(7, 0);
    check_refused_changed(11, 0);
}
END_TEST

START_TEST(refuses_left_over_bytes)
{
    unsigned char longer[sizeof sound + 1] = {0};
    memcpy(longer, sound, sizeof sound);
    check_refused(longer, sizeof longer);
    check_refused_changed(7, 1);
}
END_TEST

/* Up to 2 GiB are a legal promise, but no memory is taken for it: here there are only 256 MiB. */
START_TEST(refuses_false_promises)
{
    static const unsigned char large[] = {0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3};
    static const unsigned char too_large[] = {0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3};
    static const unsigned char overflow[] = {0,    0,    8,    4,    0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
#ifndef __SANITIZE_ADDRESS__
    ck_assert_int_eq(limit_memory(1u << 28), POSIX_FILES);
#endif
    check_refused_changed(4, 1);
    check_refused(large, sizeof large);
    check_refused(too_large, sizeof too_large);
    check_refused(overflow, sizeof overflow);
}
END_TEST

/* A few bits of a gzip file carry nothing (the time, the deflate stream's padding); a file with any
 * other one flipped must be refused, the checksum's and the length's bits above all. */
START_TEST(refuses_damaged_gzip)
{
    unsigned char packed[256];
    size_t size = sizeof packed;
    pack(packed, &size, sound, sizeof sound);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        cg_idx idx;
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        put_file(scratch_path("a"), packed, size);
        if (bit / 8 + 8 < size && cg_idx_read(&idx, scratch_path("a")) == CG_OK) {
            cg_idx_deinit(&idx);
            check_sound(scratch_path("a"));
        } else {
            check_refused_path(scratch_path("a"), CG_ERR_INPUT);
        }
        packed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
END_TEST

/* Tapes and disks pad files with zero bytes, which gzip ignores. */
START_TEST(zeros_after_gzip_are_padding)
{
    unsigned char packed[700] = {0};
    size_t size = 128;
    pack(packed, &size, sound, sizeof sound);
    for (size_t zeros = 1; zeros <= 512; zeros *= 2) {
        memset(packed + size, 0, zeros);
        put_file(scratch_path("zeros"), packed, size + zeros);
        check_sound(scratch_path("zeros"));
    }
    packed[size + 511] = 1;
    put_file(scratch_path("one"), packed, size + 512);
    check_refused_path(scratch_path("one"), CG_ERR_INPUT);
}
END_TEST

START_TEST(refuses_garbage_after_gzip)
{
    static const char text[] = "\x1f\x8bnot gzip";
    unsigned char packed[256] = {0};
    size_t size = 200;
    pack(packed, &size, sound, sizeof sound);
    memcpy(packed + size, text, sizeof text);
    put_file(scratch_path("text"), packed, size + sizeof text);
    check_refused_path(scratch_path("text"), CG_ERR_INPUT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("idx");
    tcase_add_test(tests, reads_plain);
    tcase_add_test(tests, reads_gzip);
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, writes_the_same_bytes);
    tcase_add_test(tests, refuses_to_write);
    tcase_add_test(tests, refuses_missing_and_folders);
    tcase_add_test(tests, refuses_unreadable);
    tcase_add_test(tests, refuses_empty);
    tcase_add_test(tests, refuses_every_truncation);
    tcase_add_test(tests, refuses_other_formats);
    tcase_add_test(tests, refuses_zero_dims);
    tcase_add_test(tests, refuses_left_over_bytes);
    tcase_add_test(tests, refuses_false_promises);
    tcase_add_test(tests, refuses_damaged_gzip);
    tcase_add_test(tests, zeros_after_gzip_are_padding);
    tcase_add_test(tests, refuses_garbage_after_gzip);
    return run_case(tests, "io/idx");
}
