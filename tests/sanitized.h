/* SANITIZED is 1 when the program is built with the address sanitizer, which has to see each access
 * once: a test that takes long because it proves numbers does less then, as the other build proves
 * them. */
#ifndef CLGAN_TESTS_SANITIZED_H
#define CLGAN_TESTS_SANITIZED_H

#ifndef __has_feature /* of clang */
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif
