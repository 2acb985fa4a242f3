# find_package(vaster): vaster::core, with which a study kind becomes a program, and vaster::va, verbal autopsy.
get_property(vaster_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST vaster_languages OR NOT "CXX" IN_LIST vaster_languages)
  set(vaster_FOUND FALSE)
  set(vaster_NOT_FOUND_MESSAGE "vaster needs the languages C and CXX: project(NAME LANGUAGES C CXX)")
  return()
endif()
include("${CMAKE_CURRENT_LIST_DIR}/VasterLibraries.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/vasterTargets.cmake")
