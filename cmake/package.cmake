# Debian's packages, one of each component: `cmake --preset package && cmake --build --preset package`
# puts them into build/package. dpkg-shlibdeps finds what they depend on.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME clgan)
set(CPACK_PACKAGE_VENDOR "The clgan authors")
set(CPACK_PACKAGE_CONTACT "The clgan authors <clgan@clgan.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
set(library_package libclgan${PROJECT_VERSION_MAJOR})
set(about "The DCGAN of the TensorFlow tutorial, trained on the MNIST digits by
kernels in OpenCL C 1.2, on GPUs of any maker and on CPUs.")

# clgan_package(COMPONENT NAME SECTION DEPENDS SUMMARY HOLDS): a package, with its copyright and changelog.
macro(clgan_package component name section depends summary)
  string(TOUPPER ${component} upper)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}\n${about}\n\nThis package has ${ARGV5}.")
  if(CLGAN_PACKAGES)
    install(FILES cmake/debian/copyright ${CMAKE_BINARY_DIR}/debian/changelog.Debian.gz
      DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
  endif()
endmacro()
clgan_package(program clgan science "${library_package} (= ${version}), clgan-data (= ${version})"
  "trains a DCGAN on any OpenCL device" "the program")
clgan_package(library ${library_package} libs ""
  "trains a DCGAN on any OpenCL device (library)" "the library")
clgan_package(data clgan-data science "" "digits and classifiers for clgan"
  "the data set and the classifiers")
clgan_package(development libclgan-dev libdevel "${library_package} (= ${version})"
  "trains a DCGAN on any OpenCL device (development)" "the headers, for pkg-config and CMake")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "pocl-opencl-icd | opencl-icd")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS clgan-data)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/cmake/debian/triggers)
set(CPACK_DEBIAN_DATA_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DATA_PACKAGE_SHLIBDEPS OFF)

# Debian's policy asks for this besides: packed pages, with the dates of the sources.
if(CLGAN_PACKAGES)
  find_program(GZIP gzip REQUIRED)
  set(ENV{TZ} UTC)
  set(ENV{LC_ALL} C)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${CMAKE_BINARY_DIR}/debian/changelog.Debian "clgan (${version}) unstable; urgency=medium

  * Version ${PROJECT_VERSION}; CHANGELOG.md of the sources tells what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  execute_process(COMMAND ${GZIP} -9nf ${CMAKE_BINARY_DIR}/debian/changelog.Debian
    COMMAND_ERROR_IS_FATAL ANY)
endif()
include(CPack)
