/* Event files: the checksum, and every byte of a small file. */
#include "io/events.h"
#include "support.h"

#include <dirent.h>
#include <limits.h>
#include <stdint.h>

/* RFC 3720, section B.4, and the check value of Castagnoli's polynomial in catalogues. */
START_TEST(checksums)
{
    unsigned char bytes[32] = {0};
    ck_assert_uint_eq(cg_crc32c("", 0), 0);
    ck_assert_uint_eq(cg_crc32c("123456789", 9), 0xE3069283);
    ck_assert_uint_eq(cg_crc32c(bytes, 32), 0x8A9136AA);
    memset(bytes, 0xff, 32);
    ck_assert_uint_eq(cg_crc32c(bytes, 32), 0x62A8AB43);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = i;
    ck_assert_uint_eq(cg_crc32c(bytes, 32), 0x46DD794E);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    ck_assert_uint_eq(cg_crc32c(bytes, 32), 0x113FDB5C);
}
END_TEST

/* The only file of the scratch folder; its name begins as TensorBoard wants it. */
static unsigned char *get_events(size_t *size)
{
    char name[NAME_MAX + 1] = "";
    DIR *folder = opendir(scratch_folder);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder));)
        if (e->d_name[0] != '.')
            snprintf(name, sizeof name, "%s", e->d_name);
    closedir(folder);
    ck_assert_int_eq(strncmp(name, "events.out.tfevents.", 20), 0);
    return get_file(scratch_path(name), size);
}

static uint64_t get_number(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = count; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

static void check_crc(const unsigned char *stored, const unsigned char *bytes, size_t size)
{
    uint32_t crc = (uint32_t)get_number(stored, 4) - UINT32_C(0xA282EAD8);
    ck_assert_uint_eq(crc >> 17 | crc << 15, cg_crc32c(bytes, size));
}

/* The next record's event: its time is passed over, the rest is these bytes. */
static void check_record(const unsigned char **place, const void *expected, size_t size)
{
    const unsigned char *record = *place, *data = record + 12;
    uint64_t length = get_number(record, 8);
    ck_assert_uint_eq(length, 9 + size);
    check_crc(record + 8, record, 8);
    check_crc(data + length, data, length);
    ck_assert_int_eq(data[0], 0x09);
    ck_assert_mem_eq(data + 9, expected, size);
    *place = data + length + 4;
}

#define CHECK_RECORD(place, text) check_record(place, text, sizeof(text) - 1)

START_TEST(writes_records)
{
    cg_events *events;
    size_t size;
    const cg_scalar scalars[] = {{"a", 1.0f}, {"bc", -2.5f}};
    const cg_event_picture picture = {"p", "PNG", 3, 200, 5};
    ck_assert_int_eq(cg_events_create(&events, scratch_folder, 300), CG_OK);
    ck_assert_int_eq(cg_events_add_scalars(events, 1, scalars, 2), CG_OK);
    ck_assert_int_eq(cg_events_add_picture(events, 1u << 31, &picture), CG_OK);
    cg_events_release(events);
    cg_events_release(NULL);
    unsigned char *data = get_events(&size);
    const unsigned char *place = data;
    CHECK_RECORD(&place, "\x1a\x0d"
                         "brain.Event:2");
    CHECK_RECORD(&place, "\x10\xac\x02\x3a\x02\x08\x01");
    CHECK_RECORD(&place, "\x10\x01\x2a\x15\x0a\x08\x0a\x01"
                         "a\x15\x00\x00\x80\x3f\x0a\x09\x0a\x02"
                         "bc\x15\x00\x00\x20\xc0");
    CHECK_RECORD(&place, "\x10\x80\x80\x80\x80\x08\x2a\x13\x0a\x11\x0a\x01"
                         "p\x22\x0c\x08\x05\x10\xc8\x01\x18\x01\x22\x03"
                         "PNG");
    ck_assert_uint_eq((size_t)(place - data), size);
    free(data);
}
END_TEST

START_TEST(says_what_it_cannot_write)
{
    cg_events *events;
    const cg_scalar scalar = {"a", 1.0f};
    ck_assert_int_eq(cg_events_create(&events, scratch_path("missing"), 1), CG_ERR_WRITE);
    ck_assert_ptr_null(events);
    ck_assert_int_eq(cg_events_create(&events, scratch_folder, 1), CG_OK);
    limit_file_size(16);
    cg_status status = cg_events_add_scalars(events, 1, &scalar, 1);
    limit_file_size(0);
    ck_assert_int_eq(status, POSIX_FILES ? CG_ERR_WRITE : CG_OK);
    cg_events_release(events);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("events");
    tcase_add_test(cases, checksums);
    tcase_add_test(cases, writes_records);
    tcase_add_test(cases, says_what_it_cannot_write);
    return run_case(cases, "io/events");
}
