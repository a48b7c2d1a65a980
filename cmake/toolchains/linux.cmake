# Builds for Linux on another machine, which the programs think they are on: CLGAN_TRIPLE
# (s390x-linux-gnu) by Debian's cross compiler, libraries from CLGAN_ROOT, where that machine's
# Debian packages are unpacked, tests by qemu-user.
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR ${CLGAN_TRIPLE})
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${CLGAN_TRIPLE}-gcc)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CLGAN_TRIPLE CLGAN_ROOT)
set(CMAKE_SYSROOT ${CLGAN_ROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${CLGAN_TRIPLE})
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# Only an installation links these, Debian's alternatives.
set(alternatives ${CLGAN_ROOT}/usr/lib/${CLGAN_TRIPLE}/blas ${CLGAN_ROOT}/usr/lib/${CLGAN_TRIPLE}/lapack)
list(TRANSFORM alternatives PREPEND "-Wl,-rpath-link," OUTPUT_VARIABLE rpaths)
list(JOIN rpaths " " CMAKE_EXE_LINKER_FLAGS_INIT)
list(JOIN alternatives ":" paths)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${CMAKE_SYSTEM_PROCESSOR} -L ${CLGAN_ROOT} -E LD_LIBRARY_PATH=${paths})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CLGAN_ROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CLGAN_ROOT}/usr/lib/${CLGAN_TRIPLE}/pkgconfig:${CLGAN_ROOT}/usr/share/pkgconfig)
