# The libraries that clgan is made of, as imported targets. It is installed with the CMake package, too:
# whoever links a static clgan needs the same ones. CLGAN_NEED is REQUIRED, or QUIET where it is the
# caller who looks for missing targets; CLGAN_FIGURES, CLGAN_FID and CLGAN_MPI say whether to look for the
# optional ones, which are never required here.
find_package(PkgConfig ${CLGAN_NEED})
find_package(Threads ${CLGAN_NEED})
find_package(OpenCL ${CLGAN_NEED})
find_package(PNG ${CLGAN_NEED})
find_package(ZLIB ${CLGAN_NEED})
find_package(GIF ${CLGAN_NEED})
pkg_check_modules(CJSON ${CLGAN_NEED} IMPORTED_TARGET libcjson)
pkg_check_modules(XXHASH ${CLGAN_NEED} IMPORTED_TARGET libxxhash)
pkg_check_modules(LIBMD ${CLGAN_NEED} IMPORTED_TARGET libmd)

# clgan_library_target(NAME LIBRARY INCLUDE_FOLDER): a library that comes without a package.
function(clgan_library_target name library folder)
  if(NOT TARGET ${name})
    add_library(${name} UNKNOWN IMPORTED)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${library}"
      INTERFACE_INCLUDE_DIRECTORIES "${folder}")
  endif()
endfunction()

find_library(CLBLAST_LIBRARY clblast ${CLGAN_NEED})
find_path(CLBLAST_INCLUDE_DIR clblast_c.h ${CLGAN_NEED})
if(CLBLAST_LIBRARY AND CLBLAST_INCLUDE_DIR)
  clgan_library_target(clgan::clblast "${CLBLAST_LIBRARY}" "${CLBLAST_INCLUDE_DIR}")
endif()

set(CAIRO_FOUND FALSE)
if(CLGAN_FIGURES)
  pkg_check_modules(CAIRO QUIET IMPORTED_TARGET cairo)
endif()
set(LAPACKE_FOUND FALSE)
if(CLGAN_FID)
  # Some distributions package LAPACKE without a .pc file, or its header in a folder of its own.
  find_library(LAPACKE_LIBRARY NAMES lapacke openblas)
  find_path(LAPACKE_INCLUDE_DIR lapacke.h PATH_SUFFIXES lapacke openblas lapack)
  if(LAPACKE_LIBRARY AND LAPACKE_INCLUDE_DIR)
    set(LAPACKE_FOUND TRUE)
    clgan_library_target(clgan::lapacke "${LAPACKE_LIBRARY}" "${LAPACKE_INCLUDE_DIR}")
  endif()
endif()
set(MPI_C_FOUND FALSE)
if(CLGAN_MPI)
  find_package(MPI QUIET COMPONENTS C)
endif()
