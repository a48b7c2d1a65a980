# `cmake --install` knows four components: program, library, data, development. All of
# it finds itself by relative paths, so that the prefix can be moved.
include(CMakePackageConfigHelpers)

set(origin "\$ORIGIN")
if(APPLE)
  set(origin "@loader_path")
endif()
file(RELATIVE_PATH to_library ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(clgan PROPERTIES BUILD_RPATH_USE_ORIGIN ON
  INSTALL_RPATH "${origin}/${to_library};${origin}")
if(NOT CMAKE_SKIP_INSTALL_RPATH)
  # In the build the second folder is the right one; CMake would leave room for the first in colons,
  # which mean the current folder.
  set_target_properties(clgan PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
endif()

install(TARGETS clgan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS clgan_library EXPORT clgan
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT library
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY data/mnist data/classifier
  DESTINATION ${CMAKE_INSTALL_DATADIR}/clgan COMPONENT data)
install(DIRECTORY include/clgan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# ---- for programs that use the library -----------------------------------------------------------

# A static library's users link what it needs, a shared one's do not.
set(pc_requires "")
set(pc_libs "-lclgan")
set(pc_cflags "")
if(BUILD_SHARED_LIBS)
  if(WIN32)
    set(pc_cflags " -DCLGAN_DLL")
  endif()
else()
  set(pc_requires "libcjson libxxhash libmd libpng zlib")
  string(APPEND pc_libs " -lclblast -lOpenCL -lgif")
  if(HAVE_CLGAN_FIGURES)
    string(APPEND pc_requires " cairo")
  endif()
  if(HAVE_CLGAN_FID)
    get_filename_component(lapacke ${LAPACKE_LIBRARY} NAME_WE)
    string(REGEX REPLACE "^lib" "" lapacke ${lapacke})
    string(APPEND pc_libs " -l${lapacke}")
  endif()
  if(HAVE_CLGAN_MPI)
    foreach(library IN LISTS MPI_C_LIB_NAMES)
      string(APPEND pc_libs " -l${library}")
    endforeach()
  endif()
  string(APPEND pc_libs " -lm")
  if(CMAKE_THREAD_LIBS_INIT)
    string(APPEND pc_libs " ${CMAKE_THREAD_LIBS_INIT}")
  endif()
  if(CMAKE_DL_LIBS)
    string(APPEND pc_libs " -l${CMAKE_DL_LIBS}")
  endif()
endif()
set(pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_prefix ${pc_folder} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pc_libdir ${pc_folder} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pc_includedir ${pc_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/clgan.pc.in clgan.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clgan.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/clgan)
configure_file(cmake/clgan-config.cmake.in clgan-config.cmake @ONLY)
write_basic_package_version_file(clgan-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clgan-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/clgan-config-version.cmake cmake/dependencies.cmake
  DESTINATION ${package_folder} COMPONENT development)
install(EXPORT clgan NAMESPACE clgan:: FILE clgan-targets.cmake DESTINATION ${package_folder}
  COMPONENT development)

# ---- the manual page and the completions, which the program prints of its option tables ----------

if(NOT CMAKE_CROSSCOMPILING)
  set(share ${CMAKE_INSTALL_DATADIR})
  set(pages "")
  foreach(page "man;clgan.1;${CMAKE_INSTALL_MANDIR}/man1" "zsh;_clgan;${share}/zsh/site-functions"
      "fish;clgan.fish;${share}/fish/vendor_completions.d" "bash;clgan;${share}/bash-completion/completions")
    list(GET page 0 format)
    list(GET page 1 name)
    list(GET page 2 folder)
    set(file ${CMAKE_CURRENT_BINARY_DIR}/pages/${format}/${name})
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/pages/${format})
    add_custom_command(OUTPUT ${file} COMMAND clgan --page ${format} > ${file} DEPENDS clgan VERBATIM)
    if(CLGAN_PACKAGES AND format STREQUAL "man")
      add_custom_command(OUTPUT ${file}.gz COMMAND gzip -9nkf ${file} DEPENDS ${file} VERBATIM)
      string(APPEND file .gz)
    endif()
    list(APPEND pages ${file})
    install(FILES ${file} DESTINATION ${folder} COMPONENT program)
  endforeach()
  add_custom_target(pages ALL DEPENDS ${pages})
endif()
