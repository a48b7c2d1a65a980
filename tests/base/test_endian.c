/* Numbers of files have the format's bytes on every machine. */
#include "base/endian.h"
#include "support.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(integers)
{
    static const unsigned char le[] = {0x08, 0xf7, 0x16, 0xe5, 0x24, 0xd3, 0x32, 0xc1};
    static const unsigned char be[] = {0xe5, 0x16, 0xf7, 0x08};
    unsigned char bytes[8];
    ck_assert_uint_eq(cg_endian_load_le32(le), UINT32_C(0xe516f708));
    ck_assert(cg_endian_load_le64(le) == UINT64_C(0xc132d324e516f708));
    ck_assert_uint_eq(cg_endian_load_be32(be), UINT32_C(0xe516f708));
    cg_endian_store_le64(bytes, UINT64_C(0xc132d324e516f708));
    ck_assert_mem_eq(bytes, le, 8);
    cg_endian_store_le32(bytes, UINT32_C(0xe516f708));
    ck_assert_mem_eq(bytes, le, 4);
    cg_endian_store_be32(bytes, UINT32_C(0xe516f708));
    ck_assert_mem_eq(bytes, be, 4);
}
END_TEST

/* 1, -0.15625, the smallest denormal, a NaN with a payload: no bit may be lost. */
START_TEST(floats)
{
    static const unsigned char file[] = {0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xbe,
                                         0x01, 0x00, 0x00, 0x00, 0x2a, 0x01, 0xc0, 0xff};
    float values[4];
    unsigned char bytes[sizeof file];
    cg_endian_load_floats(values, file, LENGTH(values));
    ck_assert(values[0] == 1 && values[1] == -0.15625f && values[2] == 0x1p-149f);
    ck_assert(values[3] != values[3]);
    cg_endian_store_floats(bytes, values, LENGTH(values));
    ck_assert_mem_eq(bytes, file, sizeof file);
}
END_TEST

/* A reader turns the bytes of a file into floats where they are. */
START_TEST(floats_in_place)
{
    static const unsigned char file[] = {0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xbe};
    float values[2];
    memcpy(values, file, sizeof values);
    cg_endian_load_floats(values, (const unsigned char *)values, LENGTH(values));
    ck_assert(values[0] == 1 && values[1] == -0.15625f);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("endian");
    tcase_add_test(tests, integers);
    tcase_add_test(tests, floats);
    tcase_add_test(tests, floats_in_place);
    return run_case(tests, "endian");
}
