# clgan can do without these libraries. An option of the cache says what is wanted: AUTO, the
# default, takes the library where it is found, ON fails where it is not, OFF never looks.
#
#   clgan_optional_declare(OPTION "what the library is taken for")
#   clgan_optional_resolve(OPTION LIBRARY FOUND SOURCES FILE... STAND_IN FILE)
#   clgan_optional_summary()
#
# The first makes the option. Between the first two the caller looks for the library, unless the
# option is OFF. The second sets HAVE_OPTION, and takes out of the list library_sources either the
# stand-in or what it stands in for. The last says what is there and what is not.

function(clgan_optional_declare option purpose)
  set(${option} AUTO CACHE STRING "AUTO, ON or OFF: ${purpose}")
  set_property(CACHE ${option} PROPERTY STRINGS AUTO ON OFF)
  set_property(GLOBAL PROPERTY ${option}_PURPOSE "${purpose}")
endfunction()

function(clgan_optional_resolve option library found)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "STAND_IN" "SOURCES")
  if(NOT found AND ${option} AND NOT ${option} STREQUAL AUTO)
    message(FATAL_ERROR "${option}=${${option}}: ${library} is not found. Name where it is installed "
      "by CMAKE_PREFIX_PATH, or go without: -D${option}=OFF")
  endif()
  set(absent ${arg_STAND_IN})
  set(said "yes, with ${library}")
  set(have TRUE)
  if(NOT found)
    set(absent ${arg_SOURCES})
    set(said "no: ${library} is not found (CMAKE_PREFIX_PATH says where to look)")
    if(NOT ${option})
      set(said "no: ${option} is ${${option}}")
    endif()
    set(have FALSE)
  endif()
  list(TRANSFORM absent PREPEND "${CMAKE_SOURCE_DIR}/src/")
  list(REMOVE_ITEM library_sources ${absent})
  set(library_sources "${library_sources}" PARENT_SCOPE)
  set(HAVE_${option} ${have} PARENT_SCOPE)
  get_property(purpose GLOBAL PROPERTY ${option}_PURPOSE)
  set_property(GLOBAL APPEND PROPERTY CLGAN_OPTIONAL "${purpose}: ${said}")
endfunction()

function(clgan_optional_summary)
  get_property(lines GLOBAL PROPERTY CLGAN_OPTIONAL)
  foreach(line IN LISTS lines)
    message(STATUS "Optional: ${line}")
  endforeach()
endfunction()
